"""The `instances` section: which Node-REDs are guarded, and how each is restarted."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import partial

from nrguard.config.problems import Problems, Wrong, shown
from nrguard.config.scalars import boolean, choice, duration, name, path, text, word
from nrguard.config.section import Section, attempt, each, entries, leaf
from nrguard.config.tree import Items, Node, Scalar, is_null
from nrguard.config.want import read_want
from nrguard.model import PROTECTABLE
from nrguard.policy import Instance, Mode, Service, ServiceKind, Want

KEYS = tuple(field.name for field in fields(Instance) if field.name != "name")
SERVICE_KEYS = ("systemd", "command")
COMMAND_KEYS = ("restart", "stop", "contain")
_UNIT = re.compile(r"[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\-]+)?\.service")
_COMMAND_HINT = "[pm2, restart, node-red]"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_instances(node: Node, problems: Problems) -> tuple[Instance, ...]:
    """Return the instances; no two guard the same file."""
    instances: dict[str, Instance] = {}  # by settings.js
    for key, value in entries(node):
        read = attempt(partial(_instance, key), value, None, problems)
        if read is None:
            continue
        first = instances.setdefault(read.settings or f"? {key.text}", read)
        if first is not read:
            problems.add(key, f"the instance guards the same settings file as {shown(first.name)}", "keep one of them")
    if not instances:
        problems.add(node, "no instance is named", "main: {settings: /home/pi/.node-red/settings.js}")
    return tuple(instances.values())


def _instance(key: Scalar, node: Node, problems: Problems) -> Instance:
    section = Section.open(node, KEYS, problems, at=key)
    settings = section.read("settings", path, "", required=True)
    return Instance(
        name=attempt(leaf(name), key, "", problems),
        settings=settings,
        service=section.part("service", _service, Service()),
        mode=section.read("mode", choice(Mode), Mode.GUARD),
        protect=section.part("protect", _protect, PROTECTABLE),
        want=section.part("want", partial(read_want, settings), Want()),
        environment=section.part("environment", _environment, None),
        working_directory=section.read("working_directory", path, ""),
        probe_login=section.read("probe_login", boolean, False),
        start_limit=section.read("start_limit", duration(10, 3600), 180.0),
    )


def _service(node: Node, problems: Problems) -> Service:
    if isinstance(node, Scalar):
        if text(node) == ServiceKind.NONE:
            return Service()
        raise Wrong(node, "say what kind of service it is", "{systemd: nodered.service}, {command: {...}} or none")
    section = Section.open(node, SERVICE_KEYS, problems)
    if len(section.found) != 1:
        raise Wrong(node, "exactly one of systemd and command is wanted here")
    if "systemd" in section.found:
        return Service(ServiceKind.SYSTEMD, unit=section.read("systemd", _unit, ""))
    return section.part("command", _command, Service())


def _unit(node: Node) -> str:
    found = text(node)
    if _UNIT.fullmatch(found):
        return found
    hint = f"write {shown(found + '.service')[1:-1]}" if _UNIT.fullmatch(found + ".service") else "nodered.service"
    raise Wrong(node, "this is not the full name of a service unit", hint)


def _command(node: Node, problems: Problems) -> Service:
    section = Section.open(node, COMMAND_KEYS, problems)
    return Service(
        ServiceKind.COMMAND,
        restart=section.part("restart", _arguments, (), required=True),
        stop=section.part("stop", _arguments, ()),
        contain=section.part("contain", _arguments, ()),
    )


def _arguments(node: Node, problems: Problems) -> tuple[str, ...]:
    if isinstance(node, Scalar):
        raise Wrong(node, "no shell is used: write it as a list", _COMMAND_HINT)
    arguments = each(_argument, node, problems)
    if not isinstance(node, Items) or not node.items:
        raise Wrong(node, "the list is empty", _COMMAND_HINT)
    if what := _wrong_program(arguments[0] if arguments else ""):
        raise Wrong(node.items[0], what, _COMMAND_HINT)
    return arguments


def _wrong_program(program: str) -> str:
    if not program:
        return "the program is missing"
    if program.startswith("/"):
        return ""
    if "/" in program:
        return "the program is a relative path: write it in full, or its plain name"
    return "no shell is used: the program and each argument stand alone" if " " in program else ""


def _argument(node: Node, _: Problems) -> str:
    """Read one argument; an empty one is meant as such if it is quoted."""
    return "" if isinstance(node, Scalar) and not node.plain and not node.text else text(node)


def _protect(node: Node, problems: Problems) -> tuple[str, ...]:
    named = each(leaf(word(PROTECTABLE)), node, problems)
    if isinstance(node, Items) and not node.items:
        raise Wrong(node, "nothing is protected", "leave the key out to protect everything; 'mode: observe' only tells")
    return tuple(setting for setting in PROTECTABLE if setting in named)


def _environment(node: Node, problems: Problems) -> dict[str, str] | None:
    if is_null(node):
        return None
    variables: dict[str, str] = {}
    for key, value in entries(node):
        if not _VARIABLE.fullmatch(key.text):
            problems.add(key, "this is no name of an environment variable", "A-Z, a-z, 0-9 and '_'")
            continue
        variables[key.text] = attempt(_argument, value, "", problems, prefix=f"{shown(key.text)}: ")
    return variables
