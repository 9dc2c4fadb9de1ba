"""nrguard's own state files: written whole or not at all, read by nobody else, one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator

from nrguard.errors import Failed
from nrguard.host import syscalls
from nrguard.host.folder import explained

_PAUSE = 0.005  # seconds between two tries of a lock that is held for milliseconds


class Held(Failed):
    """Another process has the lock. `pid` is 0 where it did not say who it is."""

    def __init__(self, path: str, pid: int) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{path}: {who} is at work on it", "try again when it has ended")
        self.path = path
        self.pid = pid


def write_private(path: str, data: bytes, mode: int = 0o600) -> str:
    """Write `data` to `path` so that a power cut leaves the old content or the new; return "", or why it failed.

    For folders that only we write into. A file that is there is replaced.
    """
    folder, name = os.path.split(path)
    passing = f".{name}.{secrets.token_hex(8)}"
    try:
        fd = syscalls.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        return f"cannot write {path}: {explained(error)}"
    try:
        _write_in(fd, passing, name, data, mode)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(passing, dir_fd=fd)
        return f"cannot write {path}: {explained(error)}"
    finally:
        os.close(fd)
    return ""


@contextlib.contextmanager
def lock(path: str, *, timeout: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` within it. Raise Held where that takes longer than `timeout` seconds (0: one try).

    The kernel frees it with the last process that has it open, so fork no child that outlives it.
    Raise Failed where the lock file can't be opened.
    """
    try:
        fd = syscalls.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Failed(f"cannot lock {path}: {explained(error)}") from error
    try:
        _acquire(fd, path, timeout)
        os.ftruncate(fd, 0)
        os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(fd)


def _write_in(folder: int, passing: str, name: str, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = syscalls.open(passing, flags, mode, dir_fd=folder)
    try:
        done = 0
        while done < len(data):
            done += syscalls.write(fd, data[done:])
        syscalls.fchmod(fd, mode)  # whatever the umask says
        syscalls.fsync(fd)
    finally:
        os.close(fd)
    syscalls.rename(passing, name, src_dir_fd=folder, dst_dir_fd=folder)
    syscalls.fsync(folder)


def _acquire(fd: int, path: str, timeout: float) -> None:
    until = time.monotonic() + timeout
    while True:
        try:
            syscalls.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise Held(path, _holder(fd)) from None
            time.sleep(_PAUSE)
        except OSError as error:
            if error.errno != errno.EINTR:
                raise Failed(f"cannot lock {path}: {explained(error)}") from error
        else:
            return


def _holder(fd: int) -> int:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else 0
