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
    status = syscalls.fstat(folder)
    owner = status.st_uid
    if not status.st_mode & stat.S_ISVTX or not _take(folder, owner):
        yield
        return
    try:
        yield
    finally:
        give_back(folder, owner)


def give_back(folder: int, owner: int) -> None:
    """Make `owner` own the `folder` again that a crash left ours; any other folder stays as it is."""
    me = _me()
    if me not in {0, owner} and syscalls.fstat(folder).st_uid == me:
        try:
            syscalls.fchown(folder, owner, -1)
        except OSError:
            syscalls.fchown(folder, owner, -1)  # a folder that stays ours would keep Node-RED from saving


def _take(folder: int, owner: int) -> bool:
    me = _me()
    if me in {0, owner}:
        return False
    try:
        syscalls.fchown(folder, me, -1)
    except OSError:
        return False  # no CAP_CHOWN: then the renaming itself tells what is not allowed
    return True


def _me() -> int:
    """Return whose rights over files this thread has."""
    return syscalls.file_identity()[0] if os.geteuid() == 0 else os.geteuid()
