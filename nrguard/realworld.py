"""The real host and the real records, as cycles see them (world.World)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from nrguard.baseline import Baseline, digest
from nrguard.children import Children
from nrguard.flight import Launcher, boot_id
from nrguard.host import clock, exchange, files, processes, quarantine, removal, sockets, sweep
from nrguard.host.identity import as_owner_of
from nrguard.host.private import Held, lock
from nrguard.model import Blind, Clock, FileIdentity, Listener, View
from nrguard.policy import Channel, Instance
from nrguard.probes import Probe
from nrguard.probes.roots import Roots
from nrguard.rare import RareLooks
from nrguard.reader import Asking, Reader
from nrguard.records import Changes, Debt, Event, Incident
from nrguard.seen import Finding, Process
from nrguard.store import Store
from nrguard.understanding import Question, Understanding
from nrguard.world import (
    Between,
    Content,
    Failed,
    Flights,
    Look,
    Missing,
    Odd,
    PartSeen,
    Pending,
    Replacement,
    WireSeen,
)

PATIENCE = 0.15  # seconds for which a turn waits for its reader before it is put off
LOCK_PATIENCE = 0.1  # seconds
REMEMBERED = 16  # answers of the reader
DEATHS = 3  # of readers until the file is called hostile: one may have met a full memory
UNREAD_LIMIT = 30.0  # seconds until a file that no reader has finished with is called hostile; one reader has 20
GOOD_AT_EVERY = 600.0  # seconds between two notes on disk that all is well: SD cards wear

_Pairs = tuple[tuple[str, str | None], ...]
_About = tuple[str, tuple[str, ...], _Pairs | None, bool, _Pairs | None]
_Key = tuple[str, *_About]  # the digest of what stands in the file now, and all else that was asked


class RealWorld:
    """Implements world.World. `ring` is called with an instance's name when something it waits for is there."""

    def __init__(
        self, store: Store, folder: Path, reader: Reader, children: Children, ring: Callable[[str], None]
    ) -> None:  # fmt: skip
        self._store = store
        self._folder = folder
        self._reader = reader
        self._launcher = Launcher(children, ring)
        self._rare = RareLooks(store)
        self._answers: dict[_Key, Understanding] = {}
        self._asking: dict[_Key, Asking] = {}
        self._deaths: dict[_About, int] = {}  # readers that died, one after another, of one file
        self._unread_since: dict[_About, float] = {}  # when a file was last understood, while it is not
        self._good_at: dict[str, float] = {}
        self._noted_at: dict[str, float] = {}
        self._boot = boot_id()
        self.problem = ""  # with the policy file
        self.channels: Sequence[Channel] = ()

    # -- clocks and names

    def now(self) -> float:
        return time.time()

    def boottime(self) -> float:
        return processes.boottime()

    def boot(self) -> str:
        return self._boot

    def clock(self) -> Clock:
        return clock.look()

    def host(self) -> str:
        return os.uname().nodename

    def policy_error(self) -> str:
        return self.problem

    # -- looking

    def look(self, path: str) -> Look:
        with as_owner_of(os.path.dirname(path)):
            return files.look(path)

    def understand(self, question: Question) -> Understanding | Blind | Pending:
        key = _key(question)
        if key in self._answers:
            return self._answers[key]
        asking = self._asking.pop(key, None) or self._reader.ask(question)
        answer = asking.collect(PATIENCE)
        if answer is None:
            _make_room(self._asking)
            self._asking[key] = asking
            return self._late(key)
        if isinstance(answer, Blind):
            return self._failed(key, answer)
        self._deaths.pop(key[1:], None)
        self._unread_since.pop(key[1:], None)
        _make_room(self._answers)
        self._answers[key] = answer
        return answer

    def _late(self, key: _Key) -> Blind | Pending:
        """Wait for the reader, but not for ever: the file may change as often as it is asked about."""
        since = self._unread_since.setdefault(key[1:], self.boottime())
        if self.boottime() - since < UNREAD_LIMIT:
            return Pending("reader")
        del self._unread_since[key[1:]]
        return Blind("settings.js changes faster than it can be read")

    def _failed(self, key: _Key, answer: Blind) -> Blind | Pending:
        """Believe that the file is to blame only when one reader after another has died of it, changed or not."""
        self._deaths[key[1:]] = self._deaths.get(key[1:], 0) + 1
        if self._deaths[key[1:]] < DEATHS:
            return Pending("another reader")
        self._deaths.clear()
        return answer

    def listeners(self, port: int) -> tuple[Listener, ...] | Blind:
        found = sockets.listeners(port)
        return found if isinstance(found, Blind) else tuple(processes.with_owner(listener) for listener in found)

    def wire(self, instance: str) -> WireSeen | None:
        return self._launcher.wire(instance)

    def flights(self, instance: str) -> Flights:
        return self._launcher.flights(instance)

    def parts(self, instance: str) -> Mapping[str, PartSeen]:
        return self._rare.parts(instance, self._launcher.parts(instance), self.now(), self.boottime())

    def start_look(self, instance: Instance, probe: Probe, about: str, command: tuple[str, ...]) -> None:
        if probe.rare:
            self._rare.start(instance.name, probe, about, self.now())
        self._launcher.start_look(instance, probe, about, command)

    # -- records

    def baseline(self, instance: str) -> Baseline | None:
        return self._store.baseline(instance)

    def incidents(self, instance: str) -> tuple[Incident, ...]:
        return self._store.incidents(instance)

    def debt(self, instance: str) -> Debt | None:
        debt, restarted_at = self._store.debt(instance), self._launcher.restarted_at(instance)
        return replace(debt, restarted_at=restarted_at) if debt and restarted_at > debt.weak_until else debt

    def good_at(self, instance: str) -> float | None:
        return self._good_at.get(instance) or self._store.good_at(instance, self._boot)

    def restarts(self, instance: str, since: float) -> tuple[float, ...]:
        return self._store.times(instance, "restart", since)

    def saw_good(self, instance: str, at: float) -> None:
        self._good_at[instance] = at
        if at - self._noted_at.get(instance, -GOOD_AT_EVERY) >= GOOD_AT_EVERY:
            self._noted_at[instance] = at
            self._store.saw_good(instance, self._boot, at)

    def owe(self, instance: str, debt: Debt | None, event: Event | None = None, opened: Sequence[Finding] = ()) -> None:
        self._store.owe(instance, debt, event, opened)

    def finish(self, instance: str, changes: Changes) -> None:
        self._store.finish(instance, changes, self.now(), self.channels)

    # -- acting

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        try:
            with lock(str(self._folder / "act.lock"), timeout=LOCK_PATIENCE):
                yield True
        except Held:
            yield False

    def keep(self, instance: str, data: bytes, facts: Mapping[str, View]) -> str:
        kept = quarantine.keep(str(self._folder / "quarantine"), data, {"instance": instance, **facts})
        return "" if isinstance(kept, Failed) else kept

    def replace(self, path: str, expected: Content | Odd | Missing, data: bytes, owner: FileIdentity) -> Replacement:
        with as_owner_of(os.path.dirname(path)):
            return exchange.replace(path, expected, data, uid=owner.uid, gid=owner.gid, mode=owner.mode)

    def remove(self, path: str) -> str:
        with as_owner_of(os.path.dirname(path)):
            return removal.remove(path)

    def restart(self, instance: Instance, why: str, *, between: Between | None = None, kind: str = "restart") -> None:
        """Order a restart. Only those of kind "restart" count as the guard's own, which are spaced."""
        self._store.record(instance.name, Event(self.now(), kind, why))
        self._launcher.restart(instance, between=between)

    def ask_wire(self, instance: Instance, process: Process, roots: Roots) -> None:
        self._launcher.ask_wire(instance, process, roots)

    def node_red_ended(self, instance: str) -> None:
        """Take note that the watched process ended: it may be starting again."""
        self._launcher.expect_start(instance)

    def sweep(self, instance: Instance) -> None:
        """Clear away what a power cut in the middle of a restore left beside settings.js; evidence is kept."""
        baseline = self.baseline(instance.name)
        folder = os.path.dirname(instance.settings)
        with as_owner_of(folder):
            swept = sweep.sweep(
                folder,
                owner=baseline.facts.uid if baseline else None,
                keep=lambda data: self.keep(instance.name, data, {"path": folder, "why": "left by a power cut"}),
            )
        if swept and not isinstance(swept, Blind):
            self._store.record(instance.name, Event(self.now(), "swept", ", ".join(swept)))

    def note_all_good(self) -> None:
        """Make durable when each settings.js was last right. Call it once, at the end."""
        for instance, at in self._good_at.items():
            self._store.saw_good(instance, self._boot, at)


def _make_room(remembered: dict[_Key, Any]) -> None:
    """Forget the oldest of what is remembered: bytes that change all the time must not fill the memory."""
    while len(remembered) >= REMEMBERED:
        forgotten = remembered.pop(next(iter(remembered)))
        if isinstance(forgotten, Asking):
            forgotten.close()


def _key(question: Question) -> _Key:
    environment = question.environment
    return (
        digest(question.present) if question.present is not None else "",
        digest(question.good) if question.good is not None else "",
        question.protected,
        tuple(sorted(environment.items())) if environment is not None else None,
        question.propose,
        tuple(question.change.items()) if question.change is not None else None,
    )
