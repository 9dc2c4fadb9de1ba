"""A new file, written and made durable before anybody can see it: the half of a replacement that may fail freely."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.host import attributes, syscalls

_LEFTOVER = re.compile(r"\.nrguard-[0-9a-f]{16}")
_NO_NAMELESS_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL}


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the new file becomes, and with which permission bits."""

    uid: int
    gid: int
    mode: int


def passing_name() -> str:
    """Return a name that nobody can guess, for a file that is to be gone in a moment."""
    return f".nrguard-{secrets.token_hex(8)}"


def is_passing(name: str) -> bool:
    """Is `name` one that `passing_name` gave, so that a file that bears it was left by a crash?"""
    return _LEFTOVER.fullmatch(name) is not None


@contextlib.contextmanager
def written(folder: int, data: bytes, owner: Owner, like: int | None) -> Iterator[tuple[int, str]]:
    """Give a new file with `data`, open and durable, and its passing name in the pinned `folder`.

    It takes the access list and attributes of the open file `like`. If it still stands at that name at the end, it is
    removed.
    """
    name = passing_name()
    fd, named = _create(folder, name)
    try:
        _fill(fd, data, owner, like)
        if not named:
            syscalls.link(fd, folder, name)
        named = True
        yield fd, name
    finally:
        if named:
            _remove_if_ours(folder, name, fd)
        os.close(fd)


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


def _create(folder: int, name: str) -> tuple[int, bool]:
    """Return a new, empty file of our own, and whether it has the name already."""
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        return syscalls.open(".", flags | os.O_TMPFILE, 0o600, dir_fd=folder), False
    except OSError as error:
        if error.errno not in _NO_NAMELESS_FILES:
            raise
    return syscalls.open(name, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder), True


def _fill(fd: int, data: bytes, owner: Owner, like: int | None) -> None:
    done = 0
    while done < len(data):
        done += syscalls.write(fd, data[done:])
    if like is not None:
        attributes.copy(like, fd)
    _hand_over(fd, owner)
    syscalls.fsync(fd)


def _hand_over(fd: int, owner: Owner) -> None:
    """Make the file the owner's: mode first, since without CAP_FOWNER only its owner may set it.

    What is right already is left alone: vfat refuses both calls even where they change nothing of note.
    """
    status = syscalls.fstat(fd)
    if stat.S_IMODE(status.st_mode) != owner.mode:
        syscalls.fchmod(fd, owner.mode)
    if (status.st_uid, status.st_gid) != (owner.uid, owner.gid):
        syscalls.fchown(fd, owner.uid, owner.gid)


def _remove_if_ours(folder: int, name: str, fd: int) -> None:
    if stands_at(folder, name, fd):
        remove(folder, name)
