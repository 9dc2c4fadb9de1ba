"""Whether sshd lets people in by password, from the lines of its configuration. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_WORDS = re.compile(r'"([^"]*)"|([^\s="]+)')
BY_DEFAULT = "by default"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of configuration, includes taken in, and where it stands: "/etc/ssh/sshd_config:57"."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class _Value:
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Sshd:
    """`passwords`: what lets them in, "" if nothing does."""

    passwords: str
    ports: tuple[int, ...]


def understood(lines: Iterable[Line]) -> Sshd:
    """Return what the configuration says. Of each keyword the first value counts; a Match block may add to it."""
    first: dict[str, _Value] = {}
    for_some: dict[str, _Value] = {}
    ports: list[int] = []
    into = first
    for line in lines:
        keyword, value = _pair(line.text)
        if keyword == "match":
            into = first if value == "all" else for_some
        elif keyword == "port" and value.isdecimal():
            ports.append(int(value))
        elif into is first or value == "yes":
            into.setdefault(keyword, _Value(value, line.where))
    return Sshd(_passwords(first) or _passwords(first | for_some), tuple(ports) or (22,))


def words(text: str) -> list[str]:
    """Return the words of a line, quotes taken off; none for a comment."""
    if text.lstrip().startswith("#"):
        return []
    return [quoted or bare for quoted, bare in _WORDS.findall(text)]


def _pair(text: str) -> tuple[str, str]:
    keyword, *values = words(text) or [""]
    return keyword.lower(), " ".join(values).lower()


def _passwords(said: Mapping[str, _Value]) -> str:
    """Return what lets passwords in: the plain way, or a dialogue that PAM makes of it."""
    plain = said.get("passwordauthentication", _Value("yes", BY_DEFAULT))
    if plain.value == "yes":
        return plain.where
    older = said.get("challengeresponseauthentication", _Value("yes", BY_DEFAULT))
    dialogue = said.get("kbdinteractiveauthentication", older)
    pam = said.get("usepam", _Value("no", BY_DEFAULT))
    return dialogue.where if dialogue.value == pam.value == "yes" else ""
