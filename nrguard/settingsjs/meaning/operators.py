"""Operators: unary, binary, logical, conditional, and assignments."""

from __future__ import annotations

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.convert import is_primitive
from nrguard.settingsjs.meaning.names import look_up
from nrguard.settingsjs.meaning.properties import get, key_of, settle
from nrguard.settingsjs.meaning.run import Impure, Run
from nrguard.settingsjs.meaning.targets import ShortCircuit, emptiness, opened, reference, write_target
from nrguard.settingsjs.meaning.values import UNDEFINED, Lost, Obj, Scope, Sym, Thrown, Value, host_name, residual
from nrguard.settingsjs.meaning.writing import put, remove
from nrguard.settingsjs.syntax.tree import (
    Assign,
    Binary,
    Chain,
    Conditional,
    Dot,
    Index,
    Logical,
    Name,
    Node,
    Unary,
    Update,
)


def unary(run: Run, node: Unary, scope: Scope) -> Value:
    op = node.op
    if op == "typeof" and isinstance(node.operand, Name):
        value = look_up(run, scope, node.operand.name, node.start, missing=UNDEFINED)
    elif op == "delete":
        return _delete(run, node, scope)
    else:
        value = run.grammar.evaluate(run, node.operand, scope)
    if op == "void":
        return UNDEFINED
    if op == "!":
        known = convert.truth(value)
        return residual("!", value) if known is None else not known
    if op == "typeof":
        kind = convert.type_of(value)
        return residual("typeof", value) if kind is None else kind
    if isinstance(value, Sym):
        return doubted(run, residual(f"unary {op}", value), node.start)
    number = convert.number(value)
    return {"-": -number, "+": number, "~": float(~convert.int32(number))}[op]


def doubted(run: Run, value: Value, at: int) -> Value:
    """Return the result of an operator; inside of `try`, one over what may be a symbol or a BigInt may also fail."""
    if not run.tries or not isinstance(value, Sym) or value.op in ("===", "!==") or _is_text(value):
        return value
    if run.may_throw(value, at):
        raise Thrown(UNDEFINED, at, "TypeError: an operator over something unknown")
    return value


_NO_TEXT = ("bigint", "symbol", "told", "host", "module", "result", "class", "regex", "new", "error")


def _is_text(value: Sym) -> bool:
    """Is `value` made of environment variables, paths and known values only?"""
    if value.op in ("env", "dir"):
        return True
    if value.op in _NO_TEXT or not value.args:
        return False
    return all(_is_text(arg) if isinstance(arg, Sym) else is_primitive(arg) for arg in value.args)


def _delete(run: Run, node: Unary, scope: Scope) -> Value:
    target = node.operand.inner if isinstance(node.operand, Chain) else node.operand
    if isinstance(target, Name):
        raise Lost(node.start, "delete of a name")
    if not isinstance(target, (Dot, Index)):
        run.grammar.evaluate(run, target, scope)
        return True
    if isinstance(node.operand, Chain):
        raise Lost(node.start, "delete of an optional chain")
    base, name = reference(run, target, scope)
    return remove(run, base, name, node, strict=scope.strict)


def update(run: Run, node: Update, scope: Scope) -> Value:
    run.changes(node.start)
    target = opened(run, node.target, scope)
    old = target.value
    if isinstance(old, Sym):
        new: Value = residual(f"update {node.op}", old)
        before: Value = residual("unary +", old)
    else:
        before = convert.number(old)
        new = before + (1.0 if node.op == "++" else -1.0)
    target.write(new)
    return new if node.prefix else before


def binary(run: Run, node: Binary, scope: Scope) -> Value:
    chain: list[Binary] = []
    left_node: Node = node
    while isinstance(left_node, Binary):  # a loop, since sums grow long
        chain.append(left_node)
        left_node = left_node.left
    left = run.grammar.evaluate(run, left_node, scope)
    for link in reversed(chain):
        right = run.grammar.evaluate(run, link.right, scope)
        left = doubted(run, _apply(run, link, left, right), link.start)
    return left


def _apply(run: Run, node: Binary, left: Value, right: Value) -> Value:
    if node.op == "in":
        return _in(run, left, right, node.start)
    if node.op == "instanceof":
        if isinstance(left, Sym) or isinstance(right, Sym):
            return residual("instanceof", left, right)
        raise Lost(node.start, "instanceof: nrguard does not follow this")
    return convert.binary(node.op, left, right)


def _in(run: Run, left: Value, right: Value, at: int) -> Value:
    name = key_of(left, at)
    right = settle(run, right, at)
    if isinstance(name, Sym) or isinstance(right, Sym):
        if isinstance(name, str) and host_name(right) == "process.env":
            value = get(run, right, name, at)
            return residual("defined", value) if isinstance(value, Sym) else value is not UNDEFINED
        return residual("in", left, right)
    if not isinstance(right, Obj):
        raise Thrown(UNDEFINED, at, "TypeError: in of a primitive value")
    link: Obj | str | None = right
    while isinstance(link, Obj):
        if name in link.props or (link.items is not None and name.isdigit() and int(name[:9]) < len(link.items)):
            return True
        if link.over is not None or link.host:
            return residual("in", left, link.over or Sym("host", (link.host,)))
        link = link.proto
    return get(run, right, name, at) is not UNDEFINED


def logical(run: Run, node: Logical, scope: Scope) -> Value:
    left = run.grammar.evaluate(run, node.left, scope)
    return _logic(run, node.op, left, node.right, scope)


def _logic(run: Run, op: str, left: Value, right: Node, scope: Scope) -> Value:
    known = convert.nullish(left) if op == "??" else convert.truth(left)
    if known is not None:
        goes_on = known if op in ("??", "&&") else not known
        return run.grammar.evaluate(run, right, scope) if goes_on else left
    if not isinstance(left, Sym):
        raise AssertionError(op)  # noqa: TRY004 - only a symbol is unknown
    found, value = _in_advance(run, right, scope)
    if found:
        return residual(op, left, value)
    yes = run.decide(emptiness(left) if op == "??" else left, right.start)
    return run.grammar.evaluate(run, right, scope) if yes == (op != "||") else left


def _in_advance(run: Run, node: Node, scope: Scope) -> tuple[bool, Value]:
    """Return the value of code that may not run, if it changes nothing."""
    depth, tries = run.depth, run.tries
    run.guard += 1
    try:
        return True, run.grammar.evaluate(run, node, scope)
    except (Impure, Thrown, ShortCircuit):
        run.depth = depth
        return False, UNDEFINED
    finally:
        run.tries = tries
        run.guard -= 1


def conditional(run: Run, node: Conditional, scope: Scope) -> Value:
    test = run.grammar.evaluate(run, node.test, scope)
    known = convert.truth(test)
    if known is None and isinstance(test, Sym):
        found_yes, yes = _in_advance(run, node.yes, scope)
        found_no, no = _in_advance(run, node.no, scope) if found_yes else (False, UNDEFINED)
        if found_yes and found_no:
            return residual("?:", test, yes, no)
        known = run.decide(test, node.start)
    return run.grammar.evaluate(run, node.yes if known else node.no, scope)


def assign(run: Run, node: Assign, scope: Scope) -> Value:
    if node.op == "=":
        return _plain_assign(run, node, scope)
    run.changes(node.start)
    target = opened(run, node.target, scope)
    old = target.value
    op = node.op[:-1]
    if op in ("&&", "||", "??"):
        known = convert.nullish(old) if op == "??" else convert.truth(old)
        if known is None and isinstance(old, Sym):
            known = run.decide(emptiness(old) if op == "??" else old, node.start)
        if known != (op != "||"):
            return old
        value = run.grammar.evaluate(run, node.value, scope)
    else:
        value = convert.binary(op, old, run.grammar.evaluate(run, node.value, scope))
    target.write(value)
    return value


def _plain_assign(run: Run, node: Assign, scope: Scope) -> Value:
    target = node.target
    if isinstance(target, (Dot, Index)):
        run.changes(node.start)
        base, name = reference(run, target, scope)
        value = run.grammar.evaluate(run, node.value, scope)
        put(run, base, name, value, node.start, node, strict=scope.strict)
        return value
    value = run.grammar.evaluate(run, node.value, scope)
    write_target(run, target, value, scope)
    return value
