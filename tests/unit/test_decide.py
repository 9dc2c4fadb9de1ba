"""The plan of one turn, and when a restart is owed and paid."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.decide import PAUSES, Memory, Plan, decide, owed, paid
from nrguard.model import Admin, Blind, FileState, Listener, Reading, Severity, Wire
from nrguard.policy import Instance, Mode, Service, ServiceKind
from nrguard.records import Debt
from nrguard.seen import Disk, Finding, Process, Remedy, Sealed, Seen
from nrguard.world import Flights, WireSeen

NOW, BOOTTIME, INODE = 1_800_000_000.0, 5000.0, 77
SYSTEMD = Service(ServiceKind.SYSTEMD, unit="nodered.service")
DEBT = Debt("boot-1", weak_from=100.0, weak_until=200.0, why="it may", port=1880, uid=1000)


def listener(started: float, *, inode: int = INODE, port: int = 18880) -> Listener:
    return Listener("127.0.0.1", port, 1000, inode, 4711 if started else 0, started)


def running(*started: float, elsewhere: float | None = None) -> Process:
    other = () if elsewhere is None else (listener(elsewhere, inode=78, port=1880),)
    return Process(tuple(listener(at) for at in started), 18880, other)


def seen(*, process: Process | Blind | None = None, mode: Mode = Mode.GUARD, service: Service = SYSTEMD,
         sealed: bool = True) -> Seen:  # fmt: skip
    return Seen(
        Instance("node-red", "/s.js", service, mode),
        Disk("/s.js", "d", None, Reading(FileState.SOUND)),
        process or running(1000.0),
        None,
        Sealed(1, NOW, "d") if sealed else None,
        NOW,
    )


def finding(remedy: Remedy, saw: str = "saw it") -> Finding:
    return Finding("setting", "adminAuth", Severity.CRITICAL, saw, "want", remedy)


def memory(*, flights: Flights | None = None, asked: int | None = INODE, age: float = 10.0,
           restarts: tuple[float, ...] = (), may_act: bool = True) -> Memory:  # fmt: skip
    wire = None if asked is None else WireSeen(Wire("127.0.0.1", 18880, Admin.LOGIN), asked, BOOTTIME - age)
    return Memory(NOW, BOOTTIME, flights or Flights(), wire, 300.0, restarts, may_act)


# -- the plan


def test_nothing_wrong_is_nothing_to_do() -> None:
    assert decide(seen(), (), memory()) == Plan()


def test_a_restore_comes_alone_and_says_why() -> None:
    found = (finding(Remedy.RESTART), finding(Remedy.RESTORE, "no adminAuth"))
    assert decide(seen(), found, memory(asked=None)) == Plan(restore="no adminAuth")


def test_a_restart_is_ordered_when_it_is_all_that_is_left() -> None:
    assert decide(seen(), (finding(Remedy.RESTART, "may run it"),), memory()) == Plan(restart="may run it")


@pytest.mark.parametrize("remedy", [Remedy.APPLY, Remedy.ACCEPT, Remedy.OWNER, Remedy.NONE])
def test_what_only_the_owner_may_do_is_never_planned(remedy: Remedy) -> None:
    assert decide(seen(), (finding(remedy),), memory()) == Plan()


@pytest.mark.parametrize("remedy", [Remedy.RESTORE, Remedy.RESTART])
@pytest.mark.parametrize("case", ["looking", "observing", "unsealed"])
def test_nothing_is_done_where_nothing_may_be_done(case: str, remedy: Remedy) -> None:
    look = seen(mode=Mode.OBSERVE if case == "observing" else Mode.GUARD, sealed=case != "unsealed")
    assert decide(look, (finding(remedy),), memory(may_act=case != "looking")) == Plan()


def test_a_restart_under_way_is_not_ordered_again() -> None:
    assert decide(seen(), (finding(Remedy.RESTART),), memory(flights=Flights(restart=True))) == Plan()


def test_without_a_service_nothing_is_restarted() -> None:
    assert decide(seen(service=Service()), (finding(Remedy.RESTART),), memory()) == Plan()


def test_the_wire_is_asked_at_first_of_each_socket_and_at_each_interval() -> None:
    assert decide(seen(), (), memory(asked=None)).ask_wire
    assert decide(seen(), (), memory(asked=INODE + 1)).ask_wire
    assert decide(seen(), (), memory(age=300.0)).ask_wire
    assert not decide(seen(), (), memory(age=299.0)).ask_wire
    assert decide(seen(process=Process((), 18880)), (), memory(asked=INODE)).ask_wire
    assert not decide(seen(process=Process((), 18880)), (), memory(asked=0)).ask_wire


def test_one_wire_look_at_a_time() -> None:
    assert not decide(seen(), (), memory(asked=None, flights=Flights(wire=True))).ask_wire


def test_each_restart_within_the_hour_makes_the_next_one_wait_longer() -> None:
    found = (replace(finding(Remedy.RESTART), check="restart"),)
    for count, pause in enumerate((*PAUSES, PAUSES[-1])):
        restarts = tuple(NOW - 0.5 - number for number in range(count))
        plan = decide(seen(), found, memory(restarts=restarts))
        assert plan == (Plan(wait=pause - 0.5) if pause else Plan(restart="saw it")), count
        assert decide(seen(), found, memory(restarts=tuple(at - pause for at in restarts))).restart


def test_a_clock_that_was_set_back_does_not_put_a_restart_off_for_years() -> None:
    tomorrow = NOW + 86_400.0
    assert decide(seen(), (finding(Remedy.RESTART),), memory(restarts=(tomorrow,))) == Plan(restart="saw it")


@given(
    st.lists(st.sampled_from(Remedy), max_size=3), st.sampled_from(Mode), st.booleans(), st.booleans(),
    st.lists(st.floats(NOW - 3600.0, NOW), max_size=6),
)  # fmt: skip
def test_a_plan_never_does_more_than_it_may(
    remedies: list[Remedy], mode: Mode, may_act: bool, sealed: bool, restarts: list[float]
) -> None:
    found = tuple(finding(remedy) for remedy in remedies)
    plan = decide(seen(mode=mode, sealed=sealed), found, memory(may_act=may_act, restarts=tuple(restarts)))
    if not may_act or mode is Mode.OBSERVE or not sealed:
        assert (plan.restore, plan.restart, plan.wait) == ("", "", 0.0)
    assert bool(plan.restore) + bool(plan.restart) + bool(plan.wait) <= 1
    assert 0.0 <= plan.wait <= PAUSES[-1]


# -- debts


@pytest.mark.parametrize(
    ("started", "is_owed"),
    [(99.0, False), (99.99, True), (100.0, True), (150.0, True), (200.0, True), (200.1, False), (99.5, False)],
)
def test_a_process_of_the_window_may_have_read_the_weak_file(started: float, is_owed: bool) -> None:
    """A start may look up to a hundredth of a second too early: the kernel counts in ticks."""
    assert owed(DEBT, running(started), "boot-1") == (DEBT.why if is_owed else "")
    assert paid(DEBT, running(started), "boot-1") is not is_owed


def test_one_old_process_among_several_is_enough() -> None:
    assert owed(DEBT, running(300.0, 150.0), "boot-1") == DEBT.why


def test_a_process_where_the_weak_file_put_it_counts() -> None:
    assert owed(DEBT, running(elsewhere=150.0), "boot-1") == DEBT.why
    assert not paid(DEBT, running(300.0, elsewhere=150.0), "boot-1")


def test_a_debt_is_open_and_nothing_is_owed_while_nothing_runs() -> None:
    assert owed(DEBT, running(), "boot-1") == ""
    assert not paid(DEBT, running(), "boot-1")


def test_a_node_red_that_we_stopped_is_owed_its_start() -> None:
    """The guard may die, or be restarted itself, between the stop and the start."""
    begun = replace(DEBT, begun=True)
    assert owed(begun, running(), "boot-1") == DEBT.why
    assert owed(replace(begun, restarted_at=250.0), running(), "boot-1") == ""
    assert paid(begun, running(300.0), "boot-1")


def test_a_boot_pays_every_debt() -> None:
    assert owed(DEBT, running(150.0), "boot-2") == ""
    assert paid(DEBT, running(), "boot-2")


def test_no_debt_is_nothing_owed() -> None:
    assert owed(None, running(150.0), "boot-1") == ""


@pytest.mark.parametrize("weak_from", [0.0, 100.0])
def test_a_process_whose_start_is_hidden_is_restarted_once(weak_from: float) -> None:
    debt = replace(DEBT, weak_from=weak_from)
    assert owed(debt, running(0.0), "boot-1") == DEBT.why
    restarted = replace(debt, restarted_at=250.0)
    assert owed(restarted, running(0.0), "boot-1") == ""
    assert paid(restarted, running(0.0), "boot-1")


@given(st.floats(0.0, 1000.0), st.floats(0.0, 1000.0), st.lists(st.floats(0.01, 2000.0), max_size=3))
def test_a_debt_is_paid_only_when_something_runs_and_nothing_is_owed(
    start: float, length: float, started: list[float]
) -> None:
    debt = replace(DEBT, weak_from=start, weak_until=start + length)
    process = running(*started)
    inside = any(start <= at <= start + length for at in started)
    if inside:
        assert owed(debt, process, "boot-1")
    assert paid(debt, process, "boot-1") == (bool(started) and not owed(debt, process, "boot-1"))
