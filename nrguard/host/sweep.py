"""Clear away what a power cut in the middle of a replacement left in the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from itertools import islice

from nrguard.host import syscalls
from nrguard.host.files import LIMIT, odd_by, open_standing, read_at_most
from nrguard.host.folder import explained, pinned, standing
from nrguard.host.spare import is_passing
from nrguard.host.sticky import give_back, unstuck
from nrguard.model import Blind

_ENTRIES, _AT_ONCE = 20_000, 64  # a folder stuffed by an attacker costs a bounded time; the rest goes the next time


def sweep(
    folder_path: str, *, owner: int | None = None, keep: Callable[[bytes], object] | None = None
) -> tuple[str, ...] | Blind:
    """Remove the leftovers of `replace` from the folder and return their names.

    A leftover may be the owner's displaced file: `keep` is handed its bytes first, and it stays if it has none to hand
    over (a directory, a huge file). Only files of the folder's owner or our own are touched. `owner`: who gets the
    folder back if the crash left it ours (sticky.py).
    """
    try:
        with pinned(folder_path, flags=os.O_RDONLY) as folder:
            if owner is not None:
                give_back(folder, owner)
            ours = {os.geteuid(), syscalls.fstat(folder).st_uid}
            with os.scandir(folder) as entries:
                names = [entry.name for entry in islice(entries, _ENTRIES) if is_passing(entry.name)]
            with unstuck(folder):
                return tuple(name for name in sorted(names)[:_AT_ONCE] if _swept(folder, name, ours, keep))
    except OSError as error:
        return Blind(f"{folder_path}: {explained(error)}")


def _swept(folder: int, name: str, ours: set[int], keep: Callable[[bytes], object] | None) -> bool:
    try:
        with standing(folder, name) as fd:
            status = syscalls.fstat(fd)
            if status.st_uid not in ours or stat.S_ISDIR(status.st_mode):
                return False
            if stat.S_ISREG(status.st_mode) and not _kept(fd, status, keep):
                return False
        syscalls.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True


def _kept(fd: int, status: os.stat_result, keep: Callable[[bytes], object] | None) -> bool:
    if odd_by(status, limit=LIMIT, owner=None):
        return False
    readable = open_standing(fd)
    try:
        data = read_at_most(readable, LIMIT)
    finally:
        os.close(readable)
    if keep is not None and data:
        keep(data)
    return True
