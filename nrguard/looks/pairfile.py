"""Read one file of a key pair: a regular one of sane size, opened without waiting and without side effects."""

from __future__ import annotations

import errno
import os
import stat

from nrguard.certificates import PairFile
from nrguard.escape import visible
from nrguard.host import syscalls
from nrguard.host.files import open_standing, read_at_most
from nrguard.host.folder import explained
from nrguard.model import Blind

LIMIT = 1 << 20  # bytes; a chain with its key has under 20 kB
_HIDES = ("/home", "/root", "/boot", "/run/user")  # what a hardened unit may replace by something empty


def read(path: str) -> tuple[PairFile | Blind, bytes]:
    """Return what stands at the absolute `path`, links followed, and its content.

    What this identity may not see is a Blind that is a note: Node-RED itself may well see it.
    """
    try:
        fd = syscalls.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        return _unopened(path, error), b""
    try:
        return _read(fd, path)
    except OSError as error:
        return Blind(f"{visible(path)}: {explained(error)}", note=True), b""
    finally:
        os.close(fd)


def _read(fd: int, path: str) -> tuple[PairFile, bytes]:
    status = syscalls.fstat(fd)
    changed = status.st_ctime  # a renewal that keeps the old time stamps is one all the same
    if not stat.S_ISREG(status.st_mode):
        return PairFile(path, "it is no regular file", changed), b""
    if status.st_size > LIMIT:
        return PairFile(path, "it is too large to be a certificate or a key", changed), b""
    readable = open_standing(fd)
    try:
        text = read_at_most(readable, LIMIT)
    finally:
        os.close(readable)
    return PairFile(path, "" if text else "it is empty", changed, _exposed(path, status.st_mode)), text


def _unopened(path: str, error: OSError) -> PairFile | Blind:
    if error.errno in (errno.ENOENT, errno.ENOTDIR) and not _hidden(path):
        return PairFile(path, "it is missing")
    if error.errno == errno.ELOOP:
        return PairFile(path, "it is a link that leads nowhere")
    return Blind(f"{visible(path)}: {explained(error)}", note=True)


def _hidden(path: str) -> bool:
    """Tell whether a missing file may be one that only we do not see: in a home that is not shown to our service."""
    here = os.path.realpath(path)
    while here != "/" and not os.path.lexists(here):
        here = os.path.dirname(here)
    return here in _HIDES or (here != "/" and os.path.ismount(here) and not os.listdir(here))


def _exposed(path: str, mode: int) -> str:
    """Return what every user of this computer may do with the file, its folders taken into account."""
    reads, writes = bool(mode & stat.S_IROTH), bool(mode & stat.S_IWOTH)
    if not (reads or writes) or not _reachable(os.path.dirname(os.path.realpath(path))):
        return ""
    return "read and write" if reads and writes else "read" if reads else "write"


def _reachable(folder: str) -> bool:
    while True:
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return False
        if folder == "/":
            return True
        folder = os.path.dirname(folder)
