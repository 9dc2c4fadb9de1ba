"""The sign of life: what a monitor hears, what it never hears, and that nobody waits for it."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nrguard.children import Children
from nrguard.deliver import Outcome, Receipt, parse_receipts
from nrguard.heart import MARK, Heart
from nrguard.policy import Heartbeat
from nrguard.store import Store
from tests.sinks import Behaviour, HttpSink, MonitorSink

pytestmark = pytest.mark.real


def beat(url: str, *, ok: bool = True, **more: str) -> Receipt:
    document = {"url": url, "ok": ok, "body": "nrguard on pi4-hall\nmain: protected", **more}
    ran = subprocess.run(
        [sys.executable, "-I", "-m", "nrguard.deliver.heartbeat"], input=json.dumps(document).encode(),
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stderr == b""
    (receipt,) = parse_receipts(ran.stdout)
    return receipt


def test_a_monitor_hears_that_all_is_well_or_that_it_is_not() -> None:
    with MonitorSink() as sink:
        assert beat(sink.url).outcome is Outcome.DELIVERED
        assert beat(sink.url + "/?rid=1", ok=False).outcome is Outcome.DELIVERED
    assert [one["path"] for one in sink.received] == ["/ping/5e2c", "/ping/5e2c/fail?rid=1"]
    assert sink.received[0]["text"] == "nrguard on pi4-hall\nmain: protected"


@pytest.mark.parametrize(
    ("behaviour", "outcome", "detail"),
    [
        (Behaviour(404), Outcome.PERMANENT, "it answers 404"),
        (Behaviour(429), Outcome.TRANSIENT, "it answers 429"),
        (Behaviour(500), Outcome.TRANSIENT, "it answers 500"),
        (Behaviour(302, location="http://127.0.0.1:9/login"), Outcome.PERMANENT, "it answers 302"),
        (Behaviour(drop=True), Outcome.TRANSIENT, "the connection broke off"),
    ],
)
def test_a_monitor_that_does_not_take_it_is_said_so(behaviour: Behaviour, outcome: Outcome, detail: str) -> None:
    with MonitorSink() as sink:
        sink.behaviour = behaviour
        receipt = beat(sink.url)
    assert (receipt.outcome, receipt.detail) == (outcome, detail)


def test_nobody_there_is_said_so_without_the_address(tmp_path: Path) -> None:
    with MonitorSink() as sink:
        sink.unplug()
        assert beat(sink.url).detail == "Connection refused"
    assert beat("", url_file=str(tmp_path / "none")).detail.endswith("No such file or directory")
    for wrong in ("ftp://hunter2/x", "https://", "nonsense-hunter2"):
        receipt = beat(wrong)
        assert receipt.outcome is Outcome.PERMANENT
        assert "hunter2" not in receipt.detail


def test_a_server_without_tls_is_said_so() -> None:
    with HttpSink() as sink:
        assert beat(f"https://127.0.0.1:{sink.port}/x").detail == "it does not speak TLS"


class Heartland:
    """A heart with the children of a daemon, and a clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.store = Store.empty()
        self._selector = selectors.DefaultSelector()
        self._children = Children(self._selector)
        self.heart = Heart(self.store, self._children, lambda: self.now)

    def beat(self, heartbeat: Heartbeat, *, ok: bool = True) -> None:
        """Beat if it is time, and wait for what that started."""
        self.heart.beat(heartbeat, ok=ok, body="x")
        end = time.monotonic() + 30
        while self.heart.next_due() is None and time.monotonic() < end:
            self._selector.select(0.2)
            self._children.poll()

    def close(self) -> None:
        self._children.close()
        self._selector.close()
        self.store.close()


@pytest.fixture
def land() -> Iterator[Heartland]:
    with closing(Heartland()) as land:
        yield land


def test_it_beats_when_it_is_time_and_at_once_when_the_verdict_turns(land: Heartland) -> None:
    with MonitorSink() as sink:
        wanted = Heartbeat(sink.url, every=900.0)
        for now, ok in ((1000.0, True), (1899.0, True), (1900.0, True), (1950.0, False), (2000.0, False)):
            land.now = now
            land.beat(wanted, ok=ok)
    assert [one["path"] for one in sink.received] == ["/ping/5e2c", "/ping/5e2c", "/ping/5e2c/fail"]
    mark = land.store.mark(MARK)
    assert mark is not None
    assert mark.value == ""


def test_one_that_is_not_heard_is_remembered_and_tried_again_soon(land: Heartland) -> None:
    with MonitorSink() as sink:
        sink.behaviour = Behaviour(500)
        wanted = Heartbeat(sink.url, every=900.0)
        land.beat(wanted)
        first = land.store.mark(MARK)
        assert first is not None
        assert (first.value, land.heart.next_due()) == ("it answers 500", 60.0)
        land.now += 60.0
        land.beat(wanted)
        assert land.store.mark(MARK) == first, "the time is that of the first failure"
        sink.behaviour = Behaviour()
        land.now += 60.0
        land.beat(wanted)
    last = land.store.mark(MARK)
    assert last is not None
    assert last.value == ""


def test_a_monitor_that_hangs_holds_up_nobody(land: Heartland) -> None:
    with MonitorSink() as sink:
        sink.behaviour = Behaviour(hang=True)
        began = time.monotonic()
        land.heart.beat(Heartbeat(sink.url), ok=True, body="x")
        assert time.monotonic() - began < 1.0
        assert land.heart.next_due() is None
