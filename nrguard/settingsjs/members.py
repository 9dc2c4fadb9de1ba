"""Edits that put one member into the exported object, take one out, or give one another value. Pure: no I/O."""

from __future__ import annotations

from dataclasses import replace

from nrguard.model import Edit, Span
from nrguard.settingsjs.document import Document
from nrguard.settingsjs.gaps import Gap, gaps
from nrguard.settingsjs.layout import Layout, layout


def insertion(document: Document, index: int, at: int, text: bytes, sealed: Span | None = None) -> tuple[Edit, ...]:
    """Return the edits that put the member `text` at offset `at` of gap `index`, with the commas that this needs."""
    gap, style = gaps(document)[index], layout(document)
    if any(comment.end == at for comment in gap.comments):  # such a comment may run to the end of its line
        style = replace(style, many_lines=True)
    last = index == len(document.members)
    if index == 0:
        lead, follow = b"", b"" if last and not style.trailing_comma else b","
    elif gap.comma is None:
        lead, follow = b",", b""
    else:
        lead, follow = (b"", b",") if at > gap.comma else (b",", b"")
    if lead and not style.comma_first and at > gap.span.start:
        # the comma belongs behind the value before, not behind what is said about it
        comma = (Edit(Span(gap.span.start, gap.span.start), b","),)
        return (*comma, Edit(Span(at, at), _separated(document, style, at, b"", text + follow), sealed))
    return (Edit(Span(at, at), _separated(document, style, at, lead, text + follow), sealed),)


def removal(document: Document, index: int) -> tuple[Edit, ...]:
    """Return the edits that take member `index` out, with one comma and the lines that only it was on."""
    source, member = document.source, document.members[index].span
    before, after = gaps(document)[index], gaps(document)[index + 1]
    comma = _comma_to_remove(document, index, before, after)
    if comma is None:
        out = [member]
    elif comma < member.start:
        out = _joined(source, Span(comma, comma + 1), member)
    else:
        out = _joined(source, member, Span(comma, comma + 1))
    return tuple(Edit(_whole_lines(source, span, after.span.end), b"") for span in out)


def replacement(old: Span, text: bytes, sealed: Span | None = None) -> tuple[Edit, ...]:
    """Return the edit that puts `text` in the place of a member or a value."""
    return (Edit(old, text, sealed),)


def _separated(document: Document, style: Layout, at: int, lead: bytes, text: bytes) -> bytes:
    """Return `text` with what must stand before and behind it at `at`."""
    source = document.source
    closes = source[at : _end(document)].strip(b" \t") == b""
    if not style.many_lines:
        empty = not document.members
        space = b" " if empty else style.space_after_comma
        return lead + space + text + (b" " if empty and closes and not source.startswith(b" ", at) else b"")
    if lead and style.comma_first:
        return style.newline + style.indent + lead + style.space_after_comma + text
    behind = style.newline + style.base if closes and not document.members else b""
    return lead + style.newline + style.indent + text + behind


def _end(document: Document) -> int:
    assert document.object is not None  # noqa: S101 - the caller has looked: for the type checker
    return document.object.end - 1


def _comma_to_remove(document: Document, index: int, before: Gap, after: Gap) -> int | None:
    """Return the offset of the comma that goes with member `index`."""
    source = document.source
    leads = before.comma is not None and b"\n" not in source[before.comma : before.span.end]
    on_its_line = after.comma is not None and b"\n" not in source[after.span.start : after.comma]
    last = index == len(document.members) - 1
    if last and (after.comma is None or (leads and not on_its_line)):
        return before.comma
    if leads and not on_its_line and before.comma is not None and b"\n" in source[before.span.start : before.comma]:
        return before.comma
    return after.comma


def _joined(source: bytes, first: Span, second: Span) -> list[Span]:
    """Return two spans as one where only white space stands between them."""
    if source[first.end : second.start].strip():
        return [first, second]
    return [Span(first.start, second.end)]


def _whole_lines(source: bytes, span: Span, next_member: int) -> Span:
    """Return `span` with its lines where nothing else stands on them, else with the blanks up to the next member."""
    start = source.rfind(b"\n", 0, span.start) + 1
    newline = source.find(b"\n", span.end)
    if newline >= 0 and not (source[start : span.start] + source[span.end : newline]).strip():
        return Span(start, newline + 1)
    closes = source.startswith(b"}", next_member)
    blank = not closes and source[span.end - 1 : span.end] == b"," and not source[span.end : next_member].strip(b" \t")
    return Span(span.start, next_member if blank else span.end)
