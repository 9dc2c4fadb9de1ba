"""A restart that would only bring the override back is not ordered, and none before that is known."""

from __future__ import annotations

import pytest

from nrguard.decide import Memory, decide
from nrguard.model import Admin, Blind, Severity, Wire
from nrguard.policy import Instance, Service, ServiceKind
from nrguard.seen import Finding, Process, Remedy, Sealed, Seen
from nrguard.world import Flights, WireSeen

SETTINGS = "/home/pi/.node-red/settings.js"
WIRE = Wire("127.0.0.1", 1880, Admin.OPEN)


def restarts(remedy: Remedy, *, looks: frozenset[str] = frozenset(), before: tuple[float, ...] = ()) -> bool:
    instance = Instance("main", SETTINGS, Service(ServiceKind.SYSTEMD, unit="nodered.service"))
    disk = Blind("this test does not look at it")
    seen = Seen(instance, disk, Process((), 1880), WIRE, Sealed(1, 0.0, ""), 3000.0)
    memory = Memory(
        now=3000.0, boottime=3000.0, flights=Flights(looks=looks), wire=WireSeen(WIRE, 0, 2999.0), wire_interval=300.0,
        restarts=before, may_act=True,
    )  # fmt: skip
    finding = Finding("stranger", "editor", Severity.CRITICAL, "everybody can edit flows", "a login", remedy)
    return bool(decide(seen, (finding,), memory).restart)


def test_an_override_that_the_next_start_has_too_leads_to_no_restart() -> None:
    assert not restarts(Remedy.OWNER)


def test_a_process_that_a_restart_puts_right_is_restarted() -> None:
    assert restarts(Remedy.RESTART)


@pytest.mark.parametrize("look", ["unit", "running"])
def test_a_restart_waits_for_the_look_that_may_tell_that_it_is_in_vain(look: str) -> None:
    assert not restarts(Remedy.RESTART, looks=frozenset({look}))


def test_a_restart_waits_for_no_other_look() -> None:
    assert restarts(Remedy.RESTART, looks=frozenset({"certificate"}))


def test_what_two_restarts_did_not_put_right_a_third_does_not_either() -> None:
    assert restarts(Remedy.RESTART, before=(100.0,))
    assert not restarts(Remedy.RESTART, before=(100.0, 1500.0))
