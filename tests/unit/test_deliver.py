"""The delivering child against real servers on loopback, and what is agreed with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard import deliver
from nrguard.deliver import Outcome, Receipt
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.records import Message, Parcel
from tests.sinks import FINE, Behaviour, HttpSink, NtfySink, SmtpSink

SECRET = "hunter2-topsecret"


@dataclass(frozen=True)
class Ran:
    """What a child printed, and how long it took."""

    receipts: tuple[Receipt, ...]
    status: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def outcomes(self) -> list[Outcome]:
        return [receipt.outcome for receipt in self.receipts]


def parcels(count: int, label: str = "phone") -> list[Parcel]:
    message = Message("Node-RED login removed: fixed", "pi4-hall, 21:04. Put back.", Severity.CRITICAL)
    return [Parcel(number, 0.0, label, message) for number in range(1, count + 1)]


def run(request: bytes, **how: object) -> Ran:
    began = time.monotonic()
    ran = subprocess.run(deliver.command(), input=request, capture_output=True, timeout=60, check=False, **how)  # type: ignore[call-overload]
    took = time.monotonic() - began
    return Ran(deliver.parse_receipts(ran.stdout), ran.returncode, ran.stdout, ran.stderr, took)


def carry(url: str, sent: Sequence[Parcel] | None = None, *, limit: float = 30, **how: object) -> Ran:
    return run(deliver.request([Channel("phone", url)], sent or parcels(1), limit=limit), **how)


# --- what is agreed -------------------------------------------------------------------------------------------------


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


# --- sending --------------------------------------------------------------------------------------------------------


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


# --- failing --------------------------------------------------------------------------------------------------------


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
        ran = carry(sink.url.replace("right", SECRET))
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


# --- limits ---------------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_a_server_that_drips_for_ever_is_left_at_the_limit() -> None:
    with HttpSink() as sink:
        sink.behaviour = Behaviour(drip=True)
        ran = carry(sink.url, limit=2)
    assert ran.receipts == (Receipt(1, "phone", Outcome.TRANSIENT, "no answer within 2 s"),)
    assert ran.status == 0
    assert ran.seconds < 6


@pytest.mark.real
def test_what_is_not_tried_for_lack_of_time_gets_no_receipt() -> None:
    with HttpSink() as sink, HttpSink() as other:
        sink.behaviour = Behaviour(drip=True)
        channels = [Channel("phone", sink.url), Channel("other", other.url)]
        ran = run(deliver.request(channels, [*parcels(1), *parcels(1, "other")], limit=2))
    assert [receipt.label for receipt in ran.receipts] == ["phone"]
    assert other.asked == 0


@pytest.mark.real
def test_the_kernel_ends_a_child_whose_signals_were_blocked() -> None:
    """As a daemon's are, that takes its own from a poll set: SIGALRM and SIGTERM must still end its children."""
    with HttpSink() as sink:
        sink.behaviour = Behaviour(drip=True)
        request = deliver.request([Channel("phone", sink.url)], parcels(1), limit=30)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGALRM})
        try:
            child = subprocess.Popen(deliver.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGALRM})
        with child:
            assert child.stdin is not None
            child.stdin.write(request)
            child.stdin.close()
            _until(lambda: sink.asked == 1)
            child.send_signal(signal.SIGALRM)
            assert child.wait(5) == -signal.SIGALRM


@pytest.mark.real
def test_a_kill_loses_no_receipt_and_doubles_at_most_the_message_in_flight() -> None:
    with HttpSink() as sink:
        sink.behaviour = Behaviour(slow=0.1)
        child = subprocess.Popen(deliver.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with child:
            assert child.stdin is not None and child.stdout is not None  # noqa: PT018
            child.stdin.write(deliver.request([Channel("phone", sink.url)], parcels(50)))
            child.stdin.close()
            _until(lambda: len(sink.received) >= 3)
            child.kill()
            receipts = deliver.parse_receipts(child.stdout.read())
        time.sleep(0.3)  # what was in flight arrives
    assert [receipt.id for receipt in receipts] == list(range(1, len(receipts) + 1))
    assert len(receipts) <= len(sink.received) <= len(receipts) + 1


@pytest.mark.real
def test_a_child_whose_daemon_is_gone_sends_no_more() -> None:
    with HttpSink() as sink:
        child = subprocess.Popen(deliver.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdin is not None and child.stdout is not None  # noqa: PT018
        child.stdout.close()
        child.stdin.write(deliver.request([Channel("phone", sink.url)], parcels(50)))
        child.stdin.close()
        assert child.wait(20) == 0
    assert len(sink.received) == 1


def _until(condition: object, seconds: float = 20) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


# --- secrets and surroundings ---------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("behaviour", [Behaviour(401), Behaviour(500), Behaviour(drop=True), Behaviour(hang=True)])
@pytest.mark.parametrize("kind", [HttpSink, NtfySink])
def test_no_output_ever_holds_a_secret(kind: type[HttpSink], behaviour: Behaviour) -> None:
    with kind() as sink:
        sink.behaviour = behaviour
        ran = carry(
            sink.url.replace("://", f"://owner:{SECRET}@").replace("alerts", SECRET) + f"?rto=1&-token={SECRET}"
        )
    assert len(ran.receipts) == 1
    assert SECRET.encode() not in ran.stdout + ran.stderr
    assert b"127.0.0.1" not in ran.stdout + ran.stderr
    assert b"secret-in-the-answer" not in ran.stdout + ran.stderr


@pytest.mark.real
def test_no_refused_address_is_shown() -> None:
    urls = [f"json://{SECRET}:99999", SECRET, f"ntfy://{SECRET}/bad topic", f"discord://{SECRET}", f"x{SECRET}://a"]
    looked = run(deliver.look_request([Channel(str(number), url) for number, url in enumerate(urls)]))
    assert looked.outcomes == [Outcome.PERMANENT] * len(urls)
    assert SECRET.encode() not in (looked.stdout + looked.stderr).replace(f"x{SECRET}://".encode(), b"")


@pytest.mark.real
def test_our_own_mistake_is_reported_without_what_was_sent() -> None:
    broken = {"channels": [{"label": "phone", "url": f"json://{SECRET}"}], "messages": [{"id": SECRET}]}
    ran = run(json.dumps(broken).encode())
    assert (ran.status, ran.receipts) == (3, ())
    assert ran.stderr.startswith(b"nrguard.deliver: our own mistake: KeyError at ")
    assert SECRET.encode() not in ran.stderr


@pytest.mark.real
@pytest.mark.parametrize("request_", [b"", b"[]", b"{", b"\xff\xfe"])
def test_a_request_that_is_none_ends_the_child(request_: bytes) -> None:
    ran = run(request_)
    assert (ran.status, ran.stderr) == (3, b"nrguard.deliver: the request is no JSON object\n")


@pytest.mark.real
def test_what_a_plug_in_prints_is_no_receipt() -> None:
    script = (
        "import os; from nrguard.deliver.__main__ import _own_outputs; receipts, reports = _own_outputs();"
        "print('forged', flush=True); os.write(2, b'noise'); receipts.write(b'true'); receipts.flush()"
    )
    ran = subprocess.run([deliver.command()[0], "-c", script], capture_output=True, check=True, cwd=_root())
    assert (ran.stdout, ran.stderr) == (b"true", b"")


@pytest.mark.real
def test_it_needs_no_home_no_scratch_folder_and_no_foreign_code(tmp_path: Path) -> None:
    (tmp_path / "apprise.py").write_text("raise SystemExit('foreign code ran')")
    nowhere = str(tmp_path / "nowhere")
    surroundings = {"HOME": nowhere, "TMPDIR": nowhere, "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    with HttpSink() as sink:
        ran = carry(sink.url, env=surroundings, cwd=tmp_path)
    assert (ran.outcomes, ran.stderr) == ([Outcome.DELIVERED], b"")
    assert os.listdir(tmp_path) == ["apprise.py"]


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


# --- channels -------------------------------------------------------------------------------------------------------


@pytest.mark.real
def test_an_address_may_be_kept_in_a_file_or_in_the_environment(tmp_path: Path) -> None:
    with HttpSink() as sink:
        (tmp_path / "url").write_text(sink.url + "\n")
        channels = [Channel("file", url_file=str(tmp_path / "url")), Channel("variable", url_env="PHONE_URL")]
        request = deliver.request(channels, [*parcels(1, "file"), *parcels(1, "variable")])
        ran = run(request, env={**os.environ, "PHONE_URL": sink.url})
    assert ran.outcomes == [Outcome.DELIVERED] * 2


@pytest.mark.real
def test_a_channel_without_an_address_says_why(tmp_path: Path) -> None:
    (tmp_path / "two").write_text("json://a\njson://b\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "long").write_text("x" * 9000)
    names = ("gone", "two", "empty", "binary", "long")
    files = [Channel(name, url_file=str(tmp_path / name)) for name in names]
    looked = run(deliver.look_request([*files, Channel("unset", url_env="NRGUARD_UNSET")]))
    assert [receipt.detail.replace(str(tmp_path), "DIR") for receipt in looked.receipts] == [
        "DIR/gone can't be read: No such file or directory",
        "the address holds white space: give each address a channel of its own",
        "there is no address",
        "DIR/binary is no text",
        "DIR/long is too long for an address",
        "the variable NRGUARD_UNSET is not set",
    ]


WHY = {
    "ntfy://": "names no topic",
    "ntfy://127.0.0.1:8080/": "names no topic",
    "ntfys://ntfy.example/to.p!": "names no topic",
    "ntfys://ntfy.example/house?priority=urgentest": "knows no such priority; it has max, high, default, low, min",
    "gotify://host/token?priority=zzz": "knows no such priority; it has low, moderate, normal, high, emergency",
    "json://": "not complete",
    "json://127.0.0.1:99999": "no port 99999",
    "jsn://127.0.0.1/": "no service is called jsn://",
    "tgram://123": "not complete",
    "https://127.0.0.1/hook": "not complete",
    "127.0.0.1/hook": "does not begin with a service",
}
FINE_URLS = [
    "ntfy://house-alerts", "ntfys://ntfy.example/house?priority=high", "ntfy://h/t?priority=3", "ntfy://h/t?priority=d",
    "gotify://host/token?priority=normal", "json://127.0.0.1:8080/x", "mailto://user:pw@gmail.com", "jsons://[::1]/x",
    "tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/12315544/", "hassio://host/accesstoken",
    "pover://uuuuuuuuuuuuuuuuuuuuuuuuuuuuuu@tttttttttttttttttttttttttttttt/?priority=high",
    "https://discord.com/api/webhooks/123456/abcdef",
]  # fmt: skip


@pytest.mark.real
def test_what_apprise_accepts_without_a_word_is_refused_with_one() -> None:
    looked = run(deliver.look_request([Channel(str(number), url) for number, url in enumerate([*WHY, *FINE_URLS])]))
    assert (looked.status, looked.stderr) == (0, b"")
    for receipt, (url, why) in zip(looked.receipts, WHY.items(), strict=False):
        assert receipt.outcome is Outcome.PERMANENT, url
        assert why in receipt.detail
    sound = looked.receipts[len(WHY) :]
    assert [(receipt.outcome, receipt.detail) for receipt in sound] == [(Outcome.USABLE, "")] * len(FINE_URLS)


@pytest.mark.real
def test_a_missing_library_is_named() -> None:
    looked = run(deliver.look_request([Channel("broker", "mqtt://127.0.0.1/alerts")]))
    if find_spec("paho"):
        assert looked.outcomes == [Outcome.USABLE]
    else:
        assert looked.receipts[0].detail.startswith("mqtt:// needs paho-mqtt")


@pytest.mark.real
def test_the_short_way_to_a_plug_in_finds_what_apprise_finds() -> None:
    script = """if True:
        from apprise import NotificationManager
        from nrguard.deliver.service import PLUGINS, _plugin
        short = {schema: _plugin(schema) for schema in PLUGINS}
        plugins = NotificationManager()
        assert not plugins._loaded, "the short way loaded everything"
        assert all(plugins[schema] is found for schema, found in short.items()), short
        print(len(short))
    """
    ran = subprocess.run([deliver.command()[0], "-c", script], capture_output=True, text=True, check=False, cwd=_root())
    assert (ran.stdout, ran.stderr) == ("10\n", "")
