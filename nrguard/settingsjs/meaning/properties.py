"""Reading, writing and deleting members, as JavaScript does it, accessors and prototypes included."""

from __future__ import annotations

from nrguard.settingsjs.meaning.convert import NotPrimitive, text
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.values import (
    UNDEFINED,
    Accessor,
    Func,
    Lost,
    Obj,
    Sym,
    Thrown,
    Value,
    host,
    host_name,
    is_host,
    residual,
)
from nrguard.settingsjs.syntax.tree import Node

CHOICES = ("?:", "||", "&&", "??")
_OBJECT_METHODS = frozenset(
    (
        "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
        "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
    )
)  # fmt: skip
ARRAY_METHODS = frozenset(
    (
        "at", "concat", "copyWithin", "entries", "every", "fill", "filter", "find", "findIndex", "findLast",
        "findLastIndex", "flat", "flatMap", "forEach", "includes", "indexOf", "join", "keys", "lastIndexOf", "map",
        "pop", "push", "reduce", "reduceRight", "reverse", "shift", "slice", "some", "sort", "splice", "toReversed",
        "toSorted", "toSpliced", "unshift", "values", "with", "@@iterator",
    )
)  # fmt: skip
_STRING_METHODS = frozenset(
    (
        "anchor", "at", "big", "blink", "bold", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "fixed",
        "fontcolor", "fontsize", "includes", "indexOf", "isWellFormed", "italics", "lastIndexOf", "link",
        "localeCompare", "match", "matchAll", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll",
        "search", "slice", "small", "split", "startsWith", "strike", "sub", "substr", "substring", "sup",
        "toLocaleLowerCase", "toLocaleUpperCase", "toLowerCase", "toUpperCase", "toWellFormed", "trim", "trimEnd",
        "trimLeft", "trimRight", "trimStart", "@@iterator",
    )
)  # fmt: skip
_NUMBER_METHODS = frozenset(("toExponential", "toFixed", "toPrecision"))
_FUNCTION_METHODS = frozenset(("apply", "bind", "call", "constructor", "arguments", "caller"))
_SURE = frozenset(
    (
        "process.env", "Object.prototype", "fs.readFileSync", "fs.existsSync", "path.join", "path.resolve",
        "console.log", "os.hostname", "process.argv", "process.platform", "process.version", "process.versions",
    )
)  # fmt: skip
LONGEST = 10_000  # elements of an array


def key_of(value: Value, at: int) -> str | Sym:
    """Return the property key that `value` converts to; a symbol where it is unknown."""
    if isinstance(value, Sym):
        name = host_name(value)
        return "@@" + name[7:] if name.startswith("Symbol.") else value
    try:
        return text(value)
    except NotPrimitive as error:
        raise Lost(at, "a computed key that can't be known") from error


def settle(run: Run, value: Value, at: int) -> Value:
    """Return `value`, or, where it is one of several objects, the one that this walk takes."""
    while isinstance(value, Sym) and value.op in CHOICES and any(_holds_object(arg) for arg in value.args):
        condition, *rest = value.args
        if not isinstance(condition, Sym):
            raise Lost(at, "a choice that can't be followed")
        if value.op == "??":
            empty = run.decide(Sym("nullish", (condition,), condition.on, None, condition.tame, condition.unproven), at)
            value = rest[0] if empty else condition
            if not empty:
                return condition
            continue
        yes = run.decide(condition, at)
        if value.op == "?:":
            value = rest[0] if yes else rest[1]
        elif yes == (value.op == "||"):
            return condition
        else:
            value = rest[0]
    return value


def _holds_object(value: Value) -> bool:
    return isinstance(value, (Obj, Func)) or (
        isinstance(value, Sym) and value.op in CHOICES and any(_holds_object(arg) for arg in value.args)
    )


def get(run: Run, base: Value, name: str, at: int) -> Value:
    """Return the member `name` of `base`."""
    if isinstance(base, Obj):
        return _get_from_object(run, base, name, at)
    if isinstance(base, Sym):
        return _get_from_symbol(run, base, name, at)
    if isinstance(base, str):
        return _get_from_string(base, name)
    if isinstance(base, Func):
        return _get_from_function(run, base, name, at)
    if base is None or base is UNDEFINED:
        raise Thrown(UNDEFINED, at, f'TypeError: "{name[:40]}" of {text(base)}')
    return _get_from_primitive("Boolean" if isinstance(base, bool) else "Number", _NUMBER_METHODS, name)


def _get_from_primitive(kind: str, methods: frozenset[str], name: str) -> Value:
    if name in methods or name in _OBJECT_METHODS or name == "__proto__":
        return host(f"{kind}.prototype.{name}")
    return host(kind) if name == "constructor" else UNDEFINED


def _get_from_object(run: Run, base: Obj, name: str, at: int) -> Value:
    link: Obj | str | None = base
    while isinstance(link, Obj):
        found, value = _own(run, link, base, name, at)
        if found:
            return value
        link = link.proto
    if name == "__proto__":
        return _proto(base)
    if link == "Object":
        return _builtin(base, name)
    return UNDEFINED


def _own(run: Run, link: Obj, base: Obj, name: str, at: int) -> tuple[bool, Value]:
    if name in link.props:
        slot = link.props[name]
        if not isinstance(slot, Accessor):
            return True, slot
        return True, run.grammar.call(run, slot.get, base, (), at) if slot.get else UNDEFINED
    if link.items is not None:
        if name == "length":
            return True, float(len(link.items))
        index = index_of(name)
        if index is not None and index < len(link.items):
            return True, link.items[index]
    if link.over is not None:
        return True, residual("over", link.over, name, UNDEFINED)
    if link.host:
        return True, host(f"{link.host}.{name}", sure=None)
    return False, UNDEFINED


def _proto(base: Obj) -> Value:
    if isinstance(base.proto, Obj):
        return base.proto
    if base.proto is None:
        return UNDEFINED
    return host("Array.prototype" if base.items is not None else "Object.prototype")


def _builtin(base: Obj, name: str) -> Value:
    if base.items is not None and name in ARRAY_METHODS:
        return host(f"Array.prototype.{name}")
    if name in _OBJECT_METHODS:
        return host(f"Object.prototype.{name}")
    if name == "constructor":
        return host("Array" if base.items is not None else "Object")
    return UNDEFINED


def _get_from_string(base: str, name: str) -> Value:
    units = len(base) if base.isascii() else len(base.encode("utf-16-le", "surrogatepass")) // 2
    if name == "length":
        return float(units)
    index = index_of(name)
    if index is None:
        return _get_from_primitive("String", _STRING_METHODS, name)
    if units != len(base):
        return Sym("unit", (base, name), tame=True)
    return base[index] if index < units else UNDEFINED


def _get_from_function(run: Run, base: Func, name: str, at: int) -> Value:
    if name == "prototype":
        base.own.props.setdefault("prototype", Obj())
    if name in base.own.props:
        return _get_from_object(run, base.own, name, at)
    if name in _FUNCTION_METHODS:
        return host(f"Function.prototype.{name}")
    if name in ("name", "length"):
        return Sym("of function", (base, name), tame=True)
    return _builtin(base.own, name)


def _get_from_symbol(run: Run, base: Sym, name: str, at: int) -> Value:
    known = host_name(base)
    if known == "process.env":
        return environment(run, name)
    if known:
        whole = name if known in ("globalThis", "global") else f"{known}.{name}"
        return host(whole, sure=True if whole in _SURE else None)
    value = residual("get", base, name)
    if run.may_throw(base, at):
        raise Thrown(UNDEFINED, at, "a member of something that may not be there")
    return value


def environment(run: Run, name: str) -> Value:
    """Return the environment variable `name`, as the next start finds it."""
    if name in run.env_written:
        return run.env_written[name]
    if run.env is None or run.env_uncertain:
        return Sym("env", (name,), frozenset({name}), tame=True)
    value = run.env.get(name)
    return UNDEFINED if value is None else value


def index_of(name: str) -> int | None:
    """Return the array index that the key `name` is, if it is one."""
    if name.isascii() and name.isdigit() and (name == "0" or name[0] != "0") and len(name) < 10:
        return int(name)
    return None


def put(run: Run, base: Value, name: str, value: Value, at: int, node: Node, *, strict: bool) -> None:
    """Assign `value` to the member `name` of `base`."""
    run.changes(at)
    if isinstance(base, Sym):
        _put_on_symbol(run, base, name, value, at)
    elif isinstance(base, Func):
        base.own.props[name] = value
    elif isinstance(base, Obj):
        if not _put_on_object(run, base, name, value, at, node) and strict:
            raise Thrown(UNDEFINED, at, f'TypeError: "{name[:40]}" is read-only')
    elif base is None or base is UNDEFINED:
        raise Thrown(UNDEFINED, at, f'TypeError: can\'t set "{name[:40]}" of {text(base)}')
    elif strict:
        raise Thrown(UNDEFINED, at, "TypeError: a member of a primitive value")


def _put_on_symbol(run: Run, base: Sym, name: str, value: Value, at: int) -> None:
    if not is_host(base, "process.env"):
        raise Lost(at, f"changes {describe(base)}, which nrguard can't follow")
    run.effect("environment", at, f"changes the environment variable {name[:60]}", name, value)
    if isinstance(value, (Obj, Func)):
        raise Lost(at, "an object becomes an environment variable")
    run.env_written[name] = value if isinstance(value, Sym) else text(value)


def _put_on_object(run: Run, base: Obj, name: str, value: Value, at: int, node: Node) -> bool:
    link: Obj | str | None = base
    while isinstance(link, Obj):
        if name in link.props:
            slot = link.props[name]
            if isinstance(slot, Accessor):
                return _call_setter(run, slot, base, value, at)
            if link.frozen or name in link.readonly:
                return False
            break
        if link.over is not None and link is not base:
            raise Lost(at, "an unknown prototype may stand between")
        link = link.proto
    if name == "__proto__" and link == "Object":
        return _set_proto(base, value, at)
    if base.frozen or (base.sealed and name not in base.props):
        return False
    if base.host and name != "exports":
        raise Lost(at, f"changes {base.host}.{name[:40]}")
    if base.items is not None and _put_in_array(base, name, value, at):
        return True
    base.props[name] = value
    base.where[name] = node
    return True


def _call_setter(run: Run, slot: Accessor, base: Obj, value: Value, at: int) -> bool:
    if slot.set is None:
        return False
    run.grammar.call(run, slot.set, base, (value,), at)
    return True


def _set_proto(base: Obj, value: Value, at: int) -> bool:
    if isinstance(value, Obj):
        link: Obj | str | None = value
        while isinstance(link, Obj):
            if link is base:
                raise Thrown(UNDEFINED, at, "TypeError: a cycle of prototypes")
            link = link.proto
    elif isinstance(value, (Sym, Func)):
        if not is_host(value, "Object.prototype"):
            raise Lost(at, "an unknown prototype")
        value = "Object"
    elif value is not None:
        return True
    if base.host or base.frozen:
        raise Lost(at, "a changed prototype")
    base.proto = value if isinstance(value, (Obj, str)) else None
    return True


def _put_in_array(base: Obj, name: str, value: Value, at: int) -> bool:
    items = base.items
    index = index_of(name)
    if items is None or (index is None and name != "length"):
        return False
    if name == "length":
        if not isinstance(value, float) or not 0 <= value <= len(items):
            raise Lost(at, "a changed length of an array")
        del items[int(value) :]
    elif index is not None:
        if index > LONGEST:
            raise Lost(at, "an array that is too long to follow")
        items.extend([UNDEFINED] * (index + 1 - len(items)))
        items[index] = value
    return True


def remove(run: Run, base: Value, name: str, node: Node, *, strict: bool) -> bool:
    """Delete the member `name` of `base`, and return what `delete` gives."""
    at = node.start
    run.changes(at)
    if is_host(base, "process.env"):
        run.effect("environment", at, f"removes the environment variable {name[:60]}", name)
        run.env_written[name] = UNDEFINED
        return True
    if isinstance(base, Sym):
        raise Lost(at, f"removes a member of {describe(base)}")
    if base is None or base is UNDEFINED:
        raise Thrown(UNDEFINED, at, f'TypeError: can\'t delete "{name[:40]}" of {text(base)}')
    owner = base.own if isinstance(base, Func) else base
    if not isinstance(owner, Obj):
        return True
    if owner.host:
        raise Lost(at, f"removes {owner.host}.{name[:40]}")
    return _remove_own(owner, name, node, strict=strict)


def _remove_own(owner: Obj, name: str, node: Node, *, strict: bool) -> bool:
    if name in owner.props and (owner.frozen or owner.sealed or name in owner.readonly):
        if strict:
            raise Thrown(UNDEFINED, node.start, f'TypeError: can\'t delete "{name[:40]}"')
        return False
    index = index_of(name)
    if owner.items is not None and index is not None and index < len(owner.items):
        owner.items[index] = UNDEFINED
    elif owner.over is not None:
        owner.props[name] = UNDEFINED  # gone for sure, whatever stood over it
    else:
        owner.props.pop(name, None)
    owner.where[name] = node
    return True


def mix_over(target: Obj, unknown: Sym) -> None:
    """Note that members of `unknown` may now stand over those of `target`."""
    for name, slot in target.props.items():
        old = slot if not isinstance(slot, Accessor) else Sym("accessor", (slot.get, slot.set), unproven=True)
        target.props[name] = residual("over", unknown, name, old)
    if target.items is not None:
        target.items = [residual("over", unknown, str(i), item) for i, item in enumerate(target.items)]
    target.over = unknown if target.over is None else residual("both", unknown, target.over)


def describe(value: Value) -> str:
    """Return, for people, what `value` is."""
    if not isinstance(value, Sym):
        return "a value"
    known = host_name(value)
    if known:
        return known[:80]
    match value.op:
        case "env":
            return f"environment variable {str(value.args[0])[:60]}"
        case "module":
            return f"require('{str(value.args[0])[:60]}')"
        case "get" if isinstance(value.args[1], str):
            return f"{describe(value.args[0])}.{value.args[1][:40]}"[:120]
        case "result":
            return f"{value.args[1]}()"[:120] if isinstance(value.args[1], str) else "the result of a call"
    return "an unknown value"
