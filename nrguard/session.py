"""One command's own view of the host: the parts of the daemon, put together for a few turns and taken down again."""

from __future__ import annotations

import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nrguard.children import Children
from nrguard.courier import Courier
from nrguard.cycle import RETRY_FAILED, Report, cycle
from nrguard.errors import NrguardError
from nrguard.host.private import Held, lock
from nrguard.places import Places
from nrguard.policy import Policy
from nrguard.reader import Reader
from nrguard.realworld import RealWorld
from nrguard.store import Store

POLL = 0.25  # seconds


@dataclass(slots=True)
class Session:
    """Takes turns and waits for what they set going."""

    policy: Policy
    store: Store
    world: RealWorld
    reader: Reader
    _children: Children
    _selector: selectors.BaseSelector

    def settle(self, name: str, *, may_act: bool, limit: float) -> Report:
        """Take turns until nothing is under way, or for `limit` seconds, and return the last report."""
        end = time.monotonic() + limit
        while True:
            report = cycle(self.world, self.policy, name, may_act=may_act)
            looking = bool(self.world.flights(name).looks)
            put_off = may_act and 0.0 < report.wait < RETRY_FAILED  # for longer: the guard's to take up again
            done = report.observed is not None and not report.pending and not looking and not put_off
            if done or time.monotonic() >= end:
                return report
            self.wait(report.wait if put_off and not report.pending else POLL)

    def wait(self, seconds: float) -> None:
        """Let children go on, for `seconds` or until one has something."""
        deadline = self._children.next_deadline()
        left = seconds if deadline is None else min(seconds, max(0.0, deadline - time.monotonic()))
        self._selector.select(left)
        self._children.poll()

    def deliver(self, limit: float) -> None:
        """Carry what is due, for at most `limit` seconds; the rest stays in the outbox."""
        courier = Courier(self.store.outbox, self._children)
        courier.deliver(self.policy.channels)
        end = time.monotonic() + limit
        while courier.busy and time.monotonic() < end:
            self.wait(POLL)


@contextmanager
def session(places: Places, policy: Policy, *, readonly: bool) -> Iterator[Session]:
    """Open a session. `readonly`: nothing is written, and a state folder that is not there counts as empty."""
    with ExitStack() as undo:
        store = open_store(places, readonly=readonly)
        undo.callback(store.close)
        reader = Reader()
        undo.callback(reader.close)
        selector = selectors.DefaultSelector()
        undo.callback(selector.close)
        children = Children(selector)
        undo.callback(children.close)
        world = RealWorld(store, places.state, reader, children, lambda _: None)
        world.channels = policy.channels
        yield Session(policy, store, world, reader, children, selector)


def open_store(places: Places, *, readonly: bool) -> Store:
    """Return the store. `readonly`: a missing one counts as empty. Raise NrguardError where it can't be read."""
    if not readonly:
        places.make()
        return Store(places.state)
    return Store(places.state, readonly=True) if _exists(places.state / "guard.db") else Store.empty()


def guard_pid(places: Places) -> int:
    """Return the process id of the guard that is running on this state, 0 where none is."""
    path = places.state / "daemon.lock"
    if not _exists(path):
        return 0
    try:
        with lock(str(path)):
            return 0
    except Held as held:
        return held.pid


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:
        raise NrguardError(f"{path.parent}: it can't be read by this user", "run it with sudo") from error
