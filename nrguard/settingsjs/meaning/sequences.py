"""The methods of arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.convert import is_primitive
from nrguard.settingsjs.meaning.objects import Declined, Known
from nrguard.settingsjs.meaning.properties import LONGEST
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import unchanged
from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Lost, Obj, Sym, Value, host_name
from nrguard.settingsjs.syntax.tree import Node

Items = list[Value]
Method = Callable[[Run, Items, Sequence[Value], Node], Value]


_CONVERSIONS: dict[str, Callable[[Value], Value]] = {
    "Boolean": convert.truth, "Number": convert.number, "String": convert.text
}  # fmt: skip
"""Functions of JavaScript that are handed to a method, as in `filter(Boolean)`."""


def _on_items(method: Method, *, changes: bool = False) -> Known:
    """Make a known function of a method that works on the elements of a known array."""

    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        if not isinstance(this, Obj) or this.items is None or this.over is not None:
            raise Declined
        if changes:
            run.changes(node.start)
            if this.frozen or this.sealed or this.readonly:
                raise Lost(node.start, "changes a frozen array")
        return method(run, this.items, args, node)

    return ask


def _calling(method: Callable[[Callable[[Value, int], Value], Items, Node, Run], Value]) -> Known:
    """Make a known function of a method that calls its argument with each element and its index."""

    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        function = args[0] if args else UNDEFINED
        if not isinstance(this, Obj) or this.items is None or this.over is not None:
            raise Declined
        receiver = args[1] if len(args) > 1 else UNDEFINED
        items = list(this.items)
        conversion = _CONVERSIONS.get(host_name(function))
        if conversion is not None and not any(isinstance(item, Sym) for item in items):
            return method(lambda item, _: conversion(item), items, node, run)
        if not isinstance(function, Func):
            raise Declined

        def each(item: Value, index: int) -> Value:
            result = run.grammar.call(run, function, receiver, (item, float(index), this), node.start)
            unchanged(this, items, node)
            return result

        return method(each, items, node, run)

    return ask


def _push(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    items.extend(args)
    if len(items) > LONGEST:
        raise Lost(node.start, "an array that is too long to follow")
    return float(len(items))


def _unshift(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    items[:0] = args
    if len(items) > LONGEST:
        raise Lost(node.start, "an array that is too long to follow")
    return float(len(items))


def _pop(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    return items.pop() if items else UNDEFINED


def _shift(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    return items.pop(0) if items else UNDEFINED


def _reverse_copy(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    return Obj(items=items[::-1])


def _concat(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    joined = list(items)
    for arg in args:
        if isinstance(arg, Obj):
            if arg.items is None or arg.over is not None or "@@isConcatSpreadable" in arg.props:
                raise Declined
            joined += arg.items
        elif isinstance(arg, (Sym, Func)):
            raise Declined
        else:
            joined.append(arg)
    if len(joined) > LONGEST:
        raise Lost(node.start, "an array that is too long to follow")
    return Obj(items=joined)


def slice_bounds(args: Sequence[Value], length: int) -> tuple[int, int]:
    """Return the bounds that `slice` takes its arguments for. Raise Declined where they are unknown."""
    bounds = [0, length]
    for index, arg in enumerate(args[:2]):
        if arg is UNDEFINED:
            continue
        if not isinstance(arg, float) or math.isnan(arg) or abs(arg) > 1e9:
            raise Declined
        whole = int(arg)
        bounds[index] = max(length + whole, 0) if whole < 0 else min(whole, length)
    return bounds[0], max(bounds)


def _slice(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    begin, end = slice_bounds(args, len(items))
    return Obj(items=items[begin:end])


def _join(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    separator = args[0] if args else UNDEFINED
    if not all(is_primitive(item) for item in items) or isinstance(separator, (Sym, Obj, Func)):
        raise Declined
    glue = "," if separator is UNDEFINED else convert.text(separator)
    if len(items) * len(glue) > convert.LONGEST_TEXT:
        raise Lost(node.start, "a text that is too long to follow")
    return glue.join("" if item is None or item is UNDEFINED else convert.text(item) for item in items)


def _index_of(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    if len(args) != 1:
        raise Declined
    for index, item in enumerate(items):
        same = convert.strictly_equal(item, args[0])
        if same is None:
            raise Declined
        if same:
            return float(index)
    return -1.0


def _includes(run: Run, items: Items, args: Sequence[Value], node: Node) -> Value:
    wanted = args[0] if args else UNDEFINED
    if len(args) > 1 or (isinstance(wanted, float) and math.isnan(wanted)):
        raise Declined
    found = _index_of(run, items, [wanted], node)
    return found != -1.0


def _map(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    return Obj(items=[each(item, index) for index, item in enumerate(items)])


def _for_each(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    for index, item in enumerate(items):
        each(item, index)
    return UNDEFINED


def _true(value: Value, node: Node, run: Run) -> bool:
    known = convert.truth(value)
    if known is not None:
        return known
    if isinstance(value, Sym):
        return run.decide(value, node.start)
    raise AssertionError(value)


def _filter(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    return Obj(items=[item for index, item in enumerate(items) if _true(each(item, index), node, run)])


def _find(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    for index, item in enumerate(items):
        if _true(each(item, index), node, run):
            return item
    return UNDEFINED


def _some(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    return any(_true(each(item, index), node, run) for index, item in enumerate(items))


def _every(each: Callable[[Value, int], Value], items: Items, node: Node, run: Run) -> Value:
    return all(_true(each(item, index), node, run) for index, item in enumerate(items))


def _reduce(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    function = args[0] if args else UNDEFINED
    if not isinstance(this, Obj) or this.items is None or this.over is not None or not isinstance(function, Func):
        raise Declined
    items = list(this.items)
    if len(args) < 2 and not items:
        raise Declined
    start = 0 if len(args) > 1 else 1
    value = args[1] if len(args) > 1 else items[0]
    for index in range(start, len(items)):
        value = run.grammar.call(run, function, UNDEFINED, (value, items[index], float(index), this), node.start)
        unchanged(this, items, node)
    return value


def _is_array(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    value = args[0] if args else UNDEFINED
    if isinstance(value, Sym):
        raise Declined
    return isinstance(value, Obj) and value.items is not None


ARRAY_FUNCTIONS: dict[str, Known] = {
    "Array.isArray": _is_array,
    "Array.prototype.reduce": _reduce,
    **{f"Array.prototype.{name}": _on_items(method, changes=True) for name, method in (
        ("push", _push), ("unshift", _unshift), ("pop", _pop), ("shift", _shift),
    )},
    **{f"Array.prototype.{name}": _on_items(method) for name, method in (
        ("concat", _concat), ("slice", _slice), ("join", _join), ("indexOf", _index_of), ("includes", _includes),
        ("toReversed", _reverse_copy),
    )},
    **{f"Array.prototype.{name}": _calling(method) for name, method in (
        ("map", _map), ("forEach", _for_each), ("filter", _filter), ("find", _find), ("some", _some), ("every", _every),
    )},
}  # fmt: skip
