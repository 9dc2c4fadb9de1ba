"""systemd's way of cutting a line into words, as in ExecStart= and Environment=. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK = " \t\n\r"
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}
_ESCAPES |= {"\\": "\\", '"': '"', "'": "'"}
_NUMBER = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-7]{3})")


class Unreadable(ValueError):
    """systemd refuses the line: a quote that never ends, or an escape that there is none of."""


def words(text: str) -> list[str]:
    """Return the words of a line of a unit file, quotes and escapes resolved. Raise Unreadable."""
    return list(_words(text, relaxed=False))


def command_words(text: str) -> list[str]:
    """Return the words of ExecStart=, up to a `;` that stands alone: there another command would begin."""
    made: list[str] = []
    at = 0
    while (at := _skip(text, at)) < len(text):
        alone = text[at:].split(maxsplit=1)[0]
        if alone == ";":
            break
        if alone == "\\;":
            word, at = ";", at + 2
        else:
            word, at = _word(text, at, relaxed=False)
        made.append(word)
    return made


def relaxed_words(text: str) -> list[str]:
    """Return the words that the value of a variable gives where ExecStart= names it alone (`$NODE_RED_OPTIONS`)."""
    return list(_words(text, relaxed=True))


def _words(text: str, *, relaxed: bool) -> Iterator[str]:
    at = 0
    while (at := _skip(text, at)) < len(text):
        word, at = _word(text, at, relaxed=relaxed)
        yield word


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _word(text: str, at: int, *, relaxed: bool) -> tuple[str, int]:
    """Return the word that starts at `at`, and where it ends."""
    made: list[str] = []
    quote = ""
    while at < len(text) and (quote or text[at] not in _BLANK):
        char = text[at]
        at += 1
        if char == "\\":
            char, at = _escaped(text, at, relaxed=relaxed)
            made.append(char)
        elif char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            made.append(char)
    if quote and not relaxed:
        raise Unreadable("a quote that does not end")
    return "".join(made), at


def _escaped(text: str, at: int, *, relaxed: bool) -> tuple[str, int]:
    """Return what a backslash before `at` makes of what follows, and where that ends."""
    if at >= len(text):
        if relaxed:
            return "", at
        raise Unreadable("a backslash at the end")
    if relaxed:  # in a variable's value it only takes the meaning from the next character
        return text[at], at + 1
    if text[at] in _ESCAPES:
        return _ESCAPES[text[at]], at + 1
    number = _NUMBER.match(text, at)
    if number is None:
        raise Unreadable(f"an unknown escape \\{text[at]}")
    digits, base = next((digits, 8 if group == 4 else 16) for group, digits in enumerate(number.groups(), 1) if digits)
    return chr(min(int(digits, base), 0x10FFFF)), number.end()
