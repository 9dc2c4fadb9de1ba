"""One wrong password: tried only where it can do no harm, once for each start, and remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nrguard.model import Admin, Comparison, FileState, Reading, Severity, Verdict, Wire
from nrguard.policy import Intervals
from nrguard.probes.attempt import DAY, PROBE, Tried
from nrguard.rare import RareLooks
from nrguard.seen import Disk, Process, Seen
from nrguard.store import Store
from nrguard.world import PartSeen
from tests.looked import HASH, LISTENER, found, looked, settings

WIRE = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True)
ANNA = f'{{username: "anna", password: "{HASH}", permissions: "*"}}'
REFUSED = Tried("anna", 403, token=False)


def ready(users: str = f"[{ANNA}]", **changes: object) -> Seen:
    """Return a look at which the password would be tried; then `changes`."""
    read = settings(f'httpAdminRoot: "/admin", adminAuth: {{type: "credentials", users: {users}}}')
    disk = Disk("/s.js", "d1", None, Reading(FileState.SOUND, settings=read), Comparison(Verdict.EQUAL))
    seen = looked(disk=disk, process=Process((LISTENER,), 18880), wire=WIRE)
    return replace(seen, instance=replace(seen.instance, probe_login=True), **changes)  # type: ignore[arg-type]


def test_it_is_tried_with_a_real_name_at_the_root_of_the_editor() -> None:
    command = PROBE.command(ready())
    assert command is not None
    assert json.loads(command[-1]) == {
        "address": "127.0.0.1", "port": 18880, "path": "/admin/auth/token", "user": "anna",
    }  # fmt: skip


def test_it_is_off_unless_the_owner_switches_it_on() -> None:
    assert PROBE.command(replace(ready(), instance=looked().instance)) is None


@pytest.mark.parametrize(
    "users",
    [
        '[{username: "anna", permissions: "*"}]',
        f'[{ANNA}, {{username: "otto", permissions: "*"}}]',
        '[{username: "anna", password: "secret", permissions: "*"}]',
        "[]",
        "name => null",
    ],
)
def test_nobody_without_a_hash_is_ever_asked_about(users: str) -> None:
    assert PROBE.command(ready(users)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"wire": None},
        {"wire": replace(WIRE, admin=Admin.OPEN)},
        {"wire": replace(WIRE, admin=Admin.STARTING)},
        {"process": Process((), 18880)},
        {"process": Process((LISTENER,), 18880, restart_owed="it read a weak file")},
    ],
)
def test_it_is_not_tried_where_other_settings_may_run(changes: Mapping[str, object]) -> None:
    seen = ready()
    disk = seen.disk
    assert isinstance(disk, Disk)
    assert PROBE.command(replace(seen, **changes)) is None  # type: ignore[arg-type]
    weak = replace(disk, comparison=Comparison(Verdict.WEAKENED))
    assert PROBE.command(replace(seen, disk=weak)) is None


def test_it_is_tried_once_for_each_start_and_once_a_day() -> None:
    again = Process((replace(LISTENER, inode=78, pid=4712),), 18880)
    assert PROBE.rare
    assert PROBE.every(Intervals()) == DAY
    assert PROBE.about(ready()) != PROBE.about(ready(process=again))


def test_a_password_that_was_let_in_is_critical() -> None:
    findings = found("any_password", looked(parts={"attempt": Tried("anna", 200, token=True)}))
    assert [(one.subject, one.severity) for one in findings] == [("login", Severity.CRITICAL)]


def test_a_refusal_is_nothing_and_what_could_not_be_tried_a_note() -> None:
    assert found("any_password", looked(parts={"attempt": REFUSED})) == ()
    locked = found("any_password", looked(parts={"attempt": Tried("anna", 500, token=False)}))
    assert [one.severity for one in locked] == [Severity.NOTE]


@pytest.mark.real
def test_a_guard_that_starts_again_knows_what_was_tried(tmp_path: Path) -> None:
    now, boottime = 1_800_000_000.0, 5000.0
    store = Store(tmp_path)
    first = RareLooks(store)
    first.start("main", PROBE, "77 4711", now)
    part = PartSeen(Tried("anna", 200, token=True), "77 4711", boottime + 1.0)
    first.parts("main", {"attempt": part}, now + 1.0, boottime + 1.0)
    known = RareLooks(store).parts("main", {}, now + 60.0, boottime + 60.0)["attempt"]
    assert (known.part, known.about) == (part.part, part.about)
    assert known.at == pytest.approx(part.at)
    store.close()


@pytest.mark.real
def test_a_guard_that_died_in_the_attempt_does_not_try_at_once_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    RareLooks(store).start("main", PROBE, "77 4711", 1_800_000_000.0)
    known = RareLooks(store).parts("main", {}, 1_800_000_005.0, 5005.0)["attempt"]
    assert known == PartSeen(None, "77 4711", 5000.0)
    store.close()


@pytest.mark.real
def test_a_part_is_remembered_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    looks = RareLooks(store)
    part = {"attempt": PartSeen(REFUSED, "77 4711", 5000.0)}
    for _ in range(3):
        looks.parts("main", part, 1_800_000_000.0, 5000.0)
    assert len(store.events("main")) == 1
    store.close()
