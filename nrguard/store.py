"""The state folder's database: baselines, incidents, debts, history and the outbox, durable at every commit.

One process writes at a time (SQLite's own lock); readers see the last commit. Every method is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from nrguard.baseline import Baseline, Facts
from nrguard.codec import to_json
from nrguard.database import connect, dump, in_memory, load, transaction
from nrguard.model import Severity
from nrguard.outbox import Outbox
from nrguard.policy import Channel
from nrguard.records import Changes, Debt, Event, Incident, Message
from nrguard.seen import Finding

KEPT_EVENTS = 20_000
KEPT_INCIDENTS = 5_000  # closed ones


@dataclass(frozen=True, slots=True)
class Mark:
    """A fact that is remembered under a name, and when it was noted, in seconds since the epoch."""

    at: float
    value: str = ""


class Store:
    """The database in one state folder. Raise Failed where it can't be opened or is newer than this nrguard.

    `readonly`: one that was created and never written counts as empty.
    """

    def __init__(self, folder: Path, *, readonly: bool = False) -> None:
        self._take(connect(folder, readonly=readonly))

    @classmethod
    def empty(cls) -> Store:
        """Return a store that is not on any disk."""
        store = cls.__new__(cls)
        store._take(in_memory())  # noqa: SLF001 - its own
        return store

    def _take(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.outbox = Outbox(db)

    def close(self) -> None:
        self._db.close()

    def _write(self) -> AbstractContextManager[None]:
        return transaction(self._db)

    # -- baselines

    def baseline(self, instance: str) -> Baseline | None:
        """Return the newest sealed generation of an instance."""
        return next(iter(self.generations(instance, limit=1)), None)

    def generations(self, instance: str, limit: int = 100) -> tuple[Baseline, ...]:
        """Return the sealed generations of an instance, newest first."""
        rows = self._db.execute(
            "SELECT generation, whole, facts FROM baseline WHERE instance = ? ORDER BY generation DESC LIMIT ?",
            (instance, limit),
        )
        return tuple(Baseline(generation, bytes(whole), load(Facts, facts)) for generation, whole, facts in rows)

    def seal(self, instance: str, whole: bytes, facts: Facts) -> Baseline:
        """Make `whole` the new baseline; the earlier generations are kept."""
        with self._write():
            row = self._db.execute("SELECT max(generation) FROM baseline WHERE instance = ?", (instance,)).fetchone()
            baseline = Baseline((row[0] or 0) + 1, whole, facts)
            self._db.execute(
                "INSERT INTO baseline VALUES (?, ?, ?, ?)", (instance, baseline.generation, whole, dump(facts))
            )
            text = f"baseline {baseline.generation} sealed by {facts.by}"
            self._event(instance, Event(facts.sealed_at, "sealed", text, {"digest": facts.digest}))
        return baseline

    def unseal(self, instance: str, generation: int) -> None:
        """Forget a generation whose file could not be written."""
        with self._write():
            self._db.execute("DELETE FROM baseline WHERE instance = ? AND generation = ?", (instance, generation))

    def amend(self, instance: str, generation: int, facts: Facts) -> None:
        """Complete what is remembered with a generation; its bytes stay."""
        with self._write():
            self._db.execute(
                "UPDATE baseline SET facts = ? WHERE instance = ? AND generation = ?",
                (dump(facts), instance, generation),
            )

    # -- one cycle

    def incidents(self, instance: str) -> tuple[Incident, ...]:
        """Return the open incidents of an instance, oldest first."""
        rows = self._db.execute(
            "SELECT id, opened, finding, told, told_at, reminders FROM incident"
            " WHERE instance = ? AND closed IS NULL ORDER BY id",
            (instance,),
        )
        return tuple(
            Incident(id_, opened, load(Finding, text), bool(told), told_at, reminders)
            for id_, opened, text, told, told_at, reminders in rows
        )

    def debt(self, instance: str) -> Debt | None:
        row = self._db.execute("SELECT value FROM debt WHERE instance = ?", (instance,)).fetchone()
        return load(Debt, row[0]) if row else None

    def owe(self, instance: str, debt: Debt | None, event: Event | None = None, opened: Iterable[Finding] = ()) -> None:
        """Record a restart that is owed, or with None that it is paid; the event and the incidents that go with it."""
        with self._write():
            self._db.execute("DELETE FROM debt WHERE instance = ?", (instance,))
            if debt:
                self._db.execute("INSERT INTO debt VALUES (?, ?)", (instance, dump(debt)))
            if event:
                self._event(instance, event)
                for finding in opened:
                    self._begin(instance, finding, event.at)

    def finish(self, instance: str, changes: Changes, now: float, channels: Iterable[Channel]) -> None:
        """Write all that a cycle changed, and a parcel for each channel that wants each message, in one transaction."""
        with self._write():
            for event in changes.events:
                self._event(instance, event)
            for finding in changes.opened:
                self._begin(instance, finding, now)
            for finding in changes.updated:
                self._on_open(instance, (finding.check, finding.subject), "finding = ?", dump(finding))
            for key in changes.told:
                self._on_open(instance, key, "told = 1, reminders = 0, told_at = ?", now)
            for key in changes.reminded:
                self._on_open(instance, key, "reminders = reminders + 1, told_at = ?", now)
            for key in changes.closed:
                self._on_open(instance, key, "closed = ?", now)
            for message in changes.messages:
                self.outbox.put(message, now, channels)
            self._trim()

    def _begin(self, instance: str, finding: Finding, at: float) -> None:
        self._db.execute(
            "INSERT INTO incident (instance, opened, told, finding) VALUES (?, ?, 0, ?)",
            (instance, at, dump(finding)),
        )

    def _on_open(self, instance: str, key: tuple[str, str], assignment: str, value: object) -> None:
        self._db.execute(
            f"UPDATE incident SET {assignment} WHERE instance = ? AND closed IS NULL"  # noqa: S608 - our own words
            " AND json_extract(finding, '$.check') = ? AND json_extract(finding, '$.subject') = ?",
            (value, instance, *key),
        )

    def _event(self, instance: str, event: Event) -> None:
        self._db.execute(
            "INSERT INTO event (instance, at, kind, text, facts) VALUES (?, ?, ?, ?, ?)",
            (instance, event.at, event.kind, _encodable(event.text), json.dumps(to_json(event.facts))),
        )

    def record(self, instance: str, event: Event) -> None:
        """Add one event to the history."""
        with self._write():
            self._event(instance, event)

    def events(self, instance: str | None = None, limit: int = 100) -> tuple[tuple[int, str, Event], ...]:
        """Return (id, instance, event) of the newest events, oldest first."""
        rows = self._db.execute(
            "SELECT id, instance, at, kind, text, facts FROM event WHERE ?1 IS NULL OR instance = ?1"
            " ORDER BY id DESC LIMIT ?2",
            (instance, limit),
        ).fetchall()
        return tuple(
            (id_, name, Event(at, kind, text, json.loads(facts))) for id_, name, at, kind, text, facts in reversed(rows)
        )

    def times(self, instance: str, kind: str, since: float) -> tuple[float, ...]:
        """Return when events of one kind happened, oldest first."""
        rows = self._db.execute(
            "SELECT at FROM event WHERE instance = ? AND kind = ? AND at >= ? ORDER BY id", (instance, kind, since)
        )
        return tuple(row[0] for row in rows)

    def _trim(self) -> None:
        self._db.execute("DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", (KEPT_EVENTS,))
        self._db.execute(
            "DELETE FROM incident WHERE closed IS NOT NULL AND id <= (SELECT max(id) FROM incident) - ?",
            (KEPT_INCIDENTS,),
        )

    # -- the policy, and when settings.js was last seen right

    def policy(self) -> bytes | None:
        """Return the last valid policy file."""
        row = self._db.execute("SELECT data FROM policy").fetchone()
        return bytes(row[0]) if row else None

    def seal_policy(self, data: bytes, now: float) -> None:
        """Keep `data` as the last valid policy file."""
        with self._write():
            self._db.execute("INSERT OR REPLACE INTO policy VALUES (1, ?, ?)", (now, data))

    def good_at(self, instance: str, boot: str) -> float | None:
        """Return when, in seconds of CLOCK_BOOTTIME, settings.js was last known to be right within this boot."""
        row = self._db.execute(
            "SELECT good_at FROM looked WHERE instance = ? AND boot = ?", (instance, boot)
        ).fetchone()
        return None if row is None else float(row[0])

    def saw_good(self, instance: str, boot: str, good_at: float) -> None:
        with self._write():
            self._db.execute("INSERT OR REPLACE INTO looked VALUES (?, ?, ?)", (instance, boot, good_at))

    def damage(self) -> str:
        """Return what SQLite finds wrong with the file, "" where it is sound."""
        try:
            said = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            said = str(error)
        return "" if said == "ok" else f"guard.db is damaged: {said}"

    # -- what is remembered under a name

    def mark(self, name: str) -> Mark | None:
        row = self._db.execute("SELECT at, value FROM mark WHERE name = ?", (name,)).fetchone()
        return Mark(*row) if row else None

    def set_mark(self, name: str, mark: Mark | None, tell: Message | None = None, to: Iterable[Channel] = ()) -> None:
        """Remember a mark, or with None forget it; and queue the message that goes with that."""
        with self._write():
            self._db.execute("DELETE FROM mark WHERE name = ?", (name,))
            if mark is not None:
                self._db.execute("INSERT INTO mark VALUES (?, ?, ?)", (name, mark.at, mark.value))
            if tell is not None:
                self.outbox.put(tell, mark.at if mark else 0.0, to)

    def last_closed(self, instance: str) -> float:
        """Return when the last critical incident of an instance was closed; 0: there was none."""
        row = self._db.execute(
            "SELECT max(closed) FROM incident WHERE instance = ? AND json_extract(finding, '$.severity') = ?",
            (instance, int(Severity.CRITICAL)),
        ).fetchone()
        return float(row[0] or 0.0)

    def opened_since(self, at: float) -> tuple[Finding, ...]:
        """Return the findings of all incidents that were opened since then, whatever became of them, worst first."""
        rows = self._db.execute("SELECT finding FROM incident WHERE opened >= ? ORDER BY id", (at,))
        return tuple(sorted((load(Finding, text) for (text,) in rows), key=lambda finding: -finding.severity))

    def last_event(self, instance: str, kind: str) -> Event | None:
        """Return the newest event of one kind."""
        row = self._db.execute(
            "SELECT at, text, facts FROM event WHERE instance = ? AND kind = ? ORDER BY id DESC LIMIT 1",
            (instance, kind),
        ).fetchone()
        return Event(row[0], kind, row[1], json.loads(row[2])) if row else None


def _encodable(text: str) -> str:
    """Return `text` with lone surrogates, which JavaScript knows and SQLite refuses, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
