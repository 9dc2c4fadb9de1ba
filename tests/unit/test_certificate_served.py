"""The certificate served against the one on disk: who will put it right, and when."""

from __future__ import annotations

import time
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from nrguard.certificates import PairFile
from nrguard.checks import all_checks
from nrguard.decide import Memory, decide
from nrguard.model import Admin, Blind, Severity, View, Wire
from nrguard.policy import Mode, Service
from nrguard.seen import Finding, Process, Remedy, Sealed, Seen
from nrguard.world import Flights
from tests.unit.triangle import DAY, HOUR, NOW, UNKNOWN, asked, disk, lasting, pair, seen

OLD, NEW = lasting(90, 20), lasting(90, 89)
RENEWED = pair(NEW, served=OLD)
BY_FUNCTION: View = {"kind": "function", "key": "/home/pi/key.pem", "cert": "/home/pi/cert.pem"}


def found(what: Seen, **rule: Any) -> Finding:
    (finding,) = asked("served", what, **rule)
    return finding


def refreshing(interval: View, *, written: float) -> Seen:
    """Return a renewed certificate, written so many seconds ago, with an https function that is called again."""
    part = replace(RENEWED, cert=PairFile("/home/pi/cert.pem", changed=NOW - written))
    return seen(part, disk=disk(https=BY_FUNCTION, httpsRefreshInterval=interval))


def test_the_same_certificate_on_disk_and_wire_is_fine() -> None:
    assert asked("served", seen(pair(NEW, served=NEW))) == []


def test_a_renewed_certificate_needs_a_restart_where_https_is_an_object() -> None:
    finding = found(seen(RENEWED))
    assert (finding.severity, finding.remedy) == (Severity.WARNING, Remedy.RESTART)
    assert finding.saw == (
        "a renewed certificate is on disk (valid to 2027-04-14), and the old one is served (to 2027-02-04)"
    )


def test_what_the_wire_shows_after_a_restart_counts_at_once() -> None:
    leaf = replace(NEW, fingerprint=sha256(b"0new").hexdigest())
    restarted = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True, certificate=b"0new")
    assert asked("served", seen(pair(leaf, served=OLD), wire=restarted)) == []
    assert asked("served", seen(pair(leaf, served=OLD), wire=replace(restarted, certificate=b"0old")))
    assert asked("served", seen(pair(leaf, served=OLD), wire=None))


def test_an_interval_without_a_function_is_of_no_use() -> None:
    https: View = {"kind": "object", "key": "/k.pem", "cert": "/c.pem"}
    finding = found(seen(RENEWED, disk=disk(https=https, httpsRefreshInterval=1)))
    assert finding.remedy is Remedy.RESTART


def test_a_function_without_an_interval_needs_a_restart() -> None:
    assert found(seen(RENEWED, disk=disk(https=BY_FUNCTION))).remedy is Remedy.RESTART


def test_a_function_with_an_interval_is_waited_for() -> None:
    finding = found(refreshing(12, written=2 * HOUR))
    assert (finding.severity, finding.remedy) == (Severity.NOTE, Remedy.NONE)
    assert finding.hint == "httpsRefreshInterval will make Node-RED read it within 10 hours"


@pytest.mark.parametrize(
    ("interval", "hours"),
    [("0.5", 0.5), (0.5, 0.5), ("12h", 12), ("often", 12), ("0", 12), (True, 12), (10_000, 596), (1e9, 596)],
)
def test_the_interval_is_read_as_nodered_reads_it(interval: View, hours: float) -> None:
    assert found(refreshing(interval, written=hours * HOUR - 1)).severity is Severity.NOTE
    assert found(refreshing(interval, written=hours * HOUR + 61)).severity is Severity.WARNING


@pytest.mark.parametrize("interval", [0, "", None, False])
def test_an_interval_that_counts_as_false_is_none(interval: View) -> None:
    assert found(refreshing(interval, written=1)).severity is Severity.WARNING


def test_a_refresh_that_did_not_come_is_told() -> None:
    finding = found(refreshing(12, written=13 * HOUR))
    assert finding.hint == "httpsRefreshInterval should have made Node-RED read it; restart Node-RED"
    assert finding.remedy is Remedy.RESTART


def test_a_broken_pair_on_disk_is_never_restarted_into() -> None:
    for broken in (replace(RENEWED, matches=False), replace(RENEWED, key=PairFile("/k.pem", "it is missing"))):
        finding = found(seen(broken))
        assert finding.remedy is Remedy.OWNER
        assert "put it right before a restart" in finding.hint


def test_a_restart_that_would_change_nothing_is_not_ordered() -> None:
    started_later = replace(RENEWED, cert=PairFile("/home/pi/cert.pem", changed=NOW - 5 * DAY))
    finding = found(seen(started_later))
    assert finding.remedy is Remedy.OWNER
    assert "from somewhere else" in finding.hint


def test_a_process_whose_start_is_unseen_is_not_restarted_unasked() -> None:
    before = seen(RENEWED)
    assert isinstance(before.process, Process)
    unseen = replace(before.process, listeners=(replace(before.process.listeners[0], started=0.0),))
    for process in (unseen, Blind("not seen")):
        finding = found(replace(before, process=process))
        assert (finding.remedy, finding.hint) == (Remedy.OWNER, "restart Node-RED")


def test_only_a_guard_with_a_right_clock_and_a_service_restarts() -> None:
    guarded = seen(RENEWED)
    without = (
        replace(guarded, clock=UNKNOWN),
        replace(guarded, instance=replace(guarded.instance, mode=Mode.OBSERVE)),
        replace(guarded, instance=replace(guarded.instance, service=Service())),
    )
    assert [found(what).remedy for what in without] == [Remedy.OWNER] * 3


@pytest.mark.parametrize(
    ("hours", "at", "restarts"),
    [
        ("03:00-05:00", "04:59", True),
        ("03:00-05:00", "05:00", False),
        ("23:30-01:00", "00:15", True),
        ("23:30-01:00", "23:29", False),
        ("any", "12:00", True),
    ],
)
def test_a_restart_waits_for_the_owner_s_quiet_hours(hours: str, at: str, restarts: bool) -> None:
    day = time.strftime("%Y-%m-%d", time.localtime(NOW))
    now = time.mktime(time.strptime(f"{day} {at}", "%Y-%m-%d %H:%M"))
    finding = found(seen(RENEWED, now=now), restart_hours=hours)
    assert (finding.remedy is Remedy.RESTART) is restarts
    if not restarts:
        assert finding.hint == f"it is restarted between {hours[:5]} and {hours[6:]}"


@pytest.mark.parametrize("hours", ["3-5", "03:00-25:00", "03:00", "03:00-05:00 ", ""])
def test_other_hours_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="03:00-05:00"):
        all_checks()["served"].rule(restart_hours=hours)


def test_a_renewed_certificate_becomes_a_planned_restart() -> None:
    guarded = seen(RENEWED, baseline=Sealed(1, NOW, ""))
    memory = Memory(NOW, 10 * DAY, Flights(), None, 300.0, (), may_act=True)
    assert decide(guarded, [found(guarded)], memory).restart.startswith("a renewed certificate is on disk")


def plain(kind: str, **wire: Any) -> list[Finding]:
    what = disk(https={"kind": kind, "key": None, "cert": None})
    answer = replace(Wire("127.0.0.1", 18880, Admin.LOGIN, tls=False), **wire)
    return asked("plain", seen(disk=what, wire=answer))


def test_a_function_that_gave_nothing_is_critical() -> None:
    (finding,) = plain("function")
    assert finding.severity is Severity.CRITICAL
    assert finding.saw == "plain HTTP at 127.0.0.1:18880: the https function of settings.js gave nothing"


def test_only_plain_http_with_an_https_function_is() -> None:
    assert plain("function", tls=True) == []
    assert plain("function", tls=None, admin=Admin.SILENT) == []
    assert plain("object") == []
    assert plain("none") == []
