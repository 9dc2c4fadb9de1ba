"""The courier: what goes out together, when it is tried again, who else is told, and that a receipt is noted first."""

from __future__ import annotations

import json
import os
import selectors
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from nrguard import courier as courier_module
from nrguard import deliver
from nrguard.children import Children, Ended
from nrguard.courier import Courier
from nrguard.deliver import Outcome, Receipt
from nrguard.model import Severity
from nrguard.policy import Channel, Escalation
from nrguard.records import Message, Parcel
from nrguard.store import Store
from tests.sinks import HttpSink

NOW = 1_800_000_000.0
MAIL = Channel("mail", "mailto://x", least=Severity.CRITICAL)
PHONE = Channel("phone", "ntfy://x/y", escalate=Escalation("mail", 900.0))


@dataclass
class Post:
    """Stands in for `Children`: answers for each message what `answers` says of its channel."""

    answers: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    sent: list[list[str]] = field(default_factory=list)  # the titles of each run
    dies: bool = False

    def start(
        self, arguments: Sequence[str], *, said: Callable[[bytes], None], done: Callable[[Ended], None], stdin: bytes,
        **_: Any,
    ) -> None:  # fmt: skip
        messages = json.loads(stdin)["messages"]
        self.sent.append([f"{message['label']}: {message['title']}" for message in messages])
        for message in () if self.dies else messages:
            outcome, detail = self.answers.get(message["label"], (Outcome.DELIVERED, ""))
            said(deliver.line(Receipt(message["id"], message["label"], outcome, detail)))
        done(Ended(-9 if self.dies else 0, b"", ""))


@dataclass
class House:
    store: Store = field(default_factory=Store.empty)
    post: Post = field(default_factory=Post)
    now: float = NOW
    channels: tuple[Channel, ...] = (PHONE, MAIL)

    def __post_init__(self) -> None:
        self.courier = Courier(self.store.outbox, self.post, lambda: self.now)  # type: ignore[arg-type] # stands in

    def say(self, *titles: str, severity: Severity = Severity.WARNING) -> None:
        for title in titles:
            self.store.outbox.post(Message(title, "body", severity), self.now, self.channels)

    def deliver(self) -> list[list[str]]:
        """Deliver, and return what was sent."""
        self.post.sent.clear()
        self.courier.deliver(self.channels)
        return self.post.sent

    def pass_time(self, seconds: float) -> list[list[str]]:
        self.now += seconds
        return self.deliver()


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    with closing(house.store):
        yield house


def test_two_messages_of_one_moment_are_two(house: House) -> None:
    house.say("a", "b")
    assert house.deliver() == [["phone: a", "phone: b"]]
    assert house.pass_time(1.0) == []


def test_what_piled_up_while_there_was_no_network_is_one_message(house: House) -> None:
    house.post.answers["phone"] = (Outcome.TRANSIENT, "the network is unreachable")
    house.say("a")
    house.deliver()
    house.pass_time(60.0)
    house.post.answers.clear()
    house.say("b")
    assert house.deliver() == [["phone: Node-RED: 2 messages in one"]]
    assert house.store.outbox.reaches()[-1].waiting == 0


def test_a_passing_error_is_tried_again_with_growing_pauses_for_ever(house: House) -> None:
    house.channels = (replace(PHONE, escalate=None),)
    house.post.answers["phone"] = (Outcome.TRANSIENT, "no answer in time")
    house.say("a")
    pauses = []
    for _ in range(12):
        house.deliver()
        due = house.courier.next_due()
        assert due is not None
        pauses.append(due)
        house.now += due
    assert all(0.74 * 5 * 2**number <= pause <= 1.26 * 5 * 2**number for number, pause in enumerate(pauses[:6]))
    assert all(0.74 * 600 <= pause <= 1.26 * 600 for pause in pauses[8:])


def test_an_error_that_lasts_is_tried_again_in_hours_and_told_elsewhere_at_once(house: House) -> None:
    house.post.answers["phone"] = (Outcome.PERMANENT, "the server refuses the token (401)")
    house.say("a")
    assert house.deliver() == [["phone: a"]]
    assert house.pass_time(1.0) == [["mail: a"]]
    assert house.pass_time(3600.0) == []
    assert house.pass_time(6 * 3600.0) == [["phone: a"]]


def test_what_is_not_confirmed_in_time_is_told_elsewhere(house: House) -> None:
    house.post.answers["phone"] = (Outcome.TRANSIENT, "no answer in time")
    house.say("a")
    house.deliver()
    assert house.pass_time(800.0) == [["phone: a"]]
    assert house.pass_time(101.0)[0][-1] == "mail: a"
    assert not any("mail: a" in sent for sent in house.pass_time(3600.0))


def test_a_child_that_dies_leaves_all_for_later(house: House) -> None:
    house.post.dies = True
    house.say("a", "b")
    house.deliver()
    house.post.dies = False
    assert house.pass_time(7.0) == [["phone: Node-RED: 2 messages in one"]]


def test_without_channels_nothing_is_sent_lost_or_tried_in_a_loop(house: House) -> None:
    house.say("a")
    house.channels = ()
    assert house.deliver() == []
    assert house.courier.next_due() is None
    house.channels = (replace(PHONE, label="handy", escalate=None),)
    assert house.deliver() == [["handy: a"]]


@pytest.mark.real
def test_the_child_sends_nothing_more_before_its_receipt_was_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a guard that is killed leaves at most one message that may come twice."""
    monkeypatch.setattr(courier_module, "_loads", lambda parcels: [(parcel,) for parcel in parcels])
    with HttpSink() as sink, closing(Store.empty()) as store, selectors.DefaultSelector() as selector:
        channels = (Channel("phone", sink.url),)
        for title in ("a", "b", "c"):
            store.outbox.post(Message(title, "body", Severity.CRITICAL), time.time(), channels)
        children = Children(selector)
        courier = Courier(store.outbox, children)
        courier.deliver(channels)
        end = time.monotonic() + 30
        while not sink.received and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(1.0)  # long enough for the others, if nobody held them back
        assert [document["title"] for document in sink.received] == ["a"]
        while courier.busy and time.monotonic() < end:
            selector.select(0.2)
            children.poll()
        assert [document["title"] for document in sink.received] == ["a", "b", "c"]
        assert store.outbox.due(time.time() + 1e6) == ()


@pytest.mark.real
def test_a_child_whose_guard_is_gone_sends_nothing_more() -> None:
    with HttpSink() as sink, selectors.DefaultSelector() as selector:
        read_end, write_end = os.pipe2(os.O_CLOEXEC)
        parcels = [Parcel(number, 0.0, "phone", Message(str(number), "body", Severity.CRITICAL)) for number in range(3)]
        ended: list[Ended] = []
        children = Children(selector)
        children.start(
            deliver.command(), limit=60.0, done=ended.append, inherits=(read_end,),
            stdin=deliver.request([Channel("phone", sink.url)], parcels, noted=read_end),
        )  # fmt: skip
        os.close(read_end)
        os.close(write_end)
        end = time.monotonic() + 30
        while not ended and time.monotonic() < end:
            selector.select(0.2)
            children.poll()
        assert ended[0].status == 0
        assert [document["title"] for document in sink.received] == ["0"]
