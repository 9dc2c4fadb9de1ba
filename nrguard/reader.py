"""The reader: hostile bytes are parsed in a fresh, locked-up process for each look; bytes go in, values come out.

`Reader` forks a zygote once, before any thread exists. The zygote imports the parser, gives up its identity and forks
a child for each question; the child locks itself up (sandbox.py), answers through a pipe of its own and is gone. A
child that dies, hangs or writes nonsense is a Blind, never an exception.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import time
import traceback
from dataclasses import dataclass

from nrguard.codec import Malformed, from_json, to_json
from nrguard.model import Blind
from nrguard.sandbox import confine, drop_identity
from nrguard.understanding import Question, Understanding

MEMORY = 512 << 20  # bytes of address space for one look
CPU_SECONDS, WALL_SECONDS = 5, 20
ANSWER_LIMIT = 16 << 20  # bytes


class ReaderLost(Exception):
    """The zygote has ended: without it nothing can be judged, so whoever asks ends too and is started anew."""


@dataclass(slots=True)
class Asking:
    """A question in flight. `fd` becomes readable when there is something to collect."""

    fd: int
    _received: bytes = b""

    def collect(self, timeout: float) -> Understanding | Blind | None:
        """Return the answer, a Blind where the reader failed, or None when it is not there within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = os.read(self.fd, 1 << 20)
            if not chunk or len(self._received) > ANSWER_LIMIT:
                return self._finish()
            self._received += chunk
        return None

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def _finish(self) -> Understanding | Blind:
        self.close()
        try:
            answer = json.loads(self._received)
            return from_json(Understanding, answer)  # type: ignore[no-any-return]
        except (ValueError, Malformed, RecursionError):
            return Blind("the reader ended without an answer: settings.js may be made to break it")


class Reader:
    """Asks the zygote. Start it before the process has threads; `close` ends it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._pid = os.fork()
        if self._pid == 0:
            _zygote(theirs)
        theirs.close()
        self._control = ours

    def ask(self, question: Question) -> Asking:
        """Put a question to a fresh reader and return at once. Raise ReaderLost where the zygote is gone."""
        request = os.memfd_create("nrguard-question")
        answer, write_end = os.pipe()
        try:
            _write_all(request, json.dumps(to_json(question)).encode())
            socket.send_fds(self._control, [b"?"], [request, write_end])
        except OSError as error:
            os.close(answer)
            raise ReaderLost(f"the reader's zygote is gone: {os.strerror(error.errno or 0)}") from error
        finally:
            os.close(request)
            os.close(write_end)
        return Asking(answer)

    @property
    def pid(self) -> int:
        return self._pid

    def close(self) -> None:
        """End the zygote and wait for it; a second call does nothing."""
        if self._pid:
            self._control.close()  # the zygote leaves at end of file
            os.waitpid(self._pid, 0)
            self._pid = 0


def _zygote(control: socket.socket) -> None:
    """Answer questions until the other end closes. Never returns."""
    try:
        _close_all_but(control.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):  # the daemon's to handle: it may still have a question
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children reap themselves
        from nrguard.settingsjs.answer import answer  # noqa: F401, PLC0415 - only readers carry the parser

        drop_identity()  # after the import: nobody may be unable to read where we are installed
        gc.collect()
        gc.freeze()
        _serve(control)
    except Exception:  # noqa: BLE001 - our mistake, in a process of its own: told, and whoever asks finds it gone
        traceback.print_exc()
    finally:
        os._exit(0)


def _close_all_but(kept: int) -> None:
    """Close what was open when we were forked: the database, locks. Only the standard streams and `kept` stay."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd > 2 and fd != kept:
            _close_quietly(fd)


def _close_quietly(fd: int) -> None:
    try:
        os.close(fd)
    except OSError:
        pass  # it was the listing's own


def _serve(control: socket.socket) -> None:
    while True:
        message, fds, _, _ = socket.recv_fds(control, 1, 2)
        if not message or len(fds) != 2:
            return
        try:
            child = os.fork()
        except OSError:  # no memory or no process left just now: whoever asked sees a reader that died
            child = -1
        if child == 0:
            control.close()
            _answer(*fds)
        for fd in fds:
            os.close(fd)


def _answer(request: int, reply: int) -> None:
    """Answer one question under lock. Never returns; the exit status is for nobody."""
    try:
        from nrguard.settingsjs.answer import answer  # noqa: PLC0415 - already loaded by the zygote

        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        confine(memory=MEMORY, cpu_seconds=CPU_SECONDS, wall_seconds=WALL_SECONDS)
        os.lseek(request, 0, os.SEEK_SET)
        question = from_json(Question, json.loads(_read_all(request)))
        _write_all(reply, json.dumps(to_json(answer(question))).encode())
    finally:
        os._exit(0)


def _read_all(fd: int) -> bytes:
    chunks = []
    while chunk := os.read(fd, 1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
