"""How this computer itself can be entered: well-known passwords, SSH, a Node-RED that is root. Pure.

looks/host.py gathers it. No password and no hash ever leaves that program, in any form.
"""

from __future__ import annotations

from dataclasses import dataclass

from nrguard.model import Blind
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Disk, Process, Seen

DAY = 86400.0  # seconds


@dataclass(frozen=True, slots=True)
class Request:
    uid: int  # that Node-RED runs as; -1: unknown


@dataclass(frozen=True, slots=True)
class Ssh:
    """`passwords`: where sshd's configuration lets them in, or "by default"; "" where it does not."""

    passwords: str
    addresses: tuple[str, ...]  # that it listens on, loopback left out


@dataclass(frozen=True, slots=True)
class Users:
    """Users with a password that everybody knows, and with none at all."""

    known: tuple[str, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """How Node-RED's user becomes root without a password: the line of sudo's rules, groups that come to the same."""

    user: str
    sudo: str | Blind
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """The host part. Each piece is Blind by itself where this identity can't see it."""

    users: Users | Blind
    ssh: Ssh | Blind
    root: Root | None  # None: it is not known which user it is


def parse(output: bytes) -> Host | Blind:
    """Return the part that the child's output makes."""
    return answer(Host, output, "this computer's logins")


def _uid(seen: Seen) -> int:
    if isinstance(seen.process, Process) and seen.process.listeners:
        return seen.process.listeners[0].uid
    identity = seen.disk.identity if isinstance(seen.disk, Disk) else None
    return identity.uid if identity is not None else -1


PROBE = Probe(
    name="host",
    every=lambda intervals: DAY,  # trying a password takes a tenth of a second on a Pi
    about=lambda seen: str(_uid(seen)),
    command=lambda seen: command("host", Request(_uid(seen))),
    parse=parse,
    limit=60.0,
)
