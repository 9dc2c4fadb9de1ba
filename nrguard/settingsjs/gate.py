"""Bytes to text as Node reads them, and what no settings.js needs that readers of JavaScript take differently."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nrguard.settingsjs.syntax.tree import Oddity

LARGEST = 1 << 20
"""Bytes. Real files stay under 100 kB; what is larger costs seconds to read and is never called sound."""

_ODD = re.compile("[\0\u2028\u2029\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
_NAMES = {"\0": "a NUL character", "\r": "a carriage return without a line feed", "\ufeff": "a byte order mark inside"}


@dataclass(frozen=True, slots=True)
class Text:
    """The text that V8 gets. `oddities` make the file unproven, whatever it means. `bom`: bytes cut off in front."""

    text: str
    oddities: tuple[Oddity, ...]
    bom: int


def decode(source: bytes) -> Text:
    """Return the text of `source`, of at most LARGEST bytes."""
    bom = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    oddities = []
    try:
        text = source[bom:].decode("utf-8")
    except UnicodeDecodeError as error:
        text = source[bom:].decode("utf-8", "replace")
        at = len(source[bom : bom + error.start].decode("utf-8", "replace"))
        oddities.append(Oddity(at, "bytes that are not UTF-8"))
    if bom and text.startswith("#!"):
        oddities.append(Oddity(0, "a byte order mark before #!: Node versions differ"))
    suspect = not text.isascii() or "\0" in text or "\r" in text  # most files are plain, and this is much quicker
    found = _ODD.search(text) if suspect else None
    if found:
        oddities.append(Oddity(found.start(), _name(found[0])))
    return Text(text, tuple(oddities), bom)


def _name(char: str) -> str:
    if char in ("\u2028", "\u2029"):
        return f"a line separator U+{ord(char):04X}: not every reader of JavaScript sees a line end"
    return _NAMES.get(char) or f"a character that changes the direction of writing, U+{ord(char):04X}"
