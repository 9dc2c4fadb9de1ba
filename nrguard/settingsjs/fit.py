"""A value's source text written as the file around it is written: indentation, line ends, quotes. Pure: no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nrguard.model import Edit, Span
from nrguard.settingsjs.document import nodes_of, parse
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
    lines = list(_LINE.finditer(text))
    verbatim = [Span(node.start_byte, node.end_byte) for node in nodes if node.type in _VERBATIM]
    depths = [len(line[1].expandtabs(4)) for line in lines]
    step = min((depth for depth in depths if depth), default=4)
    joined = not style.many_lines and not any(node.type in _CODE for node in nodes)
    for line, depth in zip(lines, depths, strict=True):
        if any(span.start < line.start() < span.end for span in verbatim):
            continue
        empty = text[line.end() : line.end() + 1] in {b"\r", b"\n"}
        indent = b"" if empty else style.inner + style.unit * round(depth / step)
        yield Edit(Span(*line.span()), b"" if joined else style.newline + indent)
