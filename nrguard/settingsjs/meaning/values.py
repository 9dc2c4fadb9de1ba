"""The values that code is followed over: JavaScript's own, and symbols for what only a running Node knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from nrguard.settingsjs.syntax.tree import Function, Node


class Undefined(Enum):
    UNDEFINED = "undefined"
    UNSET = "unset"  # a let or const before its declaration has run


UNDEFINED = Undefined.UNDEFINED
UNSET = Undefined.UNSET


@dataclass(slots=True, eq=False)
class Accessor:
    """A getter and a setter in the place of a value."""

    get: Func | None = None
    set: Func | None = None


@dataclass(slots=True, eq=False)
class Obj:
    """An object or an array (`items` is then its elements). `proto` None: no prototype; "Object": the usual one.

    `over` is the unknown value whose members may stand over the known ones that were there before (a spread of
    something unknown): what is missing may come from it. `host` names an object of Node's, such as `module`, whose
    members beyond the known ones are Node's as well.
    """

    props: dict[str, Slot] = field(default_factory=dict)
    items: list[Value] | None = None
    proto: Obj | str | None = "Object"
    where: dict[str, Node] = field(default_factory=dict)
    over: Sym | None = None
    host: str = ""
    frozen: bool = False
    sealed: bool = False
    readonly: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)  # members that are not enumerable: no copy takes them


@dataclass(slots=True, eq=False)
class Func:
    """A function of the file, with the scope that it was made in."""

    node: Function
    scope: Scope
    this: Value
    own: Obj = field(default_factory=Obj)


@dataclass(slots=True, eq=False)
class Sym:
    """A value that is not known, as the operation that gives it: `("env", ("PORT",))`.

    `on` says, for people, what it depends on. `sure` is its truth where that is known. `tame`: it comes from Node's own
    harmless functions, so that a method of it changes nothing. `unproven`: code that was not followed may have made it.
    """

    op: str
    args: tuple[Value, ...] = ()
    on: frozenset[str] = frozenset()
    sure: bool | None = None
    tame: bool = False
    unproven: bool = False
    weight: int = 1  # operations that it stands for: `a = a + a` doubles it


Value = None | bool | float | str | Undefined | Obj | Func | Sym
Slot = Value | Accessor


@dataclass(slots=True, eq=False)
class Scope:
    """The names of a function or a block."""

    names: dict[str, Value]
    parent: Scope | None = None
    constants: set[str] = field(default_factory=set)
    function: bool = False
    this: Value = UNDEFINED
    strict: bool = False
    silent: bool = False  # the scope of a function's own name: sloppy code may assign to it, in vain
    fixed: set[str] = field(default_factory=set)  # parameters, let and const: no function in a block replaces them


def host(name: str, *, sure: bool | None = True) -> Sym:
    """Return the symbol of something of Node's own: `host("require")`, `host("fs.readFileSync")`."""
    return Sym("host", (name,), frozenset(), sure, tame=True)


def is_host(value: object, name: str) -> bool:
    return isinstance(value, Sym) and value.op == "host" and value.args[0] == name


def host_name(value: object) -> str:
    """Return the dotted name of something of Node's own, "" for other values."""
    return str(value.args[0]) if isinstance(value, Sym) and value.op == "host" else ""


_HEAVIEST = 2_000


def residual(op: str, *args: Value) -> Sym:
    """Return the symbol of `op` over `args`, of which at least one is unknown."""
    unknown = [arg for arg in args if isinstance(arg, Sym)]
    weight = 1 + sum(arg.weight for arg in unknown)
    if weight > _HEAVIEST:
        raise Lost(0, "an unknown value that is put together of too many")
    return Sym(
        op, args, frozenset().union(*(arg.on for arg in unknown)), None,
        tame=all(arg.tame for arg in unknown), unproven=any(arg.unproven for arg in unknown), weight=weight,
    )  # fmt: skip


class Thrown(Exception):
    """The code throws `value`."""

    def __init__(self, value: Value, at: int, what: str) -> None:
        super().__init__(what)
        self.value = value
        self.at = at
        self.what = what


class Exits(Exception):
    """The code ends the process."""

    def __init__(self, at: int) -> None:
        super().__init__("process.exit")
        self.at = at


class Lost(Exception):
    """The code can't be followed: from here on anything may have happened. `at` is a character offset."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at = at
        self.why = why
