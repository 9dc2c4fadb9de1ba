"""From a save that takes adminAuth out to the restored bytes on disk, with the daemon running and inotify ringing.

The time is taken outside the daemon: before the save returns to its caller, and when another process sees the bytes.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from demo.house import House, house
from stage.careless import cut

ROUNDS = 15
PATIENCE = 10.0
"""Seconds until a restore counts as missing; polling alone would take up to 30."""

Save = Callable[[Path, bytes], None]


def in_place(settings: Path, text: bytes) -> None:
    """Save as nano does: truncate and write."""
    settings.write_bytes(text)


def by_rename(settings: Path, text: bytes) -> None:
    """Save as most editors do: a new file, renamed over the old one."""
    new = settings.with_suffix(".new")
    new.write_bytes(text)
    new.replace(settings)


def by_moving_out(settings: Path, text: bytes) -> None:
    """Take the file away altogether."""
    del text
    with tempfile.TemporaryDirectory(dir=settings.parents[1]) as elsewhere:
        settings.rename(Path(elsewhere) / "settings.js")


def main() -> int:
    """Print the median and the spread of each way to save. Return 1 if one was not restored in time."""
    with house(None, keep=False) as scratch:
        said = scratch.guard.call("apply")
        if said.status:
            print(said.out, said.err, sep="\n")
            return 1
        scratch.guard.start()
        ways: tuple[tuple[str, Save], ...] = (
            ("write in place", in_place),
            ("rename over it", by_rename),
            ("move it out", by_moving_out),
        )
        return max(_measured(scratch, name, save) for name, save in ways)


def _measured(scratch: House, name: str, save: Save) -> int:
    times = []
    for _ in range(ROUNDS):
        taken = _once(scratch.settings, save)
        if taken is None:
            print(f"{name}: not restored within {PATIENCE:.0f} s\n{scratch.guard.log_end()}")
            return 1
        times.append(taken * 1000)
        time.sleep(0.3)  # so that each starts from rest
    times.sort()
    print(f"{name}: median {statistics.median(times):.1f} ms, {times[0]:.1f} to {times[-1]:.1f}, {ROUNDS} rounds")
    return 0


def _once(settings: Path, save: Save) -> float | None:
    """Return the seconds from before the save to the first look that finds adminAuth back; None if it stays away."""
    gone = cut(settings.read_bytes(), "adminAuth")
    started = time.perf_counter()
    save(settings, gone.rest)
    while (taken := time.perf_counter() - started) < PATIENCE:
        if gone.member in _bytes(settings):
            return taken
        os.sched_yield()
    return None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


if __name__ == "__main__":
    sys.exit(main())
