"""Unit tests stay in memory and in scratch folders: whatever touches the real host raises.

An audit hook sees every door at once, whoever opens it. `@pytest.mark.real` opens them for a test that is about the
host: its sockets on loopback, its child processes.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "os.kill", "os.killpg"}
KERNEL = ("/proc/", "/sys/", "/run/", "/dev/shm/")
SCRATCH = (tempfile.gettempdir(), str(Path(__file__).resolve().parents[2] / ".cache"), "/dev/null")

_guarded = False


class TouchedTheHost(BaseException):
    """A unit test reached for the real host. No `except Exception` of the code under test can swallow it."""


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if _guarded and (what := _touched(event, arguments)):
        raise TouchedTheHost(f"{what}: a unit test works in memory (mark it `real` if it is about the host)")


def _touched(event: str, arguments: tuple[Any, ...]) -> str:
    """Return what an audit event would do to the host; "" if a unit test may do that."""
    if event in STARTS:
        return event
    if event == "socket.__new__" and arguments[1] == socket.AF_NETLINK:
        return "netlink socket"
    if event in {"socket.connect", "socket.bind", "socket.sendto"} and not _is_loopback(arguments[1]):
        return f"{event} {arguments[1]}"
    if event == "open":
        return _opened(arguments[0], arguments[2])
    return ""


def _is_loopback(address: Any) -> bool:  # Any: each address family has a shape of its own
    if not isinstance(address, tuple):
        return True  # a Unix socket: a path in a scratch folder
    return address[0] == "localhost" or ipaddress.ip_address(address[0]).is_loopback


def _opened(path: Any, flags: int) -> str:  # Any: text, bytes, a path or a descriptor
    name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
    if name.startswith(KERNEL):
        return f"open {name}"
    writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    # a relative name counts from a descriptor that was itself opened by its whole name
    return f"write {name}" if writes and name.startswith("/") and not name.startswith(SCRATCH) else ""


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def stay_in_memory(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close all doors to the host, but for tests marked `real`."""
    global _guarded  # noqa: PLW0603 - an audit hook can't be taken back: a flag is its only switch
    _guarded = "real" not in request.keywords
    yield
    _guarded = False
