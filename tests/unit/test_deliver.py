"""The delivering child against real servers on loopback, and what is agreed with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard import deliver
from nrguard.deliver import Outcome, Receipt
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.records import Message, Parcel
from tests.delivery import carry, run
from tests.sinks import FINE, Behaviour, HttpSink, NtfySink, SmtpSink


def test_a_receipt_survives_its_line() -> None:
    receipt = Receipt(17, "phone", Outcome.TRANSIENT, "the server has trouble (500)")
    assert deliver.parse_receipts(deliver.line(receipt)) == (receipt,)


@given(st.integers(0, 400))
def test_a_child_killed_in_a_line_leaves_the_receipts_before_it(cut: int) -> None:
    receipts = [Receipt(number, "phone", Outcome.DELIVERED) for number in range(5)]
    lines = [deliver.line(receipt) for receipt in receipts]
    output = b"".join(lines)[:cut]
    whole = sum(len(b"".join(lines[:count])) <= cut for count in range(1, 6))
    assert deliver.parse_receipts(output) == tuple(receipts[:whole])


@given(st.binary())
def test_no_output_of_a_child_breaks_the_daemon(noise: bytes) -> None:
    receipt = Receipt(3, "phone", Outcome.DELIVERED)
    assert receipt in deliver.parse_receipts(noise + b"\n" + deliver.line(receipt))


@pytest.mark.parametrize(
    "text",
    [
        b"[]", b"7", b'{"id":"1","label":"a","outcome":"delivered","detail":""}', b"[" * 100_000,
        b'{"id":1,"label":"a","outcome":"lost","detail":""}', b'{"id":1}', b"\xff", b'{"id":1,"label":"a"',
    ],
)  # fmt: skip
def test_a_line_of_another_shape_is_no_receipt(text: bytes) -> None:
    assert deliver.parse_receipts(text + b"\n") == ()


def test_a_detail_cannot_forge_a_line_of_the_journal() -> None:
    line = deliver.line(Receipt(1, "phone", Outcome.TRANSIENT, "x\nnrguard: all is well\x1b[2J" + "y" * 500))
    (receipt,) = deliver.parse_receipts(line)
    assert receipt.detail.startswith("x nrguard: all is well\\x1b[2J")
    assert len(receipt.detail) <= 160


@pytest.mark.real
def test_a_message_reaches_a_web_hook() -> None:
    with HttpSink() as sink:
        ran = carry(sink.url)
    assert (ran.status, ran.stderr, ran.receipts) == (0, b"", (Receipt(1, "phone", Outcome.DELIVERED),))
    assert sink.received[0]["title"] == "Node-RED login removed: fixed"
    assert sink.received[0]["message"] == "pi4-hall, 21:04. Put back."
    assert sink.received[0]["type"] == "failure"


@pytest.mark.real
def test_a_message_reaches_an_ntfy_server_without_a_foreign_icon() -> None:
    with NtfySink() as sink:
        ran = carry(sink.url)
    assert ran.outcomes == [Outcome.DELIVERED]
    assert sink.received == [
        {
            "topic": "house-alerts",
            "title": "Node-RED login removed: fixed",
            "message": "pi4-hall, 21:04. Put back.",
        }
    ]


@pytest.mark.real
def test_a_message_reaches_a_mailbox_with_a_login() -> None:
    with SmtpSink(login=("pi", "secret")) as sink:
        ran = carry(sink.url)
    assert ran.outcomes == [Outcome.DELIVERED]
    assert sink.received[0]["Subject"] == "Node-RED login removed: fixed"
    assert sink.received[0].get_payload(decode=True) == b"pi4-hall, 21:04. Put back.\r\n"


@pytest.mark.real
def test_messages_arrive_in_their_order() -> None:
    messages = [Parcel(n, 0.0, "phone", Message(f"title {n}", "body", Severity.NOTE)) for n in (7, 3, 9, 1)]
    with HttpSink() as sink:
        ran = carry(sink.url, messages)
    assert [receipt.id for receipt in ran.receipts] == [7, 3, 9, 1]
    assert [each["title"] for each in sink.received] == ["title 7", "title 3", "title 9", "title 1"]


@pytest.mark.real
def test_html_and_markdown_in_a_message_stay_text() -> None:
    hostile = Message("*t* <b>", "[bank](http://x.example) <script> \\u202e `a` &lt;", Severity.WARNING)
    with SmtpSink() as mail, HttpSink() as hook:
        html_mail = Channel("html", mail.url + "&format=html")
        request = deliver.request(
            [html_mail, Channel("hook", hook.url)], [Parcel(1, 0.0, "html", hostile), Parcel(2, 0.0, "hook", hostile)]
        )
        assert run(request).outcomes == [Outcome.DELIVERED] * 2
    page = next(part for part in mail.received[0].walk() if part.get_content_type() == "text/html")
    payload = page.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert b"&lt;script&gt;" in payload
    assert b"<script>" not in payload
    assert hook.received[0]["message"] == hostile.body


@pytest.mark.real
@pytest.mark.parametrize(
    ("behaviour", "outcome", "detail"),
    [
        (Behaviour(400), Outcome.PERMANENT, "the server does not accept the message (400)"),
        (Behaviour(401), Outcome.PERMANENT, "the server refuses the login or token (401)"),
        (Behaviour(403), Outcome.PERMANENT, "the server forbids it (403)"),
        (Behaviour(404), Outcome.PERMANENT, "the server does not know this address (404)"),
        (Behaviour(429), Outcome.TRANSIENT, "the server asks for fewer messages (429)"),
        (Behaviour(500), Outcome.TRANSIENT, "the server has trouble (500)"),
        (Behaviour(drop=True), Outcome.TRANSIENT, "the connection broke off"),
        (Behaviour(hang=True), Outcome.TRANSIENT, "no answer in time"),
    ],
)
@pytest.mark.parametrize("kind", [HttpSink, NtfySink])
def test_each_failure_is_told_apart(kind: type[HttpSink], behaviour: Behaviour, outcome: Outcome, detail: str) -> None:
    with kind() as sink:
        sink.behaviour = behaviour
        ran = carry(sink.url + "?rto=1")
    assert ran.receipts == (Receipt(1, "phone", outcome, detail),)
    assert sink.asked == 1


@pytest.mark.real
@pytest.mark.parametrize(
    ("answer", "outcome", "detail"),
    [
        ("451 later", Outcome.TRANSIENT, "the mail server asks to try later (451)"),
        ("550 never", Outcome.PERMANENT, "the mail server refuses the message (550)"),
    ],
)
def test_a_mail_server_that_refuses_is_understood(answer: str, outcome: Outcome, detail: str) -> None:
    with SmtpSink(refuse_mail=answer) as sink:
        assert carry(sink.url).receipts == (Receipt(1, "phone", outcome, detail),)


@pytest.mark.real
def test_a_wrong_mail_password_is_permanent() -> None:
    with SmtpSink(login=("pi", "right")) as sink:
        ran = carry(sink.url.replace("right", "wrong"))
    assert ran.receipts == (Receipt(1, "phone", Outcome.PERMANENT, "the mail server refuses the login (535)"),)


@pytest.mark.real
def test_an_unplugged_server_is_worth_another_try() -> None:
    with HttpSink() as sink:
        sink.unplug()
        ran = carry(sink.url)
    assert ran.receipts == (Receipt(1, "phone", Outcome.TRANSIENT, "the connection is refused"),)


@pytest.mark.real
def test_the_login_page_of_a_hotel_is_no_delivery() -> None:
    with HttpSink() as sink:
        sink.behaviour = Behaviour(302, location=f"http://127.0.0.1:{sink.port}/welcome")
        ran = carry(sink.url)
    assert ran.receipts == (Receipt(1, "phone", Outcome.TRANSIENT, "the server sends elsewhere (302)"),)


@pytest.mark.real
def test_a_slow_server_is_waited_for() -> None:
    with HttpSink() as sink:
        sink.behaviour = Behaviour(slow=1.5)
        assert carry(sink.url).outcomes == [Outcome.DELIVERED]


@pytest.mark.real
def test_after_the_trouble_messages_arrive_again() -> None:
    with HttpSink() as sink:
        sink.behaviour = Behaviour(500)
        assert carry(sink.url).outcomes == [Outcome.TRANSIENT]
        sink.behaviour = FINE
        assert carry(sink.url).outcomes == [Outcome.DELIVERED]


@pytest.mark.real
def test_none_overtakes_a_message_that_may_still_arrive() -> None:
    with HttpSink() as broken, HttpSink() as sound:
        broken.behaviour = Behaviour(500)
        channels = [Channel("a", broken.url), Channel("b", sound.url)]
        sent = [Parcel(n, 0.0, label, Message("t", "b", Severity.NOTE)) for n, label in enumerate("aabab")]
        ran = run(deliver.request(channels, sent))
    held = "held back behind an earlier message"
    assert [(receipt.id, receipt.outcome, receipt.detail == held) for receipt in ran.receipts] == [
        (0, Outcome.TRANSIENT, False),
        (1, Outcome.TRANSIENT, True),
        (2, Outcome.DELIVERED, False),
        (3, Outcome.TRANSIENT, True),
        (4, Outcome.DELIVERED, False),
    ]
    assert broken.asked == 1
