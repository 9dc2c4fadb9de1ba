"""The possible values of a setting that depends on the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from nrguard.settingsjs.meaning import convert
from nrguard.settingsjs.meaning.convert import NotPrimitive
from nrguard.settingsjs.meaning.library import parse_float, parse_int
from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Obj, Sym, Value, residual
from nrguard.settingsjs.syntax.lexis import well_paired

_MOST = 64
_DEEPEST = 60
_BINARY = frozenset(
    ("+", "-", "*", "/", "%", "**", "<", ">", "<=", ">=", "===", "!==", "==", "!=", "&", "|", "^", "<<", ">>", ">>>")
)


class _TooMany(Exception):
    pass


def possible_values(value: Value) -> tuple[Value, ...] | None:
    """Return every value that `value` can have; an unknown one stands for what a variable may hold. None: too many."""
    variables: dict[str, set[str]] = {}
    try:
        _collect(value, variables, set(), 0)
        domains = [_domain(name, texts) for name, texts in sorted(variables.items())]
        count = 1
        for domain in domains:
            count *= len(domain)
        if count > _MOST:
            return None
        return tuple(
            _Case(dict(zip(sorted(variables), choice, strict=True))).replace(value, 0) for choice in product(*domains)
        )
    except _TooMany:
        return None


def _domain(name: str, texts: set[str]) -> list[Value]:
    other = Sym("env", (name, *sorted(texts)), frozenset({name}), True, tame=True)  # another text, and not an empty one
    return [UNDEFINED, "", *sorted(texts - {""}), other]


def _collect(value: object, variables: dict[str, set[str]], seen: set[int], depth: int) -> None:
    """Find the variables in `value`, and the texts that they are compared with."""
    if depth > _DEEPEST:
        raise _TooMany
    if id(value) in seen:
        return
    if isinstance(value, (Obj, Sym)):
        seen.add(id(value))
    if isinstance(value, Obj):
        for slot in [*(value.items or ()), *value.props.values()]:
            _collect(slot, variables, seen, depth + 1)
    elif isinstance(value, Sym):
        if value.op == "env":
            variables.setdefault(str(value.args[0]), set())
        for arg in value.args:
            _collect(arg, variables, seen, depth + 1)
        _collect_compared(value, variables)


def _collect_compared(value: Sym, variables: dict[str, set[str]]) -> None:
    if value.op not in _BINARY or len(value.args) != 2:
        return
    for one, other in (value.args, value.args[::-1]):
        if isinstance(one, Sym) and one.op == "env" and isinstance(other, str):
            variables.setdefault(str(one.args[0]), set()).add(other)


@dataclass(slots=True, eq=False)
class _Case:
    """One choice of a value for each variable. What is replaced once stays so: a value may hold itself."""

    chosen: Mapping[str, Value]
    made: dict[int, Value] = field(default_factory=dict)

    def replace(self, value: Value, depth: int) -> Value:
        """Return `value` with the variables replaced; deep inside it they stay unknown."""
        if not isinstance(value, (Obj, Sym)) or depth > _DEEPEST:
            return value
        if id(value) not in self.made:
            if isinstance(value, Obj):
                self._object(value, depth + 1)
            else:
                self.made[id(value)] = self._symbol(value, depth + 1)
        return self.made[id(value)]

    def _object(self, value: Obj, depth: int) -> None:
        copy = replace(value, props={}, items=None)
        self.made[id(value)] = copy  # before it is whole: it may hold itself
        copy.props = {
            name: self.replace(slot, depth) if isinstance(slot, (Obj, Sym)) else slot
            for name, slot in value.props.items()
        }
        if value.items is not None:
            copy.items = [self.replace(item, depth) for item in value.items]

    def _symbol(self, value: Sym, depth: int) -> Value:
        if value.op == "env":
            return self.chosen[str(value.args[0])]
        if value.op in ("?:", "||", "&&", "??"):
            return self._choose(value, depth)
        args = tuple(self.replace(arg, depth) for arg in value.args)
        if any(isinstance(arg, Sym) for arg in args):
            return _compared(value.op, args) if value.op in _BINARY else residual(value.op, *args)
        try:
            return _apply(value, args)
        except NotPrimitive:
            return residual(value.op, *args)

    def _choose(self, value: Sym, depth: int) -> Value:
        first = self.replace(value.args[0], depth)
        known = convert.nullish(first) if value.op == "??" else convert.truth(first)
        rest = [self.replace(arg, depth) for arg in value.args[1:]]
        if known is None:
            return residual(value.op, first, *rest)
        if value.op == "?:":
            return rest[0] if known else rest[1]
        goes_on = known if value.op in ("??", "&&") else not known
        return rest[0] if goes_on else first


def _compared(op: str, args: tuple[Value, ...]) -> Value:
    """Compare what is some other text with one of the texts that it is not, or with no text at all."""
    for one, other in (args, args[::-1]):
        if not isinstance(one, Sym) or one.op != "env" or not one.sure or op not in ("===", "!==", "==", "!="):
            continue
        if other is None or other is UNDEFINED or other == "" or (isinstance(other, str) and other in one.args[1:]):
            return op[0] == "!"
    return residual(op, *args)


_FUNCTIONS: dict[str, Callable[[tuple[Value, ...]], Value]] = {
    "!": lambda args: not convert.truth(args[0]),
    "typeof": lambda args: convert.type_of(args[0]) or "object",
    "unary -": lambda args: -convert.number(args[0]),
    "unary +": lambda args: convert.number(args[0]),
    "unary ~": lambda args: float(~convert.int32(convert.number(args[0]))),
    "Number": lambda args: convert.number(args[0]),
    "String": lambda args: convert.text(args[0]),
    "Boolean": lambda args: bool(convert.truth(args[0])),
    "parseInt": lambda args: parse_int(convert.text(args[0]), convert.number(args[1]) if len(args) > 1 else 0.0),
    "parseFloat": lambda args: parse_float(convert.text(args[0])),
    "nullish": lambda args: bool(convert.nullish(args[0])),
    "defined": lambda args: args[0] is not UNDEFINED,
    "text": lambda args: well_paired("".join(convert.text(arg) for arg in args)),
}


def _apply(value: Sym, args: tuple[Value, ...]) -> Value:
    if value.op in _BINARY:
        return convert.binary(value.op, *args)
    function = _FUNCTIONS.get(value.op)
    if function is None or any(isinstance(arg, Func) for arg in args):
        return Sym(value.op, args, value.on, value.sure, value.tame, value.unproven)
    return function(args)
