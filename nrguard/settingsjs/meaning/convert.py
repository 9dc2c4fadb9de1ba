"""JavaScript's conversions and operators over known values, to the letter; over unknown ones a residual."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Obj, Sym, Undefined, Value, host_name, residual
from nrguard.settingsjs.syntax.lexis import LINE_ENDS, SPACES, well_paired

DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BASED = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
WHITE = SPACES + LINE_ENDS
NAN = float("nan")
LONGEST_TEXT = 100_000  # characters that code may put together


class NotPrimitive(Exception):
    """An object stands where only its own code could tell its primitive value."""


def is_primitive(value: Value) -> bool:
    return value is None or isinstance(value, (bool, float, str, Undefined))


def truth(value: Value) -> bool | None:
    """Return whether `value` counts as true; None: unknown."""
    if isinstance(value, Sym):
        return value.sure
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    if isinstance(value, str):
        return bool(value)
    if value is None or value is UNDEFINED:
        return False
    return value if isinstance(value, bool) else True


def nullish(value: Value) -> bool | None:
    """Return whether `value` is null or undefined; None: unknown."""
    if isinstance(value, Sym):
        return False if value.sure else None
    return value is None or value is UNDEFINED


def number_text(value: float) -> str:
    """Return a number as JavaScript writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if abs(value) < 2**53 and value == int(value):
        return str(int(value))
    sign = "-" if value < 0 else ""
    digits_tuple = Decimal(repr(abs(value))).as_tuple()
    digits = "".join(map(str, digits_tuple.digits)).rstrip("0")
    point = len(digits_tuple.digits) + int(digits_tuple.exponent)
    if 0 < point <= 21:
        return f"{sign}{digits[:point].ljust(point, '0')}" + (f".{digits[point:]}" if digits[point:] else "")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if digits[1:] else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def text(value: Value) -> str:
    """Return the string that a known `value` converts to. Raise NotPrimitive."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, Obj):
        return _object_text(value)
    raise NotPrimitive


def _object_text(value: Obj) -> str:
    plain = value.over is None and not value.host and not isinstance(value.proto, Obj) and value.proto is not None
    if not plain or {"toString", "valueOf", "join", "@@toPrimitive", "@@toStringTag"} & value.props.keys():
        raise NotPrimitive
    if value.items is None:
        return "[object Object]"
    return ",".join("" if item is None or item is UNDEFINED else _item_text(item) for item in value.items)


def _item_text(item: Value) -> str:
    if isinstance(item, (Obj, Sym, Func)):
        raise NotPrimitive
    return text(item)


def number(value: Value) -> float:
    """Return the number that a known `value` converts to. Raise NotPrimitive."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if value is None:
        return 0.0
    if value is UNDEFINED:
        return NAN
    return _parsed(text(value).strip(WHITE))


def _parsed(trimmed: str) -> float:
    if not trimmed:
        return 0.0
    if _BASED.fullmatch(trimmed):
        base = {"x": 16, "o": 8, "b": 2}[trimmed[1].lower()]
        return float(int(trimmed[2:], base)) if len(trimmed) < 200 else math.inf
    if DECIMAL.fullmatch(trimmed):
        return float(trimmed)
    return {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}.get(trimmed, NAN)


def type_of(value: Value) -> str | None:
    """Return what `typeof` gives; None: unknown."""
    if isinstance(value, Sym):
        return _type_of_symbol(value)
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    if value is UNDEFINED:
        return "undefined"
    return "function" if isinstance(value, Func) else "object"


def _type_of_symbol(value: Sym) -> str | None:
    if value.op in ("dir", "text"):
        return "string"
    if host_name(value) in ("require", "Object", "Array", "String", "Number", "Boolean", "parseInt", "parseFloat"):
        return "function"
    if host_name(value) in ("process", "console", "Math", "JSON", "process.env"):
        return "object"
    return None


def strictly_equal(left: Value, right: Value) -> bool | None:
    """Return `left === right`; None: unknown."""
    if isinstance(left, Sym) or isinstance(right, Sym):
        return _equal_symbols(left, right)
    if isinstance(left, (Obj, Func)) or isinstance(right, (Obj, Func)):
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return type(left) is type(right) and left == right


def _equal_symbols(left: Value, right: Value) -> bool | None:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Sym) and one.op in ("dir", "text") and isinstance(other, (float, bool, Undefined)):
            return False
        if isinstance(one, Sym) and one.sure and (other is None or other is UNDEFINED or other is False):
            return False
    return None


def loosely_equal(left: Value, right: Value) -> bool | None:
    """Return `left == right`; None: unknown. Raise NotPrimitive."""
    if isinstance(left, Sym) or isinstance(right, Sym):
        if any(side is None or side is UNDEFINED for side in (left, right)):
            return nullish(left if isinstance(left, Sym) else right)
        return None
    if nullish(left) or nullish(right):
        return bool(nullish(left) and nullish(right))
    objects = [isinstance(side, (Obj, Func)) for side in (left, right)]
    if all(objects):
        return left is right
    if any(objects):
        return loosely_equal(*(text(side) if isinstance(side, (Obj, Func)) else side for side in (left, right)))
    if type(left) is type(right):
        return left == right
    return number(left) == number(right)


def binary(op: str, left: Value, right: Value) -> Value:
    """Apply a binary operator (not `in`, not `instanceof`). Raise NotPrimitive."""
    if op in ("===", "!==", "==", "!="):
        same = strictly_equal(left, right) if len(op) == 3 else loosely_equal(left, right)
        return residual(op, left, right) if same is None else same == (op[0] == "=")
    if isinstance(left, Sym) or isinstance(right, Sym):
        if not all(isinstance(side, Sym) or is_primitive(side) for side in (left, right)):
            raise NotPrimitive
        return residual(op, left, right)
    if op == "+":
        return _plus(left, right)
    if op in ("<", ">", "<=", ">="):
        return _compare(op, left, right)
    if op == "**":
        return _power(number(left), number(right))
    return _arithmetic(op, number(left), number(right))


def _plus(left: Value, right: Value) -> Value:
    sides = [text(side) if isinstance(side, (Obj, Func)) else side for side in (left, right)]
    if isinstance(sides[0], str) or isinstance(sides[1], str):
        joined = text(sides[0]) + text(sides[1])
        if len(joined) > LONGEST_TEXT:
            raise NotPrimitive
        return well_paired(joined)
    return number(sides[0]) + number(sides[1])


def _compare(op: str, left: Value, right: Value) -> bool:
    sides = [text(side) if isinstance(side, (Obj, Func)) else side for side in (left, right)]
    a: str | float | bytes
    b: str | float | bytes
    if isinstance(sides[0], str) and isinstance(sides[1], str):
        a, b = (str(side).encode("utf-16-be", "surrogatepass") for side in sides)  # by code units, as JavaScript does
        return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
    x, y = number(sides[0]), number(sides[1])
    return {"<": x < y, ">": x > y, "<=": x <= y, ">=": x >= y}[op]


def _arithmetic(op: str, a: float, b: float) -> float:
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "/":
        return _divide(a, b)
    if op == "%":
        return _remainder(a, b)
    return _bitwise(op, a, b)


def _divide(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a) or math.isnan(b):
        return NAN
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _remainder(a: float, b: float) -> float:
    if b == 0 or math.isinf(a) or math.isnan(a) or math.isnan(b):
        return NAN
    return math.fmod(a, b)


def _power(a: float, b: float) -> Value:
    """Raise whole numbers to small powers; for all others the last digit is up to the engine."""
    if math.isfinite(a) and a == int(a) and 0 <= b <= 64 and b == int(b) and abs(int(a) ** int(b)) < 2**53:
        return float(int(a) ** int(b))
    return Sym("power", (a, b), tame=True)


def _bitwise(op: str, a: float, b: float) -> float:
    x, y = int32(a), int32(b)
    shift = y & 31
    if op == ">>>":
        return float((x & 0xFFFFFFFF) >> shift)
    whole = {"&": x & y, "|": x | y, "^": x ^ y, "<<": x << shift, ">>": x >> shift}[op]
    return float(_signed(whole))


def int32(value: float) -> int:
    if math.isnan(value) or math.isinf(value):
        return 0
    return _signed(int(value))


def _signed(whole: int) -> int:
    whole &= 0xFFFFFFFF
    return whole - 0x100000000 if whole >= 0x80000000 else whole
