"""The heartbeat, as the daemon sees it: a child gives it every so often, and it is remembered whether it was heard."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.deliver import Outcome, Receipt
from nrguard.policy import Heartbeat
from nrguard.store import Mark, Store

MARK = "heartbeat"  # `value` is why it was not heard, "" where it was
RETRY = 60.0  # seconds, or the interval where that is shorter
LIMIT = 40.0  # seconds for one child


class Heart:
    """Beats when it is time, and at once when the verdict turns. That it is not heard is no alarm."""

    def __init__(self, store: Store, children: Children, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._children = children
        self._clock = clock
        self._under_way = False
        self._due = 0.0  # of the clock
        self._last_ok: bool | None = None
        self._every: float | None = None  # None: no heartbeat is wanted

    def beat(self, heartbeat: Heartbeat | None, *, ok: bool, body: str) -> None:
        """Start the child if it is time. `body`: the verdict in words."""
        self._every = None if heartbeat is None else heartbeat.every
        if heartbeat is None or self._under_way or (self._clock() < self._due and ok == self._last_ok):
            return
        self._under_way, self._last_ok = True, ok
        self._due = self._clock() + heartbeat.every
        document = {**deliver.address_fields(heartbeat), "ok": ok, "body": body}
        self._children.start(
            (sys.executable, "-I", "-m", "nrguard.deliver.heartbeat"), limit=LIMIT, done=self._done,
            stdin=deliver.document(document), environment=os.environ,
        )  # fmt: skip

    def next_due(self) -> float | None:
        """Return in how many seconds it is time; None where nothing is to be done."""
        return None if self._every is None or self._under_way else max(0.0, self._due - self._clock())

    def _done(self, ended: Ended) -> None:
        self._under_way = False
        silent = Receipt(0, "", Outcome.TRANSIENT, ended.problem or "the child ended early")
        receipt = next(iter(deliver.parse_receipts(ended.output)), silent)
        problem = "" if receipt.outcome is Outcome.DELIVERED else receipt.detail
        if problem and self._every is not None:
            self._due = self._clock() + min(RETRY, self._every)
        last = self._store.mark(MARK)
        since = last.at if last and problem and problem == last.value else time.time()  # of a failure: its beginning
        if last is None or Mark(since, problem) != last:
            self._store.set_mark(MARK, Mark(since, problem))
