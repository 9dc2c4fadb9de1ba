"""Which object literal module.exports finally is, where one plainly is. Pure: no I/O.

Plainly: written by one statement at the top level, directly or through a name that stands for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

_EXPORTS = {b"module.exports", b"module['exports']", b'module["exports"]'}
_DECLARATIONS = {"variable_declaration", "lexical_declaration"}


@dataclass(frozen=True, slots=True)
class Exported:
    """The literal, and the names under which top-level code knows it."""

    literal: Node
    aliases: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Write:
    """One top-level `const a = module.exports = value`, with everything it writes to."""

    targets: tuple[Node, ...]
    value: Node

    @property
    def names(self) -> frozenset[str]:
        return frozenset(text_of(target) for target in self.targets if target.type == "identifier")

    @property
    def exports(self) -> bool:
        return any(is_export(target) for target in self.targets)


def exported(root: Node, targets: Sequence[Node]) -> Exported | None:
    """Return the exported literal; None where it takes more than a look to say which one it is.

    `targets` is every place in the file that is written to, at whatever depth.
    """
    writes = list(_top_level_writes(root))
    last = next((i for i in reversed(range(len(writes))) if writes[i].exports), None)
    if last is None:
        return None
    value, names = writes[last].value, writes[last].names
    if value.type == "identifier":
        names |= {text_of(value)}
        origin = next((write for write in reversed(writes[:last]) if text_of(value) in write.names), None)
        if origin is None:
            return None
        value, names = origin.value, names | origin.names
    ours = [write for write in writes if write.exports or write.names & names]
    followed = {target.start_byte for write in ours for target in write.targets}
    if value.type != "object" or any(_replaces(node, names, followed) for node in targets) or _rewritten(writes, names):
        return None
    return Exported(value, names)


def is_export(node: Node) -> bool:
    """Tell whether `node` is `module.exports`, however it is spelt."""
    return node.type != "identifier" and b"".join((node.text or b"").split()) in _EXPORTS


def text_of(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def _top_level_writes(root: Node) -> Iterator[_Write]:
    for statement in root.children:
        if statement.type == "expression_statement" and statement.named_children:
            write = _followed((), statement.named_children[0])
            if write.targets:
                yield write
        elif statement.type in _DECLARATIONS:
            yield from filter(None, map(_declared, statement.named_children))


def _declared(declarator: Node) -> _Write | None:
    name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
    return None if name is None or value is None else _followed((name,), value)


def _followed(targets: tuple[Node, ...], value: Node) -> _Write:
    """Follow a chain of assignments and parentheses to the value at its end."""
    found = list(targets)
    while value.type in {"assignment_expression", "parenthesized_expression"}:
        if left := value.child_by_field_name("left"):
            found.append(left)
        inside = value.child_by_field_name("right") or _only(value)
        if inside is None:
            break
        value = inside
    return _Write(tuple(found), value)


def _only(parentheses: Node) -> Node | None:
    inside = [node for node in parentheses.named_children if node.type != "comment"]
    return inside[0] if len(inside) == 1 else None


def _replaces(node: Node, names: frozenset[str], followed: set[int]) -> bool:
    """Tell whether writing to `node`, which was not followed, replaces the export or a name of it."""
    return node.start_byte not in followed and (is_export(node) or text_of(node) in names)


def _rewritten(writes: Sequence[_Write], names: frozenset[str]) -> bool:
    """Tell whether a name of the literal stands for two things: for which one, only running would tell."""
    return any(sum(name in write.names for write in writes) > 1 for name in names - {"exports"})
