"""Knows when nobody guarded: a mark is set at the start, kept fresh, and taken away at an end that was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from nrguard import tell
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.say import moment
from nrguard.store import Mark, Store

RUNNING = "running"
FRESH = 600.0  # seconds between two notes that we are alive: SD cards wear


class Presence:
    """Tells, once it has looked at everything, that it came back after an end that nobody asked for.

    The old mark stays until that is told, in one transaction with the message: a guard that is killed again before
    has forgotten nothing.
    """

    def __init__(self, store: Store, boot: str, alive: float, clock: Callable[[], float] = time.time) -> None:
        """`alive`: when a guard was last known to be alive in this boot, by other means than the mark; 0: unknown."""
        self._store = store
        self._boot = boot
        self._clock = clock
        self.since = clock()
        self._missed = store.mark(RUNNING)
        self._alive = alive if self._missed and self._missed.value == boot else 0.0
        self._noted = 0.0
        if self._missed is None:
            self._note(self.since)

    @property
    def untold(self) -> bool:
        return self._missed is not None

    def tell(self, host: str, channels: Sequence[Channel]) -> None:
        """Say that the guard is back, and what it found since."""
        if self._missed is None:
            return
        now = self._clock()
        why = "an unexpected end" if self._missed.value == self._boot else "a power cut"
        left = min(max(self._missed.at, self._alive), self.since)
        found = [each for each in self._store.opened_since(self.since) if each.severity > Severity.NOTE]
        message = tell.returned(host, moment(left, now), moment(self.since, now), why, found)
        self._store.set_mark(RUNNING, Mark(now, self._boot), message, channels)
        self._missed, self._noted = None, now

    def stay(self) -> None:
        """Note every now and then that we are alive."""
        now = self._clock()
        if self._missed is None and not 0 <= now - self._noted < FRESH:
            self._note(now)

    def leave(self) -> None:
        """Note that this end was asked for."""
        if self._missed is None:
            self._store.set_mark(RUNNING, None)

    def _note(self, now: float) -> None:
        self._store.set_mark(RUNNING, Mark(now, self._boot))
        self._noted = now
