"""settings.js as a syntax tree: the exported object literal and its members, with their places. Pure: no I/O.

What stands here is only where things are, never what they mean: a tree may be wrong about a file that Node reads
otherwise (the syntax gate's question), and code may change the object later (the evaluator's).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import tree_sitter_javascript
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from nrguard.model import Span
from nrguard.settingsjs.exported import exported
from nrguard.settingsjs.names import key_of

_FINDS = """
(comment) @comment
(html_comment) @comment
(assignment_expression left: [(member_expression) (subscript_expression) (identifier)] @written)
(augmented_assignment_expression left: [(member_expression) (subscript_expression) (identifier)] @written)
(update_expression argument: [(member_expression) (subscript_expression) (identifier)] @written)
"""
_KINDS = {"pair": "pair", "shorthand_property_identifier": "shorthand", "spread_element": "spread"}
_ACCESSORS = {"get": "getter", "set": "setter"}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the exported object literal.

    `name` is its decoded constant key; None for a spread and for a key that is not constant. `span` is the whole
    member without its comma; `value` that of a pair. Line and column count from 1; the column counts characters.
    """

    name: str | None
    kind: str  # "pair" | "shorthand" | "method" | "getter" | "setter" | "spread"
    span: Span
    value: Span | None
    line: int
    column: int


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: what is worked out of one can be remembered
class Document:
    """A parsed settings.js. `object` is the literal that module.exports finally is, where one literal plainly is.

    `aliases` are the names under which top-level code knows that literal (`s` in `var s = module.exports = {…}`).
    """

    source: bytes
    tree: Tree
    object: Span | None
    members: tuple[Member, ...]
    comments: tuple[Span, ...]
    aliases: frozenset[str] = frozenset()

    def indices(self, name: str) -> list[int]:
        """Return which members have the name; of several, the last one counts."""
        return [index for index, member in enumerate(self.members) if member.name == name]


def parse(source: bytes) -> Document:
    """Return `source` as a document. Any bytes will do: what can't be read has no object, or fewer members."""
    parser, query = _machinery()
    tree = parser.parse(source)
    found = QueryCursor(query).captures(tree.root_node)
    export = exported(tree.root_node, found.get("written", []))
    return Document(
        source=source,
        tree=tree,
        object=_span(export.literal) if export else None,
        members=tuple(_members(source, export.literal)) if export else (),
        comments=tuple(map(_span, sorted(found.get("comment", []), key=lambda node: node.start_byte))),
        aliases=export.aliases if export else frozenset(),
    )


def place(source: bytes, offset: int) -> tuple[int, int]:
    """Return the line and the column, in characters, of a byte offset; both count from 1."""
    start = source.rfind(b"\n", 0, offset) + 1
    return source.count(b"\n", 0, offset) + 1, _characters(source, start, offset) + 1


def offset(source: bytes, line: int, column: int) -> int:
    """Return the byte offset of a place; the inverse of `place`."""
    start = 0
    for _ in range(line - 1):
        start = source.find(b"\n", start) + 1
    end = source.find(b"\n", start)
    text = source[start : end if end >= 0 else len(source)]
    mark = len(_BOM) if line == 1 and text.startswith(_BOM) else 0
    return start + mark + len(text[mark:].decode(errors="replace")[: column - 1].encode())


def first_error(document: Document) -> int | None:
    """Return the offset of the first thing that the parser could not read; None if it read everything."""
    node = document.tree.root_node
    if not node.has_error:
        return None
    while not (node.is_error or node.is_missing):
        deeper = next((child for child in node.children if child.has_error or child.is_missing), None)
        if deeper is None:
            break
        node = deeper
    return node.start_byte


def nodes_of(document: Document) -> Iterator[Node]:
    """Yield every named node of the tree, parents before their children, however deep it is."""
    cursor = document.tree.walk()
    while True:
        if cursor.node is not None and cursor.node.is_named:
            yield cursor.node
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return


@cache
def _machinery() -> tuple[Parser, Query]:
    language = Language(tree_sitter_javascript.language())
    return Parser(language), Query(language, _FINDS)


def _members(source: bytes, literal: Node) -> Iterator[Member]:
    row, at, column = -1, 0, 1
    for node in literal.named_children:
        kind = _KINDS.get(node.type) or _accessor(node)
        if not kind:
            continue
        if node.start_point.row != row:  # else count on from the member before: one line may hold a whole file
            row, at, column = node.start_point.row, source.rfind(b"\n", 0, node.start_byte) + 1, 1
        column += _characters(source, at, node.start_byte)
        at = node.start_byte
        value = node.child_by_field_name("value") if kind == "pair" else None
        yield Member(key_of(node), kind, _span(node), _span(value) if value else None, row + 1, column)


def _accessor(node: Node) -> str:
    """Return "method", "getter" or "setter"; "" for what is no member (a comment, something unreadable)."""
    if node.type != "method_definition":
        return ""
    return next((_ACCESSORS[child.type] for child in node.children if child.type in _ACCESSORS), "method")


def _characters(source: bytes, start: int, end: int) -> int:
    return len(source[start:end].removeprefix(_BOM if start == 0 else b"").decode(errors="replace"))


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)
