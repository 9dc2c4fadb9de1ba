"""Is this computer's clock known to be right? A Pi starts with the time at which it was shut down."""

from __future__ import annotations

import ctypes
import os
import time
from dataclasses import dataclass

from nrguard.model import Clock

SYNCHRONIZED = "/run/systemd/timesync/synchronized"  # since this boot, by systemd-timesyncd
LAST_TIME = "/var/lib/systemd/timesync/clock"  # its time stamp is the last time that timesyncd knew
OWN_CLOCK = "/sys/class/rtc/rtc0"

_UNSYNCHRONIZED = 0x0040  # STA_UNSYNC; the kernel sets it itself some nine hours after the last correction
_AGREES = 120.0  # seconds by which a clock chip may differ: it holds whole seconds, and drifts until the next start
_STEP = 60.0  # seconds; a larger jump of a clock that was right is somebody's doing
_libc = ctypes.CDLL(None, use_errno=True)


class _Timex(ctypes.Structure):
    """The beginning of `struct timex` (adjtimex(2)), with room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


@dataclass(slots=True)
class _Memory:
    """By how much the clock was ahead of CLOCK_BOOTTIME when it was last known to be right; None: never.

    Only a step changes that: both run at the same, corrected pace.
    """

    ahead: float | None = None


_memory = _Memory()


def look() -> Clock:
    """Return whether the clock is right, by what keeps it: a time service, or a clock chip that agrees with it.

    Once right, it stays so until this computer starts again or somebody sets the clock: a house without its internet
    connection does not lose the time.
    """
    floor, now, kept = _changed(LAST_TIME), time.time(), kernel_says()
    ahead = now - time.clock_gettime(time.CLOCK_BOOTTIME)
    if why := _keeper(now, floor, kept=bool(kept)):
        _memory.ahead = ahead
        return Clock(True, why, floor)
    if _memory.ahead is not None and abs(ahead - _memory.ahead) <= _STEP:
        return Clock(True, "the clock was set by a time service since the start", floor)
    return Clock(False, "no time service has set the clock since this computer started", floor, refused=kept is None)


def kernel_says() -> bool | None:
    """Return whether the kernel's clock is kept by a time service; None where it may not be asked (ProtectClock=)."""
    asked = _Timex()  # modes 0: changes nothing
    if _libc.adjtimex(ctypes.byref(asked)) < 0:
        return None
    return not asked.status & _UNSYNCHRONIZED


def _keeper(now: float, floor: float, *, kept: bool) -> str:
    if os.path.exists(SYNCHRONIZED):
        return "systemd-timesyncd has set the clock"
    if kept:
        return "a time service keeps the clock"
    chip = _chip()
    return "a clock chip agrees" if chip and abs(chip - now) <= _AGREES and now >= floor else ""


def _chip() -> float:
    """Return the time of the clock chip that the system's clock was set from; 0.0 without one."""
    try:
        if _text("hctosys") != "1":
            return 0.0
        return float(_text("since_epoch"))
    except (OSError, ValueError):  # none, or one that lost its time
        return 0.0


def _text(name: str) -> str:
    with open(f"{OWN_CLOCK}/{name}", encoding="ascii") as file:
        return file.read().strip()


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
