"""The careless owner: takes a setting out of a settings.js as one does in an editor, and saves."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    rb"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`"""  # strings
    rb"""|//[^\n]*|/\*.*?\*/|[\[{(\])},]""",  # comments, and what opens, closes and separates
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A settings.js without one of its settings, and the source of the setting that is gone."""

    rest: bytes
    member: bytes


def cut(source: bytes, setting: str) -> Cut:
    """Take the live member `setting` out of `source`, with its comma and its line end. Raise `ValueError` without one.

    Good enough for files that `nrguard apply` has written: one live member of that name, at the start of a line.
    """
    found = re.search(rb"^[ \t]*" + re.escape(setting.encode()) + rb"\s*:", source, re.MULTILINE)
    if found is None:
        raise ValueError(f"no live {setting} in this settings.js")
    end = _member_end(source, found.end())
    rest = re.compile(rb"[ \t]*,?[ \t]*\n?").match(source, end)
    return Cut(source[: found.start()] + source[rest.end() if rest else end :], source[found.start() : end].strip())


def _member_end(source: bytes, start: int) -> int:
    """Return where the value that begins at `start` ends: at its comma, or at the brace that closes the object."""
    depth = 0
    for token in _TOKEN.finditer(source, start):
        text = token.group()
        if text in b"[{(":
            depth += 1
        elif depth == 0 and text in b"]}),":
            return token.start()
        elif text in b"]})":
            depth -= 1
    raise ValueError("the value does not end")
