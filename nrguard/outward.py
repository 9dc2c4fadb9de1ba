"""All that leaves the guard for people: messages, signs of life, and status.json; and whether it can leave."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence

from nrguard import __version__, deliver, tell
from nrguard.children import Children, Ended
from nrguard.courier import Courier
from nrguard.cycle import Report
from nrguard.deliver import Outcome
from nrguard.escape import one_line
from nrguard.flight import boot_id
from nrguard.heart import Heart
from nrguard.host import processes
from nrguard.model import Severity
from nrguard.places import Places
from nrguard.policy import Channel, Policy
from nrguard.presence import Presence
from nrguard.recount import recount
from nrguard.say import clock
from nrguard.seen import Seen
from nrguard.standing import Guard, House
from nrguard.statusfile import StatusFile, touched
from nrguard.store import Store
from nrguard.wellbeing import say_well

SETTLED = 60.0  # seconds after the start until it is told how things stand, however far the looks have come
TICK = 60.0  # seconds; what has no moment of its own is due then
log = logging.getLogger("nrguard")


class Outward:
    """One for each daemon. `adopt` and `heard` take in what is new, `go` sends what is due."""

    def __init__(self, places: Places, store: Store, children: Children) -> None:
        self._store = store
        self._children = children
        self._host = os.uname().nodename
        self._presence = Presence(store, boot_id(), touched(places))
        pid = os.getpid()
        self._guard = Guard(pid, processes.started(pid), self._presence.since, __version__)
        self._courier = Courier(store.outbox, children)
        self._heart = Heart(store, children)
        self._file = StatusFile(places)
        self._policy: Policy | None = None
        self._problem = ""
        self._seen: dict[str, Seen] = {}
        self._pending: set[str] = set()
        self._said = ""

    def adopt(self, policy: Policy, problem: str) -> None:
        """Speak to the channels of a new policy from now on, having looked whether each can work at all."""
        self._policy, self._problem = policy, problem
        self._pending = {instance.name for instance in policy.instances}
        self._seen = {name: seen for name, seen in self._seen.items() if name in self._pending}
        if not policy.channels:
            log.warning("the policy has no channels: nobody is told of anything")
            return
        self._children.start(
            deliver.command(), limit=deliver.RUN_SECONDS + 20.0, stdin=deliver.look_request(policy.channels),
            environment=os.environ, done=lambda ended: self._looked(policy.channels, ended),
        )  # fmt: skip

    def heard(self, name: str, report: Report) -> None:
        """Take in what a turn came to."""
        if report.observed is None:
            return
        self._seen[name] = report.observed.seen
        if not report.pending:
            self._pending.discard(name)

    def go(self) -> None:
        """Send what is due, and write down how things stand."""
        if self._policy is None:
            return
        now = time.time()
        has_looked = not self._pending or now - self._presence.since > SETTLED
        if self._presence.untold and has_looked:
            self._presence.tell(self._host, self._policy.channels)
        self._presence.stay()
        say_well(self._store, self._policy, self._host, now)
        self._courier.deliver(self._policy.channels)
        house = recount(self._store, self._policy, self._guard, self._seen, self._problem)
        if has_looked:  # before that nothing is known to be fine
            self._heart.beat(self._policy.heartbeat, ok=_fine(house), body=verdict(self._host, house))
        problem = self._file.write(house, now)
        if problem and problem != self._said:
            log.warning("%s", problem)
        self._said = problem

    def next_due(self) -> float:
        """Return in how many seconds `go` should be called at the latest."""
        due = (self._courier.next_due(), self._heart.next_due())
        return min([TICK, *(each for each in due if each is not None)])

    def leave(self) -> None:
        """Note that the guard ends because it was told to."""
        self._presence.leave()

    def _looked(self, channels: Sequence[Channel], ended: Ended) -> None:
        for receipt in deliver.parse_receipts(ended.output):
            broken = receipt.outcome is not Outcome.USABLE
            if not self._store.outbox.found_unusable(receipt.label, receipt.detail if broken else "") or not broken:
                continue
            log.warning("the channel %s can't work: %s", receipt.label, one_line(receipt.detail))
            others = [channel for channel in channels if channel.label != receipt.label]
            now = time.time()
            message = tell.unusable(self._host, clock(now), receipt.label, receipt.detail)
            self._store.outbox.post(message, now, others)


def verdict(host: str, house: House) -> str:
    """Return the verdict as the heartbeat carries it: a line for each instance, and how many things are open."""
    lines = [f"nrguard {house.guard.version if house.guard else ''} on {one_line(host, limit=64)}"]
    for each in house.instances:
        state = "protected" if each.protected else "NOT PROTECTED"
        lines.append(f"{each.name}: {state}, {len(each.open)} open, baseline {each.baseline.generation}")
    return "\n".join(lines)


def _fine(house: House) -> bool:
    """Tell whether nothing critical is open."""
    return not any(one.severity is Severity.CRITICAL for each in house.instances for one in each.open)
