"""Which of sudo's rules makes a user root without a password. Pure: takes the lines of the files, in their order.

A line that this does not understand grants nothing here: it is advice, and `sudo -l` is the truth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

_RULE = re.compile(r"(?P<users>[^=]+?)\s+(?P<hosts>[\w!,*.\-]+)\s*=\s*(?P<rest>.+)")
_TAG = re.compile(r"\b(NOPASSWD|PASSWD):")
_ALIAS = re.compile(r"User_Alias\s+(?P<name>[A-Z][A-Z0-9_]*)\s*=\s*(?P<users>.+)")
_DEFAULTS = re.compile(r"Defaults(?P<whom>:\S+)?\s+(?P<what>.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line and where it begins: "/etc/sudoers:12"."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Who:
    name: str
    uid: int
    groups: Collection[str]


def passwordless(lines: Iterable[Line], who: Who) -> str:
    """Return where `who` is let run anything as root without a password; "" if nowhere. The last rule decides."""
    aliases: dict[str, str] = {}
    decided = trusted = ""
    for line in lines:
        if alias := _ALIAS.match(line.text):
            aliases[alias["name"]] = alias["users"]
        elif default := _DEFAULTS.match(line.text):
            everybody = default["whom"] is None or _names(default["whom"][1:], who, aliases)
            if everybody and re.search(r"!\s*authenticate\b", default["what"]):
                trusted = line.where
        elif (rule := _RULE.match(line.text)) and _names(rule["users"], who, aliases) and _anything(rule["rest"]):
            tags = _TAG.findall(rule["rest"])
            decided = line.where if tags and tags[-1] == "NOPASSWD" else trusted
    return decided


def _anything(rest: str) -> bool:
    """Tell whether the rule lets run any command: it runs as root, and its commands end in ALL."""
    commands = rest
    if as_whom := re.match(r"\(([^)]*)\)", rest):
        users = as_whom[1].partition(":")[0]
        if not {one.strip() for one in users.split(",")} & {"ALL", "root", "#0"}:
            return False
        commands = rest[as_whom.end() :]
    return "ALL" in (re.sub(r"^(?:\s*[A-Z_]+:)+", "", one).strip() for one in commands.split(","))


def _names(users: str, who: Who, aliases: Mapping[str, str], depth: int = 0) -> bool:
    wanted = {"ALL", who.name, f"#{who.uid}", *(f"%{group}" for group in who.groups)}
    for one in (part.strip() for part in users.split(",")):
        if one in wanted or (one in aliases and depth < 8 and _names(aliases[one], who, aliases, depth + 1)):
            return True
    return False
