"""What the parameters of an arrow function use: known only after they have been read as expressions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from nrguard.settingsjs.syntax.scopes import EVERYTHING
from nrguard.settingsjs.syntax.tree import Class, Function, Name, Node, Opaque, This


@dataclass(slots=True, eq=False)
class Uses:
    """Names, those that the parameters bind included, and whether `this` or its like occurs."""

    names: set[str] = field(default_factory=set)
    this: bool = False


def in_parameters(params: Iterable[Node]) -> Uses:
    """Return what default values and computed keys of `params` use."""
    uses = Uses()
    waiting: list[object] = list(params)
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += node
        elif isinstance(node, Name):
            uses.names.add(EVERYTHING if node.name == "eval" else node.name)
            uses.this |= node.name == "arguments"
        elif isinstance(node, Function):
            uses.names |= node.refs
            uses.this |= node.own_this and node.arrow
        elif isinstance(node, (This, Opaque, Class)):
            uses.this = True
            uses.names.add(EVERYTHING)  # rare enough to count for everything
        elif isinstance(node, Node):
            waiting += (getattr(node, part.name) for part in fields(node))
    return uses
