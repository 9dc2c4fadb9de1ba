"""Edits put into a text, every other byte kept. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nrguard.model import Edit, Span

GLUE = b" \t\r\n,"
"""All that an edit may add around sealed text."""


class Overlap(ValueError):
    """Two edits touch the same bytes."""


def splice(source: bytes, edits: Sequence[Edit]) -> bytes:
    """Return `source` with each edit in place and every other byte as it was.

    Edits at one and the same place go in as they are listed. Raise `Overlap` if two touch the same bytes, or one
    reaches beyond the source.
    """
    pieces, end = [], 0
    for edit in sorted(edits, key=_by_start):
        if not end <= edit.span.start <= edit.span.end <= len(source):
            raise Overlap(f"an edit of bytes {edit.span.start} to {edit.span.end} meets another one")
        pieces += [source[end : edit.span.start], edit.text]
        end = edit.span.end
    return b"".join([*pieces, source[end:]])


def origin(edits: Sequence[Edit], offset: int) -> int:
    """Return where in the source the byte at `offset` of the spliced text stood, or the edit that put it in."""
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        if offset < start:
            break
        if offset < start + len(edit.text):
            return edit.span.start
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return offset - shift


def _by_start(edit: Edit) -> tuple[int, int]:
    return edit.span.start, edit.span.end


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a draft: bytes of the source that stay, or bytes put in (`kept` is None)."""

    text: bytes
    kept: Span | None
    sealed: Span | None = None


class Draft:
    """A text under change: takes edits of what it says now, and tells them as edits of what it said at first."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._pieces = [_Piece(source, Span(0, len(source)))]

    @property
    def text(self) -> bytes:
        return b"".join(piece.text for piece in self._pieces)

    def make(self, edits: Sequence[Edit]) -> None:
        """Put edits of the present text in. Raise `Overlap` if one would break up what another one put in."""
        for edit in reversed(sorted(edits, key=_by_start)):  # noqa: C413 - from the end: earlier offsets stay true
            start, end = self._cut(edit.span.start), self._cut(edit.span.end)
            if any(piece.sealed is not None for piece in self._pieces[start:end]):
                raise Overlap("one edit would undo another")
            self._pieces[start:end] = [_Piece(edit.text, None, edit.sealed)] if edit.text else []

    def edits(self) -> tuple[Edit, ...]:
        """Return everything put in so far as edits of the source, sorted."""
        return tuple(self._changes())

    def _changes(self) -> Iterator[Edit]:
        end = Span(len(self._source), len(self._source))
        bounds = [_Piece(b"", Span(0, 0)), *self._pieces, _Piece(b"", end)]
        at = 0
        for piece, following in pairwise(bounds):
            if piece.kept is not None:
                at = piece.kept.end
            nearest = following.kept.start if following.kept is not None else at
            if piece.kept is None:
                yield Edit(Span(at, nearest), piece.text, piece.sealed)
                at = nearest
            elif nearest > at:
                yield Edit(Span(at, nearest), b"")

    def _cut(self, offset: int) -> int:
        """Return the index of the piece that starts at `offset`, after cutting one in two if need be."""
        at = 0
        for index, piece in enumerate(self._pieces):
            if offset <= at:
                return index
            if offset < at + len(piece.text):
                self._pieces[index : index + 1] = _halves(piece, offset - at)
                return index + 1
            at += len(piece.text)
        return len(self._pieces)


def _halves(piece: _Piece, at: int) -> tuple[_Piece, _Piece]:
    first, second = piece.text[:at], piece.text[at:]
    if piece.kept is not None:
        middle = piece.kept.start + at
        return _Piece(first, Span(piece.kept.start, middle)), _Piece(second, Span(middle, piece.kept.end))
    if piece.sealed is None:
        return _Piece(first, None), _Piece(second, None)
    start = piece.sealed.start - _lead(piece.text)
    return _Piece(first, None, _sealed(first, start)), _Piece(second, None, _sealed(second, start + at))


def _sealed(text: bytes, start: int) -> Span | None:
    """Return the sealed bytes that `text`, which would start at `start` of the sealed copy, carries."""
    carried = len(text.strip(GLUE))
    return Span(start + _lead(text), start + _lead(text) + carried) if carried else None


def _lead(text: bytes) -> int:
    return len(text) - len(text.lstrip(GLUE))
