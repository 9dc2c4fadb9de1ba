"""What the delivering child can't do: hang, show a secret, need a home, be forged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nrguard import deliver
from nrguard.deliver import Outcome, Receipt
from nrguard.policy import Channel
from tests.delivery import carry, parcels, run
from tests.sinks import Behaviour, HttpSink, NtfySink

SECRET = "hunter2-topsecret"


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


def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


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
    ran = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True)
    assert (ran.stdout, ran.stderr) == (b"true", b"")


@pytest.mark.real
def test_it_needs_no_home_no_scratch_folder_and_no_foreign_code(tmp_path: Path) -> None:
    (tmp_path / "apprise.py").write_text("raise SystemExit('foreign code ran')")
    nowhere = str(tmp_path / "nowhere")
    surroundings = {"HOME": nowhere, "TMPDIR": nowhere, "PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"]}
    with HttpSink() as sink:
        ran = run(deliver.request([Channel("phone", sink.url)], parcels(1)), surroundings, tmp_path)
    assert (ran.outcomes, ran.stderr) == ([Outcome.DELIVERED], b"")
    assert os.listdir(tmp_path) == ["apprise.py"]
