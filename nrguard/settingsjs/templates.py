"""Members that stand in the file as comments: the stock file's templates, and what somebody commented out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nrguard.model import Span
from nrguard.settingsjs.document import Document
from nrguard.settingsjs.gaps import Gap, gaps, line_end, opens_line

_STRING = re.compile(rb"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`")
_LONGEST = 4096  # bytes of a line that are looked at: nobody's template is longer
_NEXT_LINE = re.compile(rb"[ \t]*\r?\n[ \t]*")


def below_template(document: Document, name: str) -> tuple[int, int] | None:
    """Return the gap in which a commented `name: …` stands and the offset right under it; None without one."""
    key = re.compile(rb"[\s*]*[\"']?%s[\"']?\s*:" % re.escape(name.encode(errors="replace")))
    for index, gap in enumerate(gaps(document)):
        for nth, comment in enumerate(gap.comments):
            if key.match(_inside(document.source, comment)) and opens_line(document.source, comment.start):
                return index, line_end(document, gap, _end(document.source, gap, nth))
    return None


def _inside(source: bytes, comment: Span) -> bytes:
    return source[comment.start + 2 : comment.end]


def _end(source: bytes, gap: Gap, first: int) -> int:
    """Return where the commented member ends that comment `first` begins: with its last bracket, or its own line."""
    lines = _run(source, gap.comments[first:])
    depth = 0
    for line in lines:
        depth += _opened(_inside(source, line))
        if depth <= 0:
            return line.end
    return lines[0].end


def _run(source: bytes, comments: Sequence[Span]) -> list[Span]:
    """Return the line comments that follow each other without a blank line; a block comment stands alone."""
    run = [comments[0]]
    for comment in comments[1:] if source.startswith(b"//", comments[0].start) else ():
        between = source[run[-1].end : comment.start]
        if not _NEXT_LINE.fullmatch(between) or not source.startswith(b"//", comment.start):
            break
        run.append(comment)
    return run


def _opened(text: bytes) -> int:
    """Return how many more brackets `text` opens than it closes; prose in a comment of its own doesn't count."""
    code = _STRING.sub(b"", text[:_LONGEST]).partition(b"//")[0]
    return sum(code.count(bracket) for bracket in (b"{", b"[", b"(")) - sum(
        code.count(bracket) for bracket in (b"}", b"]", b")")
    )
