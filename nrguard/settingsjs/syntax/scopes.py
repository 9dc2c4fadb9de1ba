"""Which names are declared where, and what the function being parsed allows: V8 refuses a file over either."""

from __future__ import annotations

from dataclasses import dataclass, field

from nrguard.settingsjs.syntax.errors import Refused

EVERYTHING = "*"
"""Stands among the names a function uses when it may use any: it holds `eval` or `with`."""

WRAPPER = frozenset({"exports", "require", "module", "__filename", "__dirname"})
"""The parameters of the function that Node makes of a CommonJS file."""

RESERVED = frozenset(
    (
        "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum",
        "export", "extends", "false", "finally", "for", "function", "if", "import", "in", "instanceof", "new", "null",
        "return", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with",
    )
)  # fmt: skip
_STRICT_RESERVED = frozenset(
    ("implements", "interface", "let", "package", "private", "protected", "public", "static", "yield")
)


@dataclass(slots=True, eq=False)
class Scope:
    """A block or the outermost scope of a function."""

    lexical: dict[str, str] = field(default_factory=dict)  # name -> "let", "const", "class", "function"
    variables: set[str] = field(default_factory=set)  # every `var` declared in it or passing through it
    params: set[str] = field(default_factory=set)  # of the function, or of a `catch`
    used: set[str] = field(default_factory=set)
    function: bool = False
    simple_catch: bool = False


@dataclass(slots=True, eq=False)
class Context:
    """What the function being parsed allows."""

    strict: bool = False
    is_async: bool = False
    generator: bool = False
    arrow: bool = False
    method: bool = False  # `super.x` may stand in it
    constructor: bool = False  # `super()` may stand in it
    new_target: bool = False
    in_field: bool = False  # an initializer of a class field, or a static block: no `arguments`
    static_block: bool = False
    own_this: bool = False
    labels: list[tuple[str, bool]] = field(default_factory=list)  # name, and whether it labels a loop
    loops: int = 0
    breakable: int = 0


class Scopes:
    """The scopes and functions that the parser stands in, innermost last."""

    __slots__ = ("contexts", "privates", "scopes")

    def __init__(self) -> None:
        self.scopes = [Scope(function=True, params=set(WRAPPER))]
        self.contexts = [Context(new_target=True)]
        self.privates: list[dict[str, int]] = []  # per open class: private names used and not declared -> where

    @property
    def context(self) -> Context:
        return self.contexts[-1]

    @property
    def strict(self) -> bool:
        return self.contexts[-1].strict

    def open(self, *, function: bool = False) -> Scope:
        scope = Scope(function=function)
        self.scopes.append(scope)
        return scope

    def close(self) -> Scope:
        """Leave the innermost scope; what it uses and does not declare, its parent uses."""
        scope = self.scopes.pop()
        free = scope.used - scope.lexical.keys() - scope.params
        if scope.function:
            free -= scope.variables
        self.scopes[-1].used |= free
        scope.used = free
        return scope

    def use(self, name: str) -> None:
        self.scopes[-1].used.add(EVERYTHING if name == "eval" else name)

    def use_anything(self) -> None:
        self.scopes[-1].used.add(EVERYTHING)

    def uses_this(self) -> None:
        """Note `this` or its like, for the function that has one of its own and the arrows between."""
        for context in reversed(self.contexts):
            context.own_this = True
            if not context.arrow:
                break

    def declare(self, kind: str, name: str, at: int) -> None:
        """Declare `name`; `kind` is "var", "let", "const", "class" or "function". Raise Refused on a clash."""
        if kind in ("let", "const", "class") and name == "let":
            raise Refused(at, '"let" can\'t be declared by let or const')
        scope = self.scopes[-1]
        if kind == "var" or (kind == "function" and scope.function):
            self._declare_variable(name, at, kind)
            return
        known = scope.lexical.get(name)
        twice = known is not None and not (kind == known == "function" and not self.strict)
        if twice or name in scope.variables or name in scope.params:
            raise _already(name, at)
        scope.lexical[name] = kind

    def _declare_variable(self, name: str, at: int, kind: str) -> None:
        for scope in reversed(self.scopes):
            if name in scope.lexical or (not scope.function and name in scope.params and not scope.simple_catch):
                raise _already(name, at)
            scope.variables.add(name)
            if scope.function:
                return
        raise AssertionError(kind)  # the outermost scope is a function's

    def check_binding(self, name: str, at: int) -> None:
        """Raise Refused unless `name` may be declared or assigned here."""
        if self.strict and name in ("eval", "arguments"):
            raise Refused(at, f'strict code can\'t declare or assign "{name}"')
        self.check_name(name, at)

    def check_name(self, name: str, at: int) -> None:
        """Raise Refused where `name` is a keyword."""
        context = self.contexts[-1]
        reserved = (
            name in RESERVED
            or (name in _STRICT_RESERVED and context.strict)
            or (name == "yield" and context.generator)
            or (name == "await" and (context.is_async or context.static_block or context.in_field))
        )
        if reserved:
            raise Refused(at, f'unexpected "{name}"')
        if name == "arguments" and context.in_field:
            raise Refused(at, '"arguments" can\'t stand in a class field')


def _already(name: str, at: int) -> Refused:
    return Refused(at, f'"{name[:40]}" is declared twice')
