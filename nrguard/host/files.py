"""Look at one file in a folder that an attacker may own: no link followed, nothing waited for, a bound on every read.

What the host does to us is a value, never an exception.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat

from nrguard.escape import visible
from nrguard.host import syscalls
from nrguard.host.folder import explained, pinned, standing
from nrguard.model import Blind, FileIdentity
from nrguard.world import CHANGING, Content, Look, Missing, Odd

LIMIT = 2 * 1024 * 1024  # bytes; real settings.js are below 100 kB (field-facts.md section 1)
LEASED = "a file that another process holds a lease on (EAGAIN)"
NO_FOLDER = "folder missing"

_TRIES = 3
_LINKS = 40  # as the kernel's own limit: a loop ends here
_READABLE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
_KINDS = {
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def enrol(path: str) -> str:
    """Return where `path` really leads, every link resolved: the only path by which the file is looked at from now on.

    Ask it once, when the owner enrols the file, and keep the answer: a link that appears later is drift.
    """
    return os.path.realpath(path)


def links(path: str) -> tuple[tuple[str, str], ...]:
    """Return every symbolic link on the way that `path` takes, in order, each with what it says: its target's text.

    An enrolled path that has links is safe only as long as this answer stays what it was: whoever changes one of them
    gives Node-RED another settings.js, and leaves the one that `enrol` found as it is.
    """
    found: list[tuple[str, str]] = []
    here, rest = "/", _parts(os.path.abspath(path))
    while rest and len(found) < _LINKS:
        here, rest = os.path.join(here, rest[0]), rest[1:]
        try:
            target = os.readlink(here)
        except OSError:  # no link, or nothing there, which `look` tells
            continue
        found.append((here, target))
        rest = _parts(os.path.normpath(os.path.join(os.path.dirname(here), target))) + rest
        here = "/"
    return tuple(found)


def look(path: str, *, limit: int = LIMIT, owner: int | None = None) -> Look:
    """Return what stands at the absolute path `path`: a file of at most `limit` bytes, or what else.

    `owner`: the only user id that the file may belong to. Never raises for a condition of the host.
    """
    folder_path, name = os.path.split(path)
    try:
        with pinned(folder_path) as folder:
            return _look_in(folder, name, path, limit=limit, owner=owner)
    except FileNotFoundError:
        return Odd(path, NO_FOLDER)
    except NotADirectoryError:
        return Odd(path, "a file in the place of its folder")
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Odd(path, "folder behind a symbolic link")
        return Blind(f"{visible(folder_path)}: {explained(error)}")


def odd_by(status: os.stat_result, *, limit: int, owner: int | None) -> str:
    """Return what is odd about a file with this `status`; "" for a plain one."""
    if not stat.S_ISREG(status.st_mode):
        return _KINDS.get(stat.S_IFMT(status.st_mode), "something unknown")
    if status.st_nlink > 1:
        return f"a file with a second hard link ({status.st_nlink} links)"
    if owner is not None and status.st_uid != owner:
        return f"a file owned by user {status.st_uid}, not {owner}"
    if status.st_size > limit:
        return f"a file too large to be read: {status.st_size} bytes"
    return ""


def identity_of(status: os.stat_result) -> FileIdentity:
    return FileIdentity(
        device=status.st_dev,
        inode=status.st_ino,
        uid=status.st_uid,
        gid=status.st_gid,
        mode=stat.S_IMODE(status.st_mode),
        links=status.st_nlink,
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
    )


def read_at_most(fd: int, limit: int) -> bytes:
    """Return the bytes of `fd`, from its start, up to `limit` of them plus one."""
    pieces: list[bytes] = []
    have = 0
    while have <= limit:
        piece = syscalls.read_at(fd, min(65536, limit + 1 - have), have)
        if not piece:
            break
        pieces.append(piece)
        have += len(piece)
    return b"".join(pieces)


def open_standing(fd: int) -> int:
    """Return a readable descriptor of the regular file behind the O_PATH descriptor `fd`. Never blocks."""
    return syscalls.reopen(fd, _READABLE)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _look_in(folder: int, name: str, path: str, *, limit: int, owner: int | None) -> Look:
    try:
        with standing(folder, name) as fd:
            return _look_at(fd, path, limit=limit, owner=owner)
    except FileNotFoundError:
        return Missing(path)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return Odd(path, "a mount of its own")
        if error.errno == errno.ENOTDIR:  # of a folder that was removed meanwhile
            return Odd(path, NO_FOLDER)
        return Blind(f"{visible(path)}: {explained(error)}")


def _look_at(fd: int, path: str, *, limit: int, owner: int | None) -> Look:
    status = syscalls.fstat(fd)
    if stat.S_ISLNK(status.st_mode):
        return Odd(path, f"symbolic link to {visible(syscalls.read_link(fd), limit=200)}", identity_of(status))
    if what := odd_by(status, limit=limit, owner=owner):
        return Odd(path, what, identity_of(status))
    try:
        readable = open_standing(fd)
    except BlockingIOError:
        return Odd(path, LEASED, identity_of(status))
    try:
        return _read(readable, path, limit=limit, owner=owner)
    finally:
        os.close(readable)


def _read(fd: int, path: str, *, limit: int, owner: int | None) -> Look:
    status = syscalls.fstat(fd)
    for _ in range(_TRIES):
        before = status
        data = read_at_most(fd, limit)
        status = syscalls.fstat(fd)
        if what := odd_by(status, limit=limit, owner=owner):
            return Odd(path, what, identity_of(status))
        if identity_of(status) == identity_of(before) and len(data) == status.st_size:
            return Content(path, data, identity_of(status), hashlib.sha256(data).hexdigest())
    return Odd(path, CHANGING, identity_of(status))
