"""A value's source text written as the file around it is written: indentation, line ends, quotes. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nrguard.model import Edit, Span
from nrguard.settingsjs.document import first_error, nodes_of, parse
from nrguard.settingsjs.layout import Layout
from nrguard.settingsjs.splice import splice

_LINE = re.compile(rb"\r?\n([ \t]*)")
_NAME = re.compile(rb"[A-Za-z_$][\w$]*")
_BEFORE = b"("
_VERBATIM = {"template_string", "comment", "regex"}
_CODE = {"statement_block", "comment", "template_string"}


def key(name: str, style: Layout) -> bytes:
    """Return `name` as a key, quoted where the file quotes its keys, or where it must be."""
    bare = name.encode()
    quote = style.key_quote or (b"" if _NAME.fullmatch(bare) else style.quote or b"'")
    return quote + bare.replace(b"\\", b"\\\\").replace(quote, b"\\" + quote) + quote if quote else bare


def is_expression(value: bytes) -> bool:
    """Tell whether `value` is one expression that can be the value of a member, and nothing more."""
    document = parse(_BEFORE + value + b")")
    statements = document.tree.root_node.named_children
    if first_error(document) is not None or len(statements) != 1 or not statements[0].named_children:
        return False
    parentheses = statements[0].named_children[0]
    inside = [node for node in parentheses.named_children if node.type != "comment"]
    whole = parentheses.type == "parenthesized_expression" and parentheses.end_byte == len(document.source)
    return whole and len(inside) == 1 and inside[0].type != "sequence_expression"


def fit(value: bytes, style: Layout) -> bytes:
    """Return the expression `value` in the layout `style`, as the value of a member. Its meaning is untouched."""
    text = _BEFORE + value + b")"
    nodes = list(nodes_of(parse(text)))
    edits = [*_requoted(nodes, style), *_reindented(text, nodes, style)]
    return splice(text, edits)[len(_BEFORE) : -1]


def _requoted(nodes: list[Node], style: Layout) -> Iterator[Edit]:
    for node in nodes:
        text = node.text or b""
        if node.type == "string" and style.quote and text[:1] != style.quote and not re.search(rb"[\"'\\]", text[1:-1]):
            yield Edit(Span(node.start_byte, node.end_byte), style.quote + text[1:-1] + style.quote)
        elif node.type == "property_identifier" and style.key_quote and _is_key(node):
            yield Edit(Span(node.start_byte, node.end_byte), style.key_quote + text + style.key_quote)


def _is_key(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "pair"


def _reindented(text: bytes, nodes: list[Node], style: Layout) -> Iterator[Edit]:
    verbatim = [Span(node.start_byte, node.end_byte) for node in nodes if node.type in _VERBATIM]
    lines = [
        line for line in _LINE.finditer(text) if not any(span.start < line.start() < span.end for span in verbatim)
    ]
    depths = [len(line[1].expandtabs(4)) for line in lines]
    step = min((depth for depth in depths if depth), default=4)
    joined = not style.many_lines and not any(node.type in _CODE for node in nodes)
    for line, depth in zip(lines, depths, strict=True):
        empty = text[line.end() : line.end() + 1] in {b"\r", b"\n"}
        indent = b"" if empty else style.inner + style.unit * round(depth / step)
        yield Edit(Span(*line.span()), b"" if joined else style.newline + indent)
