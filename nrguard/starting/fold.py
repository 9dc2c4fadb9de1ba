"""A start folded as Node-RED folds it: which settings file it reads, and what has more say than that file. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nrguard.escape import visible
from nrguard.starting import Bearing, Deviation, Origin, Variable, Word
from nrguard.starting.arguments import Arguments, read
from nrguard.starting.commandline import Commands
from nrguard.starting.defines import Unfollowed
from nrguard.starting.defines import deviations as of_define
from nrguard.starting.options import of_node, of_variables

DEFAULT = Origin("Node-RED's own rule")


class Files(Protocol):
    """What folding has to know about the files of the host."""

    def exists(self, path: str) -> bool: ...
    def read_text(self, path: str) -> str: ...  # raises OSError or UnicodeError
    def trusted(self, path: str) -> bool: ...  # it belongs to root alone, and so does its folder


@dataclass(frozen=True, slots=True)
class Folded:
    """What a start comes to. `port` has more say than settings.js; 0 where none has."""

    settings: str
    settings_origin: Origin | None
    port: int
    deviations: tuple[Deviation, ...]
    unseen: tuple[str, ...]


def fold(commands: Commands, variables: Mapping[str, Variable], folder: str, files: Files) -> Folded:
    """Return what Node-RED makes of its arguments and its environment, started in `folder`."""
    arguments = read(commands.red)
    settings, origin = settings_file(arguments, variables, folder, files)
    found: list[Deviation] = []
    unseen: list[str] = []
    for define in arguments.defines:
        try:
            found += of_define(define, lambda path: files.read_text(posixpath.join(folder, path)))
        except Unfollowed as error:
            unseen.append(f"{error} ({define.origin})")
    found += _port(arguments)
    found += of_variables(variables, files.trusted)
    found += of_node(commands.node, files.trusted)
    return Folded(settings, origin, _port_of(found), tuple(found), tuple(unseen))


def _port_of(found: Sequence[Deviation]) -> int:
    """Return the port that counts: `-p`, which comes after `-D uiPort` here, has more say."""
    values = [one.value for one in reversed(found) if one.subject == "uiPort"]
    return next((value for value in values if isinstance(value, int) and 0 < value < 65536), 0)


def _port(arguments: Arguments) -> Iterator[Deviation]:
    port = arguments.port
    if port is not None:
        value = int(port.text) if port.text.isascii() and port.text.isdigit() else None
        yield Deviation(Bearing.SETTING, "uiPort", f"-p {visible(port.text, limit=20)}", port.origin, value)


def settings_file(
    arguments: Arguments, variables: Mapping[str, Variable], folder: str, files: Files
) -> tuple[str, Origin | None]:
    """Return the file that Node-RED reads, and what chose it; "" where it ends instead (node-red-facts.md, 5)."""
    home = _value(variables, "HOME")
    if arguments.settings is not None:
        return _path(arguments.settings, folder, home), arguments.settings.origin
    user_dir = _path(arguments.user_dir, folder, home) if arguments.user_dir else ""
    origin = arguments.user_dir.origin if arguments.user_dir else DEFAULT
    if user_dir and files.exists(posixpath.join(user_dir, "settings.js")):
        return posixpath.join(user_dir, "settings.js"), origin
    for variable, below in (("NODE_RED_HOME", ""), ("HOMEPATH", ".node-red")):
        place = posixpath.join(folder, _value(variables, variable), below) if _value(variables, variable) else ""
        if place and files.exists(posixpath.join(place, ".config.json")):
            return posixpath.join(place, "settings.js"), variables[variable].origin
    if user_dir:
        return posixpath.join(user_dir, "settings.js"), origin
    for variable in ("HOME", "USERPROFILE", "HOMEPATH"):
        if value := _value(variables, variable):
            return posixpath.join(folder, value, ".node-red", "settings.js"), variables[variable].origin
    return "", None


def _value(variables: Mapping[str, Variable], name: str) -> str:
    return variables[name].value if name in variables else ""


def _path(word: Word, folder: str, home: str) -> str:
    if word.text.startswith("~/") and home:
        return posixpath.normpath(posixpath.join(home, word.text[2:]))
    return posixpath.normpath(posixpath.join(folder, word.text))
