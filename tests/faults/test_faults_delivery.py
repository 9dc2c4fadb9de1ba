"""Alerts through a network that flaps and processes that are killed: all are told, in order, none after its receipt."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.faults.delivery_house import GuardedHouse, guarded, until
from tests.faults.injection import SURVIVED
from tests.sinks import FINE, Behaviour, HttpSink

WEATHER = (FINE, Behaviour(500), FINE, Behaviour(drop=True), FINE, Behaviour(429), Behaviour(slow=0.4), Behaviour(401))
LEAK = 2048  # KiB of resident memory that a guard may gain over hundreds of messages: allocators breathe


class TimedSink(HttpSink):
    """Notes when each request came."""

    def understand(self, path: str, data: bytes) -> dict[str, Any]:
        return {**super().understand(path, data), "came": time.time()}


def assert_in_order(told: Sequence[range], kills: int) -> None:
    """No gap, nothing overtaken; and what came twice was in flight when something was killed."""
    assert told[0].start == 1
    again = 0
    for before, span in pairwise(told):
        again += span.start <= before.stop - 1
        assert span.start <= before.stop, f"{before} is followed by {span}: something is missing or was overtaken"
        assert span.start >= before.start, f"{before} is followed by {span}: what was confirmed came again"
        assert span.stop >= before.stop
    assert again <= kills


def assert_none_after_its_receipt(house: GuardedHouse, sink: TimedSink) -> None:
    confirmed = house.confirmed()
    for document, span in zip(sink.received, house.told(), strict=True):
        late = [number for number in span if document["came"] > confirmed[number]]
        assert not late, f"told again after the receipt: {late}"


@pytest.mark.parametrize(("incidents", "kills"), [(1000, 50)])
def test_a_thousand_incidents_through_a_flapping_network_and_fifty_kills(
    tmp_path: Path, incidents: int, kills: int
) -> None:
    chance = random.Random(7)
    weather = cycle(WEATHER)
    with TimedSink() as sink, guarded(tmp_path, sink) as house:
        house.start()
        killed = 0
        for number in range(1, incidents + 1):
            house.open_incident(number)
            if number % 10 == 0:
                sink.behaviour = next(weather)
            if killed < kills and number % (incidents // kills) == 0:
                killed += strike(house, chance, guard=killed % 2 == 0)
            time.sleep(0.01)
        sink.behaviour = FINE
        last = house.settle(incidents + 1)
        told = house.told()
        assert killed >= kills * 0.9
        assert_in_order(told, killed)
        assert told[-1].stop == last + 1
        assert_none_after_its_receipt(house, sink)
    SURVIVED.extend(("delivery", f"kill {number}") for number in range(killed))


def strike(house: GuardedHouse, chance: random.Random, *, guard: bool) -> int:
    """Kill the guard (and start it again) or its delivering child, at a random moment. Return how many were killed."""
    if guard:
        time.sleep(chance.random() * 1.2)
        house.kill()
        house.start()
        return 1
    return int(until(house.kill_child, 3.0))


def test_the_guard_does_not_grow_with_what_it_tells(tmp_path: Path) -> None:
    weather = cycle(WEATHER)
    with TimedSink() as sink, guarded(tmp_path, sink) as house:
        house.start()
        memory = []
        for number in range(1, 601):
            house.open_incident(number)
            if number % 20 == 0:
                sink.behaviour = next(weather)
            if number % 100 == 0:
                memory.append(house.memory())
            time.sleep(0.02)
        sink.behaviour = FINE
        house.settle(601)
        memory.append(house.memory())
    assert memory[-1] - memory[1] < LEAK, f"resident KiB: {memory}"
