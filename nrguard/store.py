"""The state folder's database: baselines, incidents, debts, history and the outbox, durable at every commit.

One process writes at a time (SQLite's own lock); readers see the last commit. Every method is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nrguard.baseline import Baseline, Facts
from nrguard.codec import Malformed, from_json, to_json
from nrguard.errors import Failed
from nrguard.model import Severity
from nrguard.records import Changes, Debt, Event, Incident, Message, Parcel
from nrguard.seen import Finding

SCHEMA = 1
STORM, STORM_SECONDS = 5, 60.0  # messages to one channel in that time; what comes then waits, to become one
KEPT_EVENTS = 20_000
KEPT_INCIDENTS = 5_000  # closed ones
KEPT_PARCELS = 2_000  # waiting ones; the oldest of the lowest severity goes first

_TABLES = """
CREATE TABLE baseline (instance TEXT, generation INTEGER, whole BLOB, facts TEXT, PRIMARY KEY (instance, generation));
CREATE TABLE incident (id INTEGER PRIMARY KEY, instance TEXT, opened REAL, closed REAL, told INTEGER, finding TEXT,
                       told_at REAL DEFAULT 0, reminders INTEGER DEFAULT 0);
CREATE INDEX incident_open ON incident (instance) WHERE closed IS NULL;
CREATE TABLE debt (instance TEXT PRIMARY KEY, value TEXT);
CREATE TABLE event (id INTEGER PRIMARY KEY, instance TEXT, at REAL, kind TEXT, text TEXT, facts TEXT);
CREATE INDEX event_kind ON event (instance, kind, at);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, at REAL, channel TEXT, message TEXT, severity INTEGER, tries INTEGER,
                     next_try REAL, state TEXT, detail TEXT);
CREATE INDEX outbox_waiting ON outbox (next_try) WHERE state = 'waiting';
CREATE TABLE policy (id INTEGER PRIMARY KEY CHECK (id = 1), at REAL, data BLOB);
CREATE TABLE looked (instance TEXT PRIMARY KEY, boot TEXT, good_at REAL);
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How one channel stands: what waits, and the last error if the last try failed."""

    channel: str
    waiting: int
    delivered: int
    detail: str


class Store:
    """The database in one state folder. Raise Failed where it can't be opened or is newer than this nrguard.

    `readonly`: one that was created and never written counts as empty.
    """

    def __init__(self, folder: Path, *, readonly: bool = False) -> None:
        path = folder / "guard.db"
        try:
            self._db = _open(path, readonly)
            version = self._version()
            if version > SCHEMA:
                self._db.close()
                raise Failed(
                    f"{path}: written by a newer nrguard (schema {version})", "install that version or a later one"
                )
            if version == 0 and readonly:
                self._db.close()
                self._db = sqlite3.connect(":memory:", isolation_level=None)
            if version == 0:
                self._create()
        except (sqlite3.Error, OSError) as error:
            raise Failed(f"{path}: {error}", "see `nrguard doctor`, or move the file away") from error

    @classmethod
    def empty(cls) -> Store:
        """Return a store that is not on any disk."""
        store = cls.__new__(cls)
        store._db = sqlite3.connect(":memory:", isolation_level=None)  # noqa: SLF001 - its own
        store._create()  # noqa: SLF001
        return store

    def close(self) -> None:
        self._db.close()

    def _create(self) -> None:
        with self._write():
            if self._version():
                return  # another process was faster
            for statement in _TABLES.split(";")[:-1]:
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def _write(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # whatever it was: nothing half is kept, and it goes on up
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

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
        return tuple(Baseline(generation, bytes(whole), _load(Facts, facts)) for generation, whole, facts in rows)

    def seal(self, instance: str, whole: bytes, facts: Facts) -> Baseline:
        """Make `whole` the new baseline; the earlier generations are kept."""
        with self._write():
            row = self._db.execute("SELECT max(generation) FROM baseline WHERE instance = ?", (instance,)).fetchone()
            baseline = Baseline((row[0] or 0) + 1, whole, facts)
            self._db.execute(
                "INSERT INTO baseline VALUES (?, ?, ?, ?)", (instance, baseline.generation, whole, _dump(facts))
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
                (_dump(facts), instance, generation),
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
            Incident(id_, opened, _load(Finding, text), bool(told), told_at, reminders)
            for id_, opened, text, told, told_at, reminders in rows
        )

    def debt(self, instance: str) -> Debt | None:
        row = self._db.execute("SELECT value FROM debt WHERE instance = ?", (instance,)).fetchone()
        return _load(Debt, row[0]) if row else None

    def owe(self, instance: str, debt: Debt | None, event: Event | None = None, opened: Iterable[Finding] = ()) -> None:
        """Record a restart that is owed, or with None that it is paid; the event and the incidents that go with it."""
        with self._write():
            self._db.execute("DELETE FROM debt WHERE instance = ?", (instance,))
            if debt:
                self._db.execute("INSERT INTO debt VALUES (?, ?)", (instance, _dump(debt)))
            if event:
                self._event(instance, event)
                for finding in opened:
                    self._begin(instance, finding, event.at)

    def finish(self, instance: str, changes: Changes, now: float, channels: Iterable[tuple[str, Severity]]) -> None:
        """Write all that a cycle changed, and a parcel for each channel that wants each message, in one transaction."""
        with self._write():
            for event in changes.events:
                self._event(instance, event)
            for finding in changes.opened:
                self._begin(instance, finding, now)
            for finding in changes.updated:
                self._on_open(instance, (finding.check, finding.subject), "finding = ?", _dump(finding))
            for key in changes.told:
                self._on_open(instance, key, "told = 1, reminders = 0, told_at = ?", now)
            for key in changes.reminded:
                self._on_open(instance, key, "reminders = reminders + ?", 1)
            for key in changes.closed:
                self._on_open(instance, key, "closed = ?", now)
            for message in changes.messages:
                self._post(message, now, channels)
            self._trim()

    def _begin(self, instance: str, finding: Finding, at: float) -> None:
        self._db.execute(
            "INSERT INTO incident (instance, opened, told, finding) VALUES (?, ?, 0, ?)",
            (instance, at, _dump(finding)),
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

    # -- the outbox

    def post(self, message: Message, now: float, channels: Iterable[tuple[str, Severity]]) -> None:
        """Queue a message that belongs to no instance."""
        with self._write():
            self._post(message, now, channels)

    def _post(self, message: Message, now: float, channels: Iterable[tuple[str, Severity]]) -> None:
        for label in (label for label, least in channels if message.severity >= least):
            next_try = self._calm_at(label, now)
            self._db.execute(
                "INSERT INTO outbox (at, channel, message, severity, tries, next_try, state, detail)"
                " VALUES (?, ?, ?, ?, 0, ?, 'waiting', '')",
                (now, label, _dump(message), int(message.severity), next_try),
            )
            if not next_try:  # what waits for a network goes with it, in order: perhaps it is back
                self._db.execute(
                    "UPDATE outbox SET next_try = 0 WHERE channel = ? AND state = 'waiting' AND tries > 0", (label,)
                )

    def _calm_at(self, label: str, now: float) -> float:
        """Return when a new message may go: at once (0), or at the end of a minute that has had its fill."""
        count, first = self._db.execute(
            "SELECT count(*), min(at) FROM outbox WHERE channel = ? AND at > ?", (label, now - STORM_SECONDS)
        ).fetchone()
        return 0.0 if count < STORM else float(first) + STORM_SECONDS

    def due(self, now: float, limit: int = 50) -> tuple[Parcel, ...]:
        """Return the parcels whose time has come, oldest first."""
        rows = self._db.execute(
            "SELECT id, at, channel, message, tries FROM outbox WHERE state = 'waiting' AND next_try <= ?"
            " ORDER BY id LIMIT ?",
            (now, limit),
        )
        return tuple(Parcel(id_, at, label, _load(Message, text), tries) for id_, at, label, text, tries in rows)

    def next_due(self) -> float | None:
        """Return when the next parcel should be tried, in seconds since the epoch; None when nothing waits."""
        row = self._db.execute("SELECT min(next_try) FROM outbox WHERE state = 'waiting'").fetchone()
        return None if row is None or row[0] is None else float(row[0])

    def delivered(self, parcel: int, now: float) -> None:
        """Note the receipt of a parcel: it is never sent again."""
        with self._write():
            self._db.execute(
                "UPDATE outbox SET state = 'delivered', next_try = ?, detail = '' WHERE id = ?", (now, parcel)
            )

    def retry(self, parcel: int, next_try: float, detail: str) -> None:
        """Put a parcel back for later, with what went wrong."""
        with self._write():
            self._db.execute(
                "UPDATE outbox SET tries = tries + 1, next_try = ?, detail = ? WHERE id = ?", (next_try, detail, parcel)
            )

    def hold(self, channel: str, until: float) -> None:
        """Try nothing else on a channel before `until`: what was said first also arrives first."""
        with self._write():
            self._db.execute(
                "UPDATE outbox SET next_try = max(next_try, ?) WHERE channel = ? AND state = 'waiting'",
                (until, channel),
            )

    def open_critical(self) -> int:
        """Return how many critical incidents are open, over all instances."""
        rows = self._db.execute("SELECT finding FROM incident WHERE closed IS NULL")
        return sum(_load(Finding, text).severity is Severity.CRITICAL for (text,) in rows)

    def channels(self) -> tuple[Waiting, ...]:
        """Return how each channel that ever had a parcel stands."""
        rows = self._db.execute(
            "SELECT channel, sum(state = 'waiting'), sum(state = 'delivered'),"
            " coalesce(max(CASE WHEN state = 'waiting' THEN detail END), '') FROM outbox GROUP BY channel"
        )
        return tuple(Waiting(*row) for row in rows)

    def _trim(self) -> None:
        self._db.execute("DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", (KEPT_EVENTS,))
        self._db.execute(
            "DELETE FROM incident WHERE closed IS NOT NULL AND id <= (SELECT max(id) FROM incident) - ?",
            (KEPT_INCIDENTS,),
        )
        self._db.execute(
            "DELETE FROM outbox WHERE state = 'delivered' AND id <= (SELECT max(id) FROM outbox) - ?", (KEPT_PARCELS,)
        )
        self._db.execute(
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE state = 'waiting'"
            " ORDER BY severity DESC, id DESC LIMIT -1 OFFSET ?)",
            (KEPT_PARCELS,),
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


def _open(path: Path, readonly: bool) -> sqlite3.Connection:
    if readonly:
        db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=5.0)
    else:
        db = sqlite3.connect(path, isolation_level=None, timeout=5.0)
        path.chmod(0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # a commit survives a power cut
    db.execute("PRAGMA cache_size = -512")  # KiB: the daemon stays small
    return db


def _encodable(text: str) -> str:
    """Return `text` with lone surrogates, which JavaScript knows and SQLite refuses, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _dump(value: object) -> str:
    return json.dumps(to_json(value))


def _load(wanted: Any, text: str) -> Any:
    try:
        return from_json(wanted, json.loads(text))
    except (ValueError, Malformed) as error:
        raise Failed(
            f"guard.db: a record does not read as {wanted.__name__}: {error}", "see `nrguard doctor`"
        ) from error
