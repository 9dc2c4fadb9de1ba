"""Both looks at how Node-RED is started, side by side: what outlasts a restart, and what explains the wire. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.model import Verdict
from nrguard.seen import Disk, Process, Remedy, Seen
from nrguard.starting import Bearing, Deviation, Origin, Start


@dataclass(frozen=True, slots=True)
class Told:
    """A deviation, and whether the next start has it too. `lasts` is None where nobody can tell."""

    deviation: Deviation
    lasts: bool | None

    @property
    def saw(self) -> str:
        return f"{self.deviation.saw} in {self.deviation.origin}"

    @property
    def remedy(self) -> Remedy:
        return Remedy.RESTART if self.lasts is False else Remedy.OWNER

    @property
    def hint(self) -> str:
        if self.lasts is False:
            return "the next start no longer has it: restart Node-RED"
        return f"{removal(self.deviation.origin)}; until then a restart brings it back"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the wire gives away what the file does not. `remedy` is what puts it right."""

    why: str
    remedy: Remedy
    hint: str


def removal(origin: Origin) -> str:
    """Return what the owner has to do about something written at `origin`."""
    if origin.line:
        return f"take it out of line {origin.line} of {origin.path} and restart Node-RED"
    return f"take it out of where {origin.path} comes from and restart Node-RED"


def next_start(seen: Seen) -> Start | None:
    """Return what the next start gets, where that was seen."""
    part = seen.parts.get("unit")
    return part if isinstance(part, Start) else None


def running(seen: Seen) -> Start | None:
    """Return how the running Node-RED was started, where that was seen."""
    part = seen.parts.get("running")
    return part if isinstance(part, Start) else None


def deviations(seen: Seen) -> Iterator[Told]:
    """Yield what overrides settings.js, now or at the next start, each once: with its line where it has one."""
    coming, now = next_start(seen), running(seen)
    written = coming.deviations if coming else ()
    yield from (Told(one, lasts=True) for one in written)
    known = {(one.bearing, one.subject) for one in written}
    gone = False if coming is not None and not coming.unseen and _is_the_units(seen) else None
    for one in now.deviations if now else ():
        if (one.bearing, one.subject) not in known:
            yield Told(one, gone)


def _is_the_units(seen: Seen) -> bool:
    process, unit = seen.process, seen.instance.service.unit
    return isinstance(process, Process) and any(one.unit == unit for one in process.listeners)


def other_file(seen: Seen) -> Start | None:
    """Return the start that reads another settings file than the guarded one: the next one, else the running one's."""
    starts = (next_start(seen), running(seen))
    return next((start for start in starts if start is not None and start.elsewhere), None)


def cause(seen: Seen, setting: str) -> Cause | None:
    """Return why the running Node-RED does not do what the accepted `setting` says; None where nothing explains it."""
    if (start := other_file(seen)) is not None and start.settings_origin is not None:
        why = f"the process reads {start.settings} ({start.settings_origin})"
        return Cause(why, Remedy.OWNER, removal(start.settings_origin))
    found = [told for told in deviations(seen) if _explains(told.deviation, setting)]
    for told in sorted(found, key=lambda told: told.deviation.bearing is Bearing.CODE):
        return Cause(told.saw, told.remedy, told.hint)
    return _by_time(seen)


def _explains(deviation: Deviation, setting: str) -> bool:
    if deviation.bearing is Bearing.SETTING:
        return deviation.subject in (setting, "httpAdminAuth", "httpAuth", "__proto__")
    return deviation.bearing is Bearing.CODE


def _by_time(seen: Seen) -> Cause | None:
    """Say whether the process can have read the file as it stands."""
    now, disk = running(seen), seen.disk
    if now is None or not now.started_at or not isinstance(disk, Disk) or disk.identity is None:
        return None
    if disk.comparison is None or disk.comparison.verdict not in (Verdict.EQUAL, Verdict.CHANGED):
        return None
    at = time.strftime("%H:%M", time.localtime(now.started_at))
    if now.started_at < disk.identity.ctime_ns / 1e9:
        why = f"the file is right; the process still runs the settings of {at}"
        return Cause(why, Remedy.RESTART, "restart Node-RED")
    why = f"the file was right already when the process started ({at}), so something else than the file decides"
    return Cause(why, Remedy.RESTART, "look at what starts Node-RED, and at its nodes")
