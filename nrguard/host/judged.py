"""Is what stands at a name still the file that was judged, and what of it has to be kept?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from nrguard.host import files, syscalls
from nrguard.host.folder import standing
from nrguard.model import FileIdentity
from nrguard.world import CHANGING, Content, Missing, Odd


class Changed(Exception):
    """What stands there is not what was judged."""


@dataclass(frozen=True, slots=True)
class Place:
    """One name in a pinned folder, and what was judged to stand there. `uid`: whose file it should be."""

    folder: int
    name: str
    expected: Content | Odd | Missing
    uid: int


@dataclass(frozen=True, slots=True)
class Judged:
    """The judged file, found again. `data`: its bytes, where they can be kept; `aside`: keep the file itself."""

    data: bytes | None
    aside: bool


@contextmanager
def live(place: Place) -> Iterator[int | None]:
    """Give the judged file, open, where it is a plain one. Raise Changed early, before anything is written."""
    if not isinstance(place.expected, Content):
        yield None
        return
    with ExitStack() as stack:
        try:
            fd = stack.enter_context(standing(place.folder, place.name))
        except FileNotFoundError:
            raise Changed("it is gone") from None
        if not _same(place.expected.identity, syscalls.fstat(fd)):
            raise Changed("another file, or another content, stands there")
        try:
            like = files.open_standing(fd)
        except BlockingIOError:
            raise Changed(files.LEASED) from None
        stack.callback(os.close, like)
        yield like


def find(place: Place, name: str) -> Judged:
    """Return what there is to keep of the file at `name` if it is the judged one. Raise Changed if not."""
    try:
        with standing(place.folder, name) as fd:
            return _find_behind(fd, place)
    except FileNotFoundError:
        raise Changed("it is gone") from None


def _find_behind(fd: int, place: Place) -> Judged:
    status = syscalls.fstat(fd)
    if isinstance(place.expected, Content):
        if not _same(place.expected.identity, status) or _bytes_behind(fd, status) != place.expected.data:
            raise Changed("another file, or another content, stands there")
        return Judged(place.expected.data, aside=False)
    if not _is_odd_one(place, status):
        raise Changed("something else stands there")
    if stat.S_ISDIR(status.st_mode):
        return Judged(None, aside=True)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:  # its other link keeps it; it may be a stranger's
        return Judged(None, aside=False)
    data = _bytes_behind(fd, status)
    return Judged(data, aside=data is None)


def _is_odd_one(place: Place, status: os.stat_result) -> bool:
    """Is this the odd thing that was judged? Inode numbers are soon used again: a plain file has to match wholly."""
    expected = place.expected
    if not isinstance(expected, Odd) or expected.identity is None:
        return False
    known = expected.identity
    if (known.device, known.inode) != (status.st_dev, status.st_ino):
        return False
    if expected.what in {CHANGING, files.LEASED} or files.odd_by(status, limit=files.LIMIT, owner=place.uid):
        return True
    return _same(known, status)


def _same(known: FileIdentity, status: os.stat_result) -> bool:
    """Is it still this file? Links and ctime are left out: the exchange itself changes them."""
    seen = files.identity_of(status)
    return (known.device, known.inode, known.uid, known.gid, known.mode, known.size, known.mtime_ns) == (
        seen.device, seen.inode, seen.uid, seen.gid, seen.mode, seen.size, seen.mtime_ns
    )  # fmt: skip


def _bytes_behind(fd: int, status: os.stat_result) -> bytes | None:
    """Return the content of a regular file, None where it is too large, held by a lease or not for us to read."""
    if status.st_size > files.LIMIT:
        return None
    try:
        readable = files.open_standing(fd)
    except (BlockingIOError, PermissionError):
        return None
    try:
        data = files.read_at_most(readable, files.LIMIT)
    finally:
        os.close(readable)
    return data if len(data) <= files.LIMIT else None
