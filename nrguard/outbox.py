"""The outbox: a parcel for each message and channel, kept until its channel has confirmed it. Durable at every commit.

A parcel is told apart by its id; parcels of one message share a sheet. Times are seconds since the epoch, of a clock
that may jump: a time to try again that lies further ahead than any pause counts as come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from nrguard.database import dump, load, transaction
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.records import Message, Parcel, Reach

STORM, STORM_SECONDS = 5, 60.0  # messages to one channel in that time; what comes then waits, to become one
FLOOD, FLOOD_SECONDS = 20, 3600.0  # and so for hours: then they become one every FLOOD_PAUSE
FLOOD_PAUSE = 900.0
FLOOD_URGENT = 3  # messages in FLOOD_PAUSE about what is critical and open, which a flood does not hold back
KEPT_WAITING = 2_000  # parcels
KEPT_DELIVERED = 2_000
NEWEST = 200  # waiting parcels that are kept whatever their severity
LONGEST_PAUSE = 2 * 86400.0
TOGETHER = 500  # parcels that are taken up at once

_URGENT = "open AND severity = 2"


class Outbox:
    """Part of the store, and of its transactions: `put` belongs into one, the other methods are one each."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    # -- putting in

    def put(self, message: Message, now: float, channels: Iterable[Channel]) -> None:
        """Add a parcel for each channel that wants the message; within the caller's transaction."""
        sheet = self._db.execute("SELECT coalesce(max(sheet), 0) + 1 FROM outbox").fetchone()[0]
        for channel in (channel for channel in channels if message.severity >= channel.least):
            next_try = self._calm_at(channel.label, message, now)
            self._add(channel.label, sheet, now, dump(message), message, next_try)
            self._hurry(channel.label, next_try)  # what waits for a network goes with it: perhaps it is back
        self._trim()

    def post(self, message: Message, now: float, channels: Iterable[Channel]) -> None:
        """Queue a message that belongs to no instance."""
        with transaction(self._db):
            self.put(message, now, channels)

    def _add(self, label: str, sheet: int, at: float, text: str, message: Message, next_try: float) -> None:
        self._db.execute(
            "INSERT INTO outbox (at, channel, message, severity, tries, next_try, state, detail, sheet, open, held)"
            " VALUES (?, ?, ?, ?, 0, ?, 'waiting', '', ?, ?, ?)",
            (at, label, text, int(message.severity), next_try, sheet, message.open, next_try > 0),
        )

    def _hurry(self, label: str, until: float) -> None:
        """Try what failed on a channel again at `until` at the latest."""
        self._db.execute(
            "UPDATE outbox SET next_try = min(next_try, ?) WHERE channel = ? AND state = 'waiting' AND tries > 0",
            (until, label),
        )

    def _calm_at(self, label: str, message: Message, now: float) -> float:
        """Return when a new message may go: at once (0), or when a minute or an hour that has had its fill is over."""
        minute, first = self._count(label, now - STORM_SECONDS)
        if minute >= STORM:
            return first + STORM_SECONDS
        hour, _ = self._count(label, now - FLOOD_SECONDS)
        urgent, _ = self._count(label, now - FLOOD_PAUSE, f" AND {_URGENT}")
        is_urgent = message.open and message.severity is Severity.CRITICAL
        if hour < FLOOD or (is_urgent and urgent < FLOOD_URGENT):
            return 0.0
        row = self._db.execute(
            "SELECT min(next_try) FROM outbox WHERE channel = ? AND state = 'waiting' AND held AND next_try > ?",
            (label, now),
        ).fetchone()
        return float(row[0] or now + FLOOD_PAUSE)

    def _count(self, label: str, after: float, more: str = "") -> tuple[int, float]:
        row = self._db.execute(
            f"SELECT count(*), coalesce(min(at), 0) FROM outbox WHERE channel = ? AND at > ?{more}",  # noqa: S608
            (label, after),
        ).fetchone()
        return int(row[0]), float(row[1])

    # -- taking out

    def due(self, now: float) -> tuple[Parcel, ...]:
        """Return the parcels whose time has come, oldest first."""
        rows = self._db.execute(
            "SELECT id, at, channel, message, tries, held FROM outbox WHERE state = 'waiting'"
            " AND (next_try <= ?1 OR next_try > ?1 + ?2) ORDER BY id LIMIT ?3",
            (now, LONGEST_PAUSE, TOGETHER),
        )
        return tuple(
            Parcel(id_, at, label, load(Message, text), tries, bool(held)) for id_, at, label, text, tries, held in rows
        )

    def next_due(self) -> float | None:
        """Return when the next parcel should be tried; None when nothing waits."""
        row = self._db.execute("SELECT min(next_try) FROM outbox WHERE state = 'waiting'").fetchone()
        return None if row[0] is None else float(row[0])

    def confirm(self, label: str, parcels: Sequence[int], now: float) -> None:
        """Note the receipt of parcels of one channel: they are never sent again. What else waits for it goes now."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE outbox SET state = 'delivered', next_try = ?, detail = '' WHERE id = ?",
                [(now, parcel) for parcel in parcels],
            )
            self._hurry(label, 0.0)
            self._channel(label, "confirmed = ?, failed = 0, lasting = 0, detail = '', unusable = ''", now)

    def put_back(
        self, label: str, parcels: Sequence[int], until: float, detail: str, *, lasting: bool, now: float
    ) -> None:  # fmt: skip
        """Keep parcels of one channel for later, with what went wrong, and all that waits behind them."""
        with transaction(self._db):
            self._db.executemany(
                "UPDATE outbox SET tries = tries + 1, detail = ? WHERE id = ?", [(detail, each) for each in parcels]
            )
            self._db.execute(  # what was said first also arrives first; what is behind it has failed with it
                "UPDATE outbox SET next_try = max(next_try, ?), tries = max(tries, 1)"
                " WHERE channel = ? AND state = 'waiting'",
                (until, label),
            )
            self._channel(label, "failed = ?, lasting = ?, detail = ?", now, lasting, detail)

    def hush(self, label: str, now: float, until: float) -> None:
        """Hold what is due on a channel until its quiet hours end, but for what is critical and still open."""
        urgent = _URGENT if self.open_critical() else "FALSE"
        due = f"channel = ? AND state = 'waiting' AND next_try <= ? AND NOT ({urgent})"
        if not self._db.execute(f"SELECT 1 FROM outbox WHERE {due} LIMIT 1", (label, now)).fetchone():  # noqa: S608
            return
        with transaction(self._db):
            self._db.execute(f"UPDATE outbox SET next_try = ?, held = 1 WHERE {due}", (until, label, now))  # noqa: S608

    def escalate(self, label: str, to: str, before: float) -> bool:
        """Let another channel tell too what a first one failed to confirm, where it came in before `before`.

        An error that lasts is not waited for. Return whether there was such a parcel.
        """
        late = (
            "channel = ?1 AND state = 'waiting' AND tries > 0 AND NOT escalated AND (at <= ?2"
            " OR EXISTS (SELECT 1 FROM channel WHERE label = ?1 AND lasting))"
        )
        return self._pass_on(late, (label, before), (to,), "escalated = 1")

    def pass_on(self, labels: Sequence[str]) -> bool:
        """Give what waits for a channel that the policy no longer names to all that it does."""
        places = ", ".join("?" * len(labels))
        gone = f"state = 'waiting' AND channel NOT IN ({places})"
        return bool(labels) and self._pass_on(gone, tuple(labels), labels, "state = 'passed on'")

    def _pass_on(self, which: str, values: Sequence[object], to: Sequence[str], then: str) -> bool:
        rows = self._db.execute(
            f"SELECT sheet, at, message FROM outbox WHERE {which} ORDER BY id",  # noqa: S608 - our own words
            values,
        ).fetchall()
        if not rows:
            return False
        with transaction(self._db):
            for sheet, at, text in rows:
                for label in to:
                    self._add_once(label, sheet, at, text)
            self._db.execute(f"UPDATE outbox SET {then} WHERE {which}", values)  # noqa: S608
        return True

    def _add_once(self, label: str, sheet: int, at: float, text: str) -> None:
        has = self._db.execute("SELECT 1 FROM outbox WHERE channel = ? AND sheet = ? AND sheet > 0", (label, sheet))
        if not has.fetchone():
            self._add(label, sheet, at, text, load(Message, text), 0.0)

    # -- how it stands

    def tried(self, label: str, why: str, now: float, *, lasting: bool) -> None:
        """Note that a message of another way (a test) failed on a channel."""
        with transaction(self._db):
            self._channel(label, "failed = ?, lasting = ?, detail = ?", now, lasting, why)

    def found_unusable(self, label: str, why: str) -> bool:
        """Note why a channel can't work, "" where nothing stands against it. Return whether that is news."""
        row = self._db.execute("SELECT unusable FROM channel WHERE label = ?", (label,)).fetchone()
        if (row[0] if row else "") == why:
            return False
        with transaction(self._db):
            self._channel(label, "unusable = ?", why)
        return True

    def reaches(self) -> tuple[Reach, ...]:
        """Return how each channel stands that was ever looked at or had a parcel, by label."""
        rows = self._db.execute(
            "SELECT label, (SELECT count(*) FROM outbox WHERE channel = label AND state = 'waiting'),"
            " confirmed, failed, lasting, detail, unusable FROM"
            " (SELECT label FROM channel UNION SELECT channel FROM outbox) LEFT JOIN channel USING (label)"
            " ORDER BY label"
        )
        return tuple(
            Reach(label, waiting, confirmed or 0.0, failed or 0.0, bool(lasting), detail or "", unusable or "")
            for label, waiting, confirmed, failed, lasting, detail, unusable in rows
        )

    def open_critical(self) -> int:
        """Return how many critical incidents are open, over all instances."""
        row = self._db.execute(
            "SELECT count(*) FROM incident WHERE closed IS NULL AND json_extract(finding, '$.severity') = ?",
            (int(Severity.CRITICAL),),
        ).fetchone()
        return int(row[0])

    def _channel(self, label: str, assignment: str, *values: object) -> None:
        self._db.execute("INSERT OR IGNORE INTO channel (label) VALUES (?)", (label,))
        self._db.execute(f"UPDATE channel SET {assignment} WHERE label = ?", (*values, label))  # noqa: S608

    def _trim(self) -> None:
        """Keep the outbox bounded: what is least and oldest goes, and never the newest.

        An open incident whose message had to go counts as untold, so that the next turn tells it anew.
        """
        self._db.execute(
            "DELETE FROM outbox WHERE state <> 'waiting' AND id <= (SELECT max(id) FROM outbox) - ?", (KEPT_DELIVERED,)
        )
        dropped = self._db.execute(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting'"
            " ORDER BY id > (SELECT max(id) FROM outbox) - ? DESC, severity DESC, open DESC, id DESC LIMIT -1 OFFSET ?)"
            " RETURNING at, open",
            (min(NEWEST, KEPT_WAITING), KEPT_WAITING),
        ).fetchall()
        for at in {at for at, is_open in dropped if is_open}:
            self._db.execute("UPDATE incident SET told = 0 WHERE closed IS NULL AND told_at = ?", (at,))
