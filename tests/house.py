"""A house over days: the fake world with the real records and the real courier, a network that comes and goes, nights.

Time passes only here: a day takes a second or two. What reached a channel is in `told`, with its time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nrguard import deliver
from nrguard.children import Ended
from nrguard.courier import Courier
from nrguard.cycle import Report, cycle
from nrguard.deliver import Outcome, Receipt
from nrguard.model import Wire
from nrguard.policy import Channel, Instance, Policy
from nrguard.presence import Presence
from nrguard.records import Changes, Debt, Event, Incident
from nrguard.seen import Finding
from nrguard.store import Store
from nrguard.world import Flights, PartSeen
from tests.fake_world import BOOT_SECONDS, FakeWorld, house

NAME = "node-red"
QUIET = 30.0  # seconds between two looks when nothing rings


@dataclass
class StoredWorld(FakeWorld):
    """The fake world, but its records are the real ones; it can lose its power."""

    store: Store = field(default_factory=Store.empty)
    channels: tuple[Channel, ...] = ()
    epoch: float = 0.0  # when this boot began
    boots: int = 1
    certificate: bytes = b""  # that a Node-RED which is started now serves
    newest_parts: dict[str, PartSeen] = field(default_factory=dict)

    def power_cut(self, seconds: float) -> None:
        self.epoch, self.time = self.epoch + self.time + seconds, 20.0
        self.boots += 1
        self.node_red, self.seen_wire, self.good = None, None, None
        self.restart_until = self.wire_until = 0.0
        self._flights = Flights()

    def _answer_wire(self) -> None:
        super()._answer_wire()
        if self.seen_wire is not None and isinstance(self.seen_wire.wire, Wire):
            wire = replace(self.seen_wire.wire, certificate=self.certificate)
            self.seen_wire = replace(self.seen_wire, wire=wire)

    def now(self) -> float:
        return self.epoch + self.time

    def boot(self) -> str:
        return f"boot-{self.boots}"

    def parts(self, instance: str) -> Mapping[str, PartSeen]:
        return self.newest_parts

    def incidents(self, instance: str) -> tuple[Incident, ...]:
        return self.store.incidents(instance)

    def debt(self, instance: str) -> Debt | None:
        return self.store.debt(instance)

    def restarts(self, instance: str, since: float) -> tuple[float, ...]:
        return self.store.times(instance, "restart", since)

    def owe(self, instance: str, debt: Debt | None, event: Event | None = None, opened: Sequence[Finding] = ()) -> None:
        self.store.owe(instance, debt, event, opened)

    def restart(self, instance: Instance, why: str, *, between: Callable[[], None] | None = None) -> None:
        self.store.record(instance.name, Event(self.now(), "restart", why))
        super().restart(instance, why, between=between)

    def finish(self, instance: str, changes: Changes) -> None:
        self.store.finish(instance, changes, self.now(), self.channels)


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it reached somebody."""

    at: str  # "03:10"
    channel: str
    title: str
    body: str


class Network:
    """Stands in for `Children`: what the courier hands over arrives at once, or not at all."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.up = True
        self.told: list[Told] = []
        self._clock = clock

    def start(
        self, arguments: Sequence[str], *, said: Callable[[bytes], None], done: Callable[[Ended], None], stdin: bytes,
        **_: Any,
    ) -> None:  # fmt: skip
        assert arguments == deliver.command()
        for message in json.loads(stdin)["messages"]:
            outcome = Outcome.DELIVERED if self.up else Outcome.TRANSIENT
            if self.up:
                at = time.strftime("%H:%M", time.localtime(self._clock()))
                self.told.append(Told(at, message["label"], message["title"], message["body"]))
            said(deliver.line(Receipt(message["id"], message["label"], outcome, "" if self.up else "no network")))
        done(Ended(0, b""))


class House:
    """One guarded Node-RED, its guard, and its people's phones."""

    def __init__(self, start: float, channels: Sequence[Channel]) -> None:
        self.policy: Policy = replace(house(), channels=tuple(channels))
        self.world = StoredWorld(channels=tuple(channels), epoch=start - 1000.0)
        self.network = Network(self.world.now)
        self.world.seal()
        self.world.start()
        self.start_guard()
        self.wait(60.0)

    @property
    def told(self) -> list[Told]:
        return self.network.told

    def start_guard(self) -> None:
        self._courier = Courier(self.world.store.outbox, self.network, self.world.now)  # type: ignore[arg-type] # stands in
        self._presence = Presence(self.world.store, self.world.boot(), 0.0, self.world.now)

    def stop_guard(self) -> None:
        """End it as systemd does at an upgrade or a reboot."""
        self._presence.leave()

    def power_cut(self, seconds: float) -> None:
        self.world.power_cut(seconds)
        self.world.start()
        self.start_guard()
        self.wait(60.0)

    def turn(self) -> Report:
        report = cycle(self.world, self.policy, NAME, may_act=True)
        if not report.pending and self._presence.untold:
            self._presence.tell(self.world.host(), self.policy.channels)
        self._presence.stay()
        self._courier.deliver(self.policy.channels)
        return report

    def wait(self, seconds: float) -> None:
        """Let time pass; the guard looks as it does when nothing rings."""
        end = self.world.time + seconds
        while self.world.time < end:
            report = self.turn()
            pause = 0.5 if report.pending else min(report.wait or QUIET, QUIET)
            due = self._courier.next_due()
            self.world.pass_time(min(pause, max(0.5, due if due is not None else pause), end - self.world.time + 0.001))

    def wait_until(self, moment: float) -> None:
        self.wait(moment - self.world.now())

    def restart_node_red(self) -> None:
        """As its owner, an installer or an attacker does."""
        self.world.start()
        self.wait(BOOT_SECONDS + 1.0)
