"""Dates of certificates, judged by what is left of their lifetime, and only by a clock that is known to be right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.model import Clock, Severity
from tests.unit.triangle import DAY, NOW, UNKNOWN, asked, lasting, pair, seen


def worst(days: float, left: float) -> str:
    found = asked("expiry", seen(pair(lasting(days, left))))
    return str(max((finding.severity for finding in found), default="fine"))


@pytest.mark.parametrize(
    ("days", "fine", "warning", "critical"),
    [
        (6, 2.0, 1.9, 0.99),
        (45, 14.6, 14.4, 7.4),
        (90, 29.1, 28.9, 14.9),
        (398, 29.1, 28.9, 14.9),
        (3650, 29.1, 28.9, 14.9),
    ],
)
def test_short_and_long_certificates_are_told_in_time(
    days: float, fine: float, warning: float, critical: float
) -> None:
    assert [worst(days, left) for left in (fine, warning, critical)] == ["fine", "warning", "critical"]


def test_a_program_that_renews_at_a_third_has_a_day_to_do_so() -> None:
    assert worst(90, 30.0) == worst(90, 29.01) == "fine"


@given(st.floats(0.5, 8000), st.floats(-1, 1), st.floats(-1, 1))
def test_less_time_left_is_never_judged_better(days: float, one: float, other: float) -> None:
    ranks = {"fine": 0, "warning": 1, "critical": 2}
    less, more = sorted((one * days, other * days))
    assert ranks[worst(days, less)] >= ranks[worst(days, more)]


def test_one_that_has_ended_is_critical_with_the_day() -> None:
    (finding,) = asked("expiry", seen(pair(lasting(90, -1))))
    assert finding.severity is Severity.CRITICAL
    assert finding.saw == "the certificate on disk ended on 2027-01-14"


def test_one_of_the_future_is_critical_and_a_skew_of_minutes_is_not() -> None:
    future = replace(lasting(90, 90), begins=NOW + DAY)
    (finding,) = asked("expiry", seen(pair(future)))
    assert finding.severity is Severity.CRITICAL
    assert finding.saw == "the certificate on disk is not valid before 2027-01-16"
    assert not asked("expiry", seen(pair(replace(future, begins=NOW + 60))))


def test_the_one_served_and_the_one_on_disk_are_judged_each() -> None:
    found = asked("expiry", seen(pair(lasting(90, 80), served=lasting(90, 5))))
    assert [(finding.subject, finding.hint) for finding in found] == [
        ("served", "a newer one is on disk already: it has to be served")
    ]


def test_one_certificate_that_is_served_and_on_disk_is_one_finding() -> None:
    same = lasting(90, 5)
    assert [finding.subject for finding in asked("expiry", seen(pair(same, served=same)))] == ["served"]


def test_an_ended_root_in_the_file_is_a_note_and_an_ended_intermediate_is_not() -> None:
    root = lasting(3650, -100, self_signed=True)
    between = lasting(3650, -1)
    found = asked("expiry", seen(pair(lasting(90, 80), between, root)))
    assert [(finding.subject, finding.severity) for finding in found] == [
        ("intermediate", Severity.WARNING),
        ("root", Severity.NOTE),
    ]


def test_nothing_is_said_about_dates_until_the_clock_is_right_and_then_at_once() -> None:
    before = seen(pair(lasting(90, -1), lasting(3650, -1)), clock=UNKNOWN)
    (note,) = asked("expiry", before)
    assert (note.subject, note.severity) == ("clock", Severity.NOTE)
    assert "not judged: nobody has set it" in note.saw
    assert [finding.subject for finding in asked("expiry", replace(before, clock=Clock(True)))] == [
        "file",
        "intermediate",
    ]


def test_an_owner_may_vouch_for_the_clock() -> None:
    (finding,) = asked("expiry", seen(pair(lasting(90, -1)), clock=UNKNOWN), trust_clock=True)
    assert finding.severity is Severity.CRITICAL


def test_one_that_ended_before_the_last_known_time_has_ended_whatever_the_clock_says() -> None:
    clock = replace(UNKNOWN, floor=NOW)
    found = asked("expiry", seen(pair(lasting(90, -1)), clock=clock, now=NOW - 400 * DAY))
    assert [(finding.subject, finding.severity) for finding in found] == [
        ("file", Severity.CRITICAL),
        ("clock", Severity.NOTE),
    ]


def test_a_certificate_of_an_authority_shows_that_the_clock_is_behind() -> None:
    late = seen(pair(lasting(90, 80)), clock=UNKNOWN, now=0.0)
    (note,) = asked("expiry", late)
    assert note.evidence == ("the clock says 1970-01-01, and 2027-01-05 is past",)


def test_its_own_certificate_shows_nothing_about_the_clock() -> None:
    late = seen(pair(lasting(90, 80, self_signed=True)), clock=UNKNOWN, now=0.0)
    (note,) = asked("expiry", late)
    assert note.evidence == ()
