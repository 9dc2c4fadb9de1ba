"""What `-D` sets: which setting, to what, as far as people may see it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from nrguard.escape import visible
from nrguard.model import View
from nrguard.starting import Bearing, Deviation, Origin, Word

_SYNTAX = re.compile(r"(?:([^=]+)=(.+)|@(.*))")
_FIRST = re.compile(r"""(?:"([^"]+)"|'([^']+)'|([^.\[]+))""")
_SHOWN = (
    "uiHost", "uiPort", "requireHttps", "httpAdminRoot", "httpNodeRoot", "httpRoot", "httpStatic", "httpStaticRoot",
    "disableEditor", "userDir", "nodesDir", "flowFile", "title",
)  # fmt: skip
_JUDGED = ("uiHost", "uiPort", "requireHttps")
_LONGEST = 60

ReadText = Callable[[str], str]
"""Returns a file's text, of a path relative to the working folder. Raises OSError or UnicodeError."""


class Unfollowed(Exception):
    """What a `-D @file` sets can't be told, and why."""


def deviations(define: Word, read_text: ReadText) -> Iterator[Deviation]:
    """Yield each setting that one `-D` sets. Raise Unfollowed where its file does not read."""
    found = _SYNTAX.fullmatch(define.text)
    if found is None:
        return  # Node-RED does not start
    if found[1] is not None:
        value = _json(found[2])
        yield _deviation(found[1], value, f"-D {_shown(found[1], value)}", define.origin)
        return
    for name, value in _object(found[3], read_text).items():
        yield _deviation(name, value, f"-D @{visible(found[3], limit=120)} ({_shown(name, value)})", define.origin)


def _object(path: str, read_text: ReadText) -> dict[str, View]:
    try:
        made = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise Unfollowed(f"-D @{visible(path, limit=120)}: {_why(error)}") from None
    return made if isinstance(made, dict) else {}


def _why(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else "it is not JSON"


def _json(text: str) -> View:
    try:
        made: View = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return made


def _deviation(path: str, value: View, saw: str, origin: Origin) -> Deviation:
    judged = value if path in _JUDGED and not isinstance(value, list | dict) else None
    return Deviation(Bearing.SETTING, setting_of(path), saw, origin, judged)


def setting_of(path: str) -> str:
    """Return the setting that a property path starts with: "adminAuth" of `adminAuth.users[0].password`."""
    first = _FIRST.match(path)
    return visible(next(filter(None, first.groups())), limit=_LONGEST) if first else visible(path, limit=_LONGEST)


def _shown(path: str, value: View) -> str:
    """Return the assignment as people may see it: whatever could be a secret is left out."""
    harmless = value is None or isinstance(value, bool) or path in _SHOWN or path.endswith("permissions")
    if path == "adminAuth.default" and isinstance(value, dict):
        value = {"permissions": value.get("permissions")}
        harmless = True
    shown = visible(value if isinstance(value, str) else json.dumps(value), limit=_LONGEST) if harmless else "…"
    return f"{visible(path, limit=_LONGEST)}={shown}"
