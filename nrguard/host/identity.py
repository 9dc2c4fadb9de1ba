"""Work on files as their owner, so that root's privileges are not there to be borrowed by a link."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterator

from nrguard.host import syscalls
from nrguard.host.folder import pinned

_NOBODY = 65534


@contextlib.contextmanager
def as_owner(uid: int, gid: int) -> Iterator[None]:
    """Within it, this thread touches files as `uid` and `gid`, with that user's groups and no privilege over files.

    Only root can change over; for anybody else, and for root's own folder, it changes nothing. Signals and /proc still
    see root: the owner can't stop or hang this thread, as he could a process of his own identity.
    """
    if os.geteuid() != 0 or uid == 0:
        yield
        return
    before, groups = syscalls.file_identity(), tuple(os.getgroups())
    try:
        syscalls.set_groups_of_thread(_groups(uid, gid))  # root's own would still open group-readable files
        syscalls.set_file_identity(uid, gid)
        yield
    finally:
        syscalls.set_file_identity(*before)
        syscalls.set_groups_of_thread(groups)


@contextlib.contextmanager
def as_owner_of(folder_path: str) -> Iterator[None]:
    """Within it, work as the owner of that folder, itself found without following a link; see `as_owner`.

    Where there is none, as the owner of the nearest folder above it, who could make it; where a link or something else
    stands in its place, as nobody: the work itself then says what is wrong.
    """
    with as_owner(*_owner_of(folder_path)):
        yield


def _owner_of(folder_path: str) -> tuple[int, int]:
    try:
        with pinned(folder_path) as folder:
            status = syscalls.fstat(folder)
    except FileNotFoundError:
        above = os.path.dirname(folder_path)
        return _owner_of(above) if above not in ("", folder_path) else (_NOBODY, _NOBODY)
    except OSError:
        return _NOBODY, _NOBODY
    return status.st_uid, status.st_gid


def _groups(uid: int, gid: int) -> tuple[int, ...]:
    """Return the groups of the owner: a file of one of them must keep it. An unknown user has the one."""
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        return (gid,)
    return tuple(group for group in os.getgrouplist(name, gid) if group != 0)
