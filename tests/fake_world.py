"""A whole host in memory: files, a Node-RED that reads its settings when it starts, a network, records.

Implements world.World. The reading of settings.js is the real one; time passes only when a test says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache

from nrguard.baseline import Baseline, Facts
from nrguard.baseline import digest as digest_of
from nrguard.model import Admin, Blind, Clock, FileIdentity, FileState, Listener, Reading, SettingState, View, Wire
from nrguard.observe import port_of
from nrguard.policy import Instance, Policy, Service, ServiceKind
from nrguard.probes import Probe
from nrguard.probes.roots import Roots
from nrguard.records import Changes, Debt, Event, Incident, Message
from nrguard.seen import Disk, Finding, Process
from nrguard.settingsjs import read as read_afresh
from nrguard.settingsjs.answer import answer
from nrguard.understanding import Question, Understanding
from nrguard.world import (
    Between,
    ChangedSince,
    Content,
    Failed,
    Flights,
    Look,
    Missing,
    Odd,
    PartSeen,
    Pending,
    Replaced,
    Replacement,
    WireSeen,
)

SETTINGS = "/home/pi/.node-red/settings.js"
EPOCH = 1_800_000_000.0
HASH = "$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9D1."
GOOD = f"""module.exports = {{
    // the way in
    adminAuth: {{
        type: "credentials",
        users: [{{ username: "admin", password: "{HASH}", permissions: "*" }}]
    }},
    uiPort: 18880,
    uiHost: "127.0.0.1",
    flowFile: "flows.json"
}}
""".encode()
BOOT_SECONDS = 3.0  # from Node-RED's start until it listens
READ_SECONDS = 1.0  # from its start until it reads settings.js


@cache
def read(text: bytes) -> Reading:
    """Return what a settings.js means: the real reading, each text once."""
    return read_afresh(text)


@cache
def _answered(present: bytes | None, good: bytes | None, protected: tuple[str, ...], *, propose: bool) -> Understanding:
    return answer(Question(present, good, protected, propose=propose))


def house(*, service: Service | None = None, name: str = "node-red") -> Policy:
    """Return a policy with one instance that systemd restarts."""
    kind = service or Service(ServiceKind.SYSTEMD, unit="nodered.service")
    return Policy((Instance(name, SETTINGS, kind),))


@dataclass
class NodeRed:
    """One process. `settings` is what it read; None until then."""

    started: float
    inode: int
    settings: bytes | None = None


@dataclass
class FakeWorld:
    files: dict[str, bytes] = field(default_factory=lambda: {SETTINGS: GOOD})
    time: float = 1000.0  # of CLOCK_BOOTTIME
    node_red: NodeRed | None = None
    sealed: list[Baseline] = field(default_factory=list)
    open_incidents: list[Incident] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    owed: Debt | None = None
    good: float | None = None
    restart_until: float = 0.0  # a restart command is under way until then
    wire_until: float = 0.0
    seen_wire: WireSeen | None = None
    broken: str = ""  # why nothing can be written
    restart_fails: str = ""
    writes: int = 0
    clock_seen: Clock = field(default_factory=lambda: Clock(right=True, why="a test says so"))
    _inode: int = 100
    _flights: Flights = field(default_factory=Flights)
    _ordered_at: float = 0.0

    # -- what a test does

    def seal(self, whole: bytes = GOOD) -> None:
        reading = read(whole)
        facts = Facts(self.now(), "accept", digest_of(whole), 1000, 1000, 0o644, settings=reading.settings)
        facts = replace(facts, port=port_of(Disk(SETTINGS, "", None, reading), None))
        self.sealed.append(Baseline(len(self.sealed) + 1, whole, facts))

    def start(self) -> None:
        """Start Node-RED now; it reads settings.js and listens later."""
        self._inode += 1
        self.node_red = NodeRed(self.time, self._inode)

    def pass_time(self, seconds: float) -> None:
        """Let the clock run; whatever is under way goes on."""
        end = self.time + seconds
        while self.time < end:
            self.time = min(end, self.time + 0.1)
            self._go_on()

    def _go_on(self) -> None:
        node_red = self.node_red
        if node_red and node_red.settings is None and self.time >= node_red.started + READ_SECONDS:
            node_red.settings = self.files.get(SETTINGS, b"module.exports = {}")
            if read(node_red.settings).state is FileState.BROKEN:  # it ends, and systemd starts it again
                self.start()
        if self.restart_until and self.time >= self.restart_until:
            self.restart_until = 0.0
            failed = self.restart_fails
            self._flights = replace(self._flights, restart=False, restart_failed=failed)
            if not failed:
                self.start()
                self.owed = replace(self.owed, restarted_at=self.time) if self.owed else None
        if self.wire_until and self.time >= self.wire_until:
            self._answer_wire()

    def _answer_wire(self) -> None:
        listening = self._listening()
        if listening is None and self._ordered_at:
            return  # waits until Node-RED answers
        self.wire_until = 0.0
        self._flights = replace(self._flights, wire=False)
        if listening is None:
            self.seen_wire = WireSeen(Wire("127.0.0.1", 18880, Admin.SILENT), 0, self.time)
            return
        if self._ordered_at:
            self._flights = replace(self._flights, restart_seconds=self.time - self._ordered_at, restart_failed="")
            self._ordered_at = 0.0
        asks = read(listening.settings).settings["adminAuth"].state is not SettingState.ABSENT
        admin = Admin.LOGIN if asks else Admin.OPEN
        self.seen_wire = WireSeen(Wire("127.0.0.1", self._port(), admin, tls=False), listening.inode, self.time)

    def _listening(self) -> NodeRed | None:
        node_red = self.node_red
        up = node_red and node_red.settings is not None and self.time >= node_red.started + BOOT_SECONDS
        return node_red if up else None

    def _port(self) -> int:
        assert self.node_red is not None
        return port_of(Disk(SETTINGS, "", None, read(self.node_red.settings)), None)

    # -- world.World

    def now(self) -> float:
        return EPOCH + self.time

    def boottime(self) -> float:
        return self.time

    def boot(self) -> str:
        return "boot-1"

    def clock(self) -> Clock:
        return self.clock_seen

    def host(self) -> str:
        return "pi4-hall"

    def look(self, path: str) -> Look:
        data = self.files.get(path)
        if data is None:
            return Missing(path)
        identity = FileIdentity(1, 2, 1000, 1000, 0o644, 1, len(data), 0, 0)
        return Content(path, data, identity, hashlib.sha256(data).hexdigest())

    def understand(self, question: Question) -> Understanding | Blind | Pending:
        assert question.environment is None
        return _answered(question.present, question.good, question.protected, propose=question.propose)

    def listeners(self, port: int) -> tuple[Listener, ...] | Blind:
        listening = self._listening()
        if listening is None or self._port() != port:
            return ()
        return (Listener("127.0.0.1", port, 1000, listening.inode, 4711, listening.started),)

    def wire(self, instance: str) -> WireSeen | None:
        return self.seen_wire

    def flights(self, instance: str) -> Flights:
        return self._flights

    def parts(self, instance: str) -> Mapping[str, PartSeen]:
        return {}

    def start_look(self, instance: Instance, probe: Probe, about: str, command: tuple[str, ...]) -> None:
        """Looks by children bring nothing here."""

    def policy_error(self) -> str:
        return ""

    def baseline(self, instance: str) -> Baseline | None:
        return self.sealed[-1] if self.sealed else None

    def incidents(self, instance: str) -> tuple[Incident, ...]:
        return tuple(self.open_incidents)

    def debt(self, instance: str) -> Debt | None:
        return self.owed

    def good_at(self, instance: str) -> float | None:
        return self.good

    def restarts(self, instance: str, since: float) -> tuple[float, ...]:
        return tuple(event.at for event in self.events if event.kind == "restart" and event.at >= since)

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        yield True

    def saw_good(self, instance: str, at: float) -> None:
        self.good = at

    def owe(self, instance: str, debt: Debt | None, event: Event | None = None, opened: Sequence[Finding] = ()) -> None:
        self.owed = debt
        self.events += [event] if event else []
        self.open_incidents += [Incident(len(self.events) + n, self.now(), f) for n, f in enumerate(opened)]

    def keep(self, instance: str, data: bytes, facts: Mapping[str, View]) -> str:
        self.kept.append(data)
        return f"kept-{len(self.kept)}"

    def replace(self, path: str, expected: Content | Odd | Missing, data: bytes, owner: FileIdentity) -> Replacement:
        if self.broken:
            return Failed(self.broken)
        if isinstance(expected, Content) and self.files.get(path) != expected.data:
            return ChangedSince("the file changed")
        displaced = self.files.get(path)
        self.files[path] = data
        self.writes += 1
        return Replaced(FileIdentity(1, 3, owner.uid, owner.gid, owner.mode, 1, len(data), 0, 0), displaced)

    def remove(self, path: str) -> str:
        self.files.pop(path, None)
        return ""

    def restart(self, instance: Instance, why: str, *, between: Between | None = None) -> None:
        self.events.append(Event(self.now(), "restart", why))
        self.node_red = None
        if between:
            between()
        self.restart_until = self.time + 0.2
        self._ordered_at = self.time
        self._flights = Flights(restart=True, logins_ended=between is not None)

    def ask_wire(self, instance: Instance, process: Process, roots: Roots) -> None:
        self.wire_until = self.time + 0.1
        self._flights = replace(self._flights, wire=True)

    def finish(self, instance: str, changes: Changes) -> None:
        self.events += changes.events
        self.messages += changes.messages
        closed = set(changes.closed)
        updated = {(finding.check, finding.subject): finding for finding in changes.updated}
        opened = [Incident(len(self.events) + n, self.now(), f) for n, f in enumerate(changes.opened)]
        kept = [replace(i, finding=updated.get(i.key, i.finding)) for i in (*self.open_incidents, *opened)]
        told, reminded = set(changes.told), set(changes.reminded)
        self.open_incidents = [
            replace(
                i,
                told=i.told or i.key in told,
                told_at=self.now() if i.key in told | reminded else i.told_at,
                reminders=0 if i.key in told else i.reminders + (i.key in reminded),
            )
            for i in kept
            if i.key not in closed
        ]
