"""Open what stands in somebody else's folder without following a link and without waiting for anybody.

The folder is *pinned*: opened once by its enrolled path, in which no part may be a symbolic link, and everything after
that is counted from the descriptor. Mounts are crossed on the way to the folder (/home is often one, and only root
makes mounts), but not below it: a file mounted over settings.js is told, not followed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from nrguard.host import syscalls

_WITHOUT_LINKS = syscalls.RESOLVE_NO_SYMLINKS
_INSIDE = syscalls.RESOLVE_NO_SYMLINKS | syscalls.RESOLVE_NO_XDEV | syscalls.RESOLVE_BENEATH


@contextlib.contextmanager
def pinned(folder: str, *, flags: int = os.O_PATH) -> Iterator[int]:
    """Give a descriptor of `folder`, an absolute path. Raise OSError: ELOOP where a part of it is a link."""
    fd = _open(-1, folder, flags | os.O_DIRECTORY, _WITHOUT_LINKS)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def standing(folder: int, name: str) -> Iterator[int]:
    """Give an O_PATH descriptor of whatever stands at `name` in the pinned `folder`, a link itself included.

    Raise OSError: EXDEV where it is a mount of its own. Nothing is opened for real, so nothing blocks or has effects.
    """
    fd = _open(folder, name, os.O_PATH | os.O_NOFOLLOW, _INSIDE)
    try:
        yield fd
    finally:
        os.close(fd)


def explained(error: OSError) -> str:
    """Return what went wrong in the words of the system and with the name of the error: `… (EACCES)`."""
    number = error.errno or 0
    return f"{os.strerror(number)} ({errno.errorcode.get(number, number)})"


def _open(folder: int, path: str, flags: int, resolve: int) -> int:
    try:
        return syscalls.openat2(folder, path, flags, resolve)
    except OSError as error:
        if error.errno not in {errno.ENOSYS, errno.EPERM}:  # an old kernel; a seccomp filter that never heard of it
            raise
    return _walk(folder, path, flags, one_mount=bool(resolve & syscalls.RESOLVE_NO_XDEV))


def _walk(folder: int, path: str, flags: int, *, one_mount: bool) -> int:
    """Do component by component what openat2 does at once."""
    *parents, last = [part for part in path.split("/") if part not in {"", "."}] or ["."]
    if ".." in parents or last == "..":
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    here = syscalls.open("/" if path.startswith("/") else ".", os.O_PATH | os.O_DIRECTORY, dir_fd=_or_none(folder))
    try:
        mount = _mount(here)
        for part in parents:
            deeper = _step(here, part, os.O_PATH | os.O_DIRECTORY)
            os.close(here)
            here = deeper
        found = _step(here, last, flags)
    finally:
        os.close(here)
    if one_mount and not _is_on(found, mount):
        os.close(found)
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
    return found


def _step(folder: int, name: str, flags: int) -> int:
    try:
        return syscalls.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
        raise


def _is_on(fd: int, mount: str) -> bool:
    try:
        return _mount(fd) == mount
    except OSError:
        return False


def _mount(fd: int) -> str:
    """Return the id of the mount that `fd` is on: bind mounts share the device number."""
    with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as lines:
        return next(line for line in lines if line.startswith("mnt_id:"))


def _or_none(folder: int) -> int | None:
    return None if folder < 0 else folder
