"""All walks through a file: one for each way that its unknown conditions can go, merged into one answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nrguard.settingsjs.meaning.calls import call_function
from nrguard.settingsjs.meaning.digest import digest
from nrguard.settingsjs.meaning.evaluate import evaluate
from nrguard.settingsjs.meaning.execute import execute
from nrguard.settingsjs.meaning.modules import is_local
from nrguard.settingsjs.meaning.properties import get
from nrguard.settingsjs.meaning.run import Effect, Follow, Impure, Run, start
from nrguard.settingsjs.meaning.targets import ShortCircuit
from nrguard.settingsjs.meaning.values import UNDEFINED, Accessor, Exits, Func, Lost, Obj, Sym, Thrown, Value, residual
from nrguard.settingsjs.syntax.tree import Node, Program

_FOLLOW = Follow(evaluate, execute, call_function)
_WALKS = 64
_STEPS = 60_000  # of all walks together


@dataclass(frozen=True, slots=True)
class Failure:
    """A walk on which Node does not load the file."""

    at: int
    what: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """How one walk ended: `exported` is module.exports, `members` what Node-RED reads of it. `lost`: unknown."""

    decisions: tuple[tuple[Sym, bool], ...]
    run: Run
    exported: Value = UNDEFINED
    members: Mapping[str, Value | Lost] = field(default_factory=dict)
    failure: Failure | None = None
    lost: Lost | None = None


@dataclass(frozen=True, slots=True)
class Walks:
    """Every walk through a file."""

    program: Program
    leaves: tuple[Leaf, ...]
    effects: tuple[Effect, ...] = ()
    requires: tuple[str, ...] = ()
    known: dict[str, Value] = field(default_factory=dict)


def walk(program: Program, env: Mapping[str, str] | None, names: Sequence[str]) -> Walks:
    """Follow `program` under `env` (None: unknown) on every way that it can go, and read the settings `names`."""
    leaves: list[Leaf] = []
    waiting: list[tuple[bool, ...]] = [()]
    while waiting:
        forced = waiting.pop()
        leaf = _one(program, env, forced, names)
        leaves.append(leaf)
        taken = [answer for _, answer in leaf.decisions]
        waiting += [(*taken[:index], not taken[index]) for index in range(len(forced), len(taken))]
        too_long = sum(one.run.steps for one in leaves) > _STEPS and waiting
        if too_long or len(leaves) + len(waiting) > _WALKS:
            lost = Lost(0, "more unknown conditions than can be followed")
            leaves = [Leaf((), leaf.run, lost=lost)]
            break
    effects = {code: effect for leaf in leaves for code, effect in leaf.run.effects.items()}
    requires = {name: None for leaf in leaves for name in leaf.run.requires} | dict.fromkeys(_named(program))
    return Walks(program, tuple(leaves), tuple(effects.values()), tuple(requires))


def _named(program: Program) -> Iterator[str]:
    """Give the local files that `require("…")` names anywhere: functions may load them later."""
    texts = program.tokens.texts
    for index in range(len(texts) - 3):
        quoted = texts[index + 2]
        if texts[index] == "require" and texts[index + 1] == "(" and quoted[:1] in ("'", '"') and "\\" not in quoted:
            name = quoted[1:-1]
            if is_local(name):
                yield name


def _one(program: Program, env: Mapping[str, str] | None, forced: Sequence[bool], names: Sequence[str]) -> Leaf:
    run = Run(program, env, _FOLLOW, forced)
    try:
        execute(run, program.body, start(run))
        exported = _exported(run)
        run.guard += 1  # from here on getters may be called, and nothing may change
        members = {name: _member(run, exported, name) for name in dict.fromkeys([*names, *_accessors(exported)])}
    except Thrown as thrown:
        return Leaf(tuple(run.decisions), run, failure=Failure(thrown.at, thrown.what))
    except Exits as exits:
        return Leaf(tuple(run.decisions), run, failure=Failure(exits.at, "ends the process while it loads"))
    except Lost as lost:
        return Leaf(tuple(run.decisions), run, lost=lost)
    return Leaf(tuple(run.decisions), run, exported, members)


def _exported(run: Run) -> Value:
    slot = run.module.props["exports"]
    if isinstance(slot, Accessor):
        raise Lost(0, "module.exports is a getter")
    return run.solid(slot)


def _member(run: Run, owner: Value, name: str) -> Value | Lost:
    if isinstance(owner, Func):
        owner = owner.own
    if isinstance(owner, Sym):
        return residual("get", owner, name)
    if not isinstance(owner, Obj):
        return UNDEFINED
    try:
        return get(run, owner, name, 0)
    except Impure as impure:
        raise Lost(impure.at, "a getter that changes something when it is read") from impure
    except (Thrown, ShortCircuit, Exits):
        return Lost(0, "reading the setting fails")
    except Lost as lost:
        return lost


def _accessors(owner: Value) -> Iterator[str]:
    """Give the names of the getters that stand in the exported object: Node-RED reads every member."""
    link: Obj | str | None = owner.own if isinstance(owner, Func) else owner if isinstance(owner, Obj) else None
    while isinstance(link, Obj):
        yield from (name for name, slot in link.props.items() if isinstance(slot, Accessor))
        link = link.proto


def member(leaf: Leaf, name: str) -> Value:
    """Return what Node-RED reads as the setting `name` on one walk. Raise Lost where it can't be known."""
    if leaf.lost is not None:
        raise leaf.lost
    value = leaf.members[name]
    if isinstance(value, Lost):
        raise value
    return value


def merged(program: Program, values: Sequence[tuple[tuple[tuple[Sym, bool], ...], Value]], depth: int = 0) -> Value:
    """Return one value for the walks' values: a choice by the conditions in which they differ."""
    first_decisions, first = values[0]
    if len(values) == 1 or len({digest(program, value) for _, value in values}) == 1 or len(first_decisions) <= depth:
        return first
    condition = first_decisions[depth][0]
    yes = [item for item in values if item[0][depth][1]]
    no = [item for item in values if not item[0][depth][1]]
    if not yes or not no:
        return merged(program, yes or no, depth + 1)
    return residual("?:", condition, merged(program, yes, depth + 1), merged(program, no, depth + 1))


def place(leaf: Leaf, name: str) -> Node | None:
    """Return the code that gives the setting `name` its value, where one piece does."""
    owner = leaf.exported
    link: Obj | str | None = owner if isinstance(owner, Obj) else owner.own if isinstance(owner, Func) else None
    while isinstance(link, Obj):
        if name in link.where:
            return link.where[name]
        link = link.proto
    return None
