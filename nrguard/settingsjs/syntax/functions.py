"""Functions, arrows and methods: their parameters, their body, and the names that they use from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nrguard.settingsjs.syntax.cursor import NAME, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.patterns import bound_names
from nrguard.settingsjs.syntax.scopes import Context
from nrguard.settingsjs.syntax.tree import Function, Name, Node, Spread
from nrguard.settingsjs.syntax.uses import in_parameters


def function(c: Cursor, start: int, *, is_async: bool, declared: bool) -> Function:
    """Parse what follows the word `function`. A declaration is declared in the scope around it."""
    generator = c.eat("*")
    name, at = "", c.start
    if c.kind == NAME and not c.at("("):
        name = c.text
        own = Context(strict=c.scopes.strict, is_async=is_async, generator=generator)
        if declared:
            c.scopes.check_binding(name, at)
            c.scopes.declare("function", name, at)
        else:
            c.scopes.contexts.append(own)
            c.scopes.check_binding(name, at)
            c.scopes.contexts.pop()
        c.advance()
    context = Context(strict=c.scopes.strict, is_async=is_async, generator=generator, new_target=True)
    node = rest_of_function(c, start, context, "" if declared else name)
    if node.strict and name in ("eval", "arguments"):
        raise Refused(at, f'strict code can\'t declare "{name}"')
    node.name, node.declared = name, declared
    return node


def rest_of_function(c: Cursor, start: int, context: Context, own_name: str = "") -> Function:
    """Parse from the "(" of the parameters to the "}" of the body. `own_name`: that of a function expression."""
    c.enter()
    scopes = c.scopes
    outer_no_in, c.no_in = c.no_in, False
    scopes.contexts.append(context)
    scope = scopes.open(function=True)
    params = _parameters(c)
    names = [name for param in params for name in bound_names(c, param)]
    was_strict = context.strict
    scope.params = {name.name for name in names}
    scope.variables.add("arguments")
    body = braced_body(c)
    _check_parameters(c, params, names, was_strict=was_strict)
    if own_name:
        scope.params.add(own_name)  # only now: the body may declare the name again
    scopes.close()
    scopes.contexts.pop()
    c.no_in = outer_no_in
    c.leave()
    return Function(
        start, c.last_end, own_name, tuple(params), body, expression=False, arrow=False, is_async=context.is_async,
        generator=context.generator, strict=context.strict, method=context.method, refs=frozenset(scope.used),
        own_this=context.own_this, variables=frozenset(scope.variables - {"arguments"}),
    )  # fmt: skip


def _parameters(c: Cursor) -> list[Node]:
    c.expect("(")
    params: list[Node] = []
    while not c.at(")"):
        start = c.start
        if c.eat("..."):
            params.append(Spread(start, c.end, _parameter(c)))
            break
        params.append(_parameter(c))
        if not c.eat(","):
            break
    c.expect(")")
    return params


def _parameter(c: Cursor) -> Node:
    """Parse one parameter: what stands there looks like an expression; `bound_names` refuses what is no pattern."""
    outer = c.cover
    node = c.assignment(c, True)
    c.cover = outer
    return node


def braced_body(c: Cursor) -> tuple[Node, ...]:
    c.expect("{")
    context = c.scopes.context
    labels, loops, breakable = context.labels, context.loops, context.breakable
    body = c.statements(c)
    context.labels, context.loops, context.breakable = labels, loops, breakable
    c.expect("}")
    return body


def _check_parameters(c: Cursor, params: Sequence[Node], names: Sequence[Name], *, was_strict: bool) -> None:
    context = c.scopes.context
    simple = all(isinstance(param, Name) for param in params)
    if context.strict and not was_strict:
        if not simple:
            raise Refused(c.last_end, '"use strict" can\'t stand in a function with such parameters')
        for name in names:
            c.scopes.check_binding(name.name, name.start)
    if context.strict or context.arrow or context.method or not simple:
        check_distinct(names)


def check_distinct(names: Sequence[Name]) -> None:
    """Raise Refused if one name is bound twice."""
    seen: set[str] = set()
    for name in names:
        if name.name in seen:
            raise Refused(name.start, f'"{name.name[:40]}" is declared twice')
        seen.add(name.name)


def arrow(c: Cursor, start: int, params: Sequence[Node], *, is_async: bool) -> Function:
    """Parse from the "=>" on; `params` were read as expressions."""
    if c.newline or not c.at("=>"):
        raise c.unexpected("an arrow must stand in the line of its parameters")
    c.enter()
    c.advance()
    scopes = c.scopes
    context = replace(
        scopes.context, is_async=is_async, generator=False, arrow=True, own_this=False, static_block=False, labels=[],
        loops=0, breakable=0,
    )  # fmt: skip
    was_strict = context.strict
    scopes.contexts.append(context)
    scope = scopes.open(function=True)
    names = [name for param in params for name in bound_names(c, param)]
    scope.params = {name.name for name in names}
    expression = not c.at("{")
    if expression:
        body: tuple[Node, ...] = (c.assignment(c, False),)
    else:
        outer_no_in, c.no_in = c.no_in, False
        body = braced_body(c)
        c.no_in = outer_no_in
    _check_parameters(c, params, names, was_strict=was_strict)
    uses = in_parameters(params)  # those were noted for the function around: it was not known yet that they are ours
    scope.used |= uses.names
    scopes.close()
    scopes.contexts.pop()
    c.leave()
    return Function(
        start, c.last_end, "", tuple(params), body, expression=expression, arrow=True, is_async=is_async,
        generator=False, strict=context.strict, method=False, refs=frozenset(scope.used),
        own_this=context.own_this or uses.this, variables=frozenset(scope.variables),
    )  # fmt: skip


def method(c: Cursor, start: int, kind: str, *, is_async: bool, generator: bool, constructor: bool = False) -> Function:
    """Parse a method's parameters and body; `kind` is "method", "get" or "set"."""
    at = c.start
    context = Context(
        strict=c.scopes.strict, is_async=is_async, generator=generator, method=True, constructor=constructor,
        new_target=True,
    )  # fmt: skip
    node = rest_of_function(c, start, context)
    plain = [param for param in node.params if not isinstance(param, Spread)]
    if (kind == "get" and node.params) or (kind == "set" and not len(plain) == len(node.params) == 1):
        raise Refused(at, "a getter has no parameter, a setter one")
    return node
