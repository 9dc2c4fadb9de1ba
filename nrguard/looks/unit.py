"""The look at what the next start of a systemd unit gets: the unit, its drop-ins, its environment files.

systemd says which files; they are read here, so that each deviation has its line.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob

from nrguard.codec import to_json
from nrguard.escape import visible
from nrguard.looks.files import HostFiles
from nrguard.model import Blind
from nrguard.starting import Origin, Start, Variable, commandline, envfile, unitfile
from nrguard.starting.fold import fold
from nrguard.starting.unitfile import Unit

_PROPERTIES = ("LoadState", "LoadError", "FragmentPath", "DropInPaths", "NeedDaemonReload", "Id")
_PATIENCE = 4.0  # seconds for systemctl; the kernel ends us a little later
_MANAGER = Origin("systemd's own environment")


def main() -> None:
    signal.alarm(15)
    request = json.loads(sys.argv[1])
    print(json.dumps(to_json(look(request["unit"], request["settings"]))), flush=True)


@dataclass(frozen=True, slots=True)
class _User:
    name: str
    uid: int
    home: str
    shell: str


def look(name: str, guarded: str) -> Start | Blind:
    """Return what the next start of the unit `name` comes to, next to the `guarded` settings file."""
    shown = _systemctl("show", "--property", ",".join(_PROPERTIES), "--", name)
    if isinstance(shown, Blind):
        return shown
    facts = dict(line.partition("=")[::2] for line in shown.splitlines())
    if not facts.get("FragmentPath"):
        return Blind(f"systemd has no file for {name} ({facts.get('LoadState') or 'it does not say why'})")
    files = HostFiles()
    try:
        texts = [(path, files.read_text(path)) for path in _paths(facts)]
    except (OSError, ValueError) as error:
        return Blind(f"the files of {name} can't be read: {error}")
    unit = unitfile.read(texts, _specifiers(facts.get("Id") or name))
    return _start(unit, files, guarded, stale=facts.get("NeedDaemonReload") == "yes")


def _paths(facts: Mapping[str, str]) -> list[str]:
    return [facts["FragmentPath"], *facts.get("DropInPaths", "").split()]


def _start(unit: Unit, files: HostFiles, guarded: str, *, stale: bool) -> Start | Blind:
    user = _user(unit.user)
    if user is None:
        return Blind(f"the user {visible(unit.user)} ({unit.user_origin}) does not exist")
    unseen = list(unit.strange)
    variables = unitfile.folded([*_manager(unseen), *_login(unit, user), *_assigned(unit, files, unseen)], unit.unset)
    words = commandline.expanded(unit.command, variables) if unit.expands else list(unit.command)
    commands = commandline.taken_apart(words)
    if not commands.sure:
        unseen.append(f"what {visible(_program(unit), limit=80)} ({unit.origin}) hands on to Node-RED")
    variables |= {variable.name: variable for variable in commands.variables}
    folder = user.home if unit.working_directory == "~" else unit.working_directory or "/"
    folded = fold(commands, variables, folder, files)
    unseen += [*folded.unseen, *files.refused]
    return Start(
        looked_at=time.time(),
        settings=folded.settings,
        settings_origin=folded.settings_origin,
        elsewhere=bool(commands.sure and folded.settings) and _differs(folded.settings, guarded),
        port=folded.port,
        deviations=folded.deviations,
        environment={name: variable.value for name, variable in variables.items()},
        uid=user.uid,
        user_origin=unit.user_origin or unit.origin,
        stale=stale,
        unseen=tuple(dict.fromkeys(unseen)),
    )


def _program(unit: Unit) -> str:
    return unit.command[0].text if unit.command else "ExecStart="


def _differs(path: str, guarded: str) -> bool:
    return os.path.realpath(path) != os.path.realpath(guarded)


def _systemctl(*arguments: str) -> str | Blind:
    try:
        answer = subprocess.run(
            ("systemctl", "--no-pager", *arguments), stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE,
            check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return Blind("there is no systemctl here: is `service: {systemd: …}` right?")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Blind(f"systemctl did not answer: {error}")
    if answer.returncode:
        said = answer.stderr.decode(errors="replace").strip().partition("\n")[0]
        return Blind(f"systemctl failed: {visible(said, limit=120)}")
    return answer.stdout.decode("utf-8", "replace")


def _manager(unseen: list[str]) -> list[Variable]:
    """Return what systemd gives every service."""
    shown = _systemctl("show-environment")
    if isinstance(shown, Blind):
        unseen.append(f"systemd's own environment: {shown.reason}")
        return []
    pairs = (line.partition("=") for line in shown.splitlines())
    return [Variable(name, _unquoted(value), _MANAGER) for name, equals, value in pairs if equals]


def _unquoted(value: str) -> str:
    """Return a value as `systemctl show-environment` printed it: plain, or as a shell's $'…'."""
    if not (value.startswith("$'") and value.endswith("'")):
        return value
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), value[2:-1])


def _login(unit: Unit, user: _User) -> list[Variable]:
    """Return what systemd sets for a user; a home or a shell that are none are left out, as it does."""
    if not unit.user or unit.user_origin is None:
        return []
    home = "" if user.home == "/" or user.name == "nobody" else user.home
    shell = "" if user.shell.rpartition("/")[2] in ("nologin", "false", "true") else user.shell
    pairs = (("HOME", home), ("LOGNAME", user.name), ("USER", user.name), ("SHELL", shell))
    return [Variable(name, value, unit.user_origin) for name, value in pairs if value]


def _assigned(unit: Unit, files: HostFiles, unseen: list[str]) -> list[Variable]:
    """Return what Environment= sets, then what the environment files set, which have the last word."""
    made = list(unit.environment)
    for file in unit.files:
        for path in sorted(glob(file.path)) or [file.path]:
            try:
                made += envfile.variables(files.read_text(path), path)
            except FileNotFoundError:
                pass  # "-": it may be missing; without, the unit does not start
            except (OSError, ValueError) as error:
                unseen.append(f"{visible(path)} ({file.origin}): {error}")
    return made


def _user(name: str) -> _User | None:
    try:
        found = pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name or "root")
    except KeyError:
        return None
    return _User(found.pw_name, found.pw_uid, found.pw_dir, found.pw_shell)


def _specifiers(name: str) -> Mapping[str, str]:
    """Return what systemd puts in the place of %h and the like, for a unit of the whole system."""
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    known = {"n": name, "N": stem, "p": prefix, "i": instance, "H": os.uname().nodename, "h": "/root", "u": "root"}
    known |= {"U": "0", "g": "root", "G": "0", "s": "/bin/sh", "t": "/run", "S": "/var/lib", "C": "/var/cache"}
    known |= {"L": "/var/log", "E": "/etc", "T": "/tmp", "V": "/var/tmp"}  # noqa: S108 - systemd's own meaning
    if "\\" not in instance and "-" not in instance:
        known["I"] = instance
    return known
