"""Whatever happens, in whatever order, and wherever the guard dies: it ends with the accepted settings, on disk and
in the running Node-RED, and everybody was told once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from nrguard.cycle import Report, cycle
from nrguard.model import ADJACENT, PROTECTABLE, FileState, Severity
from nrguard.policy import Mode, Policy
from nrguard.seen import Finding
from nrguard.settingsjs import compare
from nrguard.world import Failed
from tests.fake_world import BOOT_SECONDS, GOOD, HASH, READ_SECONDS, SETTINGS, FakeWorld, house, read

STRANGERS = "$2b$12$AAAAAAAAAAAAAAAAAAAAAOnGVv0wlv8sLkMV3CqvEz1mjPNc1C6zq"
SECRETS = (HASH, STRANGERS, "hunter2-correct-horse", "wAuqPiKEl1zNPvHVZUZ3xu")
OPEN = GOOD.replace(b"adminAuth", b"xdminAuth")
HARMLESS = GOOD.replace(b"// the way in", b"// my house, my rules").replace(b"flows.json", b"flows_hall.json")

texts = st.sampled_from([
    OPEN, b"", b"module.exports = {}\n", None, b"module.exports = {\n", GOOD[:90], GOOD.replace(b"18880", b"1880"),
    GOOD.replace(HASH.encode(), STRANGERS.encode()), GOOD.replace(b"127.0.0.1", b"0.0.0.0"),
    GOOD.replace(b"adminAuth: {", b"adminAuth: null, old: {"), GOOD + b"delete module.exports.adminAuth\n",
    OPEN.replace(b"flowFile", b"credentialSecret: 'hunter2-correct-horse', flowFile"),
    OPEN.replace(b"18880", b"1880"), GOOD.replace(b"module", b"\xef\xbb\xbf\xffmodule"),
])  # fmt: skip
"""Every way to lose the accepted settings; None: the file is deleted."""


@dataclass
class Guard:
    """A guard and its house; `step` is what the daemon does again and again."""

    world: FakeWorld
    policy: Policy = field(default_factory=house)
    seen_by: Any = None  # the world as the guard has it; a wrapper where it is made to fail

    def step(self, *, may_act: bool = True) -> Report:
        return cycle(self.seen_by or self.world, self.policy, "node-red", may_act=may_act)

    def go_on(self, seconds: float) -> Report:
        """Take turns as the daemon does, until `seconds` have passed."""
        end = self.world.time + seconds
        while True:
            report = self.step()
            if self.world.time >= end:
                return report
            self.world.pass_time(min(report.wait, 30.0) or (0.3 if report.pending else 15.0))


def at_rest() -> Guard:
    """Return a house that is sealed, running, and just looked at."""
    world = FakeWorld()
    world.seal()
    world.start()
    world.pass_time(BOOT_SECONDS)
    guard = Guard(world)
    guard.go_on(2.0)
    return guard


def put(world: FakeWorld, text: bytes | None) -> None:
    world.files.pop(SETTINGS, None)
    if text is not None:
        world.files[SETTINGS] = text


def means_the_accepted(text: bytes | None) -> bool:
    """Is every protected setting the accepted one, and all code accounted for?"""
    if text is None or read(text).state is not FileState.SOUND:
        return False
    return all(one.setting in ADJACENT for one in compare(read(text), read(GOOD), PROTECTABLE).differences)


def assert_safe(world: FakeWorld) -> None:
    assert means_the_accepted(world.files.get(SETTINGS)), "the file is not the accepted one"
    assert world.node_red is not None
    assert means_the_accepted(world.node_red.settings), "Node-RED runs other settings than the accepted ones"
    assert world.owed is None
    serious = [one.key for one in world.open_incidents if one.finding.severity > Severity.NOTE]
    assert [(check, subject) for check, subject in serious if subject not in ADJACENT] == []


# -- one turn


@given(texts)
def test_one_turn_reaches_the_baseline_and_a_second_finds_nothing(text: bytes | None) -> None:
    guard = at_rest()
    put(guard.world, text)
    guard.step()
    assert means_the_accepted(guard.world.files.get(SETTINGS))
    writes = guard.world.writes
    again = guard.step()
    assert (guard.world.writes, writes) == (1, 1)
    found = [one for one in again.findings if one.check in ("setting", "file", "login")]
    assert [one for one in found if one.subject not in ADJACENT] == []


@given(st.binary(max_size=80), st.integers(0, len(GOOD)), st.integers(0, 40))
def test_any_bytes_anywhere_are_put_right_or_change_nothing_that_is_protected(
    bytes_: bytes, start: int, length: int
) -> None:
    guard = at_rest()
    text = GOOD[:start] + bytes_ + GOOD[start + length :]
    put(guard.world, text)
    guard.step()
    left = guard.world.files[SETTINGS]
    assert means_the_accepted(left)
    guard.step()
    assert guard.world.files[SETTINGS] == left


@given(texts)
def test_looking_changes_nothing_at_all(text: bytes | None) -> None:
    guard = at_rest()
    put(guard.world, text)
    before = (dict(guard.world.files), list(guard.world.events), guard.world.owed, guard.world.good)
    for _ in range(3):
        guard.step(may_act=False)
        guard.world.pass_time(1.0)
    assert (dict(guard.world.files), list(guard.world.events), guard.world.owed, guard.world.good) == before
    assert (guard.world.messages, guard.world.open_incidents) == ([], [])


def test_an_edit_of_the_owner_beside_the_protected_settings_stays() -> None:
    guard = at_rest()
    put(guard.world, HARMLESS)
    guard.go_on(60.0)
    assert (guard.world.files[SETTINGS], guard.world.messages) == (HARMLESS, [])
    put(guard.world, HARMLESS.replace(b"adminAuth", b"xdminAuth"))
    guard.step()
    assert b"my house, my rules" in guard.world.files[SETTINGS]
    assert b"flows_hall.json" in guard.world.files[SETTINGS]


# -- never adopting


@given(st.lists(st.tuples(texts, st.booleans(), st.floats(0.1, 60.0)), min_size=1, max_size=5))
def test_starting_never_adopts_what_it_finds(steps: list[tuple[bytes | None, bool, float]]) -> None:
    world = FakeWorld()
    guard = Guard(world)
    for text, starts, seconds in steps:
        put(world, text)
        if starts:
            world.start()
        guard.go_on(seconds)
        assert world.files.get(SETTINGS) == text
    assert (world.sealed, world.writes, world.kept, world.restarts("node-red", 0.0)) == ([], 0, [], ())


@given(texts, st.floats(0.1, 60.0))
def test_an_observed_house_is_told_about_and_never_touched(text: bytes | None, seconds: float) -> None:
    guard = at_rest()
    (instance,) = guard.policy.instances
    guard.policy = Policy((instance.__class__("node-red", SETTINGS, instance.service, Mode.OBSERVE),))
    put(guard.world, text)
    guard.world.start()
    guard.go_on(seconds)
    assert guard.world.files.get(SETTINGS) == text
    assert (guard.world.writes, guard.world.restarts("node-red", 0.0)) == (0, ())


# -- any order of events

steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), texts),
        st.tuples(st.just("start"), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([0.1, READ_SECONDS / 2, READ_SECONDS, BOOT_SECONDS, 10.0, 45.0])),
        st.tuples(st.just("turn"), st.none()),
        st.tuples(st.just("put back"), st.none()),
    ),
    max_size=10,
)


def play(guard: Guard, steps: list[tuple[str, Any]]) -> None:
    for what, value in steps:
        match what:
            case "put":
                put(guard.world, value)
            case "put back":
                put(guard.world, GOOD)
            case "start":
                guard.world.start()
            case "wait":
                guard.world.pass_time(value)
            case _:
                guard.step()


def read_unseen(steps: list[tuple[str, Any]]) -> bool:
    """Did somebody put the accepted file back before the guard looked? Then nobody can know what a start has read."""
    return any(what == "put back" for what, _ in steps)


@example([("start", None), ("wait", 0.5), ("turn", None), ("put", GOOD.replace(HASH.encode(), STRANGERS.encode())),
          ("wait", 1.0), ("turn", None)])  # fmt: skip
@example([("put", OPEN.replace(b"18880", b"1880")), ("start", None), ("wait", 10.0), ("turn", None), ("wait", 0.1),
          ("put", GOOD.replace(b"18880", b"1881")), ("turn", None)])  # fmt: skip
@given(steps)
def test_after_any_order_of_events_file_and_process_are_the_accepted_ones(steps: list[tuple[str, Any]]) -> None:
    assume(not read_unseen(steps))
    guard = at_rest()
    play(guard, steps)
    guard.go_on(700.0)  # the longest pause before a restart, and a start
    assert_safe(guard.world)


@settings(max_examples=40)
@given(steps)
def test_a_house_at_rest_is_silent_whatever_came_before(steps: list[tuple[str, Any]]) -> None:
    guard = at_rest()
    play(guard, steps)
    guard.go_on(1400.0)
    told, writes, restarts = len(guard.world.messages), guard.world.writes, guard.world.restarts("node-red", 0.0)
    guard.go_on(600.0)
    assert (len(guard.world.messages), guard.world.writes) == (told, writes)
    assert guard.world.restarts("node-red", 0.0) == restarts


@given(texts, st.booleans())
def test_one_edge_is_one_message(text: bytes | None, starts: bool) -> None:
    """Put right within seconds, with a restart or without: one message says what was, and that it is over."""
    assume(text is None or b"credentialSecret" not in text)  # the owner's to judge, and told apart
    assume(not (starts and text is not None and read(text).state is FileState.BROKEN))  # that starts again and again
    guard = at_rest()
    put(guard.world, text)
    if starts:
        guard.world.start()
        guard.world.pass_time(BOOT_SECONDS)
    guard.go_on(120.0)
    assert len(guard.world.messages) == 1
    assert_safe(guard.world)


# -- failing and dying

CALLS = ("owe", "keep", "replace", "restart", "ask_wire", "start_look", "finish", "saw_good")


class Killed(BaseException):
    """The guard was killed."""


@dataclass
class Mortal:
    """A world in which the guard dies before or after its n-th change."""

    world: FakeWorld
    at: int
    after: bool
    made: int = 0

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(self.world, name)
        if name not in CALLS:
            return real

        def call(*arguments: Any, **by_name: Any) -> Any:
            self.made += 1
            if self.made - 1 == self.at and not self.after:
                raise Killed
            answer = real(*arguments, **by_name)
            if self.made - 1 == self.at:
                raise Killed
            return answer

        return call


@dataclass
class Refusing(Mortal):
    """A world in which the n-th replacement or order to restart fails."""

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(self.world, name)
        if name not in ("replace", "restart"):
            return real

        def call(*arguments: Any, **by_name: Any) -> Any:
            self.made += 1
            if self.made - 1 != self.at:
                return real(*arguments, **by_name)
            if name == "replace":
                return Failed("the disk is full")
            self.world.restart_fails = "the bus is gone"
            return real(*arguments, **by_name)

        return call


@given(texts, st.booleans(), st.integers(0, 11), st.booleans())
def test_wherever_the_guard_dies_the_next_one_puts_it_right_and_tells(
    text: bytes | None, starts: bool, at: int, after: bool
) -> None:
    guard = at_rest()
    put(guard.world, text)
    if starts:
        guard.world.start()
        guard.world.pass_time(BOOT_SECONDS)
    guard.seen_by = Mortal(guard.world, at, after)
    try:
        guard.go_on(30.0)
    except Killed:
        guard.world._flights = type(guard.world._flights)()  # noqa: SLF001 - what was in flight died with it
    guard.seen_by = None
    guard.go_on(700.0)
    assert_safe(guard.world)
    assert 1 <= len(guard.world.messages) <= 2
    assert len({message.title for message in guard.world.messages}) == len(guard.world.messages)


@given(texts, st.booleans(), st.integers(0, 2))
def test_what_fails_once_is_tried_again(text: bytes | None, starts: bool, at: int) -> None:
    guard = at_rest()
    put(guard.world, text)
    if starts:
        guard.world.start()
        guard.world.pass_time(BOOT_SECONDS)
    guard.seen_by = Refusing(guard.world, at, after=False)
    guard.go_on(60.0)
    guard.seen_by, guard.world.restart_fails = None, ""
    if guard.world.node_red is None:
        guard.world.start()  # by its owner: nrguard tells him, and starts nothing that it did not see running
    guard.go_on(700.0)
    assert_safe(guard.world)


@pytest.mark.parametrize("kind", ["before", "after"])
def test_a_process_that_starts_while_the_guard_is_dead_is_restarted(kind: str) -> None:
    """Killed in the middle of a replacement: whoever started then may have read the weak file."""
    guard = at_rest()
    put(guard.world, GOOD.replace(HASH.encode(), STRANGERS.encode()))
    names = ["owe", "keep", "replace"]
    guard.seen_by = Mortal(guard.world, names.index("replace"), after=kind == "after")
    guard.world.start()
    guard.world.pass_time(READ_SECONDS)
    with pytest.raises(Killed):
        guard.step()
    guard.seen_by = None
    guard.world.pass_time(20.0)
    guard.go_on(120.0)
    assert_safe(guard.world)


# -- secrets


@given(steps)
def test_no_secret_is_in_anything_that_people_see(steps: list[tuple[str, Any]]) -> None:
    guard = at_rest()
    (admin,) = guard.policy.instances
    findings: list[Finding] = []
    for step in steps:
        play(guard, [step])
        report = guard.step()
        findings += report.findings
        guard.world.pass_time(0.3)
    said = repr(
        (findings, guard.world.messages, guard.world.events, guard.world.open_incidents, guard.world.owed, admin)
    )
    assert not [secret for secret in SECRETS if secret in said]
