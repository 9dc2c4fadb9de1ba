"""Node's harmless functions: what they give for known values, and a residual for unknown ones."""

from __future__ import annotations

import json
import math
import posixpath
from collections.abc import Callable, Sequence

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.convert import is_primitive
from nrguard.settingsjs.meaning.digest import digest
from nrguard.settingsjs.meaning.modules import file_path
from nrguard.settingsjs.meaning.objects import OBJECT_FUNCTIONS, Declined
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.sequences import ARRAY_FUNCTIONS
from nrguard.settingsjs.meaning.strings import STRING_FUNCTIONS
from nrguard.settingsjs.meaning.values import UNDEFINED, Accessor, Func, Obj, Sym, Thrown, Value, residual
from nrguard.settingsjs.syntax.lexis import well_paired
from nrguard.settingsjs.syntax.tree import Node

Known = Callable[[Run, Value, Sequence[Value], Node], Value]


def _only_primitives(args: Sequence[Value]) -> None:
    if not all(is_primitive(arg) or (isinstance(arg, Sym) and arg.tame) for arg in args):
        raise Declined


def _unknown(args: Sequence[Value]) -> bool:
    return any(isinstance(arg, Sym) for arg in args)


def _told(name: str) -> Known:
    """Make a function whose result only the running Node knows, and that changes nothing."""
    steady = name in _STEADY or name.startswith(("path.", "encode", "decode"))

    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        _only_primitives(args)
        on = frozenset({f"{name}()"}).union(*(arg.on for arg in args if isinstance(arg, Sym)))
        return Sym("told", (name, *args), on, None, tame=True) if steady else run.ask(name, args, on)

    return ask


def _read_file(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _read_options(args)
    path = file_path(args[0]) if args else None
    where = path if path is not None else args[0] if args else UNDEFINED
    on = args[0].on if args and isinstance(args[0], Sym) else frozenset()
    file = Sym("read", (where, *args[1:]), on, True if len(args) == 1 else None, tame=True)
    if run.may_throw(file, node.start):
        raise Thrown(UNDEFINED, node.start, "the file may not be there")
    return file


def _read_options(args: Sequence[Value]) -> None:
    for arg in args[1:]:
        if isinstance(arg, Obj) and all(is_primitive(slot) for slot in arg.props.values()):  # type: ignore[arg-type]
            continue
        _only_primitives([arg])
    _only_primitives(args[:1])


def _look_at_file(name: str) -> Known:
    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        _only_primitives(args)
        path = file_path(args[0]) if args else None
        seen = run.ask(name, args, frozenset({f"{name}({path or '…'})"}))
        if name != "fs.existsSync" and run.may_throw(seen, node.start):
            raise Thrown(UNDEFINED, node.start, "the file may not be there")
        return seen

    return ask


def _join(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if _unknown(args):
        return _join_unknown(args)
    if not all(isinstance(arg, str) for arg in args):
        raise Thrown(UNDEFINED, node.start, "TypeError: a path that is no string")
    return _normal("/".join(str(arg) for arg in args if arg))


def _join_unknown(args: Sequence[Value]) -> Value:
    first, *rest = args
    path = file_path(first)
    if path is None or not path.startswith("__dirname") or not all(isinstance(arg, str) for arg in rest):
        return residual("joined", *args)
    whole = posixpath.normpath("/".join([path, *(str(arg) for arg in rest if arg)]))
    if not whole.startswith("__dirname"):  # it climbed above
        return residual("joined", *args)
    base = Sym("dir", (), sure=True, tame=True)
    return Sym("text", (base, whole.removeprefix("__dirname")), frozenset(), True, tame=True)


def _normal(path: str) -> str:
    if not path:
        return "."
    normal = posixpath.normpath(path)
    normal = "/" + normal.lstrip("/") if path.startswith("/") else normal
    return normal + "/" if path.endswith("/") and not normal.endswith("/") else normal


def _resolve(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if args and all(isinstance(arg, str) for arg in args):
        whole = ""
        for arg in reversed(args):
            whole = f"{arg}/{whole}" if whole else str(arg)
            if whole.startswith("/"):
                return _normal(whole).rstrip("/") or "/"
    if args and isinstance(args[0], Sym) and not any(isinstance(a, str) and a.startswith("/") for a in args[1:]):
        return _join_unknown(args)
    return residual("resolved", run.ask("process.cwd", (), frozenset({"process.cwd()"})), *args)


def _number(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    if not args:
        return 0.0
    return residual("Number", args[0]) if isinstance(args[0], Sym) else convert.number(args[0])


def _string(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    if not args:
        return ""
    return residual("String", args[0]) if isinstance(args[0], Sym) else convert.text(args[0])


def _boolean(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    value = args[0] if args else UNDEFINED
    known = convert.truth(value)
    return residual("Boolean", value) if known is None else known


def _parse_int(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if _unknown(args):
        return residual("parseInt", *args)
    return parse_int(convert.text(args[0] if args else UNDEFINED), convert.number(args[1]) if len(args) > 1 else 0.0)


def parse_int(text: str, radix: float) -> float:
    """Return what JavaScript's parseInt gives."""
    rest = text.lstrip(convert.WHITE)
    sign = -1.0 if rest.startswith("-") else 1.0
    rest = rest[1:] if rest[:1] in ("-", "+") else rest
    base = convert.int32(radix)
    if base not in range(2, 37) and base != 0:
        return convert.NAN
    if base in (0, 16) and rest[:2].lower() == "0x":
        rest, base = rest[2:], 16
    base = base or 10
    digits = 0
    while digits < len(rest) and rest[digits].isascii() and rest[digits].isalnum() and int(rest[digits], 36) < base:
        digits += 1
    if not digits:
        return convert.NAN
    if digits > 300 or (digits > 10 and base not in (2, 4, 8, 10, 16, 32)):
        raise Declined  # the last digits are up to the engine
    return sign * float(int(rest[:digits], base))


def _parse_float(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if _unknown(args):
        return residual("parseFloat", *args)
    return parse_float(convert.text(args[0] if args else UNDEFINED))


def parse_float(text: str) -> float:
    """Return what JavaScript's parseFloat gives."""
    trimmed = text.strip(convert.WHITE)
    for name, value in (("Infinity", math.inf), ("+Infinity", math.inf), ("-Infinity", -math.inf)):
        if trimmed.startswith(name):
            return value
    match = convert.DECIMAL.match(trimmed)
    return float(match[0]) if match else convert.NAN


def _is_nan(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if _unknown(args):
        return residual("isNaN", *args)
    return math.isnan(convert.number(args[0] if args else UNDEFINED))


def _is_integer(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    if _unknown(args):
        return residual("isInteger", *args)
    value = args[0] if args else UNDEFINED
    return isinstance(value, float) and math.isfinite(value) and value == int(value)


def _math(name: str, apply: Callable[[float], float]) -> Known:
    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        _only_primitives(args)
        if _unknown(args):
            return residual(f"Math.{name}", *args)
        value = convert.number(args[0] if args else UNDEFINED)
        if not math.isfinite(value):
            return abs(value) if name == "abs" else value
        result = apply(value)
        return math.copysign(result, value) if result == 0 and name != "abs" else result  # -0 stays what it is

    return ask


def _extreme(name: str) -> Known:
    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        _only_primitives(args)
        if _unknown(args):
            return residual(f"Math.{name}", *args)
        values = [convert.number(arg) for arg in args]
        if any(math.isnan(value) for value in values):
            return convert.NAN
        sign = 1.0 if name == "max" else -1.0
        return sign * max([-math.inf, *(sign * value for value in values)], key=lambda v: (v, math.copysign(1.0, v)))

    return ask


def _json_parse(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    if len(args) != 1:
        raise Declined
    source = args[0]
    if isinstance(source, Sym):
        value = residual("JSON.parse", source)
        if run.may_throw(value, node.start):
            raise Thrown(UNDEFINED, node.start, "what is parsed may be no JSON")
        return value
    try:
        parsed = json.loads(convert.text(source), parse_constant=_no_constant, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise Thrown(UNDEFINED, node.start, "SyntaxError: no JSON") from error
    return from_json(parsed)


def _no_constant(name: str) -> float:
    raise ValueError(name)


def from_json(data: object) -> Value:
    """Return the value that JSON data stands for."""
    if isinstance(data, dict):
        if any(key.startswith("@@") for key in data):
            raise Declined  # it would look like a symbol
        return Obj({well_paired(key): from_json(item) for key, item in data.items()})
    if isinstance(data, list):
        return Obj(items=[from_json(item) for item in data])
    if isinstance(data, str):
        return well_paired(data)
    return data if data is None or isinstance(data, (bool, float)) else UNDEFINED


def _json_text(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    if len(args) != 1 or not plain_data(args[0]):
        raise Declined
    return Sym("JSON.stringify", (digest(run.program, args[0]), args[0]), tame=True)


def plain_data(value: Value, seen: set[int] | None = None, depth: int = 0) -> bool:
    """Is `value` made of data only, so that looking at it runs no code?"""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return True
    seen.add(id(value))
    if is_primitive(value) or (isinstance(value, Sym) and value.tame and value.op != "host"):
        return True
    if not isinstance(value, Obj) or value.over is not None or value.host or value.proto != "Object" or depth > 50:
        return False
    slots = [*(value.items or ()), *value.props.values()]
    return "toJSON" not in value.props and all(
        not isinstance(slot, (Func, Accessor)) and plain_data(slot, seen, depth + 1) for slot in slots
    )


def _print(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    if not all(plain_data(arg) for arg in args):
        raise Declined
    run.changes(node.start)
    return UNDEFINED


def _symbol(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    run.symbols += 1  # each call gives another one
    return Sym("symbol", (float(run.symbols),), sure=True, tame=True)


def _object_of(name: str) -> Known:
    def make(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        if not all(plain_data(arg) for arg in args):
            raise Declined
        run.asked[f"new {name}"] += name == "Date"  # each is another time
        now = float(run.asked[f"new {name}"])
        return Sym("new", (name, now, *(digest(run.program, arg) for arg in args), *args), sure=True, tame=True)

    return make


def _error(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
    _only_primitives(args)
    return Sym("error", tuple(args), sure=True, tame=True)


_STEADY = frozenset(("os.hostname", "os.homedir", "os.tmpdir", "os.platform", "os.type", "os.arch", "process.getuid"))
_READS_OF_FILES = ("existsSync", "statSync", "lstatSync", "readdirSync", "accessSync")
_TOLD = (
    "os.hostname", "os.homedir", "os.tmpdir", "os.platform", "os.type", "os.release", "os.arch", "os.cpus",
    "os.uptime", "os.totalmem", "os.freemem", "os.loadavg", "os.networkInterfaces", "os.userInfo", "os.endianness",
    "process.cwd", "process.uptime", "process.hrtime", "process.memoryUsage", "process.getuid", "process.getgid",
    "Math.random", "Date.now", "Date", "crypto.randomBytes", "crypto.createHash", "crypto.createHmac",
    "crypto.randomUUID", "path.dirname", "path.basename", "path.extname", "path.normalize", "path.isAbsolute",
    "path.relative", "encodeURIComponent", "decodeURIComponent", "encodeURI", "Buffer.from", "util.format",
    "url.parse",
)  # fmt: skip

FUNCTIONS: dict[str, Known] = {
    **OBJECT_FUNCTIONS, **ARRAY_FUNCTIONS, **STRING_FUNCTIONS,
    "fs.readFileSync": _read_file, "path.join": _join, "path.resolve": _resolve, "path.posix.join": _join,
    "Number": _number, "String": _string, "Boolean": _boolean, "parseInt": _parse_int, "Number.parseInt": _parse_int,
    "parseFloat": _parse_float, "Number.parseFloat": _parse_float, "isNaN": _is_nan, "Number.isInteger": _is_integer,
    "Math.floor": _math("floor", lambda value: float(math.floor(value))),
    "Math.ceil": _math("ceil", lambda value: float(math.ceil(value))),
    "Math.round": _math("round", lambda value: float(math.floor(value) + (value - math.floor(value) >= 0.5))),
    "Math.trunc": _math("trunc", lambda value: float(math.trunc(value))),
    "Math.abs": _math("abs", abs), "Math.max": _extreme("max"), "Math.min": _extreme("min"),
    "JSON.parse": _json_parse, "JSON.stringify": _json_text, "Symbol": _symbol,
    **{f"console.{name}": _print for name in ("log", "info", "warn", "error", "debug")},
    **{f"fs.{name}": _look_at_file(f"fs.{name}") for name in _READS_OF_FILES},
    **{name: _told(name) for name in _TOLD},
}  # fmt: skip
"""By their dotted names, as `require` and the globals give them."""

CONSTRUCTORS: dict[str, Known] = {
    **{name: _object_of(name) for name in ("Map", "Set", "WeakMap", "WeakSet", "Date", "URL", "URLSearchParams")},
    **dict.fromkeys(("Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError"), _error),
}  # fmt: skip

__all__ = ["CONSTRUCTORS", "FUNCTIONS", "Declined", "Known"]
