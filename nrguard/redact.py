"""The difference between two settings.js, fit to be pasted anywhere: no secret, nothing that forges a line. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from nrguard.escape import visible

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?|\'(?:[^\'\\]|\\.)*\'?')
_HARMLESS = re.compile(r"""["'](?:credentials|strategy|\*|read|fs|utf-?8|[\w.]*\.read|[\w.]*\.write)["']""")
_SHOWN_KEYS = re.compile(r"(?:type|username|user|permissions|uiHost|readFileSync\s*\()\W*$")
_NUMBER = re.compile(r"(?<![\w$])(?<!uiPort: )\d{4,}")
_COMMENT = re.compile(r"//.*|/\*.*?(?:\*/|$)|^\s*\*.*")
MASK = '"…"'


def difference(old: bytes, new: bytes, path: str) -> list[str]:
    """Return a unified diff without context lines, in which every string that could be a secret is a mask.

    Context is left out on purpose: an unchanged line may hold somebody's password.
    """
    before, after = (text.decode("utf-8", "replace").splitlines() for text in (old, new))
    lines = difflib.unified_diff(before, after, path, f"{path} (new)", lineterm="", n=0)
    return [visible(line if line.startswith(("---", "+++", "@@")) else _masked(line)) for line in lines]


def _masked(line: str) -> str:
    if "`" in line:  # a template may run over several lines: nothing of it can be told apart
        return f"{line[0]} {MASK}"
    return "".join(_pieces(line))


def _pieces(line: str) -> Iterator[str]:
    end = 0
    for found in _STRING.finditer(line):
        yield _code(line[end : found.start()])
        shown = _HARMLESS.fullmatch(found[0]) or _SHOWN_KEYS.search(line[: found.start()])
        yield found[0] if shown else MASK
        end = found.end()
    yield _code(line[end:])


def _code(text: str) -> str:
    """Return code between strings without what a careless hand may have left in it: comments and long numbers."""
    return _NUMBER.sub("…", _COMMENT.sub("// …", text))
