"""The probe for the clock where our own service may not ask the kernel (ProtectClock=): systemd is asked instead. Pure.

Needed for chrony and ntpd only: systemd-timesyncd leaves a file that everybody can see.
"""

from __future__ import annotations

from nrguard.model import Clock
from nrguard.probes import Probe
from nrguard.seen import Seen

_ASK = ("timedatectl", "show", "--property=NTPSynchronized", "--value")


def _command(seen: Seen) -> tuple[str, ...] | None:
    return _ASK if seen.clock.refused and not seen.clock.right else None


def _parse(output: bytes) -> Clock:
    right = output.strip() == b"yes"
    return Clock(right, "a time service keeps the clock" if right else "no time service keeps the clock")


PROBE = Probe("clock", lambda intervals: intervals.port, lambda seen: "", _command, _parse, limit=10.0)
