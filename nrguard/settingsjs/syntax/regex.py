"""What V8 refuses in a regular expression: bad flags, unbalanced groups, nothing to repeat, classes out of order.

Lenient where versions of V8 differ: a pattern that only some refuse passes.
"""

from __future__ import annotations

import re

from nrguard.settingsjs.syntax.errors import Refused

_FLAGS = frozenset("dgimsuvy")
_PIECE = re.compile(
    r"(?P<escape>\\[\s\S])|(?P<class>\[(?:[^\]\\]|\\[\s\S])*\])|(?P<look>\(\?(?:<?[=!]))"
    r"|(?P<group>\((?:\?(?::|<[^>)]*>|[a-z]*(?:-[a-z]*)?:))?)|(?P<bad>\(\?)|(?P<close>\))|(?P<assert>[\^$])|(?P<or>\|)"
    r"|(?P<times>(?:[*+?]|\{\d+(?:,\d*)?\})\??)|(?P<other>[\s\S])"
)
_BOUNDS = re.compile(r"\{(\d+),(\d+)\}")


def check_regex(text: str, at: int) -> None:
    """Raise Refused if the literal `text` can't be compiled."""
    body, _, flags = text[1:].rpartition("/")
    if not _FLAGS.issuperset(flags) or len(set(flags)) != len(flags) or {"u", "v"} <= set(flags):
        raise Refused(at, "bad flags of a regular expression")
    if "v" not in flags:  # classes nest there
        _check_body(body, at)


def _check_body(body: str, at: int) -> None:
    depth = 0
    repeatable = False  # does an atom stand before?
    for piece in _PIECE.finditer(body):
        kind = piece.lastgroup
        if kind == "times":
            if not repeatable or not _ordered(piece[0]):
                raise Refused(at, "nothing to repeat in a regular expression")
            repeatable = False
            continue
        if kind == "bad":
            raise Refused(at, "a bad group in a regular expression")
        depth += (kind in ("look", "group")) - (kind == "close")
        if depth < 0:
            break
        if kind == "class" and _disordered(piece[0]):
            raise Refused(at, "a range out of order in a regular expression")
        repeatable = kind in ("class", "close", "other") or (kind == "escape" and piece[0] not in ("\\b", "\\B"))
    if depth:
        raise Refused(at, "unbalanced parentheses in a regular expression")


def _ordered(times: str) -> bool:
    bounds = _BOUNDS.match(times)
    return bounds is None or int(bounds[1][:12]) <= int(bounds[2][:12]) or len(bounds[1]) > 12


def _disordered(text: str) -> bool:
    """Does a class hold a range of two plain characters, the higher one first?"""
    inner = text[1:-1].removeprefix("^")
    if "\\" in inner:  # what escapes stand for is left to V8
        return False
    index = 0
    while index + 2 < len(inner):
        if inner[index + 1] == "-":
            if inner[index] > inner[index + 2]:
                return True
            index += 3
        else:
            index += 1
    return False
