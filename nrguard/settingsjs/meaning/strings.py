"""The methods of strings, for texts that every version of Unicode treats alike; a residual for all others."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.convert import is_primitive
from nrguard.settingsjs.meaning.objects import Declined, Known
from nrguard.settingsjs.meaning.run import Run
from nrguard.settingsjs.meaning.sequences import slice_bounds
from nrguard.settingsjs.meaning.values import UNDEFINED, Obj, Sym, Value, residual
from nrguard.settingsjs.syntax.tree import Node

Method = Callable[[str, Sequence[Value]], Value]


def _on_text(name: str, method: Method) -> Known:
    def ask(run: Run, this: Value, args: Sequence[Value], node: Node) -> Value:
        if not all(is_primitive(arg) or (isinstance(arg, Sym) and arg.tame) for arg in args):
            raise Declined
        if not isinstance(this, str):
            raise Declined
        if any(isinstance(arg, Sym) for arg in args) or not this.isascii():
            return Sym("text method", (name, this, *args), residual("", *args).on, None, tame=True)
        return method(this, args)

    return ask


def _text_arg(args: Sequence[Value], index: int) -> str:
    return convert.text(args[index] if index < len(args) else UNDEFINED)


def _split(text: str, args: Sequence[Value]) -> Value:
    if len(args) != 1 or not isinstance(args[0], str):
        raise Declined
    separator = args[0]
    return Obj(items=list(text.split(separator) if separator else text))


def _replace(text: str, args: Sequence[Value]) -> Value:
    wanted, new = _text_arg(args, 0), _text_arg(args, 1)
    if "$" in new:
        raise Declined
    return text.replace(wanted, new, 1)


def _replace_all(text: str, args: Sequence[Value]) -> Value:
    wanted, new = _text_arg(args, 0), _text_arg(args, 1)
    if "$" in new or not wanted or len(text) * (len(new) + 1) > convert.LONGEST_TEXT:
        raise Declined
    return text.replace(wanted, new)


def _slice(text: str, args: Sequence[Value]) -> Value:
    begin, end = slice_bounds(args, len(text))
    return text[begin:end]


def _substring(text: str, args: Sequence[Value]) -> Value:
    bounds = [0, len(text)]
    for index, arg in enumerate(args[:2]):
        if not isinstance(arg, float) or math.isnan(arg):
            raise Declined
        bounds[index] = int(min(max(arg, 0), len(text)))
    return text[min(bounds) : max(bounds)]


def _no_position(args: Sequence[Value]) -> None:
    if len(args) != 1:
        raise Declined


def _includes(text: str, args: Sequence[Value]) -> Value:
    _no_position(args)
    return _text_arg(args, 0) in text


def _starts(text: str, args: Sequence[Value]) -> Value:
    _no_position(args)
    return text.startswith(_text_arg(args, 0))


def _ends(text: str, args: Sequence[Value]) -> Value:
    _no_position(args)
    return text.endswith(_text_arg(args, 0))


def _index_of(text: str, args: Sequence[Value]) -> Value:
    _no_position(args)
    return float(text.find(_text_arg(args, 0)))


def _concat(text: str, args: Sequence[Value]) -> Value:
    joined = text + "".join(convert.text(arg) for arg in args)
    if len(joined) > convert.LONGEST_TEXT:
        raise Declined
    return joined


def _trim(text: str, args: Sequence[Value]) -> Value:
    return text.strip(convert.WHITE)


def _lower(text: str, args: Sequence[Value]) -> Value:
    return text.lower()


def _upper(text: str, args: Sequence[Value]) -> Value:
    return text.upper()


def _itself(text: str, args: Sequence[Value]) -> Value:
    return text


STRING_FUNCTIONS: dict[str, Known] = {
    f"String.prototype.{name}": _on_text(name, method) for name, method in (
        ("split", _split), ("replace", _replace), ("replaceAll", _replace_all), ("slice", _slice),
        ("substring", _substring), ("includes", _includes), ("startsWith", _starts), ("endsWith", _ends),
        ("indexOf", _index_of), ("concat", _concat), ("trim", _trim), ("toLowerCase", _lower),
        ("toUpperCase", _upper), ("toString", _itself), ("valueOf", _itself),
    )
}  # fmt: skip
