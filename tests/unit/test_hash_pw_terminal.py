"""`nrguard hash-pw` on a real terminal: nothing that is typed is shown, and nothing but the hash is printed."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import bcrypt
import pytest

from nrguard.errors import DONE, FAILED, INTERRUPTED
from nrguard.passwords import SAMPLE_HASH

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
# A session leader without a terminal gets the first one that it opens: only so /dev/tty leads to ours.
PROGRAM = """\
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
from nrguard.cli import main
sys.exit(main())
"""
PATIENCE = 20.0  # seconds, for two shared cores


class Terminal:
    """A terminal in which the command runs. `shown` is all that a person in front of it would see."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "hash-pw", *arguments],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
            env=environment,
        )
        self._theirs = theirs
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        os.close(self._ours)
        os.close(self._theirs)

    def answer(self, prompt: str, typed: bytes) -> None:
        """Wait until `prompt` is the last thing shown, then type."""
        deadline = time.monotonic() + PATIENCE
        while not self.shown.endswith(prompt):
            assert time.monotonic() < deadline, f"only this was shown: {self.shown!r}"
            self._read(0.05)
        os.write(self._ours, typed)

    def echoes(self) -> bool:
        return bool(termios.tcgetattr(self._theirs)[3] & termios.ECHO)

    def end(self) -> tuple[int, str]:
        """Return the exit status and what was printed on standard output."""
        out, _ = self._process.communicate(timeout=PATIENCE)
        self._read()
        return self._process.returncode, out.decode()

    def _read(self, wait: float = 0.0) -> None:
        while select.select([self._ours], [], [], wait)[0]:
            self.shown += os.read(self._ours, 4096).decode()


def test_the_password_is_asked_for_twice_and_never_shown() -> None:
    with Terminal("--cost=8") as terminal:
        terminal.answer("Password: ", "pässwörd 1\n".encode())
        terminal.answer("Once more: ", "pässwörd 1\n".encode())
        status, out = terminal.end()
    assert status == DONE
    assert re.fullmatch(r"\$2b\$08\$[./A-Za-z0-9]{53}\n", out)
    assert bcrypt.checkpw("pässwörd 1".encode(), out.strip().encode())
    assert terminal.shown.split() == ["Password:", "Once", "more:"]


def test_echo_is_off_while_typing_and_on_again_afterwards() -> None:
    with Terminal("--cost=8") as terminal:
        terminal.answer("Password: ", b"")
        assert not terminal.echoes()
        terminal.answer("Password: ", b"correct horse\n")
        terminal.answer("Once more: ", b"correct horse\n")
        assert terminal.end()[0] == DONE
        assert terminal.echoes()


def test_a_slip_is_asked_for_again() -> None:
    with Terminal("--cost=8") as terminal:
        terminal.answer("Password: ", b"correct horse\n")
        terminal.answer("Once more: ", b"correct hoarse\n")
        terminal.answer("Password: ", b"correct horse\n")
        terminal.answer("Once more: ", b"correct horse\n")
        status, out = terminal.end()
    assert status == DONE
    assert bcrypt.checkpw(b"correct horse", out.strip().encode())
    assert terminal.shown.count("the two were not the same") == 1


def test_three_slips_end_it_without_a_hash() -> None:
    with Terminal("--cost=8") as terminal:
        for _ in range(3):
            terminal.answer("Password: ", b"correct horse\n")
            terminal.answer("Once more: ", b"battery staple\n")
        assert terminal.end() == (FAILED, "")
    assert "differed 3 times" in terminal.shown
    assert "horse" not in terminal.shown


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (b"\n", "the password is empty"),
        (b"x" * 73 + b"\n", "73 bytes"),
        (b"caf\xe9\n", "not valid text"),
        (b"\x04", "no password was typed"),
    ],
)
def test_a_password_that_is_refused_is_not_asked_for_twice(typed: bytes, why: str) -> None:
    with Terminal() as terminal:
        terminal.answer("Password: ", typed)
        assert terminal.end() == (FAILED, "")
    assert why in terminal.shown
    assert "Once more" not in terminal.shown


@pytest.mark.parametrize("prompt", ["Password: ", "Once more: "])
def test_ctrl_c_leaves_with_130_nothing_printed_and_the_echo_back(prompt: str) -> None:
    with Terminal() as terminal:
        if prompt != "Password: ":
            terminal.answer("Password: ", b"correct horse\n")
        terminal.answer(prompt, b"corr\x03")
        assert terminal.end() == (INTERRUPTED, "")
        assert terminal.echoes()
    assert "Traceback" not in terminal.shown
    assert "corr" not in terminal.shown


def test_verify_asks_once() -> None:
    with Terminal("--verify", SAMPLE_HASH) as terminal:
        terminal.answer("Password: ", b"password\n")
        assert terminal.end() == (DONE, "yes\n")
    assert "Once more" not in terminal.shown
