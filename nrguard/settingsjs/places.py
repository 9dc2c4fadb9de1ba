"""Offsets to lines, columns and byte spans."""

from __future__ import annotations

from nrguard.model import Span


class Places:
    """Where things stand in one text. Lines end at a line feed; both counts begin at 1."""

    __slots__ = ("_ascii", "_bom", "_text")

    def __init__(self, text: str, bom: int) -> None:
        self._text = text
        self._bom = bom
        self._ascii = text.isascii()

    def line_and_column(self, at: int) -> tuple[int, int]:
        return self._text.count("\n", 0, at) + 1, at - self._text.rfind("\n", 0, at)

    def span(self, start: int, end: int) -> Span:
        """Return the bytes that two character offsets enclose."""
        if self._ascii:
            return Span(start + self._bom, end + self._bom)
        before = len(self._text[:start].encode("utf-8", "surrogatepass")) + self._bom
        return Span(before, before + len(self._text[start:end].encode("utf-8", "surrogatepass")))
