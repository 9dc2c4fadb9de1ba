"""Carries the outbox to its channels: one delivering child at a time, a parcel marked only after its receipt."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.deliver import Outcome, Receipt
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
        self._carrying: dict[tuple[int, str], Parcel] = {}  # without a receipt yet, by id and label
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
        parcels = tuple(parcel for parcel in due if parcel.channel in known)
        if not parcels:
            return
        self._under_way, self._unread = True, b""
        self._carrying = {(parcel.id, parcel.channel): parcel for parcel in parcels}
        labels = sorted({parcel.channel for parcel in parcels})
        self._children.start(
            deliver.command(), limit=LIMIT + 10.0, done=self._done, said=self._said, environment=os.environ,
            stdin=deliver.request([known[label] for label in labels], parcels, limit=LIMIT),
        )  # fmt: skip

    def next_due(self) -> float | None:
        """Return in how many seconds something should be delivered; None when nothing waits or a child is under way."""
        due = None if self._under_way else self._store.next_due()
        return None if due is None else max(0.0, due - time.time())

    def _said(self, piece: bytes) -> None:
        """Note each receipt as it comes in: if this process dies now, at most the one in flight is sent twice."""
        whole, newline, self._unread = (self._unread + piece).rpartition(b"\n")
        for receipt in deliver.parse_receipts(whole + newline):
            parcel = self._carrying.pop((receipt.id, receipt.label), None)
            if parcel is not None:
                self._note(parcel, receipt)

    def _note(self, parcel: Parcel, receipt: Receipt) -> None:
        now = time.time()
        if receipt.outcome is Outcome.DELIVERED:
            self._store.delivered(parcel.id, now)
            return
        lasting = receipt.outcome is Outcome.PERMANENT
        self._store.retry(parcel.id, now + (PERMANENT_RETRY if lasting else _pause(parcel)), receipt.detail)

    def _done(self, ended: Ended) -> None:
        for parcel in self._carrying.values():
            self._store.retry(parcel.id, time.time() + _pause(parcel), ended.problem or "no receipt")
        self._carrying = {}
        self._under_way = False


def _pause(parcel: Parcel) -> float:
    pause = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(parcel.tries, 16))
    return pause * (0.75 + os.urandom(1)[0] / 512.0)  # many houses do not come back in the same second
