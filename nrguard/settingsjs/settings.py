"""The settings that a file exports, each with its state, its view and what judging needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from nrguard.model import ADJACENT, PROTECTABLE, Setting, SettingState, View
from nrguard.settingsjs.cases import possible_values
from nrguard.settingsjs.certfiles import https_function
from nrguard.settingsjs.grades import grade, port_number
from nrguard.settingsjs.meaning.convert import truth
from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.digest import digest, hash_of
from nrguard.settingsjs.meaning.modules import file_path
from nrguard.settingsjs.meaning.values import UNDEFINED, Accessor, Func, Lost, Obj, Slot, Sym, Value
from nrguard.settingsjs.meaning.walk import Walks, member, merged, place
from nrguard.settingsjs.places import Places
from nrguard.settingsjs.receivers import receiver_digest
from nrguard.settingsjs.syntax.tree import Program, Tokens
from nrguard.settingsjs.views import view

NAMES = (*PROTECTABLE, *ADJACENT)
"""Every setting that is reported."""

_OPEN_IF_FALSE = frozenset(("adminAuth", "httpNodeAuth", "httpStaticAuth", "https"))
_DEEPEST = 60
_NOTHING = Program(0, 0, (), strict=False, variables=frozenset(), tokens=Tokens())


@dataclass(slots=True, eq=False)
class _Unknowns:
    """What a value depends on."""

    on: set[str] = field(default_factory=set)
    unproven: bool = False
    others: bool = False  # something else than environment variables
    seen: set[int] = field(default_factory=set)


def settings_of(walks: Walks, places: Places) -> tuple[dict[str, Setting], dict[str, Value]]:
    """Return the settings by name, and the values of those that are known."""
    settings: dict[str, Setting] = {}
    values: dict[str, Value] = {}
    for name in NAMES:
        try:
            value = _value(walks, name)
            if value is UNDEFINED and len(walks.leaves) == 1 and place(walks.leaves[0], name) is None:
                settings[name] = absent(name)
                continue
            settings[name] = _setting(walks, places, name, value)
            values[name] = value
        except Lost as lost:
            settings[name] = unproven(name, hash_of(walks.program.tokens.texts), _line(places, lost.at))
    return settings, values


@cache
def absent(name: str) -> Setting:
    """Return a setting that nothing sets."""
    meaning = _meaning(_NOTHING, name, UNDEFINED)
    return Setting(name, SettingState.ABSENT, meaning=meaning, detail=_detail(_NOTHING, name, (UNDEFINED,)))


def unproven(name: str, text: str, line: int = 0) -> Setting:
    """Return a setting of which nothing is known; it means the same only in the same text."""
    return Setting(name, SettingState.UNPROVEN, meaning=hash_of(["unproven", name, text]), line=line)


def _line(places: Places, at: int) -> int:
    return places.line_and_column(at)[0] if at else 0


def _value(walks: Walks, name: str) -> Value:
    values = [(leaf.decisions, member(leaf, name)) for leaf in walks.leaves if leaf.failure is None]
    return merged(walks.program, values)


def _setting(walks: Walks, places: Places, name: str, value: Value) -> Setting:
    unknowns = _Unknowns()
    _look(value, unknowns, files=name == "https", depth=0)
    cases = (value,) if unknowns.others or not unknowns.on else possible_values(value)
    state = _state(value, unknowns)
    node = place(walks.leaves[0], name) if len(walks.leaves) == 1 else None
    return Setting(
        name,
        state,
        _known_view(walks, name, value) if state is SettingState.KNOWN else None,
        _meaning(walks.program, name, value, walks.leaves[0].exported),
        line=places.line_and_column(node.start)[0] if node else 0,
        on=tuple(sorted(unknowns.on)),
        possible=tuple(_possible(name, cases or ())) if state is SettingState.DEPENDS else (),
        span=places.span(node.start, node.end) if node and state is not SettingState.ABSENT else None,
        detail=_detail(walks.program, name, cases),
    )


def _known_view(walks: Walks, name: str, value: Value) -> View:
    if name == "https" and isinstance(value, Func):
        return https_function(walks, value)
    return view(name, value)


def _possible(name: str, cases: Sequence[Value]) -> list[View]:
    """Return the views of the values that can be written down, each once."""
    shown: list[View] = []
    for case in chain.from_iterable(_alternatives(case, 8) for case in cases):
        seen = None if case is UNDEFINED else view(name, case)
        if seen not in shown:
            shown.append(seen)
    return shown


def _alternatives(value: Value, depth: int) -> Iterator[Value]:
    """Give the known values that stand in an unknown choice."""
    if not isinstance(value, Sym):
        yield value
    elif depth and value.op in ("?:", "||", "&&", "??"):
        for arg in value.args[1:]:
            yield from _alternatives(arg, depth - 1)
    elif depth and value.op == "over":
        yield from _alternatives(value.args[2], depth - 1)


def _state(value: Value, unknowns: _Unknowns) -> SettingState:
    if unknowns.unproven:
        return SettingState.UNPROVEN
    if unknowns.on:
        return SettingState.DEPENDS
    return SettingState.ABSENT if value is UNDEFINED else SettingState.KNOWN


def _detail(program: Program, name: str, cases: tuple[Value, ...] | None) -> View:
    if name not in PROTECTABLE:
        return None
    if cases is None:
        return [{"kind": "unknown"}]
    graded: list[View] = []
    for case in cases:
        entry: View = dict(grade(program, name, case))
        if entry not in graded:
            graded.append(entry)
    return graded


def _look(value: Slot, unknowns: _Unknowns, *, files: bool, depth: int) -> None:
    """Find what in `value` only a running Node knows."""
    if depth > _DEEPEST:
        raise Lost(0, "a value is nested too deeply to follow")
    if isinstance(value, (Obj, Sym)):
        if id(value) in unknowns.seen:
            return
        unknowns.seen.add(id(value))
    if isinstance(value, Obj):
        for slot in [*(value.items or ()), *value.props.values()]:
            _look(slot, unknowns, files=files, depth=depth + 1)
        if value.over is not None:
            unknowns.others = True
            unknowns.unproven |= value.over.unproven
            unknowns.on |= value.over.on or {describe(value.over)}
    elif isinstance(value, Accessor):
        unknowns.unproven = True
    elif isinstance(value, Sym):
        _look_at_symbol(value, unknowns, files=files, depth=depth)


def _look_at_symbol(value: Sym, unknowns: _Unknowns, *, files: bool, depth: int) -> None:
    unknowns.unproven |= value.unproven
    if file_path(value) is not None or value.op in ("regex", "bigint", "new", "symbol"):
        return
    if value.op == "host" and depth and value.sure:
        return
    if value.op == "read" and files and file_path(value.args[0]) is not None:
        return
    if value.op == "env":
        unknowns.on.add(str(value.args[0]))
        return
    inner = [arg for arg in value.args if isinstance(arg, (Sym, Obj))]
    if value.op in ("module", "result", "read", "told", "host") or not inner:
        unknowns.others = True
        unknowns.on |= value.on or {_name(value)}
        return
    found = len(unknowns.on), unknowns.unproven
    for arg in inner:
        _look(arg, unknowns, files=files, depth=depth + 1)
    if found == (len(unknowns.on), unknowns.unproven) and not (unknowns.on & value.on):
        unknowns.others = True  # of known values, and unknown all the same
        unknowns.on.add(_name(value))


def _name(value: Sym) -> str:
    path = file_path(value.args[0]) if value.args else None
    return f"the file {path}" if value.op == "read" and path else describe(value)


def _meaning(program: Program, name: str, value: Value, exported: Value = UNDEFINED) -> str:
    """Return the digest of what the setting means to Node-RED: null and undefined, say, both mean no login."""
    if name in _OPEN_IF_FALSE and truth(value) is False:
        value = UNDEFINED
    elif name == "requireHttps" and not isinstance(value, Sym):
        value = value is True
    elif name == "uiHost" and truth(value) is False:
        value = "0.0.0.0"  # noqa: S104 - what Node-RED does then
    elif name == "uiPort":
        value = 1880.0 if value is UNDEFINED else port_number(value)
    pieces = [name, digest(program, value)]
    if isinstance(value, Func):
        pieces.append(receiver_digest(program, value, exported))
    return hash_of(pieces)
