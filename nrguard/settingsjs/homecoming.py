"""Where a lost member goes back in: as it stood, under its template, beside its old neighbours. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterator

from nrguard.model import Edit, Span
from nrguard.settingsjs.document import Document
from nrguard.settingsjs.gaps import Gap, after_member, gaps, line_end
from nrguard.settingsjs.members import insertion
from nrguard.settingsjs.splice import GLUE
from nrguard.settingsjs.templates import below_template


def home(document: Document, good: Document, index: int) -> tuple[Edit, ...]:
    """Return the edits that put member `index` of `good` into `document`, which has none of that name."""
    member = good.members[index]
    if (exact := _exactly(document, good, index)) is not None:
        return (exact,)
    gap, at = (
        below_template(document, member.name or "")
        or _beside_neighbours(document, good, index)
        or (len(document.members), after_member(document, len(document.members) - 1))
    )
    return insertion(document, gap, at, member.span.of(good.source), member.span)


def _exactly(document: Document, good: Document, index: int) -> Edit | None:
    """Return the edit after which what stands between the two neighbours is what stood there, byte for byte."""
    before, after = gaps(good)[index].span.of(good.source), gaps(good)[index + 1].span.of(good.source)
    for gap in _gaps_between(document, _signature(good, index - 1), _signature(good, index + 1)):
        now = gap.span.of(document.source)
        stays = _outside_comments(gap, gap.span.start + _common(now, before)) - gap.span.start
        if after.endswith(now[stays:]):
            lead, tail = before[stays:], after[: len(after) - len(now) + stays]
            return _returning(gap.span.start + stays, good, good.members[index].span, lead, tail)
    return None


def _returning(at: int, good: Document, member: Span, lead: bytes, tail: bytes) -> Edit:
    """Return the edit that puts a member back together with the bytes around it that went with it.

    A comment that went with it is part of what is sealed: it was accepted like the member.
    """
    start, end = member.start - len(lead), member.end + len(tail)
    text = good.source[start:end]
    return Edit(Span(at, at), text, Span(end - len(text.lstrip(GLUE)), start + len(text.rstrip(GLUE))))


def _outside_comments(gap: Gap, at: int) -> int:
    """Return `at`, or the start of the comment that it would split."""
    return next((comment.start for comment in gap.comments if comment.start < at < comment.end), at)


def _gaps_between(document: Document, left: object, right: object) -> Iterator[Gap]:
    for index, gap in enumerate(gaps(document)):
        if _signature(document, index - 1) == left and _signature(document, index) == right:
            yield gap


def _signature(document: Document, index: int) -> tuple[str, object]:
    """Return what a member is known by: its name, or its text where it has none; ("", …) beyond the ends."""
    if not 0 <= index < len(document.members):
        return "", index < 0
    member = document.members[index]
    return member.kind, member.name or member.span.of(document.source)


def _common(a: bytes, b: bytes) -> int:
    """Return how many bytes two texts share at their start."""
    short = min(len(a), len(b))
    return next((i for i in range(short) if a[i] != b[i]), short)


def _beside_neighbours(document: Document, good: Document, index: int) -> tuple[int, int] | None:
    """Return the gap after the nearest accepted predecessor that is still there, and the place in it."""
    here = {_signature(document, i): i for i in range(len(document.members))}
    for before in range(index - 1, -1, -1):
        if (neighbour := here.get(_signature(good, before))) is not None:
            return neighbour + 1, _place(document, neighbour + 1, good, index)
    if index == 0:
        return 0, _place(document, 0, good, index)
    return None


def _place(document: Document, gap: int, good: Document, index: int) -> int:
    """Return the place in a gap: under the comment that stood above the member, if it is there; else at its start."""
    above = gaps(good)[index].comments
    wanted = above[-1].of(good.source) if above else b""
    here = gaps(document)[gap]
    same = [comment for comment in here.comments if wanted and comment.of(document.source) == wanted]
    return line_end(document, here, same[-1].end) if same else after_member(document, gap - 1)
