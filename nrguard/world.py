"""What a cycle may ask of, and do to, the host. Two implementations: the real one (daemon.py) and a fake, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from nrguard.baseline import Baseline
from nrguard.model import Blind, Clock, FileIdentity, Listener, View, Wire
from nrguard.policy import Instance
from nrguard.probes import Probe
from nrguard.probes.roots import Roots
from nrguard.records import Changes, Debt, Event, Incident
from nrguard.seen import Finding, Process
from nrguard.understanding import Question, Understanding


@dataclass(frozen=True, slots=True)
class Content:
    """A regular file that was read whole. `digest` is the SHA-256 of `data` in hex."""

    path: str
    data: bytes
    identity: FileIdentity
    digest: str


@dataclass(frozen=True, slots=True)
class Odd:
    """Something else than a plain readable file stands at `path`; `what` says what: "symbolic link to …", "FIFO", …"""

    path: str
    what: str
    identity: FileIdentity | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    path: str


CHANGING = "a file that changes while it is read"


def unsteady(content: Content) -> Odd:
    """Return `content` as something to be replaced whatever is written into it meanwhile.

    For a file that never holds still long enough: `replace` then minds only which file it is, and gives back its bytes.
    """
    return Odd(content.path, CHANGING, content.identity)


Look = Content | Odd | Missing | Blind


@dataclass(frozen=True, slots=True)
class Replaced:
    """The new content is in place and durable. `displaced` is what it displaced, where that was a regular file.

    `aside`: the name in the same folder under which a directory or a file too large to be given back is kept.
    """

    identity: FileIdentity
    displaced: bytes | None = None
    aside: str = ""


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """The file is no longer the one that was judged, and what stands there now is not ours.

    Nothing was changed; or, where `displaced` or `aside` is given, the file was replaced and then changed at once.
    """

    what: str
    displaced: bytes | None = None
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was changed, and why."""

    why: str


Replacement = Replaced | ChangedSince | Failed


@dataclass(frozen=True, slots=True)
class Pending:
    """An answer that is on its way; the cycle is entered again when it is there."""

    what: str


@dataclass(frozen=True, slots=True)
class WireSeen:
    """What is believed of a listening socket (inode), and when it was last looked at (CLOCK_BOOTTIME).

    `wire` is None until looks agree; `again`: they do not yet (probes.agreement).
    """

    wire: Wire | Blind | None
    inode: int
    at: float
    again: bool = False


@dataclass(frozen=True, slots=True)
class PartSeen:
    """The newest part that a probe brought: what of (Probe.about), and when (CLOCK_BOOTTIME)."""

    part: object
    about: str
    at: float


@dataclass(frozen=True, slots=True)
class Flights:
    """What is under way for an instance."""

    restart: bool = False
    wire: bool = False
    looks: frozenset[str] = frozenset()  # names of probes
    restart_failed: str = ""  # why the last restart command failed, until the next one
    restart_seconds: float | None = None  # from the last order to restart until Node-RED answered
    logins_ended: bool = False  # with the last restart
    starting: bool = False  # Node-RED was restarted, or has ended by itself, and has not answered since

    @property
    def any(self) -> bool:
        return self.restart or self.wire


Between = Callable[[], None]


class World(Protocol):
    """The host and the records, as one instance's cycle sees them. No method raises for a condition of the host."""

    def now(self) -> float: ...  # seconds since the epoch
    def boottime(self) -> float: ...  # seconds of CLOCK_BOOTTIME
    def boot(self) -> str: ...  # this boot's id
    def clock(self) -> Clock: ...  # whether `now` can be believed
    def host(self) -> str: ...  # this host's name, as people know it
    def look(self, path: str) -> Look: ...
    def understand(self, question: Question) -> Understanding | Blind | Pending: ...
    def listeners(self, port: int) -> tuple[Listener, ...] | Blind: ...
    def wire(self, instance: str) -> WireSeen | None: ...
    def flights(self, instance: str) -> Flights: ...
    def parts(self, instance: str) -> Mapping[str, PartSeen]: ...  # by the probe's name
    def policy_error(self) -> str: ...

    def baseline(self, instance: str) -> Baseline | None: ...
    def incidents(self, instance: str) -> tuple[Incident, ...]: ...
    def debt(self, instance: str) -> Debt | None: ...
    def good_at(self, instance: str) -> float | None: ...
    def restarts(self, instance: str, since: float) -> tuple[float, ...]: ...

    def exclusive(
        self,
    ) -> AbstractContextManager[bool]: ...  # nobody else edits or seals meanwhile; False: somebody does
    def saw_good(self, instance: str, at: float) -> None: ...
    def owe(
        self, instance: str, debt: Debt | None, event: Event | None = None, opened: Sequence[Finding] = ()
    ) -> None: ...  # durable when it returns, all of it or nothing
    def keep(self, instance: str, data: bytes, facts: Mapping[str, View]) -> str: ...  # id in the quarantine
    def replace(
        self, path: str, expected: Content | Odd | Missing, data: bytes, owner: FileIdentity
    ) -> Replacement: ...
    def remove(self, path: str) -> str: ...  # "": there is no such file any more; else why not
    def restart(self, instance: Instance, why: str, *, between: Between | None = None) -> None: ...
    # enqueue, never by a bare signal; `between`: done while Node-RED is down, where the service can be stopped first
    def ask_wire(self, instance: Instance, process: Process, roots: Roots) -> None: ...  # enqueue
    def start_look(self, instance: Instance, probe: Probe, about: str, command: tuple[str, ...]) -> None: ...  # enqueue
    def finish(self, instance: str, changes: Changes) -> None: ...
