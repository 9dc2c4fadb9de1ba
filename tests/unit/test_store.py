"""The state's database: what was committed is there after any end, and what is trimmed is the least."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nrguard import store as store_module
from nrguard.baseline import Baseline, Facts
from nrguard.database import SCHEMA
from nrguard.errors import FAILED, OURS, Failed
from nrguard.model import Setting, SettingState, Severity
from nrguard.policy import Channel
from nrguard.records import Changes, Debt, Event, Message
from nrguard.seen import Finding, Remedy
from nrguard.store import Mark, Store

NOW = 1_800_000_000.0
PHONE = Channel("phone", "json://phone")
FACTS = Facts(
    NOW, "accept", "ab" * 32, 1000, 1000, 0o644, port=18880, addresses=("127.0.0.1",),
    settings={"uiPort": Setting("uiPort", SettingState.KNOWN, 18880, "d1")},
)  # fmt: skip


FIRST_SCHEMA = """
CREATE TABLE baseline (instance TEXT, generation INTEGER, whole BLOB, facts TEXT, PRIMARY KEY (instance, generation));
CREATE TABLE incident (id INTEGER PRIMARY KEY, instance TEXT, opened REAL, closed REAL, told INTEGER, finding TEXT,
                       told_at REAL DEFAULT 0, reminders INTEGER DEFAULT 0);
CREATE TABLE debt (instance TEXT PRIMARY KEY, value TEXT);
CREATE TABLE event (id INTEGER PRIMARY KEY, instance TEXT, at REAL, kind TEXT, text TEXT, facts TEXT);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, at REAL, channel TEXT, message TEXT, severity INTEGER, tries INTEGER,
                     next_try REAL, state TEXT, detail TEXT);
CREATE TABLE policy (id INTEGER PRIMARY KEY CHECK (id = 1), at REAL, data BLOB);
CREATE TABLE looked (instance TEXT PRIMARY KEY, boot TEXT, good_at REAL);
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as store:
        yield store


def finding(check: str = "setting", subject: str = "adminAuth", severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding(check, subject, severity, "absent", "as accepted", Remedy.RESTORE, "look", ("/s.js:3:5",))


def message(title: str = "t", severity: Severity = Severity.CRITICAL) -> Message:
    return Message(title, "body", severity)


# -- baselines


def test_a_sealed_baseline_comes_back_byte_for_byte(store: Store) -> None:
    whole = bytes(range(256))
    sealed = store.seal("node-red", whole, FACTS)
    assert sealed == Baseline(1, whole, FACTS)
    assert store.baseline("node-red") == sealed


def test_the_newest_generation_is_the_baseline_and_the_older_ones_stay(store: Store) -> None:
    for whole in (b"one", b"two", b"three"):
        store.seal("node-red", whole, FACTS)
    assert [one.whole for one in store.generations("node-red")] == [b"three", b"two", b"one"]


def test_instances_have_baselines_of_their_own(store: Store) -> None:
    store.seal("attic", b"attic", FACTS)
    assert store.baseline("node-red") is None
    assert store.seal("node-red", b"hall", FACTS).generation == 1


def test_a_generation_whose_file_could_not_be_written_is_forgotten(store: Store) -> None:
    store.seal("node-red", b"one", FACTS)
    second = store.seal("node-red", b"two", FACTS)
    store.unseal("node-red", second.generation)
    baseline = store.baseline("node-red")
    assert baseline is not None
    assert baseline.whole == b"one"


def test_a_baseline_can_be_completed_and_keeps_its_bytes(store: Store) -> None:
    store.seal("node-red", b"one", FACTS)
    facts = Facts(NOW, "accept", "ab" * 32, 1000, 1000, 0o644, port=1881, addresses=("::",))
    store.amend("node-red", 1, facts)
    assert store.baseline("node-red") == Baseline(1, b"one", facts)


# -- incidents, debts, events


def test_an_incident_is_opened_told_changed_and_closed_by_its_key(store: Store) -> None:
    first, other = finding(), finding("login", "adminAuth")
    store.finish("node-red", Changes(opened=(first, other)), NOW, ())
    worse = Finding("setting", "adminAuth", Severity.WARNING, "weaker", "as accepted", Remedy.RESTORE)
    store.finish("node-red", Changes(updated=(worse,), told=(("setting", "adminAuth"),)), NOW + 1, ())
    told, untold = store.incidents("node-red")
    assert (told.finding, told.told, told.opened_at) == (worse, True, NOW)
    assert (untold.finding, untold.told) == (other, False)
    store.finish("node-red", Changes(closed=(("setting", "adminAuth"),)), NOW + 2, ())
    assert store.incidents("node-red") == (untold,)


def test_what_is_found_again_after_it_was_closed_is_another_incident(store: Store) -> None:
    store.finish("node-red", Changes(opened=(finding(),), told=(("setting", "adminAuth"),)), NOW, ())
    store.finish("node-red", Changes(closed=(("setting", "adminAuth"),)), NOW + 1, ())
    store.finish("node-red", Changes(opened=(finding(),)), NOW + 2, ())
    (incident,) = store.incidents("node-red")
    assert (incident.opened_at, incident.told) == (NOW + 2, False)


def test_one_that_is_opened_and_closed_in_one_turn_is_not_open(store: Store) -> None:
    store.finish("node-red", Changes(opened=(finding(),), closed=(("setting", "adminAuth"),)), NOW, ())
    assert store.incidents("node-red") == ()


def test_an_odd_subject_is_matched_as_it_is(store: Store) -> None:
    odd = finding("port", 'it\'s [::1]:18880 "%" \\ é')
    store.finish("node-red", Changes(opened=(odd,)), NOW, ())
    store.finish("node-red", Changes(closed=((odd.check, odd.subject),)), NOW, ())
    assert store.incidents("node-red") == ()


def test_a_debt_is_replaced_and_paid_together_with_its_event(store: Store) -> None:
    debt = Debt("boot-1", 1.5, 2.5, "because", port=1880, uid=1000)
    store.owe("node-red", Debt("boot-1", 1.0, 2.0, "older"), Event(NOW, "intention", "first"))
    store.owe("node-red", debt, Event(NOW, "intention", "second"))
    assert store.debt("node-red") == debt
    store.owe("node-red", None, Event(NOW, "secured", "paid"))
    assert store.debt("node-red") is None
    assert [event.text for _, _, event in store.events("node-red")] == ["first", "second", "paid"]


def test_events_are_told_oldest_first_and_the_newest_of_them(store: Store) -> None:
    for number in range(5):
        store.record("node-red" if number % 2 else "attic", Event(NOW + number, "drift", str(number), {"n": number}))
    assert [event.text for _, _, event in store.events(limit=3)] == ["2", "3", "4"]
    assert [(name, event.facts) for _, name, event in store.events("attic")] == [
        ("attic", {"n": 0}), ("attic", {"n": 2}), ("attic", {"n": 4}),
    ]  # fmt: skip


def test_the_times_of_one_kind_of_event_are_kept(store: Store) -> None:
    for at, kind in ((NOW, "restart"), (NOW + 1, "drift"), (NOW + 2, "restart")):
        store.record("node-red", Event(at, kind, ""))
    assert store.times("node-red", "restart", NOW + 0.5) == (NOW + 2,)


def test_a_text_that_is_no_unicode_is_kept_as_an_escape(store: Store) -> None:
    store.record("node-red", Event(NOW, "drift", "uiHost: \ud800", {"saw": "\udfff"}))
    assert store.events()[0][2].text == "uiHost: \\ud800"


def test_when_the_file_was_last_right_counts_within_one_boot(store: Store) -> None:
    store.saw_good("node-red", "boot-1", 1000.5)
    store.saw_good("node-red", "boot-1", 1010.5)
    assert store.good_at("node-red", "boot-1") == 1010.5
    assert store.good_at("node-red", "boot-2") is None


def test_the_last_valid_policy_is_kept(store: Store) -> None:
    assert store.policy() is None
    store.seal_policy(b"one", NOW)
    store.seal_policy(b"two", NOW + 1)
    assert store.policy() == b"two"


# -- bounds, and all or nothing


def test_history_and_closed_incidents_are_bounded_and_open_ones_are_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "KEPT_EVENTS", 5)
    monkeypatch.setattr(store_module, "KEPT_INCIDENTS", 5)
    store.finish("node-red", Changes(opened=(finding("login"),)), NOW, ())
    for number in range(20):
        event = Event(NOW, "drift", str(number))
        store.finish(
            "node-red", Changes(opened=(finding(),), closed=(("setting", "adminAuth"),), events=(event,)), NOW, ()
        )
    assert [event.text for _, _, event in store.events()] == ["15", "16", "17", "18", "19"]
    assert [incident.finding.check for incident in store.incidents("node-red")] == ["login"]
    rows = store._db.execute("SELECT count(*) FROM incident").fetchone()[0]  # noqa: SLF001 - closed ones have no door
    assert rows == 6


def test_a_turn_that_fails_half_way_changes_nothing(store: Store) -> None:
    changes = Changes(opened=(finding(),), messages=(message(),), events=(Event(NOW, "drift", "x"),))
    odd = Channel(object())  # type: ignore[arg-type] # no column takes it
    with pytest.raises(sqlite3.Error):
        store.finish("node-red", changes, NOW, (PHONE, odd))
    assert (store.incidents("node-red"), store.events(), store.outbox.due(NOW)) == ((), (), ())
    store.finish("node-red", changes, NOW, (PHONE,))
    assert len(store.outbox.due(NOW)) == 1


# -- the file


def test_nobody_else_may_read_the_database(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(Store(tmp_path)) as store:
            store.seal("node-red", b"secret", FACTS)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("guard.db", "guard.db-wal", "guard.db-shm"), 0o600)


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_it(tmp_path: Path, store: Store) -> None:
    store.record("node-red", Event(NOW, "drift", "committed"))
    with closing(Store(tmp_path, readonly=True)) as reader, store._write():  # noqa: SLF001 - held open on purpose
        store._event("node-red", Event(NOW, "drift", "under way"))  # noqa: SLF001
        assert [event.text for _, _, event in reader.events()] == ["committed"]
    with closing(Store(tmp_path, readonly=True)) as reader:
        assert len(reader.events()) == 2


def test_a_store_opened_to_look_cannot_be_written(tmp_path: Path, store: Store) -> None:
    with closing(Store(tmp_path, readonly=True)) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.record("node-red", Event(NOW, "drift", "x"))


def test_a_database_that_was_never_written_looks_empty(tmp_path: Path) -> None:
    (tmp_path / "guard.db").touch()
    with closing(Store(tmp_path, readonly=True)) as reader:
        assert (reader.baseline("node-red"), reader.events(), reader.outbox.reaches()) == (None, (), ())
    assert (tmp_path / "guard.db").stat().st_size == 0


def test_a_newer_schema_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "guard.db")) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(Failed, match="written by a newer nrguard"):
        Store(tmp_path)


def test_a_database_of_the_first_schema_is_upgraded_and_loses_no_parcel(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "guard.db", isolation_level=None)) as db:
        for statement in FIRST_SCHEMA.split(";")[:-1]:
            db.execute(statement)
        text = json.dumps({"title": "t", "body": "b", "severity": 2})
        for state, at in (("delivered", NOW), ("waiting", NOW + 1)):
            values = (at, text, at, state)
            db.execute("INSERT INTO outbox VALUES (NULL, ?, 'phone', ?, 2, 0, ?, ?, '')", values)
        db.execute("PRAGMA user_version = 1")
    with closing(Store(tmp_path, readonly=True)) as reader:
        assert [one.confirmed for one in reader.outbox.reaches()] == [NOW]
    with closing(Store(tmp_path)) as store:
        assert [one.message for one in store.outbox.due(NOW + 2)] == [Message("t", "b", Severity.CRITICAL)]
        assert store.outbox.reaches()[0].confirmed == NOW
        store.set_mark("x", Mark(NOW))


def test_a_mark_is_remembered_and_forgotten_with_the_message_that_goes_with_it(store: Store) -> None:
    assert store.mark("running") is None
    store.set_mark("running", Mark(NOW, "boot-1"), message("back"), (PHONE,))
    assert store.mark("running") == Mark(NOW, "boot-1")
    assert [one.message.title for one in store.outbox.due(NOW)] == ["back"]
    store.set_mark("running", None)
    assert store.mark("running") is None


def test_when_it_was_last_bad_is_known(store: Store) -> None:
    store.finish("node-red", Changes(opened=(finding(), finding("names", "x", Severity.WARNING))), NOW, ())
    assert store.last_closed("node-red") == 0.0
    store.finish("node-red", Changes(closed=(("setting", "adminAuth"),)), NOW + 5, ())
    store.finish("node-red", Changes(closed=(("names", "x"),)), NOW + 9, ())
    assert store.last_closed("node-red") == NOW + 5


def test_a_database_that_is_none_is_a_failure_and_no_wrong_usage(tmp_path: Path) -> None:
    """Exit status 2 would end the guard for good: systemd is told never to start it again after that."""
    (tmp_path / "guard.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(Failed, match="not a database") as caught:
        Store(tmp_path)
    assert (caught.value.status(), caught.value.status(verdict=True)) == (FAILED, OURS)


def test_a_record_that_does_not_read_is_named(tmp_path: Path, store: Store) -> None:
    store.owe("node-red", Debt("boot-1", 1.0, 2.0, "why"))
    with closing(sqlite3.connect(tmp_path / "guard.db")) as db:
        db.execute("UPDATE debt SET value = '{\"boot\": 7}'")
        db.commit()
    with pytest.raises(Failed, match="does not read as Debt"):
        store.debt("node-red")


def test_two_that_create_it_at_once_both_get_it(tmp_path: Path) -> None:
    failures: list[Exception] = []
    barrier = threading.Barrier(4)

    def create() -> None:
        barrier.wait()
        try:
            Store(tmp_path).close()
        except Failed as error:
            failures.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.real
def test_what_was_committed_outlives_a_kill(tmp_path: Path) -> None:
    writer = f"""
from pathlib import Path
from nrguard.records import Event
from nrguard.store import Store
store = Store(Path({str(tmp_path)!r}))
for number in range(1_000_000):
    store.record("node-red", Event(float(number), "drift", str(number)))
    print(number, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(50):
        last = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split(b"\n")
    child.stdout.close()
    child.wait()
    last = max([last, *(int(line) for line in rest[:-1])])
    with closing(Store(tmp_path)) as store:
        kept = [int(event.text) for _, _, event in store.events(limit=1_000_000)]
    assert kept in (list(range(last + 1)), list(range(last + 2)))  # the last one may be committed and not yet printed


@pytest.mark.real
def test_a_transaction_that_a_kill_interrupts_leaves_nothing(tmp_path: Path) -> None:
    writer = f"""
import os, signal
from pathlib import Path
from nrguard.records import Changes, Event, Message
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.store import Store
store = Store(Path({str(tmp_path)!r}))
store._trim = lambda: os.kill(os.getpid(), signal.SIGKILL)
message = Message("t", "b", Severity.CRITICAL)
changes = Changes(messages=(message,), events=(Event(1.0, "drift", "x"),))
store.finish("node-red", changes, 1.0, (Channel("phone"),))
"""
    ended = subprocess.run([sys.executable, "-c", writer], check=False)
    assert ended.returncode == -signal.SIGKILL
    with closing(Store(tmp_path)) as store:
        assert (store.events(), store.outbox.due(NOW)) == ((), ())
        store.record("node-red", Event(NOW, "drift", "and it goes on"))
