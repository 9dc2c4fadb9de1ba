"""What stands between the members of the exported object: commas, comments, line ends. Pure: no I/O."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from nrguard.model import Span
from nrguard.settingsjs.document import Document

_BLANK = re.compile(rb"[ \t]*")
_LINE_END = re.compile(rb"[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Gap:
    """The bytes before, between or after members. `comma` is the offset of the comma in it, where there is one."""

    span: Span
    comma: int | None
    comments: tuple[Span, ...]


@lru_cache(maxsize=4)
def gaps(document: Document) -> tuple[Gap, ...]:
    """Return the gap before each member, and the one after the last. The document has an object."""
    assert document.object is not None  # noqa: S101 - the caller has looked: for the type checker
    starts = [document.object.start + 1, *(member.span.end for member in document.members)]
    ends = [*(member.span.start for member in document.members), document.object.end - 1]
    firsts = [comment.start for comment in document.comments]
    return tuple(_gap(document, Span(*ends_), firsts) for ends_ in zip(starts, ends, strict=True))


def after_member(document: Document, index: int) -> int:
    """Return where something new goes in after member `index`: behind its comma and what is said about it there.

    For index -1 that is behind the opening brace.
    """
    gap = gaps(document)[index + 1]
    at = gap.span.start
    if gap.comma is not None and b"\n" not in document.source[at : gap.comma]:
        at = gap.comma + 1
    return line_end(document, gap, at)


def line_end(document: Document, gap: Gap, at: int) -> int:
    """Return the end of the line that `at` is on, or `at` itself where more code stands on that line."""
    end = at
    while (blank := _BLANK.match(document.source, end)) and (comment := _comment_at(gap, blank.end())):
        end = comment.end
    return end if _LINE_END.match(document.source, end) else at


def opens_line(source: bytes, at: int) -> bool:
    """Tell whether nothing but white space and a comma stands before `at` on its line."""
    return not source[source.rfind(b"\n", 0, at) + 1 : at].strip(b" \t,")


def _gap(document: Document, span: Span, firsts: list[int]) -> Gap:
    comments = document.comments[bisect_left(firsts, span.start) : bisect_left(firsts, span.end)]
    at = span.start
    for comment in (*comments, Span(span.end, span.end)):
        comma = document.source.find(b",", at, comment.start)
        if comma >= 0:
            return Gap(span, comma, comments)
        at = comment.end
    return Gap(span, None, comments)


def _comment_at(gap: Gap, at: int) -> Span | None:
    index = bisect_left(gap.comments, at, key=lambda comment: comment.start)
    return gap.comments[index] if index < len(gap.comments) and gap.comments[index].start == at else None
