"""Remove one file from a folder that an attacker may own: exactly that name there, whatever it is by now."""

from __future__ import annotations

import os

from nrguard.host import syscalls
from nrguard.host.folder import explained, pinned


def remove(path: str) -> str:
    """Make `path` name nothing, durably. Return "", or why that can't be done. A link is removed, never followed.

    Work as the folder's owner around it (`identity.as_owner_of`), as for every change there.
    """
    folder, name = os.path.split(path)
    try:
        with pinned(folder, flags=os.O_RDONLY) as fd:
            syscalls.unlink(name, dir_fd=fd)
            syscalls.fsync(fd)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return explained(error)
    return ""
