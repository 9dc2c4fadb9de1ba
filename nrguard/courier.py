"""Carries the outbox to its channels: one delivering child at a time, a parcel marked only after its receipt."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.deliver import Outcome, Receipt
from nrguard.hours import quiet_until
from nrguard.outbox import STORM, Outbox
from nrguard.policy import Channel
from nrguard.records import Parcel
from nrguard.say import moment
from nrguard.tell import digest

FIRST_RETRY, LAST_RETRY = 5.0, 600.0  # seconds; doubled from try to try, with a jitter of a quarter; for days
PERMANENT_RETRY = 6 * 3600.0  # a wrong token may be mended by the owner
LIMIT = 120.0  # seconds for one child


class Courier:
    """Delivers what is due whenever `deliver` is called and no child is under way."""

    def __init__(self, outbox: Outbox, children: Children, clock: Callable[[], float] = time.time) -> None:
        self._outbox = outbox
        self._children = children
        self._clock = clock
        self._carrying: dict[tuple[int, str], tuple[Parcel, ...]] = {}  # without a receipt yet, by first id and label
        self._anybody = True  # is there a channel?
        self._under_way = False
        self._unread = b""  # the beginning of a receipt
        self._noted = -1  # where the child is told that a receipt is durable

    @property
    def busy(self) -> bool:
        return self._under_way

    def deliver(self, channels: Sequence[Channel]) -> None:
        """Start a child with the parcels that are due; what is for none of `channels` goes to all of them."""
        self._anybody = bool(channels)
        if self._under_way or not channels:
            return
        now = self._clock()
        known = {channel.label: channel for channel in channels}
        self._outbox.pass_on(tuple(known))
        for channel in channels:
            self._redirect(channel, now)
        due = self._outbox.due(now)
        loads = [load for label in known for load in _loads([one for one in due if one.channel == label])]
        if loads:
            self._start(loads, known, now)

    def _redirect(self, channel: Channel, now: float) -> None:
        """Keep quiet hours, and let another channel tell too what this one failed to confirm."""
        if until := quiet_until(channel.quiet, now):
            self._outbox.hush(channel.label, now, until)
        if channel.escalate:
            self._outbox.escalate(channel.label, channel.escalate.to, now - channel.escalate.after)

    def _start(self, loads: Sequence[tuple[Parcel, ...]], known: dict[str, Channel], now: float) -> None:
        parcels = [self._one(load, now) for load in loads]
        used = [known[label] for label in sorted({parcel.channel for parcel in parcels})]
        self._under_way, self._unread = True, b""
        self._carrying = {(load[0].id, load[0].channel): load for load in loads}
        read_end, self._noted = os.pipe2(os.O_CLOEXEC)
        try:
            self._children.start(
                deliver.command(), limit=LIMIT + 10.0, done=self._done, said=self._said, environment=os.environ,
                stdin=deliver.request(used, parcels, limit=LIMIT, noted=read_end), inherits=(read_end,),
            )  # fmt: skip
        finally:
            os.close(read_end)  # the child has its own: when that is gone too, writing fails

    def _one(self, load: tuple[Parcel, ...], now: float) -> Parcel:
        """Return what goes out for `load`: its only parcel, or a digest of all of them."""
        first = load[0]
        if len(load) == 1:
            return first
        said = [(moment(parcel.at, now), parcel.message) for parcel in load]
        return replace(first, message=digest(os.uname().nodename, said, self._outbox.open_critical()))

    def next_due(self) -> float | None:
        """Return in how many seconds something should be delivered; None when nothing waits that could be."""
        due = None if self._under_way or not self._anybody else self._outbox.next_due()
        return None if due is None else max(0.0, due - self._clock())

    def _said(self, piece: bytes) -> None:
        """Note each receipt as it comes in, then let the child go on: at most the one in flight is ever sent twice."""
        whole, newline, self._unread = (self._unread + piece).rpartition(b"\n")
        for receipt in deliver.parse_receipts(whole + newline):
            if load := self._carrying.pop((receipt.id, receipt.label), ()):
                self._note(receipt, load)
            self._go_on()

    def _note(self, receipt: Receipt, load: Sequence[Parcel]) -> None:
        if receipt.outcome is Outcome.DELIVERED:
            self._outbox.confirm(receipt.label, [parcel.id for parcel in load], self._clock())
            return
        lasting = receipt.outcome is Outcome.PERMANENT
        self._put_back(load, PERMANENT_RETRY if lasting else _pause(load[0]), receipt.detail, lasting=lasting)

    def _go_on(self) -> None:
        try:
            os.write(self._noted, b"\n")
        except BrokenPipeError:
            pass  # the child is gone; `_done` puts back what it left

    def _put_back(self, load: Sequence[Parcel], pause: float, detail: str, *, lasting: bool = False) -> None:
        now, ids = self._clock(), [parcel.id for parcel in load]
        self._outbox.put_back(load[0].channel, ids, now + pause, detail, lasting=lasting, now=now)

    def _done(self, ended: Ended) -> None:
        os.close(self._noted)
        for load in self._carrying.values():
            self._put_back(load, _pause(load[0]), ended.problem or "no receipt")
        self._carrying = {}
        self._under_way = False


def _loads(parcels: Sequence[Parcel]) -> list[tuple[Parcel, ...]]:
    """Return what goes out as one message each: after a gap in the network, a storm or quiet hours, all of it."""
    waited = any(parcel.tries or parcel.held for parcel in parcels)
    together = len(parcels) > STORM or (len(parcels) > 1 and waited)
    return [tuple(parcels)] if together else [(parcel,) for parcel in parcels]


def _pause(parcel: Parcel) -> float:
    pause = min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(parcel.tries, 16))
    return pause * (0.75 + os.urandom(1)[0] / 512.0)  # many houses do not come back in the same second
