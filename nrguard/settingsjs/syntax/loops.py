"""The loops: for, for-in, for-of, while and do."""

from __future__ import annotations

from nrguard.settingsjs.syntax.cursor import Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.patterns import check_target
from nrguard.settingsjs.syntax.tree import Array, Assign, For, ForEach, Node, Object, Variables, While
from nrguard.settingsjs.syntax.variables import begins_let, variables


def while_(c: Cursor) -> Node:
    start = c.start
    c.advance()
    test = _condition(c)
    return While(start, c.last_end, test, _body(c))


def do_while(c: Cursor) -> Node:
    start = c.start
    c.advance()
    body = _body(c)
    c.expect("while")
    test = _condition(c)
    if not c.eat(";"):
        c.inserted()  # after do-while the grammar inserts one in any case
    return While(start, c.last_end, test, body, test_last=True)


def for_(c: Cursor) -> Node:
    start = c.start
    c.advance()
    waits = c.scopes.context.is_async and c.eat("await")
    c.expect("(")
    c.scopes.open()
    init = None if c.at(";") else _init(c)
    if c.at("of") or c.at("in"):
        node = _for_each(c, start, init, waits=waits)
    elif waits:
        raise c.unexpected()
    else:
        node = _for(c, start, init)
    c.scopes.close()
    return node


def _init(c: Cursor) -> Node:
    c.no_in = True
    outer_cover, c.cover = c.cover, -1
    if c.at("var") or c.at("const") or (c.at("let") and begins_let(c, declarations=True)):
        node: Node = variables(c, c.text, in_for=True)
    else:
        node = c.expression(c, True)
    if c.cover >= 0 and not (c.at("of") or c.at("in")):
        raise Refused(c.cover, "this can only stand in a pattern")
    c.cover = outer_cover
    c.no_in = False
    return node


def _for(c: Cursor, start: int, init: Node | None) -> Node:
    if isinstance(init, Variables):
        for target, value in init.bindings:
            if value is None and (init.kind == "const" or isinstance(target, (Array, Object))):
                raise Refused(target.start, "this declaration needs a value")
    c.expect(";")
    test = None if c.at(";") else c.expression(c, False)
    c.expect(";")
    update = None if c.at(")") else c.expression(c, False)
    c.expect(")")
    body = _body(c)
    return For(start, c.last_end, init, test, update, body)


def _for_each(c: Cursor, start: int, left: Node | None, *, waits: bool) -> Node:
    kind = c.text
    if waits and kind == "in":
        raise c.unexpected()
    if isinstance(left, Variables):
        init = left.bindings[0][1]
        legacy = kind == "in" and left.kind == "var" and not c.scopes.strict
        if len(left.bindings) != 1 or (init is not None and not legacy):
            raise Refused(left.start, "one variable without a value can stand here")
    elif left is None or isinstance(left, Assign):
        raise c.unexpected()
    else:
        check_target(c, left, pattern=True, late=True)
    c.advance()
    right = c.expression(c, False) if kind == "in" else c.assignment(c, False)
    c.expect(")")
    body = _body(c)
    return ForEach(start, c.last_end, "await" if waits else kind, left, right, body)


def _condition(c: Cursor) -> Node:
    c.expect("(")
    node = c.expression(c, False)
    c.expect(")")
    return node


def _body(c: Cursor) -> Node:
    context = c.scopes.context
    context.loops += 1
    context.breakable += 1
    node = c.statement(c)
    context.loops -= 1
    context.breakable -= 1
    return node
