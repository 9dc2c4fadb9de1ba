"""Single values: text, numbers, switches, durations, names, paths. Each reader returns the value or raises `Wrong`.

YAML 1.1 takes unquoted `yes`, `0755`, `12:30` and `2026-11-24` for something else than they look like, and other
readers of the same file disagree: all of these are refused by name, wherever they stand. No message shows a value
that could be a secret.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from nrguard.config.problems import Wrong, did_you_mean, shown
from nrguard.config.section import Reader
from nrguard.config.tree import Node, Scalar, is_null
from nrguard.model import Severity

E = TypeVar("E", bound=StrEnum)

LENGTH = 4096  # characters; no path is longer. It also bounds the time of every pattern below

_SURPRISES = (
    (re.compile(r"yes|no|on|off", re.IGNORECASE), "unquoted yes, no, on and off are booleans to YAML 1.1"),
    (re.compile(r"[-+]?0o?[0-9_]+"), "an unquoted number that begins with 0 is octal to YAML 1.1"),
    (re.compile(r"[-+]?0[xb][0-9a-f_]+", re.IGNORECASE), "an unquoted 0x or 0b is a number to YAML 1.1"),
    (re.compile(r"[-+]?\.?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "unquoted 12:30 is 750 to YAML 1.1 (base 60)"),
    (re.compile(r"[-+]?[0-9.]*_[0-9_.]*"), "an unquoted number with underscores is read differently by every reader"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "an unquoted date is no text to YAML"),
    (
        re.compile(r"[-+]?\.inf|\.nan|=", re.IGNORECASE),
        "unquoted .inf, .nan and = have a meaning in YAML 1.1",
    ),
)
_SWITCHES = re.compile(r"true|false", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
_CANONICAL = re.compile(r"0|-?[1-9][0-9]{0,14}")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)")
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NAME = re.compile(r"[a-z0-9-]{1,32}")


def scalar(node: Node, want: str) -> Scalar:
    """Return the node if it is a single value that means to every YAML reader what it looks like."""
    if not isinstance(node, Scalar):
        raise Wrong(node, f"{want} is wanted here")
    if is_null(node):
        raise Wrong(node, "the value is missing", f"{want} is wanted here")
    if len(node.text) > LENGTH:
        raise Wrong(node, f"the value is longer than {LENGTH} characters", "is a quotation mark or a bracket missing?")
    if node.plain:
        for pattern, what in _SURPRISES:
            if pattern.fullmatch(node.text):
                raise Wrong(node, what, "put it in quotes" if want.startswith("text") else f"write {want}")
    return node


def text(node: Node) -> str:
    """Read a text. A whole number may stand without quotes, since it can only be read in one way."""
    found = scalar(node, "text")
    number = _NUMBER.fullmatch(found.text) and not _CANONICAL.fullmatch(found.text)
    if found.plain and (number or _SWITCHES.fullmatch(found.text)):
        raise Wrong(node, "text is wanted here, and YAML reads something else", "put it in quotes")
    if not found.text.isprintable():
        raise Wrong(node, "a control character is not accepted")
    if not found.text:
        raise Wrong(node, "the text is empty")
    return found.text


def boolean(node: Node) -> bool:
    found = scalar(node, "true or false")
    if not found.plain or found.text not in ("true", "false"):
        raise Wrong(node, "true or false is wanted here", "without quotes, in small letters")
    return found.text == "true"


def integer(low: int = -(10**15), high: int = 10**15) -> Reader[int]:
    """Return a reader of whole numbers from `low` to `high`."""
    want = f"a whole number from {low} to {high}" if abs(low) < 10**15 else "a whole number"

    def read(node: Node) -> int:
        found = scalar(node, want)
        if not found.plain or not _CANONICAL.fullmatch(found.text) or not low <= int(found.text) <= high:
            raise Wrong(node, f"{want} is wanted here", "without quotes" if not found.plain else "")
        return int(found.text)

    return read


def duration(low: float = 0.0, high: float = 1e9) -> Reader[float]:
    """Return a reader of seconds (30, 30s, 5m, 6h, 2d) from `low` to `high`; plain fractions are accepted too."""

    def read(node: Node) -> float:
        found = scalar(node, "a duration such as 30s, 5m, 6h or 2d")
        match = _DURATION.fullmatch(found.text)
        if not match:
            raise Wrong(node, "a duration is wanted here", "a number with s, m, h or d: 30s, 5m, 6h, 2d")
        seconds = float(match[1]) * _UNITS[match[2]]
        if not low <= seconds <= high:
            raise Wrong(node, f"from {_spell(low)} to {_spell(high)} is accepted here")
        return seconds

    return read


def _spell(seconds: float) -> str:
    """Return seconds in the largest unit that divides them."""
    unit = next((unit for unit in "dhm" if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds / _UNITS[unit]:g}{unit}"


def word(known: Iterable[str]) -> Reader[str]:
    """Return a reader that accepts just these words."""
    options = tuple(known)

    def read(node: Node) -> str:
        found = text(node)
        if found not in options:
            raise Wrong(node, f"{shown(found)} is not known here", did_you_mean(found, options))
        return found

    return read


def choice(kind: type[E]) -> Reader[E]:
    """Return a reader of the members of an enumeration, by their values."""
    read = word(kind)
    return lambda node: kind(read(node))


def severity(node: Node) -> Severity:
    return Severity[word(map(str, Severity))(node).upper()]


def name(node: Node) -> str:
    """Read the name of an instance or the label of a channel."""
    found = text(node)
    if not _NAME.fullmatch(found):
        raise Wrong(node, f"{shown(found)} is no name", "1 to 32 of a-z, 0-9 and '-'")
    return found


def path(node: Node) -> str:
    """Read an absolute path without detours."""
    found = text(node)
    if found.startswith("~"):
        user, _, rest = found[1:].partition("/")
        full = posixpath.normpath(f"/home/{user or 'pi'}/{rest}")
        raise Wrong(node, "'~' is not expanded: nrguard runs as a user of its own", _write(full))
    if not found.startswith("/"):
        raise Wrong(node, "the path is not absolute", "write it in full, from '/' on")
    plain = posixpath.normpath(found)
    if plain != found:
        raise Wrong(node, "the path has a detour ('..', '.', '//' or a final '/')", _write(plain))
    return found


def _write(path: str) -> str:
    return f"write {shown(path)[1:-1]}" if shown(path) != "this" else "write the path in full"
