"""Carries the outbox to its channels: one delivering child at a time, a parcel marked only after its receipt."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.deliver import Outcome
from nrguard.policy import Channel
from nrguard.records import Parcel
from nrguard.say import moment
from nrguard.store import STORM, Store
from nrguard.tell import digest

FIRST_RETRY, LAST_RETRY = 5.0, 3600.0  # seconds; doubled from try to try, with a jitter of a quarter
PERMANENT_RETRY = 6 * 3600.0  # a wrong token may be mended by the owner
LIMIT = 120.0  # seconds for one child


class Courier:
    """Delivers what is due whenever `deliver` is called and no child is under way."""

    def __init__(self, store: Store, children: Children) -> None:
        self._store = store
        self._children = children
        self._carrying: dict[
            tuple[int, str], tuple[Parcel, ...]
        ] = {}  # without a receipt yet, by the first's id and label
        self._under_way = False
        self._unread = b""  # the beginning of a receipt

    @property
    def busy(self) -> bool:
        return self._under_way

    def deliver(self, channels: Sequence[Channel]) -> None:
        """Start a child with the parcels that are due; their labels must be among `channels`."""
        if self._under_way:
            return
        known = {channel.label: channel for channel in channels}
        due = self._store.due(time.time())
        for parcel in due:
            if parcel.channel not in known:
                self._store.retry(parcel.id, time.time() + PERMANENT_RETRY, "the policy names no such channel")
        loads = [load for label in known for load in self._loads([one for one in due if one.channel == label])]
        if not loads:
            return
        self._under_way, self._unread = True, b""
        self._carrying = {(load[0].id, load[0].channel): load for load in loads}
        parcels = [self._one(load) for load in loads]
        used = [known[label] for label in sorted({parcel.channel for parcel in parcels})]
        self._children.start(
            deliver.command(), limit=LIMIT + 10.0, done=self._done, said=self._said, environment=os.environ,
            stdin=deliver.request(used, parcels, limit=LIMIT),
        )  # fmt: skip

    def _loads(self, parcels: Sequence[Parcel]) -> list[tuple[Parcel, ...]]:
        """Return what goes out as one message each: after a gap in the network, or a storm, all of it together."""
        together = len(parcels) > STORM or (len(parcels) > 1 and any(parcel.tries for parcel in parcels))
        return [tuple(parcels)] if together else [(parcel,) for parcel in parcels]

    def _one(self, load: tuple[Parcel, ...]) -> Parcel:
        first = load[0]
        if len(load) == 1:
            return first
        now = time.time()
        since, until = moment(first.at, now), moment(load[-1].at, now)
        said = [parcel.message for parcel in load]
        return replace(first, message=digest(os.uname().nodename, since, until, said, self._store.open_critical()))

    def next_due(self) -> float | None:
        """Return in how many seconds something should be delivered; None when nothing waits or a child is under way."""
        due = None if self._under_way else self._store.next_due()
        return None if due is None else max(0.0, due - time.time())

    def _said(self, piece: bytes) -> None:
        """Note each receipt as it comes in: if this process dies now, at most the one in flight is sent twice."""
        whole, newline, self._unread = (self._unread + piece).rpartition(b"\n")
        for receipt in deliver.parse_receipts(whole + newline):
            load = self._carrying.pop((receipt.id, receipt.label), ())
            if receipt.outcome is Outcome.DELIVERED:
                for parcel in load:
                    self._store.delivered(parcel.id, time.time())
            elif load:
                lasting = receipt.outcome is Outcome.PERMANENT
                self._put_back(load, PERMANENT_RETRY if lasting else _pause(load[0]), receipt.detail)

    def _put_back(self, load: Sequence[Parcel], pause: float, detail: str) -> None:
        until = time.time() + pause
        for parcel in load:
            self._store.retry(parcel.id, until, detail)
        self._store.hold(load[0].channel, until)

    def _done(self, ended: Ended) -> None:
        for load in self._carrying.values():
            self._put_back(load, _pause(load[0]), ended.problem or "no receipt")
        self._carrying = {}
        self._under_way = False


def _pause(parcel: Parcel) -> float:
    pause = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(parcel.tries, 16))
    return pause * (0.75 + os.urandom(1)[0] / 512.0)  # many houses do not come back in the same second
