"""The courier with its real child and real servers: nothing is lost, and nothing is sent again after its receipt."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nrguard import courier as courier_module
from nrguard import deliver
from nrguard.children import Children
from nrguard.courier import FIRST_RETRY, LAST_RETRY, PERMANENT_RETRY, Courier
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.records import Message, Reach
from nrguard.store import Store
from tests.sinks import Behaviour, HttpSink

pytestmark = pytest.mark.real
NOW = 1_800_000_000.0
PATIENCE = 30.0  # seconds until a test gives up


@dataclass
class Desk:
    """A courier with its outbox, its children and a clock that stands until a test moves it."""

    store: Store
    selector: selectors.BaseSelector
    children: Children
    now: float = NOW
    courier: Courier = field(init=False)

    def __post_init__(self) -> None:
        self.courier = Courier(self.store.outbox, self.children, lambda: self.now)

    def post(self, title: str, *channels: Channel, severity: Severity = Severity.CRITICAL) -> None:
        self.store.outbox.post(Message(title, f"body of {title}", severity), self.now, channels)

    def carry(self, *channels: Channel) -> None:
        """Deliver what is due, and wait for the end of the child."""
        self.courier.deliver(channels)
        self.wait()

    def wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.courier.busy:
            assert time.monotonic() < end
            self.selector.select(0.1)
            self.children.poll()

    def reach(self, label: str = "phone") -> Reach:
        return next(reach for reach in self.store.outbox.reaches() if reach.label == label)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Store(tmp_path)) as store, selectors.DefaultSelector() as selector:
        children = Children(selector)
        yield Desk(store, selector, children)
        children.close()


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    with HttpSink() as sink:
        yield sink


def phone(sink: HttpSink) -> Channel:
    return Channel("phone", sink.url)


def titles(sink: HttpSink) -> list[str]:
    return [document["title"] for document in sink.received]


def test_what_is_due_arrives_in_its_order_and_never_again(desk: Desk, sink: HttpSink) -> None:
    for title in ("one", "two", "three"):
        desk.post(title, phone(sink))
    for _ in range(2):
        desk.carry(phone(sink))
        desk.now += 86_400.0
    assert titles(sink) == ["one", "two", "three"]
    assert (desk.reach().waiting, desk.courier.next_due()) == (0, None)


def test_nothing_due_starts_nothing(desk: Desk, sink: HttpSink) -> None:
    desk.courier.deliver([phone(sink)])
    assert not desk.courier.busy


def test_one_child_at_a_time(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(slow=0.5)
    desk.post("one", phone(sink))
    desk.courier.deliver([phone(sink)])
    desk.post("two", phone(sink))
    desk.courier.deliver([phone(sink)])
    assert (desk.courier.busy, desk.courier.next_due()) == (True, None)
    desk.wait()
    assert titles(sink) == ["one"]
    desk.carry(phone(sink))
    assert titles(sink) == ["one", "two"]


def test_a_server_in_trouble_is_tried_again_later_and_later(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(500)
    desk.post("one", phone(sink))
    for tries in range(3):
        desk.carry(phone(sink))
        pause = desk.courier.next_due()
        assert pause is not None
        assert 0.74 * FIRST_RETRY * 2**tries <= pause <= 1.26 * FIRST_RETRY * 2**tries
        desk.carry(phone(sink))  # too early: nothing is tried
        assert sink.asked == tries + 1
        desk.now += pause
    assert "trouble" in desk.reach().detail
    sink.behaviour = Behaviour()
    desk.carry(phone(sink))
    assert (titles(sink), desk.reach().detail, desk.reach().waiting) == (["one"], "", 0)


def test_no_pause_grows_past_an_hour_or_so(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(500)
    desk.post("one", phone(sink))
    for _ in range(12):
        desk.carry(phone(sink))
        pause = desk.courier.next_due()
        assert pause is not None
        assert pause <= 1.26 * LAST_RETRY
        desk.now += pause


def test_a_refused_login_waits_for_its_owner(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(401)
    desk.post("one", phone(sink))
    desk.carry(phone(sink))
    assert desk.courier.next_due() == pytest.approx(PERMANENT_RETRY, abs=1.0)
    assert desk.reach().lasting


def test_one_channel_in_trouble_holds_no_other_up(desk: Desk, sink: HttpSink) -> None:
    with HttpSink() as broken:
        broken.behaviour = Behaviour(500)
        channels = (phone(sink), Channel("mail", broken.url))
        desk.post("one", *channels)
        desk.carry(*channels)
    assert (desk.reach("phone").waiting, desk.reach("mail").waiting) == (0, 1)
    assert titles(sink) == ["one"]


def test_what_waited_for_the_network_comes_as_one_message(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(drop=True)
    desk.post("one", phone(sink))
    desk.carry(phone(sink))
    desk.now += 10.0
    for title in ("two", "three"):
        desk.post(title, phone(sink))
    sink.behaviour = Behaviour()
    desk.carry(phone(sink))
    assert len(sink.received) == 1
    assert "3 messages" in titles(sink)[0]
    assert desk.reach().waiting == 0


def test_a_child_that_is_killed_loses_nothing_and_repeats_only_what_was_in_flight(desk: Desk, sink: HttpSink) -> None:
    sink.behaviour = Behaviour(slow=0.3)
    for title in ("one", "two", "three"):
        desk.post(title, phone(sink))
    desk.courier.deliver([phone(sink)])
    end = time.monotonic() + PATIENCE
    while desk.reach().waiting == 3 and time.monotonic() < end:  # until the first receipt is noted
        desk.selector.select(0.1)
        desk.children.poll()
    (pid,) = [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split() if _delivers(pid)]
    os.kill(pid, signal.SIGKILL)
    desk.wait()
    assert desk.reach().waiting == 2
    assert desk.reach().detail == "no receipt"
    sink.behaviour = Behaviour()
    desk.now += 60.0
    desk.carry(phone(sink))
    assert titles(sink).count("one") == 1
    assert desk.reach().waiting == 0


def _delivers(pid: str) -> bool:
    return b"nrguard.deliver" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_guard_that_is_killed_sends_again_at_most_what_was_in_flight(tmp_path: Path, sink: HttpSink) -> None:
    """The receipt is durable before the child goes on: the next guard finds it."""
    (tmp_path / "state").mkdir()
    with closing(Store(tmp_path / "state")) as store:
        for title in ("one", "two", "three"):
            store.outbox.post(Message(title, "body", Severity.CRITICAL), NOW, [phone(sink)])
    sink.behaviour = Behaviour(slow=0.3)
    guard = os.fork()
    if guard == 0:
        try:
            _guard(tmp_path / "state", phone(sink))
        finally:
            os._exit(1)
    end = time.monotonic() + PATIENCE
    while len(sink.received) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(guard, signal.SIGKILL)
    os.waitpid(guard, 0)
    time.sleep(1.0)  # the orphan ends when nobody notes its receipts any more
    sink.behaviour = Behaviour()
    with closing(Store(tmp_path / "state")) as store, selectors.DefaultSelector() as selector:
        again = Desk(store, selector, Children(selector), NOW + 60.0)
        again.carry(phone(sink))
        assert again.reach().waiting == 0
    said = " ".join(f"{document['title']} {document['message']}" for document in sink.received)
    assert titles(sink).count("one") == 1
    assert len(sink.received) <= 4
    assert "three" in said


def _guard(state: Path, channel: Channel) -> None:
    with selectors.DefaultSelector() as selector:
        desk = Desk(Store(state), selector, Children(selector))
        desk.courier.deliver([channel])
        desk.wait()


def test_a_child_that_cannot_be_started_is_tried_again(
    desk: Desk, sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "command", lambda: ("/nowhere/python",))
    desk.post("one", phone(sink))
    before = len(os.listdir("/proc/self/fd"))
    desk.carry(phone(sink))
    assert len(os.listdir("/proc/self/fd")) == before
    assert "No such file" in desk.reach().detail
    monkeypatch.undo()
    desk.now += 60.0
    desk.carry(phone(sink))
    assert titles(sink) == ["one"]


@pytest.mark.parametrize("code", ["print('nonsense')", "raise SystemExit(3)", "import os; os.write(1, b'\\xff' * 99)"])
def test_a_child_that_says_nothing_of_use_is_no_receipt(
    desk: Desk, sink: HttpSink, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setattr(deliver, "command", lambda: (sys.executable, "-I", "-S", "-c", code))
    desk.post("one", phone(sink))
    desk.carry(phone(sink))
    assert (desk.reach().waiting, desk.reach().detail) == (1, "no receipt")


def test_a_receipt_for_what_was_never_sent_marks_nothing(
    desk: Desk, sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = deliver.line(deliver.Receipt(99, "phone", deliver.Outcome.DELIVERED))
    forged += deliver.line(deliver.Receipt(1, "mail", deliver.Outcome.DELIVERED))
    code = f"import os; os.write(1, {forged!r})"
    monkeypatch.setattr(deliver, "command", lambda: (sys.executable, "-I", "-S", "-c", code))
    desk.post("one", phone(sink))
    desk.carry(phone(sink))
    assert desk.reach().waiting == 1


def test_what_waits_for_a_removed_channel_goes_to_those_that_are_left(desk: Desk, sink: HttpSink) -> None:
    desk.post("one", Channel("pager", "json://127.0.0.1:9/"))
    desk.carry(phone(sink))
    desk.now += 86_400.0
    desk.carry(phone(sink))
    assert titles(sink) == ["one"]


def test_without_a_channel_nothing_is_due_and_nothing_is_lost(desk: Desk, sink: HttpSink) -> None:
    desk.post("one", phone(sink))
    desk.courier.deliver([])
    assert (desk.courier.busy, desk.courier.next_due()) == (False, None)
    desk.carry(phone(sink))
    assert titles(sink) == ["one"]


def test_a_child_may_take_only_its_time(desk: Desk, sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier_module, "LIMIT", -9.0)  # and ten seconds more
    monkeypatch.setattr(deliver, "command", lambda: (sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"))
    desk.post("one", phone(sink))
    desk.carry(phone(sink))
    assert desk.reach().detail == "its time was over"


def test_forty_deliveries_leave_no_descriptor(desk: Desk, sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "command", lambda: ("/bin/true",))
    counts = []
    for number in range(40):
        desk.post(f"{number}", phone(sink))
        desk.now += 4000.0
        desk.carry(phone(sink))
        counts.append(len(os.listdir("/proc/self/fd")))
    assert counts[-1] <= counts[0]
