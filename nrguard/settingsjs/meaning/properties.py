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
    residual,
)

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
HARMLESS_METHODS = _STRING_METHODS | {"getFullYear", "getTime", "join", "toFixed", "toISOString", "toString", "valueOf"}
"""Methods, of texts above all, that change nothing, whatever they are methods of."""
_NEW_METHODS = frozenset(
    (
        "at", "findLast", "findLastIndex", "flat", "flatMap", "isWellFormed", "matchAll", "replaceAll", "toReversed",
        "toSorted", "toSpliced", "toWellFormed", "trimEnd", "trimStart", "with",
    )
)  # fmt: skip
"""Methods that some Node between 10 and 24 does not have."""
_NUMBER_METHODS = frozenset(("toExponential", "toFixed", "toPrecision"))
_FUNCTION_METHODS = frozenset(("apply", "bind", "call", "constructor", "arguments", "caller"))
_SURE = frozenset(
    (
        "Array.isArray", "JSON.parse", "JSON.stringify", "Math.abs", "Math.ceil", "Math.floor", "Math.max", "Math.min",
        "Math.random", "Math.round", "Math.trunc", "Number.isInteger", "Number.parseFloat", "Number.parseInt",
        "Object.assign", "Object.create", "Object.defineProperty", "Object.entries", "Object.freeze", "Object.keys",
        "Object.prototype", "Object.seal", "Object.setPrototypeOf", "Object.values", "console.error", "console.info",
        "console.log", "console.warn", "fs.existsSync", "fs.readFileSync", "os.hostname", "path.join", "path.resolve",
        "process.argv", "process.env", "process.exit", "process.platform", "process.version", "process.versions",
    )
)  # fmt: skip
_KNOWN_SYMBOLS = frozenset(
    f"Symbol.{name}"
    for name in (
        "asyncIterator", "hasInstance", "isConcatSpreadable", "iterator", "match", "matchAll", "replace", "search",
        "species", "split", "toPrimitive", "toStringTag", "unscopables", "dispose", "asyncDispose",
    )
)  # fmt: skip
LONGEST = 10_000  # elements of an array


def key_of(value: Value, at: int) -> str | Sym:
    """Return the property key that `value` converts to; a symbol where it is unknown."""
    if isinstance(value, Sym):
        if value.op == "symbol":
            return f"@@{value.args[0]}"
        name = host_name(value)
        return f"@@{name[7:]}" if name in _KNOWN_SYMBOLS else value
    try:
        key = text(value)
    except NotPrimitive as error:
        raise Lost(at, "a computed key that can't be known") from error
    if key.startswith("@@"):
        raise Lost(at, "a key that looks like a symbol")
    return key


def settle(run: Run, value: Value, at: int) -> Value:
    """Return `value`, or, where it is one of several objects, the one that this walk takes."""
    value = run.solid(value)
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
        return host(f"{kind}.prototype.{name}", sure=None if name in _NEW_METHODS else True)
    return host(kind) if name == "constructor" else UNDEFINED


def _get_from_object(run: Run, base: Obj, name: str, at: int) -> Value:
    link: Obj | str | None = base
    last = base
    while isinstance(link, Obj):
        found, value = _own(run, link, base, name, at)
        if found:
            return value
        last, link = link, link.proto
    if name == "__proto__":
        return _proto(base)
    if link == "Object":
        return _builtin(last, name)
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
        return host(f"Array.prototype.{name}", sure=None if name in _NEW_METHODS else True)
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
        if base.sure is None and run.may_throw(base, at):
            raise Thrown(UNDEFINED, at, f"{known} may not be there")
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
    if value is None and (name in _OBJECT_METHODS or name in ("constructor", "__proto__")):
        return host(f"Object.prototype.{name}")
    return UNDEFINED if value is None else value


def index_of(name: str) -> int | None:
    """Return the array index that the key `name` is, if it is one."""
    if name.isascii() and name.isdigit() and (name == "0" or name[0] != "0") and len(name) < 10:
        return int(name)
    return None
