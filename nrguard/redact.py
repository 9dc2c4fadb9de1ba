"""The difference between two settings.js, fit to be pasted anywhere: no secret, nothing that forges a line. Pure.

What is shown is chosen, not what is hidden: the words of settings.js itself, punctuation, and strings at places where
no secret stands. So it does not matter that a few patterns don't read JavaScript as Node does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from nrguard.escape import visible
from nrguard.model import ADJACENT, PROTECTABLE

MASK, SHORT = '"…"', "…"
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?)
    |(?P<word>[\w$]+)""",
    re.DOTALL | re.VERBOSE,
)
_WORDS = frozenset({
    *PROTECTABLE, *ADJACENT, "module", "exports", "require", "readFileSync", "fs", "process", "env", "function",
    "return", "const", "let", "var", "true", "false", "null", "undefined", "type", "users", "user", "username",
    "password", "pass", "permissions", "default", "tokens", "key", "cert", "ca", "passphrase",
})  # fmt: skip
_HARMLESS = re.compile(r"""["'](?:credentials|strategy|\*|read|fs|utf-?8|(?:[a-z]+\.)?(?:read|write))["']""")
_QUOTED_WORD = re.compile(r"""["']([\w$]+)["']""")
_NAME = re.compile(r"""["'][\w .@:/*-]{0,120}["']""")  # no hash is one: they hold dollars
_NAMED = re.compile(r"""(?<![\w$])(?:(?:type|username|user|permissions|uiHost)["']?\s*:\s*\[?|readFileSync\s*\()\s*$""")
_PORT = re.compile(r"""(?<![\w$])uiPort["']?\s*:\s*$""")


def difference(old: bytes, new: bytes, path: str) -> list[str]:
    """Return a unified diff without context lines, in which everything that could be a secret is a mask.

    Context is left out on purpose: it would only be more to look through.
    """
    before, after = (text.decode("utf-8", "replace") for text in (old, new))
    lines, shown = [(text.split("\n"), _masked(text).split("\n")) for text in (before, after)], []
    for group in SequenceMatcher(None, lines[0][0], lines[1][0]).get_grouped_opcodes(0):
        shown.append(f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@")
        for _, start, end, new_start, new_end in group:
            shown += [f"-{line}" for line in lines[0][1][start:end]]
            shown += [f"+{line}" for line in lines[1][1][new_start:new_end]]
    heading = [f"--- {path}", f"+++ {path} (new)"] if shown else []
    return [visible(line.rstrip("\r")) for line in heading + shown]


def _range(start: int, end: int) -> str:
    """Return lines as a unified diff numbers them."""
    return str(start + 1) if end - start == 1 else f"{start + (end > start)},{end - start}"


def _masked(text: str) -> str:
    """Return `text` with as many lines, in which nothing is left that could be a secret."""
    return "".join(_pieces(text))


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for found in _TOKEN.finditer(text):
        yield text[end : found.start()]
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        yield _piece(found, line) + "\n" * found[0].count("\n")
        end = found.end()
    yield text[end:]


def _piece(found: re.Match[str], line: str) -> str:
    """Return what is shown of one token; `line` is what stands before it on its line."""
    token = found[0]
    if found["comment"]:
        return f"// {SHORT}" if token.startswith("//") else f"/* {SHORT} */"
    if found["string"]:
        word = _QUOTED_WORD.fullmatch(token)
        named = _NAMED.search(line) and _NAME.fullmatch(token)
        return token if named or _HARMLESS.fullmatch(token) or (word and word[1] in _WORDS) else MASK
    small = token.isascii() and token.isdecimal() and (len(token) < 4 or _PORT.search(line))
    return token if small or token in _WORDS else SHORT
