"""The files that `inspect` is given: read once, never waited for, whatever stands at their path."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from nrguard.model import FileState, Reading, Reason
from nrguard.settingsjs import NAMES
from nrguard.settingsjs.gate import LARGEST
from nrguard.settingsjs.settings import unproven

_ENDINGS = ("", ".js", ".json", ".node", "/index.js", "/index.json")  # in the order in which Node tries them


@dataclass(frozen=True, slots=True)
class Given:
    """`data` is None where nothing stands at `path` (`problem` is "" then), or where it could not be read."""

    path: str
    data: bytes | None
    problem: str = ""

    def unread(self) -> Reading | None:
        """Return the reading of something that could not be read; None for bytes and for a missing file."""
        if not self.problem:
            return None
        return Reading(
            FileState.UNPROVEN, (Reason(1, 1, self.problem),), {name: unproven(name, self.path) for name in NAMES}
        )

    def required(self, name: str) -> bytes | None:
        """Return the content of the local file `name` that this one requires; None where there is none."""
        base = Path(self.path).parent / name
        for ending in _ENDINGS:
            content = look(f"{base}{ending}").data
            if content is not None:
                return content
        return None


def look(path: str) -> Given:
    """Read the file at `path`, at most a little more than nrguard understands."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return Given(path, None)
    except OSError as error:
        return Given(path, None, f"can't be read: {error.strerror}")
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            return Given(path, None, "a directory: Node-RED loads the index.js in it")
        if not stat.S_ISREG(mode):
            return Given(path, None, "not a regular file")
        return Given(path, _read(descriptor))
    except OSError as error:
        return Given(path, None, f"can't be read: {error.strerror}")
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> bytes:
    pieces = []
    left = LARGEST + 1
    while left > 0:
        piece = os.read(descriptor, left)
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
