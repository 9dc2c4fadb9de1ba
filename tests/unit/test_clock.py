"""Is the clock known to be right? By what keeps it, once and for as long as nobody sets it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nrguard.host import clock
from nrguard.model import Clock
from nrguard.observe import observe
from nrguard.probes.clock import PROBE
from nrguard.world import PartSeen, Pending
from tests.fake_world import FakeWorld, house
from tests.unit.triangle import UNKNOWN, seen

NOW = 1_800_000_000.0


@dataclass
class Computer:
    """What the clock's look finds, in a scratch folder; the kernel's word and the time are attributes."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    kernel: bool | None = False
    now: float = NOW
    boottime: float = 100.0
    chip: dict[str, str] = field(default_factory=dict)

    def install(self) -> None:
        put = self.monkeypatch.setattr
        put(clock, "SYNCHRONIZED", str(self.folder / "synchronized"))
        put(clock, "LAST_TIME", str(self.folder / "clock"))
        put(clock, "OWN_CLOCK", str(self.folder / "rtc0"))
        put(clock, "kernel_says", lambda: self.kernel)
        put(clock, "_memory", clock._Memory())  # noqa: SLF001 - a computer that has just started
        put(time, "time", lambda: self.now)
        put(time, "clock_gettime", lambda _: self.boottime)

    def timesyncd(self) -> None:
        (self.folder / "synchronized").touch()

    def last_time(self, at: float) -> None:
        (self.folder / "clock").touch()
        os.utime(self.folder / "clock", (at, at))

    def has_chip(self, at: float, *, used: bool = True) -> None:
        (self.folder / "rtc0").mkdir(exist_ok=True)
        (self.folder / "rtc0" / "hctosys").write_text(f"{int(used)}\n")
        (self.folder / "rtc0" / "since_epoch").write_text(f"{int(at)}\n")

    def pass_time(self, seconds: float, *, step: float = 0.0) -> None:
        self.boottime += seconds
        self.now += seconds + step


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Computer]:
    with monkeypatch.context() as patch:
        one = Computer(tmp_path, patch)
        one.install()
        yield one


def test_a_computer_that_nothing_vouches_for_has_no_right_clock(computer: Computer) -> None:
    assert clock.look() == Clock(False, "no time service has set the clock since this computer started")


def test_timesyncd_vouches(computer: Computer) -> None:
    computer.timesyncd()
    assert clock.look() == Clock(True, "systemd-timesyncd has set the clock")


def test_the_kernel_vouches_for_chrony_and_ntpd(computer: Computer) -> None:
    computer.kernel = True
    assert clock.look().right


def test_a_kernel_that_may_not_be_asked_is_told(computer: Computer) -> None:
    computer.kernel = None
    assert clock.look().refused


def test_a_clock_chip_vouches_only_where_it_agrees_and_was_used(computer: Computer) -> None:
    computer.has_chip(NOW - 30, used=False)
    assert not clock.look().right
    computer.has_chip(100)
    assert not clock.look().right, "its battery was empty: 1970"
    computer.has_chip(NOW - 30)
    assert clock.look() == Clock(True, "a clock chip agrees")


def test_a_chip_that_is_behind_the_last_known_time_is_wrong_with_the_clock(computer: Computer) -> None:
    computer.has_chip(NOW)
    computer.last_time(NOW + 1000)
    assert clock.look() == replace(clock.look(), right=False, floor=NOW + 1000)


def test_a_house_without_internet_does_not_lose_the_time(computer: Computer) -> None:
    computer.kernel = True
    clock.look()
    computer.kernel = False
    computer.pass_time(90 * 86400)
    assert clock.look().right


def test_a_clock_that_somebody_sets_is_no_longer_believed(computer: Computer) -> None:
    computer.kernel = True
    clock.look()
    computer.kernel = False
    computer.pass_time(5, step=-3600)
    assert not clock.look().right


@pytest.mark.real
def test_the_kernel_can_be_asked() -> None:
    assert clock.kernel_says() in (True, False, None)
    assert clock.look().floor <= time.time() + 86400


def test_systemd_is_asked_only_where_the_kernel_may_not_be() -> None:
    assert PROBE.command(seen(clock=replace(UNKNOWN, refused=True)))
    assert PROBE.command(seen(clock=UNKNOWN)) is None
    assert PROBE.command(seen(clock=Clock(True, refused=True))) is None


def test_what_systemd_says_counts() -> None:
    assert PROBE.parse(b"yes\n") == Clock(True, "a time service keeps the clock")
    for other in (b"no\n", b"", b"Failed to connect to bus"):
        assert not PROBE.parse(other).right  # type: ignore[attr-defined]


def test_the_look_by_systemd_becomes_the_clock_that_is_judged_by(monkeypatch: pytest.MonkeyPatch) -> None:
    world = FakeWorld()
    world.clock_seen = Clock(False, "may not ask", floor=5.0, refused=True)
    answer = PartSeen(Clock(True, "a time service keeps the clock"), "", 0.0)
    monkeypatch.setattr(world, "parts", lambda _: {"clock": answer})
    observed = observe(world, house().instances[0])
    assert not isinstance(observed, Pending)
    assert observed.seen.clock == Clock(True, "a time service keeps the clock", 5.0, refused=True)
