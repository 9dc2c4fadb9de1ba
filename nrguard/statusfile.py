"""status.json in the run folder: how the house stands, for everybody, so that `nrguard status` needs no rights."""

from __future__ import annotations

import json
import os
import stat

from nrguard.codec import Malformed, from_json, to_json
from nrguard.host import processes
from nrguard.host.private import write_private
from nrguard.places import Places
from nrguard.standing import Guard, House, public

NAME = "status.json"
LIMIT = 1 << 20  # bytes
ALIVE = 60.0  # seconds between two touches: its time of change says when the guard was last alive


class StatusFile:
    """Writes the file when something changed."""

    def __init__(self, places: Places) -> None:
        self._path = str(places.run / NAME)
        self._written: House | None = None
        self._touched = 0.0

    def write(self, house: House, now: float) -> str:
        """Write what everybody may know of `house`, whole or not at all. Return "", or why that failed."""
        shown = public(house)
        if shown == self._written:
            return self._touch(now)
        self._touched = now
        problem = write_private(self._path, json.dumps(to_json(shown), indent=1).encode(), 0o644)
        self._written = None if problem else shown
        return problem

    def _touch(self, now: float) -> str:
        if now - self._touched < ALIVE and self._touched <= now:
            return ""
        self._touched = now
        try:
            os.utime(self._path)
        except OSError:
            self._written = None  # somebody removed it: the next time it is written
        return ""


def read(places: Places) -> House | None:
    """Return what the guard last wrote; None where that can't be read. Its guard may have ended since: see `lives`."""
    try:
        fd = os.open(places.run / NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        data = file.read(LIMIT)
    try:
        house: House = from_json(House, json.loads(data))
    except (ValueError, Malformed):  # of another version
        return None
    return house


def touched(places: Places) -> float:
    """Return when the guard was last alive, in seconds since the epoch; 0.0 where that is not known (after a boot)."""
    try:
        return (places.run / NAME).stat().st_mtime
    except OSError:
        return 0.0


def lives(guard: Guard | None) -> bool:
    """Tell whether the process that wrote the file still runs."""
    return guard is not None and abs(processes.started(guard.pid) - guard.started) < 0.05
