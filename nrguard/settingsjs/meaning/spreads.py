"""Spreads and copies: what `...x` and Object.assign put into an object or an array."""

from __future__ import annotations

from nrguard.settingsjs.meaning.properties import get, index_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import Func, Lost, Obj, Sym, Undefined, Value
from nrguard.settingsjs.meaning.writing import mix_over, put
from nrguard.settingsjs.syntax.tree import Node

_WALKED = 500
"""Elements of an array that the code of the file is run for, one after the other."""


def own_members(run: Run, source: Obj, at: int) -> list[tuple[str, Value]]:
    """Return the enumerable own members of `source` with their values; getters are called."""
    names = own_names(source, at)
    return [(name, get(run, source, name, at)) for name in names if owns(source, name)]  # a getter may remove others


def own_names(source: Obj, at: int) -> list[str]:
    """Return the names of the enumerable own members of `source`."""
    if source.host:
        raise Lost(at, f"copies {source.host}")
    elements = [str(index) for index in range(len(source.items or ()))]
    return elements + [name for name in in_order(source) if name not in source.hidden]


def owns(source: Obj, name: Value) -> bool:
    """Is `name` still an own member of `source`?"""
    if not isinstance(name, str):
        return False
    index = index_of(name) if source.items is not None else None
    return name in source.props or (index is not None and index < len(source.items or ()))


def in_order(source: Obj) -> list[str]:
    """Return the names of the members as JavaScript lists them: whole numbers first, then in order of appearance."""
    numbers = sorted((index, name) for name in source.props if (index := index_of(name)) is not None)
    first = [name for _, name in numbers]
    return first + [name for name in source.props if name not in first] if first else list(source.props)


def spread_into(run: Run, target: Obj, value: Value, node: Node) -> None:
    """Define the members of `value` on `target`, as `{...value}` does."""
    value = settle(run, value, node.start)
    if isinstance(value, Sym):
        if value.sure is not None and not value.sure:
            return
        mix_over(target, value)
        return
    for name, item in _members(run, value, node.start):
        target.props[name] = item
        target.where[name] = node
    if isinstance(value, Obj) and value.over is not None:
        mix_over(target, value.over)


def assign_into(run: Run, target: Obj, value: Value, node: Node) -> None:
    """Set the members of `value` on `target`, as Object.assign does: setters and read-only members count."""
    run.changes(node.start)
    value = settle(run, value, node.start)
    if isinstance(value, Sym):
        mix_over(target, value)
        return
    for name, item in _members(run, value, node.start):
        put(run, target, name, item, node.start, node, strict=True)
    if isinstance(value, Obj) and value.over is not None:
        mix_over(target, value.over)


def _members(run: Run, value: Value, at: int) -> list[tuple[str, Value]]:
    if isinstance(value, Obj):
        return own_members(run, value, at)
    if isinstance(value, Func):
        return own_members(run, value.own, at)
    if isinstance(value, str):
        if not value.isascii():
            raise Lost(at, "a string is spread")
        return [(str(i), char) for i, char in enumerate(value)]
    return []


def spread_items(run: Run, value: Value, at: int) -> list[Value]:
    """Return what iterating over `value` gives."""
    value = settle(run, value, at)
    if isinstance(value, Obj) and value.items is not None and value.proto == "Object" and value.over is None:
        if "@@iterator" in value.props:
            raise Lost(at, "an iterator of the file's own")
        return list(value.items)
    if isinstance(value, str) and value.isascii():
        return list(value)
    if isinstance(value, (Undefined, Sym)) or value is None:
        raise Lost(at, "iterates over something unknown")
    raise Lost(at, "iterates over something that nrguard does not follow")


def unchanged(array: Obj, items: list[Value], node: Node) -> None:
    """Raise Lost where an array is no longer what it was when a walk through it began."""
    now = array.items or []
    if len(items) > _WALKED or len(now) != len(items) or any(a is not b for a, b in zip(now, items, strict=True)):
        raise Lost(node.start, "changes the array that it goes through")
