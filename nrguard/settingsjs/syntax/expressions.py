"""Expressions, by precedence."""

from __future__ import annotations

from nrguard.settingsjs.syntax.classes import use_private
from nrguard.settingsjs.syntax.cursor import END, NAME, PRIVATE, PUNCTUATOR, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.operands import is_arrow, left_hand_side
from nrguard.settingsjs.syntax.patterns import check_target
from nrguard.settingsjs.syntax.tree import (
    Array,
    Assign,
    Binary,
    Conditional,
    Logical,
    Name,
    Node,
    Object,
    Opaque,
    Sequence,
    Unary,
    Update,
)

_ASSIGN = frozenset(
    ("=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "||=", "??=")
)
_PRECEDENCE = {
    "??": 1, "||": 2, "&&": 3, "|": 4, "^": 5, "&": 6, "==": 7, "!=": 7, "===": 7, "!==": 7, "<": 8, ">": 8,
    "<=": 8, ">=": 8, "in": 8, "instanceof": 8, "<<": 9, ">>": 9, ">>>": 9, "+": 10, "-": 10, "*": 11, "/": 11,
    "%": 11, "**": 12,
}  # fmt: skip
_UNARY = frozenset(("!", "-", "+", "~", "typeof", "void", "delete"))


def expression(c: Cursor, pattern: bool = False) -> Node:
    """Parse an expression, commas included; `pattern` as in `assignment`, and only without commas."""
    start = c.start
    first = assignment(c, pattern)
    if not c.at(","):
        return first
    items = [first]
    while c.eat(","):
        items.append(assignment(c, False))
    return Sequence(start, c.last_end, tuple(items))


def assignment(c: Cursor, pattern: bool) -> Node:
    """Parse up to the next comma. `pattern`: the caller accepts what only a pattern may hold, as `{a = 1}`."""
    c.enter()
    start = c.start
    c.arrow_at = start
    outer_cover, c.cover = c.cover, -1
    if c.scopes.context.generator and c.at("yield"):
        node = _yield(c)
    else:
        node = _conditional(c)
        if c.kind == PUNCTUATOR and c.text in _ASSIGN and not is_arrow(c, node):
            node = _assign(c, start, node)
    if c.cover >= 0 and not pattern:
        raise Refused(c.cover, "this can only stand in a pattern")
    if c.cover < 0:
        c.cover = outer_cover
    c.leave()
    return node


def _assign(c: Cursor, start: int, target: Node) -> Assign:
    op = c.text
    is_pattern = op == "=" and isinstance(target, (Array, Object))
    check_target(c, target, pattern=is_pattern, late=op not in ("&&=", "||=", "??="))
    if is_pattern:
        c.cover = -1
    c.advance()
    cover, c.cover = c.cover, -1
    value = assignment(c, False)
    c.cover = cover
    return Assign(start, c.last_end, op, target, value)


def _yield(c: Cursor) -> Node:
    start = c.start
    c.advance()
    ends = c.newline or c.kind == END or (c.kind == PUNCTUATOR and c.text in (")", "]", "}", ",", ";", ":"))
    if ends or c.at("in"):
        return Opaque(start, c.last_end, "yield")
    c.eat("*")
    inner = assignment(c, False)
    return Opaque(start, c.last_end, "yield", inner)


def _conditional(c: Cursor) -> Node:
    start = c.start
    test = _binary(c, 0)
    if not c.at("?") or is_arrow(c, test):
        return test
    c.advance()
    outer_no_in, c.no_in = c.no_in, False
    yes = assignment(c, False)
    c.no_in = outer_no_in
    c.expect(":")
    no = assignment(c, False)
    return Conditional(start, c.last_end, test, yes, no)


def _binary(c: Cursor, least: int) -> Node:
    start = c.start
    if c.kind == PRIVATE:
        left: Node = _private_in(c)
    else:
        left = _unary(c)
    while True:
        precedence = _PRECEDENCE.get(c.text, 0)
        if precedence <= least or c.kind > PUNCTUATOR or c.escaped:
            return left
        op = c.text
        if (op == "in" and c.no_in) or c.kind not in (NAME, PUNCTUATOR) or is_arrow(c, left):
            return left
        if op == "**" and isinstance(left, Unary) and id(left) not in c.grouped:
            raise Refused(c.start, "a sign before ** needs parentheses")
        c.advance()
        c.enter()
        right = _binary(c, precedence - 1 if op == "**" else precedence)
        c.leave()
        left = _combine(c, start, op, left, right)


def _combine(c: Cursor, start: int, op: str, left: Node, right: Node) -> Node:
    if op in ("??", "||", "&&"):
        for side in (left, right):
            mixed = isinstance(side, Logical) and id(side) not in c.grouped and (side.op == "??") != (op == "??")
            if mixed:
                raise Refused(side.start, "?? beside || or && needs parentheses")
        return Logical(start, c.last_end, op, left, right)
    return Binary(start, c.last_end, op, left, right)


def _private_in(c: Cursor) -> Node:
    start = c.start
    use_private(c)
    if not c.at("in") or c.no_in:
        raise c.unexpected()
    return Opaque(start, c.last_end, "private name")


def _unary(c: Cursor) -> Node:
    start, text = c.start, c.text
    if text in _UNARY and c.at(text):
        return _unary_operator(c)
    if c.kind == PUNCTUATOR and text in ("++", "--"):
        c.advance()
        c.enter()
        target = _unary(c)
        c.leave()
        check_target(c, target, pattern=False, late=True)
        return Update(start, c.last_end, text, prefix=True, target=target)
    if text == "await" and c.at("await") and c.scopes.context.is_async:
        c.advance()
        c.enter()
        inner = _unary(c)
        c.leave()
        return Opaque(start, c.last_end, "await", inner)
    node = left_hand_side(c)
    if c.kind == PUNCTUATOR and c.text in ("++", "--") and not c.newline and not is_arrow(c, node):
        check_target(c, node, pattern=False, late=True)
        op = c.text
        c.advance()
        return Update(start, c.last_end, op, prefix=False, target=node)
    return node


def _unary_operator(c: Cursor) -> Unary:
    start, op = c.start, c.text
    c.advance()
    c.enter()
    operand = _unary(c)
    c.leave()
    if op == "delete":
        if c.scopes.strict and isinstance(operand, Name):
            raise Refused(start, "strict code can't delete a name")
        if isinstance(operand, Opaque) and operand.what == "private property":
            raise Refused(start, "a private name can't be deleted")
    if is_arrow(c, operand):
        raise Refused(operand.start, "an arrow function needs parentheses here")
    return Unary(start, c.last_end, op, operand)
