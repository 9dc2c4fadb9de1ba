"""Offsets to lines, columns and byte spans."""

from __future__ import annotations

import re
from bisect import bisect_right

from nrguard.model import Span

_LINE_END = re.compile("\n")


class Places:
    """Where things stand in one text. Lines end at a line feed; both counts begin at 1."""

    __slots__ = ("_ascii", "_bom", "_lines", "_text")

    def __init__(self, text: str, bom: int) -> None:
        self._text = text
        self._bom = bom
        self._ascii = text.isascii()
        self._lines: list[int] = []

    def line_and_column(self, at: int) -> tuple[int, int]:
        if not self._lines:
            self._lines = [0, *(found.end() for found in _LINE_END.finditer(self._text))]
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the bytes that two character offsets enclose."""
        if self._ascii:
            return Span(start + self._bom, end + self._bom)
        before = len(self._text[:start].encode("utf-8", "surrogatepass")) + self._bom
        return Span(before, before + len(self._text[start:end].encode("utf-8", "surrogatepass")))
