"""Operands: names, literals, parentheses, functions, and the members and calls that follow them."""

from __future__ import annotations

from nrguard.settingsjs.syntax import functions, literals, members
from nrguard.settingsjs.syntax.classes import class_, use_private
from nrguard.settingsjs.syntax.cursor import NAME, NUMBER, PRIVATE, PUNCTUATOR, STRING, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.tree import (
    Call,
    Chain,
    Dot,
    Function,
    Index,
    Literal,
    Name,
    New,
    Node,
    Opaque,
    Sequence,
    Spread,
    Tagged,
    This,
)

_CONSTANTS = {"true": True, "false": False, "null": None}


def is_arrow(c: Cursor, node: Node) -> bool:
    """Is `node` an arrow function that does not stand in parentheses? Nothing may follow it."""
    return isinstance(node, Function) and node.arrow and id(node) not in c.grouped


def left_hand_side(c: Cursor) -> Node:
    """Parse a primary expression and the members, calls and templates that follow it."""
    start = c.start
    node = _primary(c)
    if is_arrow(c, node):
        return node
    chained = False
    while c.kind == PUNCTUATOR:
        text = c.text
        if text == ".":
            c.advance()
            node = _dot(c, start, node, optional=False)
        elif text == "[":
            node = _index(c, start, node, optional=False)
        elif text == "(":
            node = Call(start, c.end, node, arguments(c))
            node.end = c.last_end
        elif text == "?.":
            chained = True
            c.advance()
            node = _optional(c, start, node)
        elif text == "`":
            if chained:
                raise Refused(c.start, "a template can't stand in an optional chain")
            node = Tagged(start, c.end, node, literals.template(c, tagged=True))
        else:
            break
    if isinstance(node, Opaque) and node.what == "super":
        raise Refused(start, 'unexpected "super"')
    return Chain(start, c.last_end, node) if chained else node


def _dot(c: Cursor, start: int, target: Node, *, optional: bool) -> Node:
    if c.kind == PRIVATE:
        use_private(c)
        return Opaque(start, c.last_end, "private property", target)
    if c.kind != NAME:
        raise c.unexpected()
    name = c.text
    c.advance()
    if isinstance(target, Opaque) and target.what == "super":
        return Opaque(start, c.last_end, "super property")
    return Dot(start, c.last_end, target, name, optional)


def _index(c: Cursor, start: int, target: Node, *, optional: bool) -> Node:
    c.advance()
    outer_no_in, c.no_in = c.no_in, False
    key = c.expression(c, False)
    c.no_in = outer_no_in
    c.expect("]")
    if isinstance(target, Opaque) and target.what == "super":
        return Opaque(start, c.last_end, "super property", key)
    return Index(start, c.last_end, target, key, optional)


def _optional(c: Cursor, start: int, target: Node) -> Node:
    if isinstance(target, Opaque) and target.what == "super":
        raise Refused(start, 'unexpected "super"')
    if c.at("("):
        args = arguments(c)
        return Call(start, c.last_end, target, args, optional=True)
    if c.at("["):
        return _index(c, start, target, optional=True)
    if c.at("`"):
        raise Refused(c.start, "a template can't stand in an optional chain")
    return _dot(c, start, target, optional=True)


def arguments(c: Cursor) -> tuple[Node, ...]:
    """Parse the arguments of a call with their parentheses."""
    c.expect("(")
    outer_no_in, c.no_in = c.no_in, False
    args: list[Node] = []
    while not c.at(")"):
        if c.at("..."):
            start = c.start
            c.advance()
            operand = c.assignment(c, False)
            args.append(Spread(start, c.last_end, operand))
        else:
            args.append(c.assignment(c, False))
        if not c.eat(","):
            break
    c.no_in = outer_no_in
    c.expect(")")
    return tuple(args)


def _primary(c: Cursor) -> Node:
    kind = c.kind
    if kind == NAME:
        return _word(c)
    if kind == STRING:
        return members.string(c)
    if kind == NUMBER:
        return members.number(c)
    if kind == PUNCTUATOR:
        text = c.text
        if text == "{":
            return literals.object_(c)
        if text == "[":
            return literals.array(c)
        if text == "(":
            return _parenthesised(c)
        if text == "`":
            return literals.template(c, tagged=False)
        if text in ("/", "/="):
            return literals.regex(c)
    raise c.unexpected()


def _word(c: Cursor) -> Node:
    text, start, end = c.text, c.start, c.end
    if c.escaped:
        return _name(c)
    if text in _CONSTANTS:
        c.advance()
        return Literal(start, end, _CONSTANTS[text])
    match text:
        case "function":
            c.advance()
            return functions.function(c, start, is_async=False, declared=False)
        case "this":
            c.advance()
            c.scopes.uses_this()
            return This(start, end)
        case "new":
            return _new(c)
        case "class":
            c.advance()
            return class_(c, start, declared=False, heritage=left_hand_side)
        case "super":
            return _super(c)
        case "import":
            return _import(c)
        case "async":
            return _async(c)
    return _name(c)


def _name(c: Cursor) -> Node:
    text, start, end = c.text, c.start, c.end
    c.scopes.check_name(text, start)
    may_be_arrow = c.arrow_at == start
    c.advance()
    if c.kind == PUNCTUATOR and c.text == "=>":
        if not may_be_arrow:
            raise c.unexpected()
        return functions.arrow(c, start, (Name(start, end, text),), is_async=False)
    literals.use_name(c, text)
    return Name(start, end, text)


def _async(c: Cursor) -> Node:
    start = c.start
    kind, text, newline = c.peek()
    if newline or not (kind == NAME or text == "("):
        return _name(c)
    may_be_arrow = c.arrow_at == start
    if text == "function" and kind == NAME:
        c.advance()
        c.advance()
        return functions.function(c, start, is_async=True, declared=False)
    if kind == NAME:
        if text in ("in", "instanceof", "of") or not may_be_arrow:
            return _name(c)
        c.advance()
        param = Name(c.start, c.end, c.text)
        c.advance()
        return functions.arrow(c, start, (param,), is_async=True)
    return _async_call(c, start, may_be_arrow=may_be_arrow)


def _async_call(c: Cursor, start: int, *, may_be_arrow: bool) -> Node:
    """Parse `async (…)`: a call, or the parameters of an arrow function."""
    name = Name(start, c.end, "async")
    literals.use_name(c, "async")
    c.advance()
    outer_cover, c.cover = c.cover, -1
    items, trailing = _list(c)
    if c.at("=>") and may_be_arrow and not c.newline:
        c.cover = outer_cover
        return functions.arrow(c, start, items, is_async=True)
    if c.cover >= 0 or (trailing and isinstance(items[-1], Spread) and c.at("=>")):
        raise Refused(start, "this can only stand in a pattern")
    c.cover = outer_cover
    return Call(start, c.last_end, name, items)


def _list(c: Cursor) -> tuple[tuple[Node, ...], bool]:
    """Parse what stands in parentheses: expressions, or the parameters of an arrow function; and a last comma."""
    c.expect("(")
    outer_no_in, c.no_in = c.no_in, False
    items: list[Node] = []
    trailing = False
    while not c.at(")"):
        items.append(literals.spread(c) if c.at("...") else c.assignment(c, True))
        trailing = c.at(",")
        if not c.eat(","):
            break
    c.no_in = outer_no_in
    c.expect(")")
    return tuple(items), trailing


def _parenthesised(c: Cursor) -> Node:
    start = c.start
    may_be_arrow = c.arrow_at == start
    outer_cover, c.cover = c.cover, -1
    items, trailing = _list(c)
    rests = [item for item in items if isinstance(item, Spread)]
    if c.kind == PUNCTUATOR and c.text == "=>" and may_be_arrow:
        if rests and (rests[0] is not items[-1] or trailing):
            raise Refused(rests[0].start, "the rest of the parameters must stand last")
        c.cover = outer_cover
        return functions.arrow(c, start, items, is_async=False)
    if not items or trailing or rests:
        raise c.unexpected()
    if c.cover >= 0:
        raise Refused(c.cover, "this can only stand in a pattern")
    c.cover = outer_cover
    node = items[0] if len(items) == 1 else Sequence(items[0].start, items[-1].end, items)
    c.grouped[id(node)] = node
    return node


def _new(c: Cursor) -> Node:
    start = c.start
    c.advance()
    if c.eat("."):
        if not c.at("target") or not c.scopes.context.new_target:
            raise c.unexpected()
        c.advance()
        c.scopes.uses_this()
        return Opaque(start, c.last_end, "new.target")
    if c.at("import"):
        raise c.unexpected()
    c.enter()
    at = c.start
    callee = _primary(c)
    while c.kind == PUNCTUATOR and not is_arrow(c, callee):
        if c.text == ".":
            c.advance()
            callee = _dot(c, at, callee, optional=False)
        elif c.text == "[":
            callee = _index(c, at, callee, optional=False)
        elif c.text == "`":
            callee = Tagged(at, c.end, callee, literals.template(c, tagged=True))
        else:
            break
    if c.at("?.") or is_arrow(c, callee) or (isinstance(callee, Opaque) and callee.what == "super"):
        raise c.unexpected()
    args = arguments(c) if c.at("(") else ()
    c.leave()
    return New(start, c.last_end, callee, args)


def _super(c: Cursor) -> Node:
    start = c.start
    context = c.scopes.context
    c.advance()
    if c.at("(") and context.constructor:
        c.scopes.uses_this()
        args = arguments(c)
        return Opaque(start, c.last_end, "super call", Sequence(start, c.last_end, args))
    if not context.method or not (c.at(".") or c.at("[")):
        raise Refused(start, 'unexpected "super"')
    c.scopes.uses_this()
    return Opaque(start, c.last_end, "super")


def _import(c: Cursor) -> Node:
    start = c.start
    c.advance()
    if not c.at("("):
        raise Refused(start, "import stands in a CommonJS file")
    args = arguments(c)
    if not 1 <= len(args) <= 2 or any(isinstance(arg, Spread) for arg in args):
        raise Refused(start, "import() takes one or two arguments")
    return Opaque(start, c.last_end, "import()", args[0])
