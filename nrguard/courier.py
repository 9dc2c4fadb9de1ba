"""Carries the outbox to its channels: one delivering child at a time, a parcel marked only after its receipt."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.policy import Channel
from nrguard.records import Parcel
from nrguard.store import Store

FIRST_RETRY, LAST_RETRY = 5.0, 3600.0  # seconds; doubled from try to try, with a jitter of a quarter
PERMANENT_RETRY = 6 * 3600.0  # a wrong token may be mended by the owner
LIMIT = 120.0  # seconds for one child


class Courier:
    """Delivers what is due whenever `deliver` is called and no child is under way."""

    def __init__(self, store: Store, children: Children) -> None:
        self._store = store
        self._children = children
        self._carrying: tuple[Parcel, ...] = ()

    @property
    def busy(self) -> bool:
        return bool(self._carrying)

    def deliver(self, channels: Sequence[Channel]) -> None:
        """Start a child with the parcels that are due; their labels must be among `channels`."""
        if self._carrying:
            return
        known = {channel.label: channel for channel in channels}
        due = self._store.due(time.time())
        for parcel in due:
            if parcel.channel not in known:
                self._store.retry(parcel.id, time.time() + PERMANENT_RETRY, "the policy names no such channel")
        self._carrying = tuple(parcel for parcel in due if parcel.channel in known)
        if not self._carrying:
            return
        labels = {parcel.channel for parcel in self._carrying}
        request = deliver.request([known[label] for label in sorted(labels)], self._carrying, limit=LIMIT)
        self._children.start(
            deliver.command(), limit=LIMIT + 10.0, done=self._done, stdin=request, environment=os.environ
        )

    def next_due(self) -> float | None:
        """Return in how many seconds something should be delivered; None when nothing waits or a child is under way."""
        due = None if self._carrying else self._store.next_due()
        return None if due is None else max(0.0, due - time.time())

    def _done(self, ended: Ended) -> None:
        now = time.time()
        receipts = {(receipt.id, receipt.label): receipt for receipt in deliver.parse_receipts(ended.output)}
        for parcel in self._carrying:
            receipt = receipts.get((parcel.id, parcel.channel))
            if receipt is None:
                self._store.retry(parcel.id, now + _pause(parcel), ended.problem or "no receipt")
            elif receipt.outcome is deliver.Outcome.DELIVERED:
                self._store.delivered(parcel.id, now)
            else:
                lasting = receipt.outcome is deliver.Outcome.PERMANENT
                pause = PERMANENT_RETRY if lasting else _pause(parcel)
                self._store.retry(parcel.id, now + pause, receipt.detail)
        self._carrying = ()


def _pause(parcel: Parcel) -> float:
    pause = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(parcel.tries, 16))
    return pause * (0.75 + os.urandom(1)[0] / 512.0)  # many houses do not come back in the same second
