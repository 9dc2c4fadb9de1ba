"""The guard of the unit tests does close the doors that it says it closes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.conftest import TouchedTheHost


def test_a_unit_test_starts_no_process() -> None:
    with pytest.raises(TouchedTheHost, match=r"subprocess\.Popen"):
        subprocess.run([sys.executable, "-c", ""], check=True)


def test_a_unit_test_does_not_fork() -> None:
    with pytest.raises(TouchedTheHost, match=r"os\.fork"):
        os.fork()


def test_a_unit_test_signals_nobody() -> None:
    with pytest.raises(TouchedTheHost, match=r"os\.kill"):
        os.kill(os.getpid(), 0)


def test_a_unit_test_connects_to_no_other_machine() -> None:
    with socket.socket() as stranger, pytest.raises(TouchedTheHost, match=r"socket\.connect"):
        stranger.connect(("192.0.2.1", 80))


def test_a_unit_test_asks_the_kernel_nothing() -> None:
    with pytest.raises(TouchedTheHost, match="netlink"):
        socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 4)
    with pytest.raises(TouchedTheHost, match="/proc/self/stat"):
        Path("/proc/self/stat").read_text()


def test_a_unit_test_writes_to_scratch_folders_only(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("fine")
    with pytest.raises(TouchedTheHost, match="write /var/lib/nrguard"):
        Path("/var/lib/nrguard").open("w")  # noqa: SIM115 - it raises


def test_a_unit_test_may_use_loopback() -> None:
    with socket.socket() as listener, socket.socket() as caller:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        caller.connect(listener.getsockname())


@pytest.mark.real
def test_a_test_marked_real_may_start_a_process() -> None:
    assert subprocess.run([sys.executable, "-c", "print(7)"], check=True, capture_output=True).stdout == b"7\n"
