"""A unit file and its drop-ins, as systemd reads them, each assignment with its line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nrguard.starting import Origin, Variable, Word
from nrguard.starting.words import Unreadable, command_words, words

_PREFIXES = "@-:+!|"


@dataclass(frozen=True, slots=True)
class Assignment:
    key: str
    value: str = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    path: str
    optional: bool
    origin: Origin


@dataclass(slots=True)
class Unit:
    """What the [Service] sections together say about the start. `expands`: variables in ExecStart= are replaced."""

    command: tuple[Word, ...] = ()
    expands: bool = True
    environment: list[Variable] = field(default_factory=list)
    files: list[EnvironmentFile] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    user: str = ""
    user_origin: Origin | None = None
    working_directory: str = ""
    origin: Origin | None = None  # of ExecStart=
    strange: list[str] = field(default_factory=list)  # lines that can't be followed, and why


def read(files: Iterable[tuple[str, str]], specifiers: Mapping[str, str]) -> Unit:
    """Return what the files (path, text) say, in their order: the unit's own first, then the drop-ins."""
    unit, expand = Unit(), _specifiers(specifiers)
    for path, text in files:
        for assignment in assignments(text, path):
            take = _TAKE.get(assignment.key)
            if take is not None:
                _carry_out(take, unit, assignment, expand)
    return unit


def assignments(text: str, path: str, section: str = "Service") -> Iterator[Assignment]:
    """Yield the assignments of one section, continued lines joined; the line is the first one."""
    inside = ""
    for line, number in _lines(text):
        if line.startswith("["):
            inside = line.strip("[]")
        elif inside == section and "=" in line:
            key, _, value = line.partition("=")
            yield Assignment(key.rstrip(), value.lstrip(), Origin(path, number))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    begun, first = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith(("#", ";")) or (not line and not begun):
            continue
        first = first or number
        if line.endswith("\\"):
            begun += line[:-1] + " "
            continue
        yield begun + line, first
        begun, first = "", 0
    if begun:
        yield begun.rstrip(), first


Expand = Callable[[str], str]
Take = Callable[[Unit, Assignment, Expand], None]


def _carry_out(take: Take, unit: Unit, assignment: Assignment, expand: Expand) -> None:
    try:
        take(unit, assignment, expand)
    except Unreadable as error:
        unit.strange.append(f"{assignment.key}= at {assignment.origin}: {error}")


def _specifiers(known: Mapping[str, str]) -> Expand:
    def expand(text: str) -> str:
        pieces = text.split("%")
        made, rest = pieces[0], iter(pieces[1:])
        for piece in rest:
            if not piece:  # %%
                made += "%" + next(rest, "")
            elif piece[0] in known:
                made += known[piece[0]] + piece[1:]
            else:
                raise Unreadable(f"the specifier %{piece[0]} is not known here")
        return made

    return expand


def _exec_start(unit: Unit, given: Assignment, expand: Expand) -> None:
    if not given.value:
        unit.command = ()
        return
    if unit.command:  # a second command: systemd refuses it for a service that stays
        return
    first, *rest = command_words(given.value)
    program = first.lstrip(_PREFIXES)
    prefixes = first[: len(first) - len(program)]
    rest = rest[1:] if "@" in prefixes else rest
    unit.command = tuple(Word(expand(text), given.origin) for text in (program, *rest))
    unit.expands = ":" not in prefixes
    unit.origin = given.origin


def _environment(unit: Unit, given: Assignment, expand: Expand) -> None:
    if not given.value:
        unit.environment.clear()
        return
    for word in words(given.value):
        name, equals, value = word.partition("=")
        if equals:
            unit.environment.append(Variable(name, expand(value), given.origin))


def _environment_file(unit: Unit, given: Assignment, expand: Expand) -> None:
    if not given.value:
        unit.files.clear()
        return
    path = expand(given.value.removeprefix("-"))
    unit.files.append(EnvironmentFile(path, given.value.startswith("-"), given.origin))


def _unset(unit: Unit, given: Assignment, expand: Expand) -> None:
    if not given.value:
        unit.unset.clear()
    unit.unset += [expand(word) for word in words(given.value)]


def _user(unit: Unit, given: Assignment, expand: Expand) -> None:
    unit.user, unit.user_origin = expand(given.value), given.origin


def _working_directory(unit: Unit, given: Assignment, expand: Expand) -> None:
    unit.working_directory = expand(given.value.removeprefix("-"))


def _not_followed(unit: Unit, given: Assignment, expand: Expand) -> None:
    if given.value:
        unit.strange.append(f"{given.key}= at {given.origin} is not followed")


_TAKE: Mapping[str, Take] = {
    "ExecStart": _exec_start,
    "Environment": _environment,
    "EnvironmentFile": _environment_file,
    "UnsetEnvironment": _unset,
    "User": _user,
    "WorkingDirectory": _working_directory,
    "PassEnvironment": _not_followed,
    "RootDirectory": _not_followed,
    "RootImage": _not_followed,
}


def folded(variables: Sequence[Variable], unset: Sequence[str] = ()) -> dict[str, Variable]:
    """Return the variables by name; the last one of a name wins. `unset` holds names, or NAME=VALUE."""
    made = {variable.name: variable for variable in variables}
    return {
        name: variable
        for name, variable in made.items()
        if name not in unset and f"{name}={variable.value}" not in unset
    }
