"""The words of JavaScript as V8 scans them: patterns for tokens, and what escapes and numbers stand for."""

from __future__ import annotations

import re
import unicodedata

from nrguard.settingsjs.syntax.errors import Refused, Unsure

LINE_ENDS = "\n\r\u2028\u2029"
SPACES = "\t\v\f \xa0\ufeff\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"

SKIP = re.compile(rf"(?:[{SPACES}{LINE_ENDS}]++|//[^{LINE_ENDS}]*+|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/)*+")
LINE_END = re.compile(f"[{LINE_ENDS}]")
REST_OF_LINE = re.compile(f"[^{LINE_ENDS}]*+")

_DIGITS = r"[0-9](?:_?[0-9])*+"
_NUMBER = (
    r"0[xX][0-9a-fA-F](?:_?[0-9a-fA-F])*+n?|0[oO][0-7](?:_?[0-7])*+n?|0[bB][01](?:_?[01])*+n?"
    rf"|0[0-7]++(?![89])|0[0-9]++(?:\.[0-9]*+)?(?:[eE][+-]?{_DIGITS})?"
    r"|(?:0|[1-9](?:_?[0-9])*+)n"
    rf"|(?:(?:0|[1-9](?:_?[0-9])*+)(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
_STRING = r'"(?:[^"\\\n\r]++|\\(?:\r\n|[\s\S]))*+"' + r"|'(?:[^'\\\n\r]++|\\(?:\r\n|[\s\S]))*+'"
_PUNCTUATOR = (
    r">>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?![0-9])|\+\+|--"
    r"|\+=|-=|\*=|/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()\[\].;,<>+\-*/%&|^!~?:=@`]"
)
TOKEN = re.compile(rf"([A-Za-z_$][A-Za-z0-9_$]*+)|({_STRING})|({_NUMBER})|({_PUNCTUATOR})")
NAME, STRING, NUMBER, PUNCTUATOR, REGEX, PRIVATE, END = 1, 2, 3, 4, 5, 6, 7

TEMPLATE_CHUNK = re.compile(r"(?:[^`\\$]++|\\[\s\S]|\$(?!\{))*+")
REGEX_BODY = re.compile(
    rf"/(?:[^/\\\[{LINE_ENDS}]++|\\[^{LINE_ENDS}]|\[(?:[^\]\\{LINE_ENDS}]++|\\[^{LINE_ENDS}])*+\])++/([A-Za-z0-9_$]*+)"
)

_ESCAPE = re.compile(r"\\(?:u\{0*([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(\r\n|[\s\S]))")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_NAME = 1000
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f"}
_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Nd", "Pc", "Cn"})


class BadEscape(ValueError):
    """An escape that no string may hold (a tagged template may)."""


def cook(raw: str, *, octal: bool) -> str:
    """Return what the characters between the quotes stand for. Raise BadEscape; `octal`: `\\012` is allowed."""
    if "\\" not in raw:
        return raw
    return well_paired(_ESCAPE.sub(lambda match: _cook_one(match, octal=octal), raw))


def has_octal(raw: str) -> bool:
    """Tell whether `raw` holds an escape that strict code refuses: `\\1`, `\\08`, `\\8`."""
    for match in _ESCAPE.finditer(raw):
        if match[4] and (match[4] != "0" or raw[match.end() : match.end() + 1] in ("8", "9")):
            return True
        if match[5] in ("8", "9"):
            return True
    return False


def well_paired(text: str) -> str:
    """Return `text` with each surrogate pair as the one character that JavaScript sees in it."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _cook_one(match: re.Match[str], *, octal: bool) -> str:
    braced, four, two, eight, other = match.groups()
    if eight is not None:
        following = match.string[match.end() : match.end() + 1]
        if not octal and (eight != "0" or following in ("8", "9")):
            raise BadEscape
        if len(eight) == 3 and eight > "377":  # only two digits belong to it
            return chr(int(eight[:2], 8)) + eight[2]
        return chr(int(eight, 8))
    if other is not None:
        if other in ("u", "x") or (not octal and other in ("8", "9")):
            raise BadEscape
        return "" if other in ("\r\n", "\n", "\r", "\u2028", "\u2029") else _SINGLE.get(other, other)
    code = int(braced or four or two, 16)
    if code > 0x10FFFF:
        raise BadEscape
    return chr(code)


def number(text: str) -> float:
    """Return the value of a number literal without the suffix `n`."""
    plain = text.replace("_", "")
    base = {"x": 16, "o": 8, "b": 2}.get(plain[1:2].lower(), 0)
    if base:
        return _rounded(int(plain[2:], base))
    if is_legacy_octal(plain):
        return _rounded(int(plain, 8))
    return float(plain)


def is_legacy_octal(text: str) -> bool:
    return len(text) > 1 and text[0] == "0" and all(digit in "01234567" for digit in text)


def _rounded(whole: int) -> float:
    try:
        return float(whole)
    except OverflowError:
        return float("inf")


def slow_name(text: str, start: int) -> tuple[str, int]:
    """Return the name that begins at `start` and holds escapes or other than ASCII letters, and where it ends."""
    pos, name = start, ""
    while pos < len(text):
        match = _ESCAPE.match(text, pos) if text[pos] == "\\" else None
        if match:
            char, end = _escaped(match, pos), match.end()
        else:
            char, end = text[pos], pos + 1
            if not _belongs(char, name, pos):
                break
        if match and not _belongs(char, name, pos):
            raise Refused(pos, "this escape can't stand in a name")
        name += char
        pos = end
        if len(name) > _LONGEST_NAME:
            raise Unsure(start, "a name that is too long to read")
    if not name:
        found = text[start : start + 1]
        raise Refused(start, f"unexpected character U+{ord(found):04X}" if found else "unexpected end of the file")
    return name, pos


def _escaped(match: re.Match[str], pos: int) -> str:
    code = int(match[1] or match[2] or "110000", 16)
    if code > 0x10FFFF:
        raise Refused(pos, "this escape can't stand in a name")
    return chr(code)


def _belongs(char: str, before: str, at: int) -> bool:
    if char in "$_" or char.isascii():
        return char in "$_" or char.isalpha() or (bool(before) and char.isdigit())
    if char in "\u200c\u200d":
        return bool(before)
    if (before and ("a" + char).isidentifier()) or char.isidentifier():
        return True
    if unicodedata.category(char) in _LETTERS:
        raise Unsure(at, f"whether U+{ord(char):04X} can stand in a name depends on the Unicode version")
    return False
