"""Child processes under way: started without waiting, read and reaped from the daemon's poll set, bounded in time.

Their output is bounded too; what they print on standard error ends in the journal of whoever started us.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

OUTPUT_LIMIT = 4 << 20  # bytes
CHUNK = 1 << 16
READ_AT_ONCE = 1 << 20  # bytes for each child and poll: one that floods us stalls nobody else
LAST_PATIENCE = 1.0  # seconds between two tries to end a child, and for its end when we end


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a child. `status`: its exit status, negative for a signal; None where it could not be started."""

    status: int | None
    output: bytes
    problem: str = ""  # why it could not be started, or that its time was over


Done = Callable[[Ended], None]
Said = Callable[[bytes], None]


@dataclass(slots=True)
class Child:
    process: subprocess.Popen[bytes]
    deadline: float  # of time.monotonic
    done: Done
    ended: int  # a pidfd: readable when the child is gone, though a grandchild may still hold its output open
    said: Said | None
    output: bytearray = field(default_factory=bytearray)
    problem: str = ""


class Children:
    """The children of one process. `poll` must be called when one of the selector's descriptors is ready."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._running: list[Child] = []

    def start(  # noqa: PLR0913 - each is one way in which children differ
        self, arguments: Sequence[str], *, limit: float, done: Done, stdin: bytes = b"", merge_errors: bool = False,
        environment: Mapping[str, str] | None = None, said: Said | None = None, inherits: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Start a program without a shell. `done` is called once: from `poll`, or at once where it can't be started.

        `said` is called with each piece of output as it comes in; `done` gets all of it all the same. `inherits` are
        descriptors that the child gets under the same numbers.
        """
        try:
            process = _spawn(arguments, stdin, inherits, merge_errors=merge_errors, environment=environment)
        except OSError as error:
            done(Ended(None, b"", f"{arguments[0]}: {os.strerror(error.errno or 0)}"))
            return
        child = Child(process, time.monotonic() + limit, done, os.pidfd_open(process.pid), said)
        assert process.stdout is not None  # noqa: S101 - it is a pipe: for the type checker
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, child)
        self._selector.register(child.ended, selectors.EVENT_READ, child)
        self._running.append(child)

    def next_deadline(self) -> float | None:
        """Return when `poll` should be called at the latest, in time.monotonic seconds."""
        return min((child.deadline for child in self._running), default=None)

    def poll(self) -> None:
        """Read what is there, end whose time is over, and call `done` for each that has ended."""
        now = time.monotonic()
        for child in list(self._running):
            self._read(child)
            if now >= child.deadline:
                child.problem = "its time was over"
                child.deadline = now + LAST_PATIENCE  # it may take a while to die: on a disk that hangs
                self._kill(child)
            status = child.process.poll()
            if status is not None:
                self._read(child)
                self._forget(child)
                child.done(Ended(status, bytes(child.output), child.problem))

    def close(self) -> None:
        """End all of them, without calling `done`."""
        for child in list(self._running):
            self._kill(child)
        end = time.monotonic() + LAST_PATIENCE
        for child in list(self._running):
            try:
                child.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                pass  # not ours to end, or the kernel holds it: it must not hold us
            self._forget(child)

    def _read(self, child: Child) -> None:
        stream = child.process.stdout
        if stream is None:
            return
        for _ in range(READ_AT_ONCE // CHUNK):
            try:
                chunk = os.read(stream.fileno(), CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self._close_output(child)
                return
            piece = chunk[: OUTPUT_LIMIT - len(child.output)]
            child.output += piece
            if child.said is not None and piece:
                child.said(piece)

    def _close_output(self, child: Child) -> None:
        if child.process.stdout is not None:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
            child.process.stdout = None

    def _forget(self, child: Child) -> None:
        self._close_output(child)
        self._selector.unregister(child.ended)
        os.close(child.ended)
        self._running.remove(child)

    @staticmethod
    def _kill(child: Child) -> None:
        try:
            os.killpg(child.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # ended by itself just now; poll reaps it
        except PermissionError:
            pass  # it runs as somebody else by now (sudo): it ends by itself or not at all


def _spawn(
    arguments: Sequence[str], stdin: bytes, inherits: Sequence[int], *, merge_errors: bool,
    environment: Mapping[str, str] | None,
) -> subprocess.Popen[bytes]:  # fmt: skip
    request = os.memfd_create("nrguard-request")
    try:
        os.write(request, stdin)
        os.lseek(request, 0, os.SEEK_SET)
        return subprocess.Popen(
            arguments, stdin=request, stdout=subprocess.PIPE, env=environment,
            stderr=subprocess.STDOUT if merge_errors else None, start_new_session=True, pass_fds=inherits,
        )  # fmt: skip
    finally:
        os.close(request)
