"""What may stand left of "=", in a declaration or as a parameter: expressions read again as targets."""

from __future__ import annotations

from collections.abc import Iterator

from nrguard.settingsjs.syntax.cursor import Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.tree import Array, Assign, Call, Dot, Index, Name, Node, Object, Opaque, Property, Spread


def check_target(c: Cursor, node: Node, *, pattern: bool, late: bool = False) -> None:
    """Raise Refused unless `node` can be assigned to; `pattern`: an array or object may stand for a pattern.

    `late`: a call may stand there, which V8 refuses only when it runs.
    """
    match node:
        case Call() if late:
            pass
        case Name():
            c.scopes.check_binding(node.name, node.start)
        case Dot() | Index():
            pass
        case Opaque(what="super property" | "private property"):
            pass
        case Array() | Object() if pattern and id(node) not in c.grouped:
            for part in _parts(c, node):
                check_target(c, part, pattern=True)
        case _:
            raise Refused(node.start, "this can't be assigned to")


def bound_names(c: Cursor, node: Node) -> Iterator[Name]:
    """Give each name that the pattern `node` binds. Raise Refused where it is no binding pattern."""
    if id(node) in c.grouped:
        raise Refused(node.start, "parentheses can't stand in a declaration")
    match node:
        case Name():
            c.scopes.check_binding(node.name, node.start)
            yield node
        case Array() | Object():
            for part in _parts(c, node):
                yield from bound_names(c, part)
        case Assign(op="=", target=target):
            yield from bound_names(c, target)
        case Spread(operand=operand) if not isinstance(operand, Assign):
            yield from bound_names(c, operand)
        case _:
            raise Refused(node.start, "this can't be declared")


def _parts(c: Cursor, node: Array | Object) -> Iterator[Node]:
    items: tuple[Node | None, ...] = node.items if isinstance(node, Array) else node.members
    for index, item in enumerate(items):
        if item is None:
            continue
        if isinstance(item, Spread) or (isinstance(item, Property) and item.kind == "spread"):
            if index != len(items) - 1 or id(node) in c.trailing:
                raise Refused(item.start, "the rest of a pattern must stand last")
            rest = item.operand if isinstance(item, Spread) else item.value
            if rest is None or (isinstance(node, Object) and isinstance(rest, (Array, Object))):
                raise Refused(item.start, "this can't be assigned to")
            yield rest
            continue
        yield _without_default(c, _value_of(item))


def _value_of(item: Node) -> Node:
    if not isinstance(item, Property):
        return item
    if item.kind not in ("value", "short", "cover") or item.value is None:
        raise Refused(item.start, "this can't be assigned to")
    return item.value


def _without_default(c: Cursor, item: Node) -> Node:
    if isinstance(item, Assign) and item.op == "=" and id(item) not in c.grouped:
        return item.target
    return item
