"""What is written to, and where an optional chain stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.names import assign_name
from nrguard.settingsjs.meaning.patterns import assign_pattern
from nrguard.settingsjs.meaning.properties import get, key_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import Lost, Scope, Sym, Value
from nrguard.settingsjs.meaning.writing import put
from nrguard.settingsjs.syntax.tree import Dot, Index, Name, Node


class ShortCircuit(Exception):
    """A link of an optional chain is null or undefined."""


def reference(run: Run, node: Dot | Index, scope: Scope) -> tuple[Value, str]:
    """Return the object and the key that a member expression to be written names."""
    base = settle(run, run.grammar.evaluate(run, node.target, scope), node.start)
    if isinstance(node, Dot):
        return base, node.name
    name = key_of(run.grammar.evaluate(run, node.key, scope), node.start)
    if isinstance(name, Sym):
        raise Lost(node.start, "a computed key that can't be known")
    return base, name


def writer(run: Run, target: Node, scope: Scope) -> Callable[[Value], None]:
    """Return what assigns to a name, a member or a pattern; its object and key are looked up now, before the value."""
    if isinstance(target, Name):
        return lambda value: assign_name(run, scope, target.name, value, target.start)
    if isinstance(target, (Dot, Index)):
        base, name = reference(run, target, scope)
        return lambda value: put(run, base, name, value, target.start, target, strict=scope.strict)
    return lambda value: assign_pattern(run, target, value, scope, writer)


def write_target(run: Run, target: Node, value: Value, scope: Scope) -> None:
    """Assign `value` to a name, a member or a pattern."""
    writer(run, target, scope)(value)


@dataclass(frozen=True, slots=True)
class Target:
    """A name or a member that is read and then written: its object and key are looked up once."""

    value: Value
    write: Callable[[Value], None]


def opened(run: Run, target: Node, scope: Scope) -> Target:
    """Return the target of an operator such as `+=` or `++`."""
    if isinstance(target, (Dot, Index)):
        base, name = reference(run, target, scope)
        value = get(run, base, name, target.start)
        return Target(value, lambda new: put(run, base, name, new, target.start, target, strict=scope.strict))
    if not isinstance(target, Name):
        raise Lost(target.start, "an assignment that nrguard does not follow")
    return Target(run.grammar.evaluate(run, target, scope), writer(run, target, scope))


def emptiness(value: Sym) -> Sym:
    """Return the condition that `value` is null or undefined."""
    return Sym("nullish", (value,), value.on, None, value.tame, value.unproven)


def present(run: Run, base: Value, at: int) -> Value:
    """Return `base` where `?.` goes on. Raise ShortCircuit where it stops."""
    known = convert.nullish(base)
    if known is None and isinstance(base, Sym):
        known = run.decide(emptiness(base), at)
    if known:
        raise ShortCircuit
    return base
