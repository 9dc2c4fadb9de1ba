"""Expressions, followed over known and unknown values."""

from __future__ import annotations

from collections.abc import Callable

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.calls import call, construct
from nrguard.settingsjs.meaning.convert import NotPrimitive
from nrguard.settingsjs.meaning.names import look_up
from nrguard.settingsjs.meaning.operators import assign, binary, conditional, doubted, logical, unary, update
from nrguard.settingsjs.meaning.properties import LONGEST, get, key_of, settle
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.spreads import spread_into, spread_items
from nrguard.settingsjs.meaning.targets import ShortCircuit, present
from nrguard.settingsjs.meaning.values import (
    UNDEFINED,
    Accessor,
    Func,
    Lost,
    Obj,
    Scope,
    Sym,
    Value,
    host_name,
    residual,
)
from nrguard.settingsjs.meaning.writing import mix_over
from nrguard.settingsjs.syntax.lexis import well_paired
from nrguard.settingsjs.syntax.tree import (
    Array,
    Assign,
    BigInt,
    Binary,
    Call,
    Chain,
    Class,
    Conditional,
    Dot,
    Function,
    Index,
    Literal,
    Logical,
    Name,
    New,
    Node,
    Object,
    Opaque,
    Property,
    Regex,
    Sequence,
    Spread,
    Tagged,
    Template,
    This,
    Unary,
    Update,
)


def evaluate(run: Run, node: Node, scope: Scope) -> Value:
    """Return the value of an expression."""
    run.steps += 1
    if run.steps > 20_000:
        run.step(node.start)
    run.depth += 1
    if run.depth > 90:
        run.depth -= 1
        run.enter(node.start)
    try:
        return _HANDLERS[type(node)](run, node, scope)
    except NotPrimitive as error:
        raise Lost(node.start, "an object turns into text or a number in its own way") from error
    finally:
        run.depth -= 1


def _literal(run: Run, node: Literal, scope: Scope) -> Value:
    return node.value


def _name(run: Run, node: Name, scope: Scope) -> Value:
    return look_up(run, scope, node.name, node.start)


def _this(run: Run, node: This, scope: Scope) -> Value:
    found: Scope | None = scope
    while found is not None and not found.function:
        found = found.parent
    return found.this if found else UNDEFINED


def _opaque(run: Run, node: Opaque, scope: Scope) -> Value:
    raise Lost(node.start, f"{node.what}: nrguard does not follow this")


def _regex(run: Run, node: Regex, scope: Scope) -> Value:
    return Sym("regex", (node.text,), sure=True, tame=True)


def _bigint(run: Run, node: BigInt, scope: Scope) -> Value:
    return Sym("bigint", (node.text,), tame=True)


def _template(run: Run, node: Template, scope: Scope) -> Value:
    pieces: list[Value] = [node.chunks[0] or ""]
    for part, chunk in zip(node.parts, node.chunks[1:], strict=True):
        pieces += [evaluate(run, part, scope), chunk or ""]
    if any(isinstance(piece, Sym) for piece in pieces):
        if any(isinstance(piece, (Obj, Func)) for piece in pieces):
            raise NotPrimitive
        return doubted(run, residual("text", *pieces), node.start)
    text = "".join(convert.text(piece) for piece in pieces)
    if len(text) > convert.LONGEST_TEXT:
        raise Lost(node.start, "a text that is too long to follow")
    return well_paired(text)


def _tagged(run: Run, node: Tagged, scope: Scope) -> Value:
    raise Lost(node.start, "a tagged template calls its tag")


def _array(run: Run, node: Array, scope: Scope) -> Value:
    items: list[Value] = []
    for item in node.items:
        if isinstance(item, Spread):
            items += spread_items(run, evaluate(run, item.operand, scope), item.start)
        else:
            if item is None:
                raise Lost(node.start, "an array with holes")
            items.append(evaluate(run, item, scope))
    if len(items) > LONGEST:
        raise Lost(node.start, "an array that is too long to follow")
    return Obj(items=items)


def _object(run: Run, node: Object, scope: Scope) -> Value:
    made = Obj()
    for member in node.members:
        if member.kind == "spread":
            if member.value is not None:
                spread_into(run, made, evaluate(run, member.value, scope), member)
            continue
        _member(run, made, member, scope)
    return made


def _member(run: Run, made: Obj, member: Property, scope: Scope) -> None:
    key, value = member.key, member.value
    if key is None or value is None:
        raise Lost(member.start, "a member that nrguard does not follow")
    name = key_of(evaluate(run, key, scope), member.start) if member.computed else _plain_key(key)
    if isinstance(name, Sym):
        evaluate(run, value, scope)
        mix_over(made, residual("computed", name))
        return
    if member.kind in ("get", "set"):
        _accessor(run, made, member, name, value, scope)
        return
    result = evaluate(run, value, scope)
    if name == "__proto__" and member.kind == "value" and not member.computed:
        _literal_proto(made, result, member)
        return
    made.props[name] = result
    made.where[name] = member


def _plain_key(key: Node) -> str:
    if isinstance(key, Literal) and isinstance(key.value, (str, float)):
        name = key.value if isinstance(key.value, str) else convert.number_text(key.value)
        if name.startswith("@@"):
            raise Lost(key.start, "a key that looks like a symbol")
        return name
    if isinstance(key, BigInt):
        digits = key.text[:-1].replace("_", "")
        if len(digits) < 300:
            return str(int(digits, 0))
    raise Lost(key.start, "a key that nrguard does not follow")


def _accessor(run: Run, made: Obj, member: Property, name: str, value: Node, scope: Scope) -> None:
    function = evaluate(run, value, scope)
    if not isinstance(function, Func):
        raise Lost(member.start, "an accessor that nrguard does not follow")
    before = made.props.get(name)
    pair = Accessor(before.get, before.set) if isinstance(before, Accessor) else Accessor()
    if member.kind == "get":
        pair.get = function
    else:
        pair.set = function
    made.props[name] = pair
    made.where[name] = member


def _literal_proto(made: Obj, value: Value, member: Property) -> None:
    if isinstance(value, Obj):
        made.proto = value
        made.where.setdefault("__proto__", member)
    elif value is None:
        made.proto = None
    elif isinstance(value, (Sym, Func)) and host_name(value) != "Object.prototype":
        raise Lost(member.start, "an unknown prototype")


def _function(run: Run, node: Function, scope: Scope) -> Value:
    return Func(node, scope, _this(run, This(node.start, node.end), scope) if node.arrow else UNDEFINED)


def _class(run: Run, node: Class, scope: Scope) -> Value:
    for member in node.members:
        if member.kind == "block" or member.computed or (member.static and member.kind == "field"):
            raise Lost(member.start, "a class that runs code when it is declared")
    if node.heritage is not None:
        evaluate(run, node.heritage, scope)
    return Sym("class", (run.everything(),), frozenset({f"class {node.name}"}), sure=True, unproven=True)


def _sequence(run: Run, node: Sequence, scope: Scope) -> Value:
    value: Value = UNDEFINED
    for item in node.items:
        value = evaluate(run, item, scope)
    return value


def _dot(run: Run, node: Dot, scope: Scope) -> Value:
    base = settle(run, evaluate(run, node.target, scope), node.start)
    if node.optional:
        base = present(run, base, node.start)
    return get(run, base, node.name, node.start)


def _index(run: Run, node: Index, scope: Scope) -> Value:
    base = settle(run, evaluate(run, node.target, scope), node.start)
    if node.optional:
        base = present(run, base, node.start)
    name = key_of(evaluate(run, node.key, scope), node.start)
    if not isinstance(name, Sym):
        return get(run, base, name, node.start)
    if isinstance(base, (Obj, Func)):
        raise Lost(node.start, "a computed key that can't be known")
    return residual("at", base, name)


def _chain(run: Run, node: Chain, scope: Scope) -> Value:
    depth = run.depth
    try:
        return evaluate(run, node.inner, scope)
    except ShortCircuit:
        run.depth = depth
        return UNDEFINED


def _call(run: Run, node: Call, scope: Scope) -> Value:
    return call(run, node, scope, evaluate, present)


def _new(run: Run, node: New, scope: Scope) -> Value:
    return construct(run, node, scope, evaluate)


_HANDLERS: dict[type, Callable[..., Value]] = {
    Literal: _literal, Name: _name, This: _this, Opaque: _opaque, Regex: _regex, BigInt: _bigint,
    Template: _template, Tagged: _tagged, Array: _array, Object: _object, Function: _function, Class: _class,
    Unary: unary, Update: update, Binary: binary, Logical: logical, Conditional: conditional, Assign: assign,
    Sequence: _sequence, Dot: _dot, Index: _index, Chain: _chain, Call: _call, New: _new,
}  # fmt: skip
