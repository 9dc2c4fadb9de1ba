"""The syntax tree: one class per production. `start` and `end` are character offsets into the source text.

Not frozen: a tree is built once, by the parser, and freezing costs more than the rest of a node. Patterns are built
from the same classes as the expressions that they look like (Array, Object, Assign with "=", Spread).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Node:
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Name(Node):
    name: str


@dataclass(slots=True, eq=False)
class Literal(Node):
    value: str | float | bool | None


@dataclass(slots=True, eq=False)
class BigInt(Node):
    text: str


@dataclass(slots=True, eq=False)
class Regex(Node):
    text: str


@dataclass(slots=True, eq=False)
class Template(Node):
    chunks: tuple[str | None, ...]  # cooked; None: an escape that only a tag may see
    parts: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Tagged(Node):
    tag: Node
    template: Template


@dataclass(slots=True, eq=False)
class Array(Node):
    items: tuple[Node | None, ...]  # None: a hole


@dataclass(slots=True, eq=False)
class Property(Node):
    """A member of an object or a class. `key` is None for a spread, whose operand is `value`."""

    kind: str  # "value", "short", "method", "get", "set", "spread", "cover" (`{a = 1}`), "field", "block"
    key: Node | None
    computed: bool
    value: Node | None
    static: bool = False


@dataclass(slots=True, eq=False)
class Object(Node):
    members: tuple[Property, ...]


@dataclass(slots=True, eq=False)
class Function(Node):
    """`refs` are the names that the function and those inside it use and do not declare."""

    name: str
    params: tuple[Node, ...]
    body: tuple[Node, ...]
    expression: bool  # an arrow whose body is the one expression in `body`
    arrow: bool
    is_async: bool
    generator: bool
    strict: bool
    method: bool
    refs: frozenset[str] = frozenset()
    own_this: bool = False  # `this`, `super`, `arguments` or `new.target` occurs in it
    variables: frozenset[str] = frozenset()
    declared: bool = False  # a declaration, bound where it stands


@dataclass(slots=True, eq=False)
class Class(Node):
    name: str
    heritage: Node | None
    members: tuple[Property, ...]
    declared: bool = False


@dataclass(slots=True, eq=False)
class Unary(Node):
    op: str
    operand: Node


@dataclass(slots=True, eq=False)
class Update(Node):
    op: str
    prefix: bool
    target: Node


@dataclass(slots=True, eq=False)
class Binary(Node):
    op: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Logical(Node):
    op: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False)
class Assign(Node):
    op: str
    target: Node
    value: Node


@dataclass(slots=True, eq=False)
class Conditional(Node):
    test: Node
    yes: Node
    no: Node


@dataclass(slots=True, eq=False)
class Call(Node):
    callee: Node
    args: tuple[Node, ...]
    optional: bool = False


@dataclass(slots=True, eq=False)
class New(Node):
    callee: Node
    args: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Dot(Node):
    target: Node
    name: str
    optional: bool = False


@dataclass(slots=True, eq=False)
class Index(Node):
    target: Node
    key: Node
    optional: bool = False


@dataclass(slots=True, eq=False)
class Chain(Node):
    """Where a chain with `?.` in it ends: a nullish link gives undefined for the whole."""

    inner: Node


@dataclass(slots=True, eq=False)
class Sequence(Node):
    items: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Spread(Node):
    operand: Node


@dataclass(slots=True, eq=False)
class This(Node):
    pass


@dataclass(slots=True, eq=False)
class Opaque(Node):
    """An expression that is never followed: super, new.target, yield, await, import(), a private name."""

    what: str
    inner: Node | None = None


@dataclass(slots=True, eq=False)
class Variables(Node):
    kind: str  # "var", "let", "const"
    bindings: tuple[tuple[Node, Node | None], ...]


@dataclass(slots=True, eq=False)
class Expression(Node):
    value: Node
    directive: bool = False


@dataclass(slots=True, eq=False)
class Block(Node):
    body: tuple[Node, ...]


@dataclass(slots=True, eq=False)
class Empty(Node):
    pass


@dataclass(slots=True, eq=False)
class If(Node):
    test: Node
    yes: Node
    no: Node | None


@dataclass(slots=True, eq=False)
class For(Node):
    init: Node | None
    test: Node | None
    update: Node | None
    body: Node


@dataclass(slots=True, eq=False)
class ForEach(Node):
    kind: str  # "in", "of", "await"
    left: Node
    right: Node
    body: Node


@dataclass(slots=True, eq=False)
class While(Node):
    test: Node
    body: Node
    test_last: bool = False


@dataclass(slots=True, eq=False)
class Return(Node):
    value: Node | None


@dataclass(slots=True, eq=False)
class Jump(Node):
    kind: str  # "break", "continue"
    label: str


@dataclass(slots=True, eq=False)
class Throw(Node):
    value: Node


@dataclass(slots=True, eq=False)
class Try(Node):
    block: Block
    param: Node | None
    handler: Block | None
    finalizer: Block | None


@dataclass(slots=True, eq=False)
class Switch(Node):
    value: Node
    cases: tuple[tuple[Node | None, tuple[Node, ...]], ...]


@dataclass(slots=True, eq=False)
class Labeled(Node):
    label: str
    body: Node


@dataclass(slots=True, eq=False)
class With(Node):
    value: Node
    body: Node


@dataclass(slots=True, eq=False)
class Program(Node):
    """A whole file as Node's CommonJS loader compiles it: the body of a function."""

    body: tuple[Node, ...]
    strict: bool
    variables: frozenset[str]
    tokens: Tokens = field(repr=False)
    oddities: tuple[Oddity, ...] = ()


@dataclass(slots=True, eq=False)
class Tokens:
    """Every token in order, without comments and white space, and a ";" wherever one is inserted by the grammar."""

    starts: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that readers of JavaScript do not agree on, so that nrguard never calls the file sound."""

    at: int
    why: str
