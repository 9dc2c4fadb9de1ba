"""Turns in a fake world: what is put back, what is restarted, and what people are told about it."""

from __future__ import annotations

import pytest

from nrguard.cycle import Report, cycle
from nrguard.model import Severity
from nrguard.policy import Mode, Policy, Service
from tests.fake_world import BOOT_SECONDS, GOOD, HASH, SETTINGS, FakeWorld, house

_START, _END = GOOD.index(b"    adminAuth"), GOOD.index(b"    uiPort")
OPEN = GOOD[:_START] + GOOD[_END:]
STRANGERS = GOOD.replace(HASH.encode(), b"$2b$12$AAAAAAAAAAAAAAAAAAAAAOnGVv0wlv8sLkMV3CqvEz1mjPNc1C6zq")


def turn(world: FakeWorld, policy: Policy | None = None, *, may_act: bool = True) -> Report:
    return cycle(world, policy or house(), "node-red", may_act=may_act)


def turns(world: FakeWorld, policy: Policy | None = None, *, seconds: float) -> Report:
    """Take turns until `seconds` have passed."""
    end = world.time + seconds
    while True:
        report = turn(world, policy)
        world.pass_time(0.5)
        if world.time >= end:
            return report


@pytest.fixture
def world() -> FakeWorld:
    """A house at rest: sealed, running, just looked at."""
    world = FakeWorld()
    world.seal()
    world.start()
    world.pass_time(BOOT_SECONDS)
    turns(world, seconds=2.0)
    return world


def test_a_house_at_rest_has_no_finding_and_no_message(world: FakeWorld) -> None:
    report = turns(world, seconds=120.0)
    assert report.findings == ()
    assert (world.messages, world.writes) == ([], 0)


@pytest.mark.parametrize("tampered", [OPEN, STRANGERS, b"", b"exports = {}\n", None])
def test_one_turn_reaches_the_baseline_and_the_next_finds_nothing(world: FakeWorld, tampered: bytes | None) -> None:
    world.files.pop(SETTINGS)
    if tampered is not None:
        world.files[SETTINGS] = tampered
    turn(world)
    assert world.files[SETTINGS] == GOOD
    turn(world)
    assert world.writes == 1


def test_the_tampered_file_is_kept_as_evidence(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    turn(world)
    assert world.kept == [OPEN]


def test_a_process_that_started_before_the_tampering_is_not_restarted(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    turns(world, seconds=30.0)
    assert world.restarts("node-red", 0.0) == ()
    assert [message.title for message in world.messages] == ["Node-RED login removed: fixed"]


def test_a_process_that_may_have_read_the_weak_file_is_restarted_once(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    world.start()  # while the guard does not look
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, seconds=30.0)
    assert len(world.restarts("node-red", 0.0)) == 1
    assert world.owed is None
    assert world.seen_wire is not None
    assert world.seen_wire.wire.admin == "login"  # type: ignore[union-attr]


def test_one_message_tells_of_a_repair_with_its_restart(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    world.start()
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, seconds=60.0)
    assert len(world.messages) == 1
    assert "restarted (" in world.messages[0].body
    assert "all logins ended" in world.messages[0].body
    assert world.open_incidents == []


def test_a_file_restored_before_node_red_reads_it_needs_no_restart(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    turn(world)
    world.start()
    turns(world, seconds=30.0)
    assert world.restarts("node-red", 0.0) == ()
    assert world.owed is None


def test_looking_changes_nothing(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    report = turn(world, may_act=False)
    assert report.findings[0].severity is Severity.CRITICAL
    assert (world.files[SETTINGS], world.messages, world.writes) == (OPEN, [], 0)


def test_an_observed_instance_is_told_about_but_never_edited(world: FakeWorld) -> None:
    policy = house()
    policy = Policy((policy.instances[0].__class__("node-red", SETTINGS, mode=Mode.OBSERVE),))
    world.files[SETTINGS] = OPEN
    turns(world, policy, seconds=30.0)
    assert (world.files[SETTINGS], world.writes) == (OPEN, 0)
    assert len(world.messages) == 1


def test_starting_never_adopts_what_it_finds() -> None:
    world = FakeWorld(files={SETTINGS: OPEN})
    turns(world, seconds=10.0)
    assert (world.sealed, world.writes) == ([], 0)
    assert any("baseline" in incident.finding.check for incident in world.open_incidents)


def test_a_failed_write_is_told_and_tried_again(world: FakeWorld) -> None:
    world.broken = "the disk is full"
    world.files[SETTINGS] = OPEN
    report = turn(world)
    assert report.wait > 0
    assert [message.title for message in world.messages] == ["FAILED to restore Node-RED"]
    world.broken = ""
    turns(world, seconds=5.0)
    assert world.files[SETTINGS] == GOOD
    assert len(world.messages) == 2


def test_an_open_finding_is_told_once(world: FakeWorld) -> None:
    world.broken = "the disk is full"
    world.files[SETTINGS] = OPEN
    turns(world, seconds=300.0)
    assert len(world.messages) == 1


def test_two_programs_never_fight_without_a_breath(world: FakeWorld) -> None:
    for _ in range(600):  # somebody rewrites the file and restarts Node-RED for ten minutes
        if world.node_red is None or world.time - world.node_red.started > BOOT_SECONDS + 1:
            world.files[SETTINGS] = OPEN
            world.start()
            world.pass_time(BOOT_SECONDS)
        turn(world)
        world.pass_time(1.0)
    assert len(world.restarts("node-red", 0.0)) <= 8


def test_without_a_service_the_owner_is_asked_to_restart(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN
    world.start()
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, house(service=Service()), seconds=30.0)
    assert world.files[SETTINGS] == GOOD
    assert [message.title for message in world.messages] == ["Node-RED needs a RESTART to be safe"]


def test_the_port_that_the_weak_file_named_is_watched_too(world: FakeWorld) -> None:
    world.files[SETTINGS] = OPEN.replace(b"18880", b"1880")
    world.start()
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, seconds=60.0)
    assert len(world.restarts("node-red", 0.0)) == 1
    assert world.owed is None


def test_a_node_red_that_does_not_come_back_is_told(world: FakeWorld) -> None:
    world.restart_fails = "the unit is masked"
    world.files[SETTINGS] = OPEN
    world.start()
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, seconds=60.0)
    assert any("unit is masked" in incident.finding.saw for incident in world.open_incidents)
    assert world.messages


def test_what_stays_open_is_told_again_after_an_hour_and_six_hours_and_then_daily(world: FakeWorld) -> None:
    world.broken = "the disk is full"
    world.files[SETTINGS] = OPEN
    said: list[int] = []
    for hour in range(80):
        turn(world)
        turn(world)
        if len(world.messages) > len(said):
            said.append(hour)
        world.time += 3600.0
    assert said == [0, 1, 6, 24, 48, 72]


WITH_MODULE = GOOD.replace(b'"flows.json"', b'"flows.json",\n    functionGlobalContext: { sun: require("suncalc") }')


def test_a_module_in_a_setting_that_protects_nothing_is_told_and_stays(world: FakeWorld) -> None:
    world.files[SETTINGS] = WITH_MODULE
    turns(world, seconds=30.0)
    assert (world.files[SETTINGS], world.writes) == (WITH_MODULE, 0)
    assert [message.severity for message in world.messages] == [Severity.WARNING]


def test_beside_such_a_module_a_lost_login_is_put_back_by_key(world: FakeWorld) -> None:
    world.files[SETTINGS] = WITH_MODULE[:_START] + WITH_MODULE[_END:]
    turns(world, seconds=30.0)
    assert world.files[SETTINGS] == WITH_MODULE


@pytest.mark.parametrize(
    "code",
    [
        b"setTimeout(() => { module.exports.adminAuth = null })",
        b'(module.exports = {}, require("suncalc"))',
        b'Object.assign(module.exports, require("./mine"))',
    ],
)
def test_code_that_could_reach_the_login_is_undone_wherever_it_stands(world: FakeWorld, code: bytes) -> None:
    world.files[SETTINGS] = WITH_MODULE.replace(b'require("suncalc")', code)
    turns(world, seconds=5.0)
    assert world.files[SETTINGS] == GOOD


SESSIONS = "/home/pi/.node-red/.sessions.json"


def test_logins_end_with_a_restart_after_somebody_may_have_got_in(world: FakeWorld) -> None:
    world.files[SESSIONS] = b"{}"
    world.files[SETTINGS] = OPEN
    world.start()
    world.pass_time(BOOT_SECONDS + 5.0)
    turns(world, seconds=30.0)
    assert SESSIONS not in world.files
    assert b"{}" in world.kept


def test_logins_stay_where_node_red_never_ran_the_weak_file(world: FakeWorld) -> None:
    world.files[SESSIONS] = b"{}"
    world.files[SETTINGS] = OPEN
    turns(world, seconds=30.0)
    assert SESSIONS in world.files
