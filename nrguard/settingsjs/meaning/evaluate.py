"""Expressions, followed over known and unknown values."""

from __future__ import annotations

from collections.abc import Callable

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.calls import call, construct
from nrguard.settingsjs.meaning.convert import NotPrimitive
from nrguard.settingsjs.meaning.names import assign_name, look_up
from nrguard.settingsjs.meaning.patterns import assign_pattern
from nrguard.settingsjs.meaning.properties import LONGEST, get, key_of, mix_over, put, remove, settle
from nrguard.settingsjs.meaning.run import Impure, Run
from nrguard.settingsjs.meaning.spreads import spread_into, spread_items
from nrguard.settingsjs.meaning.values import (
    UNDEFINED,
    Accessor,
    Func,
    Lost,
    Obj,
    Scope,
    Sym,
    Thrown,
    Value,
    host_name,
    residual,
)
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


class ShortCircuit(Exception):
    """A link of an optional chain is null or undefined."""


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
        return residual("text", *pieces)
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
            items.append(UNDEFINED if item is None else evaluate(run, item, scope))
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
        return key.value if isinstance(key.value, str) else convert.number_text(key.value)
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


def _unary(run: Run, node: Unary, scope: Scope) -> Value:
    op = node.op
    if op == "typeof" and isinstance(node.operand, Name):
        value = look_up(run, scope, node.operand.name, node.start, missing=UNDEFINED)
    elif op == "delete":
        return _delete(run, node, scope)
    else:
        value = evaluate(run, node.operand, scope)
    if op == "void":
        return UNDEFINED
    if op == "!":
        known = convert.truth(value)
        return residual("!", value) if known is None else not known
    if op == "typeof":
        kind = convert.type_of(value)
        return residual("typeof", value) if kind is None else kind
    if isinstance(value, Sym):
        return residual(f"unary {op}", value)
    number = convert.number(value)
    return {"-": -number, "+": number, "~": float(~convert.int32(number))}[op]


def _delete(run: Run, node: Unary, scope: Scope) -> Value:
    target = node.operand.inner if isinstance(node.operand, Chain) else node.operand
    if isinstance(target, Name):
        raise Lost(node.start, "delete of a name")
    if not isinstance(target, (Dot, Index)):
        evaluate(run, target, scope)
        return True
    if isinstance(node.operand, Chain):
        raise Lost(node.start, "delete of an optional chain")
    base, name = reference(run, target, scope)
    return remove(run, base, name, node, strict=scope.strict)


def reference(run: Run, node: Dot | Index, scope: Scope) -> tuple[Value, str]:
    """Return the object and the key that a member expression to be written names."""
    base = settle(run, evaluate(run, node.target, scope), node.start)
    if isinstance(node, Dot):
        return base, node.name
    name = key_of(evaluate(run, node.key, scope), node.start)
    if isinstance(name, Sym):
        raise Lost(node.start, "a computed key that can't be known")
    return base, name


def _update(run: Run, node: Update, scope: Scope) -> Value:
    old = read_target(run, node.target, scope)
    if isinstance(old, Sym):
        new: Value = residual(f"update {node.op}", old)
        before: Value = residual("unary +", old)
    else:
        before = convert.number(old)
        new = before + (1.0 if node.op == "++" else -1.0)
    write_target(run, node.target, new, scope)
    return new if node.prefix else before


def read_target(run: Run, target: Node, scope: Scope) -> Value:
    return evaluate(run, target, scope)


def write_target(run: Run, target: Node, value: Value, scope: Scope) -> None:
    """Assign `value` to a name, a member or a pattern."""
    if isinstance(target, Name):
        assign_name(run, scope, target.name, value, target.start)
    elif isinstance(target, (Dot, Index)):
        base, name = reference(run, target, scope)
        put(run, base, name, value, target.start, target, strict=scope.strict)
    else:
        assign_pattern(run, target, value, scope, write_target)


def _binary(run: Run, node: Binary, scope: Scope) -> Value:
    chain: list[Binary] = []
    left_node: Node = node
    while isinstance(left_node, Binary):  # a loop, since sums grow long
        chain.append(left_node)
        left_node = left_node.left
    left = evaluate(run, left_node, scope)
    for link in reversed(chain):
        right = evaluate(run, link.right, scope)
        left = _apply(run, link, left, right)
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


def _logical(run: Run, node: Logical, scope: Scope) -> Value:
    left = evaluate(run, node.left, scope)
    return _logic(run, node.op, left, node.right, scope)


def _logic(run: Run, op: str, left: Value, right: Node, scope: Scope) -> Value:
    known = convert.nullish(left) if op == "??" else convert.truth(left)
    if known is not None:
        goes_on = known if op in ("??", "&&") else not known
        return evaluate(run, right, scope) if goes_on else left
    if not isinstance(left, Sym):
        raise AssertionError(op)  # noqa: TRY004 - only a symbol is unknown
    found, value = _in_advance(run, right, scope)
    if found:
        return residual(op, left, value)
    yes = run.decide(_emptiness(left) if op == "??" else left, right.start)
    return evaluate(run, right, scope) if yes == (op != "||") else left


def _emptiness(value: Sym) -> Sym:
    """Return the condition that `value` is null or undefined."""
    return Sym("nullish", (value,), value.on, None, value.tame, value.unproven)


def _in_advance(run: Run, node: Node, scope: Scope) -> tuple[bool, Value]:
    """Return the value of code that may not run, if it changes nothing."""
    depth = run.depth
    run.guard += 1
    try:
        return True, evaluate(run, node, scope)
    except (Impure, Thrown, ShortCircuit):
        run.depth = depth
        return False, UNDEFINED
    finally:
        run.guard -= 1


def _conditional(run: Run, node: Conditional, scope: Scope) -> Value:
    test = evaluate(run, node.test, scope)
    known = convert.truth(test)
    if known is None and isinstance(test, Sym):
        found_yes, yes = _in_advance(run, node.yes, scope)
        found_no, no = _in_advance(run, node.no, scope) if found_yes else (False, UNDEFINED)
        if found_yes and found_no:
            return residual("?:", test, yes, no)
        known = run.decide(test, node.start)
    return evaluate(run, node.yes if known else node.no, scope)


def _assign(run: Run, node: Assign, scope: Scope) -> Value:
    target = node.target
    if node.op == "=":
        return _plain_assign(run, node, scope)
    if not isinstance(target, (Name, Dot, Index)):
        raise Lost(node.start, "an assignment that nrguard does not follow")
    run.changes(node.start)
    old = evaluate(run, target, scope)
    op = node.op[:-1]
    if op in ("&&", "||", "??"):
        known = convert.nullish(old) if op == "??" else convert.truth(old)
        if known is None and isinstance(old, Sym):
            known = run.decide(_emptiness(old) if op == "??" else old, node.start)
        if known != (op != "||"):
            return old
        value = evaluate(run, node.value, scope)
    else:
        value = convert.binary(op, old, evaluate(run, node.value, scope))
    write_target(run, target, value, scope)
    return value


def _plain_assign(run: Run, node: Assign, scope: Scope) -> Value:
    target = node.target
    if isinstance(target, (Dot, Index)):
        run.changes(node.start)
        base, name = reference(run, target, scope)
        value = evaluate(run, node.value, scope)
        put(run, base, name, value, node.start, node, strict=scope.strict)
        return value
    value = evaluate(run, node.value, scope)
    write_target(run, target, value, scope)
    return value


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


def present(run: Run, base: Value, at: int) -> Value:
    """Return `base` where `?.` goes on. Raise ShortCircuit where it stops."""
    known = convert.nullish(base)
    if known is None and isinstance(base, Sym):
        known = run.decide(_emptiness(base), at)
    if known:
        raise ShortCircuit
    return base


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
    Unary: _unary, Update: _update, Binary: _binary, Logical: _logical, Conditional: _conditional, Assign: _assign,
    Sequence: _sequence, Dot: _dot, Index: _index, Chain: _chain, Call: _call, New: _new,
}  # fmt: skip
