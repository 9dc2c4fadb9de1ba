"""Text from the guarded file, made safe to show on a terminal, in the journal and on a phone. Pure.

Nothing vanishes: what can't be seen, or would move what stands around it, is written as a visible escape.
"""

from __future__ import annotations

import re
import unicodedata

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi, zero-width, lone surrogates, private
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters and symbols that print as nothing
_MARKS = frozenset({"Mn", "Me"})
_MARKS_KEPT = 2  # Vietnamese stacks two; more only climbs over the neighbouring lines

# Endings that no top-level domain has: `settings.js` stays as it is, `evil.com` becomes no link.
_FILE_ENDINGS = "cjs|cts|conf|crt|env|json|js|key|local|log|mjs|node-red|pem|service|sqlite|yaml|yml"
_DOMAIN_DOT = re.compile(rf"(?<=\w)\.(?=\w)(?!(?:{_FILE_ENDINGS})\b)(?!\d)", re.IGNORECASE)
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # emphasis needs one at a word's edge: FOO_BAR stays
_ENTITY = re.compile(r"&(?=[#\w])")
_LINE_START = re.compile(r"^[#\-+=](?=\s|[#\-=])|^(\d+)[.)](?=\s)")
_LOOK_ALIKES = str.maketrans({
    "<": "\u2039", ">": "\u203a", "*": "\u2217", "`": "'", "[": "(", "]": ")", "|": "\u00a6", "~": "\u223c",
    "@": "\uff20",
})  # fmt: skip
_UNDERSCORE, _AMPERSAND, _DOT, _DASH, _SCHEME = "\uff3f", "\uff06", "\u2024", "\u2013", ":\u2044\u2044"


def visible(text: str, *, limit: int | None = None) -> str:
    """Return `text` on one line with every invisible or misleading character as a visible escape.

    Of at most `limit` characters, if given: what was cut ends in "…", and no escape is ever cut in half.
    """
    pieces = _pieces(text)
    if limit is None:
        return "".join(pieces)
    return _cut(pieces, limit)


def one_line(text: str, *, limit: int | None = None) -> str:
    """Return `text` with runs of white space and line ends as one space, the rest as `visible` gives it."""
    return visible(" ".join(text.split()), limit=limit)


def plain(text: str, *, limit: int | None = None) -> str:
    """Return `text` for a phone message: one line that no service renders as markup, a link or a mention.

    Markdown, HTML and `@` become look-alikes, since services disagree on how to escape them; names of files and
    environment variables stay readable.
    """
    safe = one_line(text).translate(_LOOK_ALIKES)
    safe = _OUTER_UNDERSCORE.sub(_UNDERSCORE, safe)
    safe = _ENTITY.sub(_AMPERSAND, safe).replace("://", _SCHEME)
    safe = _DOMAIN_DOT.sub(_DOT, safe)
    safe = _LINE_START.sub(lambda start: f"({start[1]})" if start[1] else _DASH, safe)
    return visible(safe, limit=limit)


def _pieces(text: str) -> list[str]:
    """Return each character of `text`, or its escape."""
    pieces = []
    marks = _MARKS_KEPT  # a mark with nothing before it would sit on our own text
    for char in text:
        category = unicodedata.category(char)
        if category in _MARKS:
            marks += 1
            kept = marks <= _MARKS_KEPT and char not in _BLANK and not _selects(char)
            pieces.append(char if kept else _escape(char))
            continue
        marks = 0 if category[0] == "L" else _MARKS_KEPT
        unseen = category in _UNSEEN or char in _BLANK or (category == "Zs" and char != " ")
        pieces.append(_escape(char) if unseen else char)
    return pieces


def _selects(char: str) -> bool:
    """Is it a variation selector, which shows nothing and can carry hidden text?"""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or char in "\u034f\u180b\u180c\u180d"


def _escape(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cut(pieces: list[str], limit: int) -> str:
    whole = "".join(pieces)
    if len(whole) <= limit:
        return whole
    kept, room = [], limit - 1
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…" if limit > 0 else ""
