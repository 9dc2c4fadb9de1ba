"""Calls: of the file's own functions, of Node's harmless ones, and of what nrguard can't see into."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nrguard.settingsjs.meaning.convert import is_primitive
from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.library import CONSTRUCTORS, FUNCTIONS, Declined
from nrguard.settingsjs.meaning.modules import require
from nrguard.settingsjs.meaning.names import assign_name
from nrguard.settingsjs.meaning.patterns import assign_pattern, or_default
from nrguard.settingsjs.meaning.properties import HARMLESS_METHODS, get, key_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import spread_items
from nrguard.settingsjs.meaning.values import (
    UNDEFINED,
    UNSET,
    Accessor,
    Exits,
    Func,
    Lost,
    Obj,
    Scope,
    Sym,
    Thrown,
    Value,
    host,
    host_name,
    residual,
)
from nrguard.settingsjs.meaning.writing import mix_over
from nrguard.settingsjs.syntax.tree import Array, Assign, Call, Dot, Function, Index, Name, New, Node, Object, Spread

Evaluate = Callable[[Run, Node, Scope], Value]
_NEVER = ("eval", "Function", "constructor", "Reflect", "Proxy", "vm", "Module", "binding", "_load")


def call(run: Run, node: Call, scope: Scope, evaluate: Evaluate, present: Callable[[Run, Value, int], Value]) -> Value:
    """Return what a call gives."""
    callee = node.callee
    this: Value = UNDEFINED
    if isinstance(callee, (Dot, Index)):
        this = settle(run, evaluate(run, callee.target, scope), callee.start)
        if callee.optional:
            this = present(run, this, callee.start)
        function = _method(run, callee, this, scope, evaluate)
    else:
        function = evaluate(run, callee, scope)
    function = settle(run, function, node.start)
    if node.optional:
        function = present(run, function, node.start)
    return apply(run, function, this, _arguments(run, node.args, scope, evaluate), node)


def _method(run: Run, callee: Dot | Index, this: Value, scope: Scope, evaluate: Evaluate) -> Value:
    if isinstance(callee, Dot):
        return get(run, this, callee.name, callee.start)
    name = key_of(evaluate(run, callee.key, scope), callee.start)
    if isinstance(name, Sym):
        raise Lost(callee.start, "calls a method that can't be known")
    return get(run, this, name, callee.start)


def _arguments(run: Run, nodes: Sequence[Node], scope: Scope, evaluate: Evaluate) -> list[Value]:
    args: list[Value] = []
    for node in nodes:
        if isinstance(node, Spread):
            args += spread_items(run, evaluate(run, node.operand, scope), node.start)
        else:
            args.append(evaluate(run, node, scope))
    return args


def apply(run: Run, function: Value, this: Value, args: Sequence[Value], node: Node) -> Value:
    """Call `function`, whatever it is."""
    if isinstance(function, Func):
        return call_function(run, function, this, args, node.start)
    if not isinstance(function, Sym):
        raise Thrown(UNDEFINED, node.start, "TypeError: calls what is no function")
    name = host_name(function)
    if name == "require":
        return require(run, args, node.start)
    if name in ("process.exit", "process.abort", "process.reallyExit"):
        run.changes(node.start)
        raise Exits(node.start)
    if name in ("Function.prototype.call", "Function.prototype.apply") and isinstance(this, Func):
        return _call_through(run, name, this, args, node)
    known = FUNCTIONS.get(name)
    if known is not None:
        try:
            return _caught(run, function, known(run, this, args, node), node.start)
        except Declined:
            pass
    elif not name and function.tame and _harmless(function, this, args):
        return _caught(run, function, residual("call", function, *args), node.start)
    return outside(run, function, this, args, node.start)


def _caught(run: Run, function: Sym, result: Value, at: int) -> Value:
    """Return the result of a known function; inside of `try` it may also fail, or not be there."""
    doubtful = (
        result if isinstance(result, Sym) and result.op != "read" else function if function.sure is None else None
    )
    if doubtful is not None and run.may_throw(doubtful, at):
        raise Thrown(UNDEFINED, at, f"{describe(function)} may fail")
    return result


def _harmless(function: Sym, this: Value, args: Sequence[Value]) -> bool:
    """Is it a method of a harmless unknown value that changes neither that value nor what it is given?"""
    return (
        function.op == "get"
        and isinstance(this, Sym)
        and this.tame
        and not host_name(this)
        and function.args[1] in HARMLESS_METHODS
        and all(is_primitive(arg) or (isinstance(arg, Sym) and arg.tame and not host_name(arg)) for arg in args)
    )


def _call_through(run: Run, name: str, function: Func, args: Sequence[Value], node: Node) -> Value:
    rest = list(args[1:])
    if name.endswith("apply"):
        rest = spread_items(run, args[1], node.start) if len(args) > 1 and args[1] is not UNDEFINED else []
    return call_function(run, function, args[0] if args else UNDEFINED, rest, node.start)


def outside(run: Run, function: Sym, this: Value, args: Sequence[Value], at: int) -> Sym:
    """Call code outside of the file: what it is given may be changed, now or later."""
    name = describe(function)
    if any(part in _NEVER for part in name.split(".")):
        raise Lost(at, f"calls {name}, which can do anything")
    code = run.effect("call", at, f"calls {name}", function, this, *args)
    result = Sym("result", (code, name), frozenset({f"{name}()"}) | function.on)
    for value in (this, *args):
        escape(run, value, Sym("changed by", (code, name), frozenset({f"{name}()"}), unproven=True), set())
    if name.rpartition(".")[2] in ("config", "load", "loadEnvFile") or "env" in name.lower():
        run.env_uncertain = name
    if run.may_throw(result, at):
        raise Thrown(UNDEFINED, at, f"{name} may fail")
    return result


def escape(run: Run, value: Value, by: Sym, seen: set[int]) -> None:
    """Note that `by` may change `value` and all that can be reached from it."""
    if not isinstance(value, (Obj, Func, Sym)) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Obj):
        members = [*(value.items or ()), *value.props.values()]
        if not value.host:
            mix_over(value, by)
        for member in members:
            for part in (member.get, member.set) if isinstance(member, Accessor) else (member,):
                escape(run, part, by, seen)
    elif isinstance(value, Func):
        _escape_function(run, value, by, seen)
    else:
        for arg in value.args:
            escape(run, arg, by, seen)


def _escape_function(run: Run, value: Func, by: Sym, seen: set[int]) -> None:
    """Whoever has the function can run it at any time: what it can reach may change."""
    escape(run, value.own, by, seen)
    names = set(value.node.refs)
    dangerous = names & {"*", "require", "process", "globalThis", "global", "Function", "Object", "eval", "Reflect"}
    if dangerous or value.node.own_this:
        escape(run, run.exports, by, seen)
        escape(run, run.module.props["exports"], by, seen)  # type: ignore[arg-type] # the module's are no accessors
    scope: Scope | None = value.scope
    while scope is not None:
        for name in scope.names.keys() & names if "*" not in names else set(scope.names):
            reached = scope.names[name]
            escape(run, reached, by, seen)
            if name not in scope.constants and not isinstance(reached, (Func, Obj)) and not host_name(reached):
                scope.names[name] = residual("over", by, name, reached) if reached is not UNSET else UNSET
        scope = scope.parent


def call_function(run: Run, function: Func, this: Value, args: Sequence[Value], at: int) -> Value:
    """Follow a call of one of the file's own functions."""
    node = function.node
    if node.is_async or node.generator:
        raise Lost(at, "calls an async function or a generator")
    run.step(at)
    run.enter(at)
    scope = _scope_of_call(function, this)
    _bind_parameters(run, node, args, scope)
    if node.expression:
        result = run.grammar.evaluate(run, node.body[0], scope)
    else:
        signal = run.grammar.execute(run, node.body, scope)
        result = signal[1] if isinstance(signal, tuple) and signal[0] == "return" else UNDEFINED
    run.depth -= 1
    return result


def _scope_of_call(function: Func, this: Value) -> Scope:
    node = function.node
    parent = function.scope
    if node.name and not node.declared:
        parent = Scope({node.name: function}, parent, {node.name}, strict=node.strict, silent=True)
    if node.arrow:
        this = function.this
    elif not node.strict and (this is UNDEFINED or this is None):
        this = host("globalThis")
    names: dict[str, Value] = dict.fromkeys(node.variables, UNDEFINED)
    return Scope(names, parent, function=True, this=this, strict=node.strict)


def _bind_parameters(run: Run, node: Function, args: Sequence[Value], scope: Scope) -> None:
    for index, param in enumerate(node.params):
        if isinstance(param, Spread):
            bind(run, param.operand, Obj(items=list(args[index:])), scope)
            continue
        value = args[index] if index < len(args) else UNDEFINED
        if isinstance(param, Assign):
            value = or_default(run, value, param.value, scope)
            param = param.target  # noqa: PLW2901 - the pattern without its default
        bind(run, param, value, scope)


def bind(run: Run, target: Node, value: Value, scope: Scope) -> None:
    """Declare the names of a pattern in `scope` with the pieces of `value`."""
    _binder(run, target, scope)(value)


def _binder(run: Run, target: Node, scope: Scope) -> Callable[[Value], None]:
    if isinstance(target, Name):
        return lambda value: _declare(scope, target.name, value)
    if isinstance(target, (Object, Array)):
        return lambda value: assign_pattern(run, target, value, scope, _binder)
    raise Lost(target.start, "a parameter that nrguard does not follow")


def _declare(scope: Scope, name: str, value: Value) -> None:
    scope.names[name] = value
    scope.fixed.add(name)


def construct(run: Run, node: New, scope: Scope, evaluate: Evaluate) -> Value:
    """Return what `new` gives."""
    function = settle(run, evaluate(run, node.callee, scope), node.start)
    args = _arguments(run, node.args, scope, evaluate)
    if not isinstance(function, Sym):
        raise Lost(node.start, "new: nrguard does not follow this")
    if function.op == "class":
        raise Lost(node.start, "new: nrguard does not follow this")
    known = CONSTRUCTORS.get(host_name(function))
    if known is not None:
        try:
            return _caught(run, function, known(run, UNDEFINED, args, node), node.start)
        except Declined:
            pass
    return outside(run, function, UNDEFINED, args, node.start)


__all__ = ["apply", "assign_name", "bind", "call", "call_function", "construct"]
