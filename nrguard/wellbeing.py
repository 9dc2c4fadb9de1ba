"""The sign of life for people, where they asked for one: once a week or a month, in the morning."""

from __future__ import annotations

from dataclasses import replace

from nrguard import tell
from nrguard.hours import clock_time
from nrguard.model import Severity
from nrguard.policy import AllIsWell, Policy
from nrguard.say import clock, moment
from nrguard.store import Mark, Store

MARK = "all is well"
_DAYS = {AllIsWell.WEEKLY: 7, AllIsWell.MONTHLY: 30}
_MORNING = 9 * 60  # minutes since midnight
_LATEST = 21 * 60


def say_well(store: Store, policy: Policy, host: str, now: float) -> None:
    """Queue the sign of life if it is time; the first comes a week, or a month, after it was asked for."""
    days = _DAYS.get(policy.all_is_well)
    if days is None:
        return
    last = store.mark(MARK)
    if last is None or last.at > now:  # asked for just now, or the clock was set back
        store.set_mark(MARK, Mark(now))
    elif clock_time(last.at, _MORNING, days=days) <= now and _is_day(now):
        channels = [replace(channel, least=Severity.NOTE) for channel in policy.channels]
        names = [instance.name for instance in policy.instances]
        repairs = sum(len(store.times(name, "restored", last.at)) for name in names)
        found = [incident.finding for name in names for incident in store.incidents(name)]
        serious = sorted((one for one in found if one.severity > Severity.NOTE), key=lambda one: -one.severity)
        message = tell.well(host, clock(now), moment(last.at, now), repairs, serious)
        store.set_mark(MARK, Mark(now), message, channels)


def _is_day(now: float) -> bool:
    return clock_time(now, _MORNING) <= now < clock_time(now, _LATEST)
