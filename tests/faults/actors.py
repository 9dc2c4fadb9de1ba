"""Who takes part in an attack: the owner of the folder, racing, and the guard under each of its identities."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TypeVar

from nrguard.host.identity import as_owner

ATTACKER = 65534  # user and group that own the folder
DAEMON = 64999  # a user that nothing belongs to

_PR_SET_KEEPCAPS, _PR_SET_PDEATHSIG = 8, 1
_CHOWN_AND_DAC_OVERRIDE = 0b11
Answer = TypeVar("Answer")


@contextlib.contextmanager
def attacking(attack: Callable[[], None]) -> Iterator[None]:
    """Within it, the attacker does `attack` again and again, as fast as he can, whatever fails."""
    child = os.fork()
    if child == 0:
        _become(ATTACKER, capabilities=0)
        _repeat(attack)
    try:
        yield
        ended, _ = os.waitpid(child, os.WNOHANG)
        assert not ended, "the attacker died before the end: nothing was tested"
    finally:
        os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


def as_daemon(work: Callable[[], Answer]) -> Answer:
    """Return what `work` gives to the installed daemon: its own user, CAP_CHOWN and CAP_DAC_OVERRIDE, nothing else."""
    return _in_child(lambda: _become(DAEMON, capabilities=_CHOWN_AND_DAC_OVERRIDE), work)


def acting_as(identity: str, work: Callable[[], Answer]) -> Answer:
    """Return what `work` gives to the "daemon", or to "root" in his own command, with the owner's file identity."""
    if identity == "daemon":
        return as_daemon(work)

    def in_his_place() -> Answer:
        with as_owner(ATTACKER, ATTACKER):
            return work()

    return _in_child(lambda: None, in_his_place)


def _in_child(become: Callable[[], None], work: Callable[[], Answer]) -> Answer:
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        signal.alarm(20)  # a guard that hangs dies, and its test fails
        become()
        _answer(work, sink)
    os.close(sink)
    with os.fdopen(source, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    assert data, "the guard died, or hung: see the traceback above"
    answer: Answer = pickle.loads(data)
    return answer


def _become(user: int, *, capabilities: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    header = struct.pack("=Ii", 0x20080522, 0)
    granted = struct.pack("=6I", capabilities, capabilities, 0, 0, 0, 0)
    if libc.capset(header, granted):
        os._exit(3)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _repeat(attack: Callable[[], None]) -> None:
    until = time.monotonic() + 30  # whatever becomes of the test
    try:
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                attack()
    finally:
        os._exit(4)


def _answer(work: Callable[[], object], sink: int) -> None:
    try:
        with os.fdopen(sink, "wb") as pipe:
            pipe.write(pickle.dumps(work()))
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child must never go on with the parent's tests
        traceback.print_exc(file=sys.stderr)
        os._exit(5)
