"""Quiet hours by this computer's clock, on days that are longer or shorter too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nrguard.hours import quiet_until
from nrguard.policy import Quiet

NIGHT, NOON = Quiet(22 * 60, 7 * 60), Quiet(12 * 60, 14 * 60)
VIENNA = ZoneInfo("Europe/Vienna")


@pytest.fixture(autouse=True)
def _vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Vienna")
        time.tzset()
        yield
    time.tzset()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).timestamp()


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24 21:59", None), ("2026-11-24 22:00", "2026-11-25 07:00"), ("2026-11-25 03:10", "2026-11-25 07:00"),
        ("2026-11-25 06:59", "2026-11-25 07:00"), ("2026-11-25 07:00", None), ("2026-12-31 23:30", "2027-01-01 07:00"),
        ("2026-10-24 23:00", "2026-10-25 07:00"), ("2027-03-27 23:00", "2027-03-28 07:00"),  # the clocks change
    ],
)  # fmt: skip
def test_a_night_goes_over_midnight(now: str, until: str | None) -> None:
    assert quiet_until(NIGHT, at(now)) == (at(until) if until else 0.0)


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-11-24 11:59", None), ("2026-11-24 12:00", "2026-11-24 14:00"), ("2026-11-24 14:00", None)],
)
def test_a_noon_stays_within_its_day(now: str, until: str | None) -> None:
    assert quiet_until(NOON, at(now)) == (at(until) if until else 0.0)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert quiet_until(None, at("2026-11-24 03:00")) == 0.0
