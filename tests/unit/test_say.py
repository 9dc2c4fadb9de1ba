"""Which messages the edges of a turn lead to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nrguard.incidents import Edges
from nrguard.model import Severity
from nrguard.policy import Instance, Mode, Service, ServiceKind
from nrguard.records import Debt, Event, Incident
from nrguard.say import messages
from nrguard.seen import Finding, Remedy
from nrguard.world import Flights
from tests.fake_world import SETTINGS, FakeWorld

LOST = Finding("setting", "adminAuth", Severity.CRITICAL, "absent", "as accepted", Remedy.RESTORE)
DUE = Finding("restart", "Node-RED", Severity.CRITICAL, "may run it", "a restart", Remedy.OWNER)
BARE = Finding("baseline", "node-red", Severity.WARNING, "no accepted settings", "some", Remedy.APPLY)
HERE = Instance("node-red", SETTINGS, Service(ServiceKind.SYSTEMD, unit="nodered.service"))
UNSERVED = replace(HERE, service=Service())


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


def titles(
    world: FakeWorld, edges: Edges, instance: Instance = HERE, incidents: tuple[Incident, ...] = (),
    events: tuple[Event, ...] = (),
) -> list[str]:  # fmt: skip
    return [message.title for message in messages(world, instance, edges, incidents, events)]


def test_no_edge_is_no_message(world: FakeWorld) -> None:
    assert titles(world, Edges()) == []
    assert titles(world, Edges(opened=(LOST,), closed=(LOST,), updated=(LOST,))) == []


def test_what_is_open_is_told_as_open(world: FakeWorld) -> None:
    assert titles(world, Edges(say_open=(LOST,))) == ["Node-RED login removed: still OPEN"]


def test_a_repair_is_told_as_one(world: FakeWorld) -> None:
    (message,) = messages(world, HERE, Edges(say_repaired=(LOST,)), (), ())
    assert message.title == "Node-RED login removed: fixed"
    assert "before Node-RED read it" in message.body


def test_a_repair_with_a_restart_says_how_long_it_took(world: FakeWorld) -> None:
    world.events.append(Event(world.now(), "restart", "why"))
    world._flights = Flights(restart_seconds=7.3)  # noqa: SLF001 - as the launcher leaves it
    (message,) = messages(world, HERE, Edges(say_repaired=(LOST,)), (Incident(1, world.now() - 9, LOST),), ())
    assert "restarted (7.3 s)" in message.body


def test_a_restart_of_last_week_is_not_claimed(world: FakeWorld) -> None:
    world.events.append(Event(world.now() - 100, "restart", "why"))
    world._flights = Flights(restart_seconds=7.3)  # noqa: SLF001
    (message,) = messages(world, HERE, Edges(say_repaired=(LOST,)), (Incident(1, world.now(), LOST),), ())
    assert "restarted" not in message.body


def test_a_repair_whose_restart_is_the_owners_asks_for_it_once(world: FakeWorld) -> None:
    world.owed = Debt("boot-1", 0.0, 1.0, "why")
    assert titles(world, Edges(say_repaired=(LOST,), say_open=(DUE,)), UNSERVED) == [
        "Node-RED needs a RESTART to be safe"
    ]


def test_a_repair_that_failed_says_why(world: FakeWorld) -> None:
    failed = Event(world.now(), "failed", "the disk is full")
    (message,) = messages(world, HERE, Edges(say_open=(LOST,)), (), (failed,))
    assert message.title == "FAILED to restore Node-RED"
    assert "the disk is full" in message.body


def test_what_went_away_by_itself_is_not_called_our_repair(world: FakeWorld) -> None:
    (observed,) = messages(world, replace(HERE, mode=Mode.OBSERVE), Edges(say_repaired=(LOST,)), (), ())
    (bare,) = messages(world, HERE, Edges(say_repaired=(BARE,)), (), ())
    for message in (observed, bare):
        assert "fine again" in message.title
        assert "Put back" not in message.body


def test_the_end_says_since_when_it_was_wrong(world: FakeWorld) -> None:
    incidents = (Incident(1, world.now() - 7200.0, LOST, told=True), Incident(2, world.now() - 9e4, DUE, told=True))
    (message,) = messages(world, HERE, Edges(say_closed=(LOST,)), incidents, ())
    assert message.title == "Node-RED login removed: fine again"
    assert "until now" in message.body


def test_an_end_and_a_beginning_are_two_messages(world: FakeWorld) -> None:
    assert len(titles(world, Edges(say_closed=(BARE,), say_open=(LOST,)))) == 2
