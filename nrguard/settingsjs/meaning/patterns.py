"""Destructuring: `{a, b: [c = 1], ...rest} = value`."""

from __future__ import annotations

from collections.abc import Callable

from nrguard.settingsjs.meaning.convert import number_text
from nrguard.settingsjs.meaning.properties import get, key_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import own_members, spread_items, unchanged
from nrguard.settingsjs.meaning.values import UNDEFINED, Lost, Obj, Scope, Sym, Thrown, Value
from nrguard.settingsjs.syntax.tree import Array, Assign, Literal, Node, Object, Property, Spread

Writer = Callable[[Run, Node, Scope], Callable[[Value], None]]


def assign_pattern(run: Run, target: Node, value: Value, scope: Scope, writer: Writer) -> None:
    """Take `value` apart by the pattern `target`; `writer` gives what puts a piece into its place."""
    value = settle(run, value, target.start)
    if isinstance(target, Object):
        _object(run, target, value, scope, writer)
    elif isinstance(target, Array):
        _array(run, target, value, scope, writer)
    else:
        raise Lost(target.start, "a target that nrguard does not follow")


def _object(run: Run, target: Object, value: Value, scope: Scope, writer: Writer) -> None:
    if value is None or value is UNDEFINED:
        raise Thrown(UNDEFINED, target.start, "TypeError: nothing to take apart")
    taken: list[str] = []
    for member in target.members:
        if member.kind == "spread" and member.value is not None:
            write = writer(run, member.value, scope)
            write(_rest(run, value, taken, member.start))
            continue
        name = _name(run, member, scope)
        taken.append(name)
        write, default = _place(run, member.value, scope, writer)
        write(_defaulted(run, get(run, value, name, member.start), default, scope))


def _name(run: Run, member: Property, scope: Scope) -> str:
    key = member.key
    if key is None:
        raise Lost(member.start, "a pattern that nrguard does not follow")
    if not member.computed and isinstance(key, Literal):
        return key.value if isinstance(key.value, str) else number_text(float(key.value or 0))
    name = key_of(run.grammar.evaluate(run, key, scope), member.start)
    if isinstance(name, Sym):
        raise Lost(member.start, "a computed key that can't be known")
    return name


def _rest(run: Run, value: Value, taken: list[str], at: int) -> Value:
    if not isinstance(value, Obj) or value.over is not None:
        raise Lost(at, "the rest of something unknown")
    return Obj({name: item for name, item in own_members(run, value, at) if name not in taken})


def _array(run: Run, target: Array, value: Value, scope: Scope, writer: Writer) -> None:
    items = spread_items(run, value, target.start)
    for index, item in enumerate(target.items):
        if item is None:
            continue
        if isinstance(item, Spread):
            writer(run, item.operand, scope)(Obj(items=items[index:]))
        else:
            write, default = _place(run, item, scope, writer)
            write(_defaulted(run, items[index] if index < len(items) else UNDEFINED, default, scope))
    if isinstance(value, Obj):
        unchanged(value, items, target)


def _place(run: Run, target: Node | None, scope: Scope, writer: Writer) -> tuple[Callable[[Value], None], Node | None]:
    """Return what writes one piece, looked up before the piece is, and its default."""
    if target is None:
        raise AssertionError(target)
    if isinstance(target, Assign):
        return writer(run, target.target, scope), target.value
    return writer(run, target, scope), None


def _defaulted(run: Run, value: Value, default: Node | None, scope: Scope) -> Value:
    return value if default is None else or_default(run, value, default, scope)


def or_default(run: Run, value: Value, default: Node, scope: Scope) -> Value:
    """Return `value`, or `default` where it is undefined."""
    if value is UNDEFINED:
        return run.grammar.evaluate(run, default, scope)
    if isinstance(value, Sym) and not value.sure:
        if run.decide(Sym("defined", (value,), value.on, None, value.tame, value.unproven), default.start):
            return value
        return run.grammar.evaluate(run, default, scope)
    return value
