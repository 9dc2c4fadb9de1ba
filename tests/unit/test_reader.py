"""The reader: fresh and locked up for each look; whatever becomes of it is a value, and nothing leaks."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrguard import reader as reader_module
from nrguard.codec import to_json
from nrguard.model import Blind, FileState, Proposal, Reading
from nrguard.reader import ANSWER_LIMIT, Asking, Reader, ReaderLost
from nrguard.understanding import Question, Understanding

pytestmark = pytest.mark.real
PROTECTED = ("adminAuth", "uiPort")
GOOD = b"module.exports = { adminAuth: { type: 'credentials', users: [] }, uiPort: 18880 }\n"
PATIENCE = 20.0  # seconds until a test gives up


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def ask(reader: Reader, present: bytes | None, good: bytes | None = None) -> Understanding | Blind:
    answer = reader.ask(Question(present, good, PROTECTED, propose=good is not None)).collect(PATIENCE)
    assert answer is not None
    return answer


def fed(data: bytes) -> Asking:
    """Return what asking a reader gives that answers `data` and is gone."""
    read_end, write_end = os.pipe()
    os.write(write_end, data)
    os.close(write_end)
    return Asking(read_end)


def readers_of(reader: Reader) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{reader.pid}/task/{reader.pid}/children").read_text().split()]


def descriptors(pid: int | str = "self") -> list[str]:
    folder = Path(f"/proc/{pid}/fd")
    return sorted(os.readlink(folder / name) for name in os.listdir(folder) if os.path.lexists(folder / name))


def test_it_says_what_a_file_means(reader: Reader) -> None:
    understood = ask(reader, GOOD)
    assert isinstance(understood, Understanding)
    assert understood.reading.settings["uiPort"].value == 18880


def test_it_proposes_how_to_put_a_setting_back(reader: Reader) -> None:
    understood = ask(reader, GOOD.replace(b"18880", b"1880"), GOOD)
    assert isinstance(understood, Understanding)
    assert isinstance(understood.proposal, Proposal)
    assert understood.proposal.text == GOOD


@pytest.mark.parametrize("present", [None, b"\0", b"\xff" * 1000, b"{" * 100_000, b"(" * 2_000_000, b"a" * 2_000_000])
def test_bytes_that_are_no_settings_have_a_state_in_time(reader: Reader, present: bytes | None) -> None:
    understood = ask(reader, present)
    assert isinstance(understood, Blind) or understood.reading.state is not FileState.SOUND


def test_two_questions_are_answered_side_by_side(reader: Reader) -> None:
    first, second = (reader.ask(Question(GOOD.replace(b"18880", port), None, PROTECTED)) for port in (b"1", b"2"))
    for asking, port in ((second, 2), (first, 1)):
        answer = asking.collect(PATIENCE)
        assert isinstance(answer, Understanding)
        assert answer.reading.settings["uiPort"].value == port


SEES_THE_ZYGOTE = pytest.mark.skipif(os.geteuid() != 0, reason="takes root to list what a locked-down process holds")


@SEES_THE_ZYGOTE
def test_many_looks_leave_no_descriptor_and_no_process(reader: Reader) -> None:
    ask(reader, GOOD)
    ours, theirs = descriptors(), descriptors(reader.pid)
    for number in range(300):
        asking = reader.ask(Question(None, None, ()))
        assert isinstance(asking.collect(PATIENCE), Understanding), number
    assert (descriptors(), descriptors(reader.pid)) == (ours, theirs)
    assert _end_soon(reader)


def _end_soon(reader: Reader) -> bool:
    """Tell whether all readers have ended and were reaped within a moment."""
    end = time.monotonic() + 2.0
    while readers_of(reader) and time.monotonic() < end:
        time.sleep(0.01)
    return not readers_of(reader)


@SEES_THE_ZYGOTE
def test_the_zygote_holds_neither_the_database_nor_a_lock(tmp_path: Path) -> None:
    database = os.open(tmp_path / "guard.db", os.O_RDWR | os.O_CREAT)
    lock = os.open(tmp_path / "daemon.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    reader = Reader()
    try:
        ask(reader, GOOD)
        assert not [name for name in descriptors(reader.pid) if str(tmp_path) in name]
        os.close(lock)
        again = os.open(tmp_path / "daemon.lock", os.O_RDWR)
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)  # or a guard that was killed would keep the next one out
        os.close(again)
    finally:
        os.close(database)
        reader.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to have an identity to give up")
def test_the_zygote_is_nobody_and_can_do_nothing(reader: Reader) -> None:
    ask(reader, GOOD)
    status = Path(f"/proc/{reader.pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["Uid"].split() == ["65534"] * 4
    assert fields["CapEff"] == fields["CapPrm"] == "0" * 16


def test_a_zygote_outlives_the_signal_that_ends_the_guard(reader: Reader) -> None:
    """systemd sends SIGTERM to every process of the unit; the guard may still have a question."""
    ask(reader, GOOD)
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(reader.pid, number)
    assert isinstance(ask(reader, GOOD), Understanding)


def test_a_zygote_that_is_gone_is_told_to_whoever_asks(reader: Reader) -> None:
    ask(reader, GOOD)
    os.kill(reader.pid, signal.SIGKILL)
    time.sleep(0.1)  # until the kernel has closed its end
    with pytest.raises(ReaderLost, match="zygote is gone"):
        reader.ask(Question(GOOD, None, PROTECTED))


def test_a_guard_that_is_killed_leaves_no_zygote() -> None:
    code = (
        "import time\nfrom nrguard.reader import Reader\nfrom nrguard.understanding import Question\n"
        "reader = Reader()\nreader.ask(Question(None, None, ())).collect(20.0)\n"
        "print(reader.pid, flush=True)\ntime.sleep(60)"
    )
    guard = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert guard.stdout is not None
    zygote = int(guard.stdout.readline())
    guard.kill()
    guard.wait()
    guard.stdout.close()
    end = time.monotonic() + 5.0
    while os.path.exists(f"/proc/{zygote}") and time.monotonic() < end:
        if "\nState:\tZ" in Path(f"/proc/{zygote}/status").read_text():
            break  # where nobody reaps orphans
        time.sleep(0.02)
    assert time.monotonic() < end


def test_a_reader_that_is_killed_is_a_blind_look(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = reader.ask(Question(b"(" * 2_000_000, b"(" * 2_000_000, PROTECTED, propose=True))
    end = time.monotonic() + PATIENCE
    while not readers_of(reader) and time.monotonic() < end:
        pass
    for pid in readers_of(reader):
        os.kill(pid, signal.SIGKILL)
    answer = asking.collect(PATIENCE)
    assert isinstance(answer, Blind)
    assert "ended without an answer" in answer.reason
    assert isinstance(ask(reader, GOOD), Understanding)


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to give nobody no process, and itself some")
def test_a_reader_that_cannot_be_forked_is_a_blind_look_and_the_zygote_goes_on() -> None:
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, before[1]))
    reader = Reader()
    resource.setrlimit(resource.RLIMIT_NPROC, before)
    try:
        assert [isinstance(ask(reader, GOOD), Blind) for _ in range(3)] == [True] * 3
    finally:
        reader.close()


def test_an_answer_that_is_not_there_in_time_is_none_and_comes_later() -> None:
    read_end, write_end = os.pipe()
    asking = Asking(read_end)
    assert asking.collect(0.0) is None
    sent = json.dumps(to_json(Understanding(Reading(FileState.MISSING)))).encode()
    os.write(write_end, sent[:7])
    assert asking.collect(0.01) is None
    os.write(write_end, sent[7:])
    os.close(write_end)
    assert asking.collect(PATIENCE) == Understanding(Reading(FileState.MISSING))
    assert asking.fd == -1


@pytest.mark.parametrize(
    "data",
    [
        b"", b"nonsense", b"\xff\xfe", b"null", b"7", b"[]", b"{}", b'{"reading": 7}', b"[" * 60_000,
        b'{"reading": {"state": "fine"}}', b'{"reading": {"state": "sound", "settings": []}}',
        b'{"reading": {"state": "sound"}, "proposal": {"text": "!", "edits": []}}', b'{"reading": NaN}',
        b'{"reading": {"state": "sound"}, "more": 1}', b"1" * 5000,
    ],
)  # fmt: skip
def test_nonsense_is_a_blind_look(data: bytes) -> None:
    asking = fed(data)
    assert isinstance(asking.collect(PATIENCE), Blind)
    assert asking.fd == -1


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "ANSWER_LIMIT", 1 << 20)
    read_end, write_end = os.pipe()
    flood = os.fork()
    if flood == 0:
        os.close(read_end)
        try:
            while True:
                os.write(write_end, b" " * 65536)
        finally:
            os._exit(0)
    os.close(write_end)
    asking = Asking(read_end)
    assert isinstance(asking.collect(PATIENCE), Blind)
    assert os.waitstatus_to_exitcode(os.waitpid(flood, 0)[1]) == 0  # its pipe broke
    assert ANSWER_LIMIT >= 4 * 2 * 1024 * 1024  # room for a proposal of the largest file, in base64


def test_closing_twice_is_closing_once() -> None:
    reader = Reader()
    zygote = reader.pid
    reader.close()
    reader.close()
    assert not os.path.exists(f"/proc/{zygote}")  # ended and reaped


def test_children_of_the_guard_are_still_reaped_by_the_guard(reader: Reader) -> None:
    """The zygote ignores SIGCHLD, and only the zygote: `subprocess` of its parent still sees each status."""
    ask(reader, GOOD)
    assert subprocess.run([sys.executable, "-S", "-c", "raise SystemExit(7)"], check=False).returncode == 7
