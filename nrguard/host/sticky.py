"""Work in a folder with the sticky bit, which its owner sets with one `chmod +t` and which stops everybody else.

There only the owner of the folder (or of each file) may rename and unlink; CAP_DAC_OVERRIDE does not help, and the
daemon has no CAP_FOWNER. With CAP_CHOWN it becomes the folder's owner for the fraction of a millisecond that it needs.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator

from nrguard.host import syscalls


@contextlib.contextmanager
def unstuck(folder: int) -> Iterator[None]:
    """Within it, the sticky bit of the open `folder` does not keep us from renaming and unlinking."""
    owner = _taken_from(folder)
    try:
        yield
    finally:
        if owner is not None:
            give_back(folder, owner)


def give_back(folder: int, owner: int) -> None:
    """Make `owner` own the `folder` again that a crash left ours; any other folder stays as it is."""
    me = _me()
    if me not in {0, owner} and syscalls.fstat(folder).st_uid == me:
        try:
            syscalls.fchown(folder, owner, -1)
        except OSError:
            syscalls.fchown(folder, owner, -1)  # a folder that stays ours would keep Node-RED from saving


def _taken_from(folder: int) -> int | None:
    """Make the `folder` ours if that is needed; return whose it was."""
    me = _me()
    try:
        status = syscalls.fstat(folder)
        if not status.st_mode & stat.S_ISVTX or me in {0, status.st_uid}:
            return None
        syscalls.fchown(folder, me, -1)
    except OSError:
        return None  # no CAP_CHOWN, say: the renaming itself tells what is not allowed
    return status.st_uid


def _me() -> int:
    """Return whose rights over files this thread has."""
    return syscalls.file_identity()[0] if os.geteuid() == 0 else os.geteuid()
