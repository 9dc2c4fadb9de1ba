"""How a settings.js is written: its line ends, indentation, commas and quotes. Pure: no I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from nrguard.settingsjs.document import Document, Member
from nrguard.settingsjs.gaps import gaps, opens_line

_INDENT = re.compile(rb"[ \t]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """The writing habits of one file. Where it has none, those of Node-RED's stock file."""

    newline: bytes
    base: bytes  # indentation of the line on which the object opens
    indent: bytes  # of its members' lines
    many_lines: bool  # members have lines of their own
    comma_first: bool
    trailing_comma: bool
    space_after_comma: bytes
    space_after_colon: bytes
    key_quote: bytes  # empty: keys are bare
    quote: bytes  # of strings; empty: both kinds are used

    @property
    def unit(self) -> bytes:
        """One step of indentation."""
        return self.inner.removeprefix(self.base) or b"    "

    @property
    def inner(self) -> bytes:
        """The indentation of a member itself: behind its comma, where commas come first."""
        return self.indent + b" " * len(b"," + self.space_after_comma) if self.comma_first else self.indent


@lru_cache(maxsize=4)
def layout(document: Document) -> Layout:
    """Return how `document`, which has an object, is written."""
    assert document.object is not None  # noqa: S101 - the caller has looked: for the type checker
    source, members = document.source, document.members
    base = _indentation(source, document.object.start)
    comma_first = _comma_first(document)
    openers = [m.span.start for m in members[comma_first:] if opens_line(source, m.span.start)]
    many_lines = bool(openers) or (not members and b"\n" in source.rstrip())
    return Layout(
        newline=_newline(source),
        base=base,
        indent=_commonest((_indentation(source, at) for at in openers), base + b"    "),
        many_lines=many_lines,
        comma_first=comma_first,
        trailing_comma=bool(members) and gaps(document)[-1].comma is not None,
        space_after_comma=_space_after_comma(document),
        space_after_colon=_commonest((_after_colon(source, member) for member in members if member.value), b" "),
        key_quote=_commonest((_quote_of_key(source, member) for member in members if member.kind == "pair"), b""),
        quote=_quote(source, members),
    )


def _newline(source: bytes) -> bytes:
    windows = source.count(b"\r\n")
    return b"\r\n" if windows * 2 > source.count(b"\n") else b"\n"


def _indentation(source: bytes, at: int) -> bytes:
    line = _INDENT.match(source, source.rfind(b"\n", 0, at) + 1)
    return line[0] if line else b""


def _commonest(values: Iterable[bytes], otherwise: bytes) -> bytes:
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else otherwise


def _comma_first(document: Document) -> bool:
    inner = [gap for gap in gaps(document)[1:-1] if gap.comma is not None]
    leading = [gap for gap in inner if gap.comma is not None and b"\n" in document.source[gap.span.start : gap.comma]]
    return len(leading) * 2 > len(inner)


def _space_after_comma(document: Document) -> bytes:
    """Return what stands between a comma and a member on the same line."""
    between = (document.source[gap.comma + 1 : gap.span.end] for gap in gaps(document)[1:-1] if gap.comma is not None)
    spaces = [space for space in between if not space.strip(b" \t")]
    return _commonest(spaces, b"" if spaces else b" ")


def _after_colon(source: bytes, member: Member) -> bytes:
    assert member.value is not None  # noqa: S101 - only pairs come here
    before = source[member.span.start : member.value.start]
    return b"" if before.endswith(b":") else b" "


def _quote_of_key(source: bytes, member: Member) -> bytes:
    first = source[member.span.start : member.span.start + 1]
    return first if first in b"\"'" else b""


def _quote(source: bytes, members: Iterable[Member]) -> bytes:
    text = b"".join(member.span.of(source) for member in members)
    double, single = text.count(b'"'), text.count(b"'")
    return b"" if bool(double) == bool(single) else b'"' if double else b"'"
