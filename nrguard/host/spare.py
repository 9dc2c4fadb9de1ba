"""The new file, written and made durable before anybody can see it: the half of a replacement that may fail freely.

A *spare* is its room, taken while the disk still has some: whoever fills the disk first and weakens settings.js then
does not keep it from being put back.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.escape import visible
from nrguard.host import attributes, syscalls
from nrguard.host.folder import explained, pinned
from nrguard.host.sticky import unstuck
from nrguard.world import Failed

_LEFTOVER = re.compile(r"\.nrguard-[0-9a-f]{16}")
_NO_NAMELESS_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the new file becomes, and with which permission bits."""

    uid: int
    gid: int
    mode: int


@dataclass(frozen=True, slots=True)
class Spare:
    """A nameless file of our own, which nobody else can open, with `room` bytes of disk that are already ours."""

    fd: int
    room: int

    def is_fresh(self) -> bool:
        """Has no replacement used it up yet?"""
        status = os.fstat(self.fd)
        return status.st_nlink == 0 and status.st_uid == os.geteuid() and status.st_size == self.room

    def discard(self) -> None:
        """Give the room back."""
        os.close(self.fd)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the new file is to be. `like`: the open file whose access list and attributes it takes."""

    data: bytes
    owner: Owner
    like: int | None = None
    spare: Spare | None = None


def prepare(folder_path: str, room: int) -> Spare | Failed:
    """Take `room` bytes on the file system of that folder, for `replace` to fall back on when it is full."""
    try:
        with pinned(folder_path) as folder, contextlib.ExitStack() as undo:
            fd = syscalls.open(".", os.O_RDWR | os.O_CLOEXEC | os.O_TMPFILE, 0o600, dir_fd=folder)
            undo.callback(os.close, fd)
            syscalls.allocate(fd, 0, room)
            syscalls.fsync(fd)
            undo.pop_all()
            return Spare(fd, room)
    except OSError as error:
        return Failed(f"no spare file in {visible(folder_path)}: {explained(error)}")


@contextlib.contextmanager
def written(folder: int, draft: Draft) -> Iterator[tuple[int, str]]:
    """Give the new file, open and durable, and its passing name in the pinned `folder`.

    If it still stands at that name at the end, it is removed.
    """
    name = passing_name()
    fd, named = _filled(folder, name, draft)
    try:
        if not named:
            syscalls.link(fd, folder, name)
        yield fd, name
    finally:
        _remove_if_there(folder, name, fd)
        os.close(fd)


def passing_name() -> str:
    """Return a name that nobody can guess, for a file that is to be gone in a moment."""
    return f".nrguard-{secrets.token_hex(8)}"


def is_passing(name: str) -> bool:
    """Is `name` one that `passing_name` gave, so that a file that bears it was left by a crash?"""
    return _LEFTOVER.fullmatch(name) is not None


def remove(folder: int, name: str) -> None:
    """Unlink `name`, with a second try: what stays behind waits for `sweep`."""
    try:
        syscalls.unlink(name, dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            syscalls.unlink(name, dir_fd=folder)


def stands_at(folder: int, name: str, fd: int) -> bool:
    """Is the open file `fd` what stands at `name`?"""
    try:
        there = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(fd))


def _filled(folder: int, name: str, draft: Draft) -> tuple[int, bool]:
    """Return the new file and whether it has its name already; in the spare where there is no other room."""
    try:
        return _filled_anew(folder, name, draft)
    except OSError as error:
        spare = draft.spare
        if error.errno not in _FULL or spare is None or len(draft.data) > spare.room:
            raise
    with contextlib.ExitStack() as undo:
        fd = os.dup(spare.fd)
        undo.callback(os.close, fd)
        _fill(fd, draft)
        undo.pop_all()
    return fd, False


def _filled_anew(folder: int, name: str, draft: Draft) -> tuple[int, bool]:
    with contextlib.ExitStack() as undo:
        fd, named = _create(folder, name)
        undo.callback(os.close, fd)
        undo.callback(_remove_if_there, folder, name, fd)
        _fill(fd, draft)
        undo.pop_all()
    return fd, named


def _create(folder: int, name: str) -> tuple[int, bool]:
    """Return a new, empty file of our own, and whether it has the name already."""
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        return syscalls.open(".", flags | os.O_TMPFILE, 0o600, dir_fd=folder), False
    except OSError as error:
        if error.errno not in _NO_NAMELESS_FILES:
            raise
    return syscalls.open(name, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder), True


def _fill(fd: int, draft: Draft) -> None:
    done = 0
    while done < len(draft.data):
        done += syscalls.write_at(fd, draft.data[done:], done)
    if draft.spare is not None:  # what is left of its room
        os.ftruncate(fd, done)
    if draft.like is not None:
        attributes.copy(draft.like, fd)
    _hand_over(fd, draft.owner)
    syscalls.fsync(fd)


def _hand_over(fd: int, owner: Owner) -> None:
    """Make the file the owner's: mode first, since without CAP_FOWNER only its owner may set it.

    What is right already is left alone: vfat refuses both calls even where they would change nothing.
    """
    status = syscalls.fstat(fd)
    if stat.S_IMODE(status.st_mode) != owner.mode:
        syscalls.fchmod(fd, owner.mode)
    if (status.st_uid, status.st_gid) != (owner.uid, owner.gid):
        syscalls.fchown(fd, owner.uid, owner.gid)


def _remove_if_there(folder: int, name: str, fd: int) -> None:
    if stands_at(folder, name, fd):
        with unstuck(folder):
            remove(folder, name)
