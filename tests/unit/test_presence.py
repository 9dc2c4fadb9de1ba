"""Came back, and what was missed; a sign of life for those who asked for one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nrguard.model import Severity
from nrguard.policy import AllIsWell, Channel, Instance, Policy
from nrguard.presence import FRESH, Presence
from nrguard.records import Changes, Event
from nrguard.seen import Finding, Remedy
from nrguard.store import Store
from nrguard.wellbeing import say_well

VIENNA = ZoneInfo("Europe/Vienna")
PHONE = (Channel("phone", "json://x"),)


@pytest.fixture(autouse=True)
def _vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Vienna")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.empty()) as store:
        yield store


def at(text: str, day: int = 24) -> float:
    return datetime.fromisoformat(f"2026-11-{day:02} {text}").replace(tzinfo=VIENNA).timestamp()


class Guard:
    """A guard's presence, with a clock that a test sets."""

    def __init__(self, store: Store, now: float, boot: str = "boot-1", alive: float = 0.0) -> None:
        self.now = now
        self.presence = Presence(store, boot, alive, lambda: self.now)


def told(store: Store, now: float) -> list[tuple[str, str]]:
    return [(parcel.message.title, parcel.message.body) for parcel in store.outbox.due(now)]


def finding(severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding("setting", "adminAuth", severity, "absent", "as accepted", Remedy.RESTORE)


def test_the_first_start_and_one_after_a_clean_end_are_told_to_nobody(store: Store) -> None:
    first = Guard(store, at("12:00"))
    assert not first.presence.untold
    first.presence.leave()
    assert not Guard(store, at("12:01")).presence.untold


def test_an_end_that_nobody_asked_for_is_told_with_when_it_was(store: Store) -> None:
    guard = Guard(store, at("12:00"))
    guard.now = at("12:00") + FRESH
    guard.presence.stay()
    back = Guard(store, at("12:25"))
    assert back.presence.untold
    back.presence.tell("pi4-hall", PHONE)
    assert told(store, at("12:25")) == [(
        "nrguard is back after an unexpected end",
        "pi4-hall. Nobody guarded from 12:10 to 12:25. settings.js is as accepted. Nothing to do.",
    )]  # fmt: skip
    back.presence.tell("pi4-hall", PHONE)
    assert len(told(store, at("12:25"))) == 1


def test_within_one_boot_it_is_known_more_exactly_when_it_was_last_alive(store: Store) -> None:
    Guard(store, at("12:00"))
    Guard(store, at("12:09"), alive=at("12:08")).presence.tell("pi4-hall", PHONE)
    assert "from 12:08 to 12:09" in told(store, at("12:10"))[0][1]


def test_after_a_power_cut_it_says_so(store: Store) -> None:
    Guard(store, at("22:00", 23))
    Guard(store, at("07:00"), "boot-2", alive=at("06:59")).presence.tell("pi4-hall", PHONE)
    title, body = told(store, at("07:00"))[0]
    assert title == "nrguard is back after a power cut"
    assert "from 23 Nov 22:00 to 07:00" in body


def test_what_was_found_since_is_named(store: Store) -> None:
    Guard(store, at("12:00"))
    back = Guard(store, at("12:05"))
    store.finish("main", Changes(opened=(finding(), finding(Severity.NOTE))), at("12:05") + 1, PHONE)
    back.presence.tell("pi4-hall", PHONE)
    assert "Found: Node-RED login removed." in told(store, at("12:06"))[0][1]


def test_one_that_is_killed_again_before_it_could_tell_has_forgotten_nothing(store: Store) -> None:
    Guard(store, at("12:00"))
    Guard(store, at("12:20")).presence.stay()
    third = Guard(store, at("12:40"))
    third.presence.tell("pi4-hall", PHONE)
    assert "from 12:00 to 12:40" in told(store, at("12:40"))[0][1]


def test_an_end_before_it_was_told_is_no_clean_one(store: Store) -> None:
    Guard(store, at("12:00"))
    Guard(store, at("12:20")).presence.leave()
    assert Guard(store, at("12:40")).presence.untold


WEEKLY = Policy((Instance("main", "/s.js"),), (Channel("phone", "json://x"),), all_is_well=AllIsWell.WEEKLY)


def test_a_sign_of_life_comes_in_the_morning_a_week_after_it_was_asked_for(store: Store) -> None:
    for now in (at("15:00", 10), at("23:00", 16), at("08:59", 17)):
        say_well(store, WEEKLY, "pi4-hall", now)
        assert told(store, now) == []
    store.record("main", Event(at("12:00", 12), "restored", "x"))
    say_well(store, WEEKLY, "pi4-hall", at("09:00", 17))
    say_well(store, WEEKLY, "pi4-hall", at("09:01", 17))
    assert told(store, at("09:01", 17)) == [(
        "nrguard: all is well",
        "pi4-hall, 09:00. settings.js is as accepted. Since 10 Nov 15:00: one repair. Nothing to do.",
    )]  # fmt: skip


def test_it_says_what_is_open_and_not_that_all_is_well(store: Store) -> None:
    say_well(store, WEEKLY, "pi4-hall", at("15:00", 10))
    store.finish("main", Changes(opened=(finding(),)), at("12:00", 12), ())
    say_well(store, WEEKLY, "pi4-hall", at("10:00", 17))
    assert [title for title, _ in told(store, at("10:00", 17))] == ["nrguard: 1 thing is open"]


def test_after_a_night_in_which_it_was_due_it_waits_for_the_morning(store: Store) -> None:
    say_well(store, WEEKLY, "pi4-hall", at("15:00", 10))
    say_well(store, WEEKLY, "pi4-hall", at("22:30", 20))
    assert told(store, at("22:30", 20)) == []
    say_well(store, WEEKLY, "pi4-hall", at("09:30", 21))
    assert len(told(store, at("09:30", 21))) == 1


def test_who_did_not_ask_for_it_gets_none(store: Store) -> None:
    for day in range(1, 30):
        say_well(store, replace(WEEKLY, all_is_well=AllIsWell.NEVER), "pi4-hall", at("10:00", day))
    assert told(store, at("12:00", 30)) == []
