"""What systemd is told, where there is one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from nrguard.notify_socket import Systemd

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def no_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)


def heard(monkeypatch: pytest.MonkeyPatch, address: str, **fields: object) -> bytes:
    bound = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(bound)
        ear.settimeout(5.0)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        Systemd().tell(**fields)
        return ear.recv(4096)


def test_fields_are_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert heard(monkeypatch, str(tmp_path / "notify"), READY=1, STATUS="protected") == b"READY=1\nSTATUS=protected"


def test_an_abstract_socket_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heard(monkeypatch, f"@nrguard-test-{os.getpid()}", WATCHDOG=1) == b"WATCHDOG=1"


def test_without_systemd_nothing_is_said_and_nothing_pinged() -> None:
    systemd = Systemd()
    systemd.tell(READY=1)
    assert systemd.ping_every == 0.0


def test_a_systemd_that_does_not_listen_stops_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    Systemd().tell(READY=1)
    assert "NOTIFY_SOCKET" not in os.environ


def test_no_child_can_speak_in_our_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    monkeypatch.setenv("WATCHDOG_USEC", "120000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    Systemd()
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & os.environ.keys()


@pytest.mark.parametrize(
    ("usec", "pid", "every"),
    [
        ("120000000", "", 60.0),
        ("120000000", "ours", 60.0),
        ("120000000", "1", 0.0),
        ("soon", "", 0.0),
        ("", "ours", 0.0),
    ],
)
def test_the_watchdog_is_pinged_twice_in_its_time(
    monkeypatch: pytest.MonkeyPatch, usec: str, pid: str, every: float
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "ours" else pid)
    assert Systemd().ping_every == every
