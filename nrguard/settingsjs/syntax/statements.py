"""Statements and declarations."""

from __future__ import annotations

import re

from nrguard.settingsjs.syntax import functions
from nrguard.settingsjs.syntax.classes import class_
from nrguard.settingsjs.syntax.cursor import END, NAME, PUNCTUATOR, STRING, Cursor
from nrguard.settingsjs.syntax.errors import Refused, Unsure
from nrguard.settingsjs.syntax.expressions import assignment, expression
from nrguard.settingsjs.syntax.loops import do_while, for_, while_
from nrguard.settingsjs.syntax.operands import left_hand_side
from nrguard.settingsjs.syntax.patterns import bound_names
from nrguard.settingsjs.syntax.tree import (
    Block,
    Empty,
    Expression,
    If,
    Jump,
    Labeled,
    Literal,
    Name,
    Node,
    Return,
    Switch,
    Throw,
    Try,
    With,
)
from nrguard.settingsjs.syntax.variables import begins_let, variables

_LOADS_ANYWAY = re.compile(r"hasOwnProperty|module.{0,9}exports[\"']")


def statement_list(c: Cursor) -> tuple[Node, ...]:
    """Parse statements up to "}" or the end of the file, directives first where a function begins."""
    body: list[Node] = []
    prologue = len(c.scopes.scopes) > 0 and c.scopes.scopes[-1].function
    while not (c.kind == END or (c.kind == PUNCTUATOR and c.text == "}")):
        raw = c.text if prologue and c.kind == STRING else ""
        node = statement(c, declarations=True)
        body.append(node)
        if prologue:
            prologue = bool(raw) and _is_directive(c, node, raw)
            if prologue and raw[1:-1] == "use strict":
                c.scopes.context.strict = True
    return tuple(body)


def _is_directive(c: Cursor, node: Node, raw: str) -> bool:
    if not isinstance(node, Expression) or not isinstance(node.value, Literal) or id(node.value) in c.grouped:
        return False
    node.directive = node.value.end - node.value.start == len(raw)
    return node.directive


def statement(c: Cursor, *, declarations: bool = False, function_allowed: bool = False) -> Node:
    """Parse one statement. `declarations`: let, const, class and function may stand here."""
    c.enter()
    if c.kind == PUNCTUATOR:
        node = _punctuator(c)
    elif c.kind == NAME and not c.escaped:
        node = _word(c, declarations=declarations, function_allowed=function_allowed)
    elif c.kind == NAME and c.peek()[:2] == (PUNCTUATOR, ":"):
        node = _labeled(c, function_allowed=declarations or function_allowed)
    else:
        node = _expression_statement(c)
    c.leave()
    return node


def _punctuator(c: Cursor) -> Node:
    start = c.start
    if c.text == "{":
        return block(c)
    if c.eat(";"):
        return Empty(start, c.last_end)
    return _expression_statement(c)


def block(c: Cursor) -> Block:
    start = c.start
    c.expect("{")
    c.scopes.open()
    body = statement_list(c)
    c.scopes.close()
    c.expect("}")
    return Block(start, c.last_end, body)


def _word(c: Cursor, *, declarations: bool, function_allowed: bool) -> Node:
    text, start = c.text, c.start
    parse = _BY_WORD.get(text)
    if parse is not None:
        return parse(c)
    if text == "const" or (text == "let" and begins_let(c, declarations=declarations)):
        if not declarations:
            raise Refused(start, f'"{text}" can\'t stand here without braces')
        node = variables(c, text)
        c.semicolon()
        return node
    if text == "class":
        if not declarations:
            raise Refused(start, "a class can't stand here without braces")
        c.advance()
        return class_(c, start, declared=True, heritage=left_hand_side)
    if text == "function" or (text == "async" and _async_function(c)):
        return _function(c, allowed=declarations or (function_allowed and text == "function"))
    if text in ("import", "export"):
        _module_syntax(c)
    if c.peek()[:2] == (PUNCTUATOR, ":"):
        return _labeled(c, function_allowed=declarations or function_allowed)
    return _expression_statement(c)


def _async_function(c: Cursor) -> bool:
    kind, text, newline = c.peek()
    return kind == NAME and text == "function" and not newline


def _function(c: Cursor, *, allowed: bool) -> Node:
    start = c.start
    if not allowed:
        raise Refused(start, "a function can't be declared here")
    is_async = c.eat("async")
    c.advance()
    if c.at("("):
        raise c.unexpected("a declared function has a name")
    return functions.function(c, start, is_async=is_async, declared=True)


def _module_syntax(c: Cursor) -> None:
    word, at = c.text, c.start
    if word == "import" and c.peek()[1] in ("(", "."):
        return
    if _LOADS_ANYWAY.search(c.source, at):
        raise Unsure(at, "an ES module, which newer Node versions load")
    raise Refused(at, f'"{word}" stands in a CommonJS file')


def _labeled(c: Cursor, *, function_allowed: bool) -> Labeled:
    start, label = c.start, c.text
    c.scopes.check_name(label, start)
    context = c.scopes.context
    if any(name == label for name, _ in context.labels):
        raise Refused(start, f'label "{label[:40]}" is declared twice')
    c.advance()
    c.advance()
    loop = c.text in ("for", "while", "do")
    context.labels.append((label, loop))
    body = statement(c, declarations=False, function_allowed=function_allowed and not c.scopes.strict)
    context.labels.pop()
    return Labeled(start, c.last_end, label, body)


def _expression_statement(c: Cursor) -> Expression:
    start = c.start
    value = expression(c)
    c.semicolon()
    return Expression(start, c.last_end, value)


def _var(c: Cursor) -> Node:
    node = variables(c, "var")
    c.semicolon()
    return node


def _if(c: Cursor) -> Node:
    arms: list[tuple[int, Node, Node]] = []  # a loop, since chains of `else if` grow long
    last: Node | None = None
    while True:
        start = c.start
        c.advance()
        arms.append((start, condition(c), _branch(c)))
        if not c.eat("else"):
            break
        if not c.at("if"):
            last = _branch(c)
            break
    for start, test, yes in reversed(arms):
        last = If(start, c.last_end, test, yes, last)
    return last or Empty(c.start, c.start)


def _branch(c: Cursor) -> Node:
    """Parse a branch of `if`, where sloppy code may declare a function as if it stood in braces."""
    if not c.at("function") or c.scopes.strict:
        return statement(c, declarations=False)
    c.scopes.open()
    node = statement(c, declarations=False, function_allowed=True)
    c.scopes.close()
    return Block(node.start, node.end, (node,))


def condition(c: Cursor) -> Node:
    c.expect("(")
    node = expression(c)
    c.expect(")")
    return node


def _return(c: Cursor) -> Node:
    start = c.start
    if c.scopes.context.static_block:
        raise c.unexpected()
    c.advance()
    value = None
    if not (c.newline or c.at(";") or c.at("}") or c.kind == END):
        value = expression(c)
    c.semicolon()
    return Return(start, c.last_end, value)


def _jump(c: Cursor) -> Node:
    kind, start = c.text, c.start
    context = c.scopes.context
    c.advance()
    label = ""
    if c.kind == NAME and not c.newline:
        label = c.text
        found = [loop for name, loop in context.labels if name == label]
        if not found or (kind == "continue" and not found[0]):
            raise Refused(c.start, f'"{kind}" to a label that is not around it')
        c.advance()
    elif not (context.loops if kind == "continue" else context.breakable):
        raise Refused(start, f'"{kind}" outside of a loop')
    c.semicolon()
    return Jump(start, c.last_end, kind, label)


def _throw(c: Cursor) -> Node:
    start = c.start
    c.advance()
    if c.newline:
        raise Refused(c.start, "what is thrown must stand in the line of `throw`")
    value = expression(c)
    c.semicolon()
    return Throw(start, c.last_end, value)


def _try(c: Cursor) -> Node:
    start = c.start
    c.advance()
    tried = block(c)
    param: Node | None = None
    handler = finalizer = None
    if c.eat("catch"):
        c.scopes.open()
        if c.eat("("):
            param = _catch_parameter(c)
            c.expect(")")
        handler = _handler(c)
        c.scopes.close()
    if c.eat("finally"):
        finalizer = block(c)
    if handler is None and finalizer is None:
        raise c.unexpected("try needs catch or finally")
    return Try(start, c.last_end, tried, param, handler, finalizer)


def _catch_parameter(c: Cursor) -> Node:
    node = assignment(c, True)
    c.cover = -1
    names = list(bound_names(c, node))
    functions.check_distinct(names)
    scope = c.scopes.scopes[-1]
    scope.params = {name.name for name in names}
    scope.simple_catch = isinstance(node, Name)
    return node


def _handler(c: Cursor) -> Block:
    """Parse the block of `catch` in the scope of its parameter: `let` can't declare that again."""
    start = c.start
    c.expect("{")
    body = statement_list(c)
    c.expect("}")
    return Block(start, c.last_end, body)


def _switch(c: Cursor) -> Node:
    start = c.start
    c.advance()
    value = condition(c)
    c.expect("{")
    c.scopes.open()
    c.scopes.context.breakable += 1
    cases: list[tuple[Node | None, tuple[Node, ...]]] = []
    while not c.at("}"):
        test = None
        if c.eat("default"):
            if any(known is None for known, _ in cases):
                raise Refused(c.last_end, "a switch has one default")
        else:
            c.expect("case")
            test = expression(c)
        c.expect(":")
        cases.append((test, _case_body(c)))
    c.scopes.context.breakable -= 1
    c.scopes.close()
    c.advance()
    return Switch(start, c.last_end, value, tuple(cases))


def _case_body(c: Cursor) -> tuple[Node, ...]:
    body: list[Node] = []
    while not (c.at("case") or c.at("default") or c.at("}")):
        body.append(statement(c, declarations=True))
    return tuple(body)


def _with(c: Cursor) -> Node:
    start = c.start
    if c.scopes.strict:
        raise Refused(start, "strict code can't use `with`")
    c.advance()
    value = condition(c)
    c.scopes.use_anything()
    return With(start, c.last_end, value, statement(c, declarations=False))


def _debugger(c: Cursor) -> Node:
    start = c.start
    c.advance()
    c.semicolon()
    return Empty(start, c.last_end)


_BY_WORD = {
    "var": _var, "if": _if, "for": for_, "while": while_, "do": do_while, "return": _return, "break": _jump,
    "continue": _jump, "throw": _throw, "try": _try, "switch": _switch, "with": _with, "debugger": _debugger,
}  # fmt: skip
