"""Hours of the day as people set them. Pure: the moment is given; only the time zone is this computer's."""

from __future__ import annotations

import time

from nrguard.policy import Quiet

_DAY = 86400.0


def quiet_until(quiet: Quiet | None, now: float) -> float:
    """Return when the quiet hours end that `now` lies in, in seconds since the epoch; 0.0 where it lies in none."""
    if quiet is None:
        return 0.0
    local = time.localtime(now)
    minute = local.tm_hour * 60 + local.tm_min
    over_midnight = quiet.ends < quiet.begins
    inside = quiet.begins <= minute < quiet.ends
    if over_midnight:
        inside = minute >= quiet.begins or minute < quiet.ends
    if not inside:
        return 0.0
    tomorrow = over_midnight and minute >= quiet.begins
    return clock_time(now, quiet.ends, days=1 if tomorrow else 0)


def clock_time(now: float, minute: int, *, days: int = 0) -> float:
    """Return when this computer's clock shows `minute` (since midnight), on the day of `now` or `days` later.

    Counted by the calendar: on a day on which the clocks change it is still that time of day.
    """
    local = time.localtime(now)
    hour, rest = divmod(minute, 60)
    return time.mktime((local.tm_year, local.tm_mon, local.tm_mday + days, hour, rest, 0, 0, 0, -1))
