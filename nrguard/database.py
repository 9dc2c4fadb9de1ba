"""The state folder's database file: its tables, its upgrades, how a value becomes a row. store.py has the records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nrguard.codec import Malformed, from_json, to_json
from nrguard.errors import Failed

SCHEMA = 2

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
# What each later schema adds to the one before. Nothing is ever taken away: an upgrade loses no alert.
_UPGRADES = {
    2: """
ALTER TABLE outbox ADD COLUMN sheet INTEGER DEFAULT 0;
ALTER TABLE outbox ADD COLUMN open INTEGER DEFAULT 0;
ALTER TABLE outbox ADD COLUMN held INTEGER DEFAULT 0;
ALTER TABLE outbox ADD COLUMN escalated INTEGER DEFAULT 0;
CREATE TABLE channel (label TEXT PRIMARY KEY, confirmed REAL DEFAULT 0, failed REAL DEFAULT 0,
                      lasting INTEGER DEFAULT 0, detail TEXT DEFAULT '', unusable TEXT DEFAULT '');
INSERT INTO channel (label, confirmed) SELECT channel, max(next_try) FROM outbox WHERE state = 'delivered' GROUP BY 1;
CREATE TABLE mark (name TEXT PRIMARY KEY, at REAL, value TEXT);
""",
}


def connect(folder: Path, *, readonly: bool) -> sqlite3.Connection:
    """Open the database of a state folder, created or upgraded where needed. Raise Failed where that can't be done.

    `readonly`: one that was created and never written counts as empty; one of an older schema is seen upgraded, in
    memory.
    """
    path = folder / "guard.db"
    try:
        db = _open(path, readonly)
        version = _version(db)
        if version > SCHEMA:
            db.close()
            why = f"{path}: written by a newer nrguard (schema {version})"
            raise Failed(why, "install that version or a later one")
        if readonly and version < SCHEMA:
            db = _copied(db)
        upgrade(db)
    except (sqlite3.Error, OSError) as error:
        raise Failed(f"{path}: {error}", "see `nrguard doctor`, or move the file away") from error
    return db


def in_memory() -> sqlite3.Connection:
    """Return a new database that is not on any disk."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    upgrade(db)
    return db


def upgrade(db: sqlite3.Connection) -> None:
    """Bring the tables of `db` to the present schema."""
    if _version(db) == SCHEMA:
        return
    with transaction(db):
        version = _version(db)  # another process may have been faster
        steps = [_TABLES] if version == 0 else []
        steps += [step for schema, step in _UPGRADES.items() if schema > version]
        for statement in (statement for step in steps for statement in step.split(";")[:-1]):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Write all that is done within it, or nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:  # whatever it was: nothing half is kept, and it goes on up
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def dump(value: object) -> str:
    """Return a value of records.py as the text of a column."""
    return json.dumps(to_json(value))


def load(wanted: Any, text: str) -> Any:  # Any: the type that is named, and a value of it
    """Return the value that a column holds. Raise Failed where it does not read as one."""
    try:
        return from_json(wanted, json.loads(text))
    except (ValueError, Malformed) as error:
        raise Failed(
            f"guard.db: a record does not read as {wanted.__name__}: {error}", "see `nrguard doctor`"
        ) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


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


def _copied(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy in memory, which may be upgraded while the file may not."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    if _version(db):
        db.backup(copy)
    db.close()
    return copy
