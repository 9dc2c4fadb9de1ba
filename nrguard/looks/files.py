"""The files that a start depends on, as a look may see them: bounded, never waited for."""

from __future__ import annotations

import os
import stat

LIMIT = 256 * 1024  # bytes; a unit or an environment file has a few hundred


class HostFiles:
    """Implements starting.fold.Files. `refused` gathers what this identity could not look at."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def exists(self, path: str) -> bool:
        try:
            os.stat(path)
        except PermissionError:
            self.refused.append(f"whether {path} exists")
            return False
        except (OSError, ValueError):
            return False
        return True

    def read_text(self, path: str) -> str:
        """Return the text of a regular file. Raise OSError, or ValueError where it is too large."""
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise ValueError("no regular file")
            data = file.read(LIMIT + 1)
        if len(data) > LIMIT:
            raise ValueError("too large")
        return data.decode("utf-8", "replace")

    def trusted(self, path: str) -> bool:
        """Tell whether root alone can change the file and every folder on its way."""
        if not path.startswith("/"):
            return False
        here = os.path.realpath(path)
        while True:
            try:
                status = os.stat(here)
            except (OSError, ValueError):
                return False
            if status.st_uid != 0 or status.st_mode & 0o022:
                return False
            if here == "/":
                return True
            here = os.path.dirname(here)
