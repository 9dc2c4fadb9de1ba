"""One walk through a file's code: what it has decided so far, and the effects that nrguard can't see through."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from nrguard.settingsjs.meaning.digest import digest, hash_of, measured
from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Lost, Obj, Scope, Sym, Value, host
from nrguard.settingsjs.syntax.scopes import WRAPPER
from nrguard.settingsjs.syntax.tree import Node, Program

STEPS = 20_000
"""Expressions and statements that are followed: the largest real files need under 3,000."""
DEEPEST = 90
BRANCHES = 8
"""Unknown conditions that one walk may meet; all of their combinations are walked."""


class Impure(Exception):
    """Code that is only looked at in advance would change something."""

    def __init__(self, at: int) -> None:
        super().__init__("impure")
        self.at = at


@dataclass(frozen=True, slots=True)
class Effect:
    """Code that may do what can't be seen. `code` is its fingerprint: equal only where it means the same."""

    code: str
    at: int
    why: str


@dataclass(slots=True, eq=False)
class Follow:
    """The functions that follow each kind of code; handed in, since they call each other."""

    evaluate: Callable[[Run, Node, Scope], Value]
    execute: Callable[[Run, Sequence[Node], Scope], object]
    call: Callable[[Run, Func, Value, Sequence[Value], int], Value]


@dataclass(slots=True, eq=False)
class Run:
    program: Program
    env: Mapping[str, str] | None
    grammar: Follow
    forced: Sequence[bool] = ()
    decisions: list[tuple[Sym, bool]] = field(default_factory=list)
    decided: dict[str, bool] = field(default_factory=dict)  # the same, by digest: what is in a condition may change
    effects: dict[str, Effect] = field(default_factory=dict)
    requires: dict[str, None] = field(default_factory=dict)
    modules: dict[str, Sym] = field(default_factory=dict)  # what was required, by its name: twice gives the same
    written: dict[str, Obj] = field(default_factory=dict)  # modules that the file has put members on
    exports: Obj = field(default_factory=Obj)
    module: Obj = field(default_factory=Obj)
    env_written: dict[str, Value] = field(default_factory=dict)
    env_uncertain: str = ""  # the module that may have changed the environment
    made_globals: dict[str, Value] = field(default_factory=dict)
    symbols: int = 0
    asked: Counter[str] = field(default_factory=Counter)  # questions whose answer may differ each time
    steps: int = 0
    depth: int = 0
    tries: int = 0
    guard: int = 0  # code is looked at in advance: nothing may change
    chain: str = ""
    text_digest: str = ""

    def step(self, at: int) -> None:
        self.steps += 1
        if self.steps > STEPS:
            raise Lost(at, "this code takes too many steps to follow")

    def enter(self, at: int) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Lost(at, "this code is nested too deeply to follow")

    def changes(self, at: int) -> None:
        """Announce a change of any kind. Raise Impure where code is only looked at in advance."""
        if self.guard:
            raise Impure(at)

    def effect(self, kind: str, at: int, why: str, *parts: Value, chained: bool = True) -> str:
        """Note code that may do anything outside of the file, and return its fingerprint.

        Effects that depend on their order are chained: the fingerprint of one covers those before it.
        """
        self.changes(at)
        pieces = [kind]
        for part in parts:
            text, work = measured(self.program, part)
            pieces.append(text)
            self.steps += work
        self.step(at)
        if chained:
            pieces.append(self.chain)
        code = f"load:{hash_of(pieces)}"
        if chained:
            self.chain = code
        self.effects.setdefault(code, Effect(code, at, why))
        return code

    def decide(self, condition: Sym, at: int) -> bool:
        """Return which way to go where `condition` is unknown; every way is walked in the end."""
        if condition.sure is not None:
            return condition.sure
        key = digest(self.program, condition)
        if key in self.decided:
            return self.decided[key]
        count = len(self.decisions)
        if count >= BRANCHES:
            raise Lost(at, "more unknown conditions than can be followed")
        answer = self.forced[count] if count < len(self.forced) else True
        self.decisions.append((condition, answer))
        self.decided[key] = answer
        return answer

    def ask(self, name: str, args: Sequence[Value], on: frozenset[str]) -> Sym:
        """Return the symbol of what only the running Node knows. Asked again, it may be something else."""
        key = hash_of([name, *(digest(self.program, arg) for arg in args)])
        self.asked[key] += 1
        return Sym("told", (name, float(self.asked[key]), *args), on, None, tame=True)

    def solid(self, value: Value) -> Value:
        """Return what stands for a required module since the file has written to it; else `value` itself."""
        if isinstance(value, Sym) and value.op == "module" and isinstance(value.args[0], str):
            return self.written.get(value.args[0], value)
        return value

    def may_throw(self, value: Sym, at: int) -> bool:
        """Tell whether to go on as if `value` could not be had: only where a `try` would catch that."""
        if not self.tries:
            return False
        return self.decide(Sym("fails", (value,), value.on, None, value.tame, value.unproven), at)

    def everything(self) -> str:
        """Return the digest of the whole text, comments and white space aside."""
        if not self.text_digest:
            self.text_digest = hash_of(self.program.tokens.texts)
        return self.text_digest


def start(run: Run) -> Scope:
    """Return the scope in which the file's code begins, as Node's CommonJS loader makes it."""
    run.module.host = "module"
    run.module.props["exports"] = run.exports
    names: dict[str, Value] = {
        "exports": run.exports,
        "require": host("require"),
        "module": run.module,
        "__filename": Sym("dir", ("settings.js",), sure=True, tame=True),
        "__dirname": Sym("dir", (), sure=True, tame=True),
    }
    for name in run.program.variables:
        names.setdefault(name, UNDEFINED)
    return Scope(names, function=True, this=run.exports, strict=run.program.strict, fixed=set(WRAPPER))


def code_text(program: Program, begin: int, end: int) -> list[str]:
    """Return the tokens between two offsets."""
    starts = program.tokens.starts
    return program.tokens.texts[bisect_left(starts, begin) : bisect_left(starts, end)]
