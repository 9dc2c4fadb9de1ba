"""Is the certificate that is served the one on disk?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.certificates import Certificates, PairFile, certificates_of, day, span
from nrguard.checks import check
from nrguard.model import Setting, SettingState, Severity
from nrguard.policy import Mode, ServiceKind
from nrguard.seen import Disk, Finding, Process, Remedy, Seen

HOUR = 3600.0
_LONGEST, _FALLBACK = 596.0, 12.0  # hours, by Node-RED itself (node-red-facts.md, section 2.4)
_SLACK = 60.0  # seconds that a refresh may be late
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class ServedRule:
    severity: Severity = Severity.WARNING
    restart_hours: str = "any"  # when a renewed certificate may restart Node-RED, as 03:00-05:00

    def __post_init__(self) -> None:
        if self.restart_hours != "any" and not _HOURS.fullmatch(self.restart_hours):
            raise ValueError("restart_hours is a span of the day like 03:00-05:00, or any")


@check("served", rule=ServedRule)
def served(seen: Seen, rule: ServedRule) -> Iterator[Finding]:
    """The running Node-RED serves another certificate than the one on disk.

    Node-RED reads its certificate when it starts. Only where `https` is a function and `httpsRefreshInterval` is set
    does it read again; else a renewed certificate needs a restart, which nrguard orders (within `restart_hours`)
    where it may act and the running Node-RED is older than the file.
    """
    part = certificates_of(seen)
    if part is None or part.leaf is None or part.served is None:
        return
    if part.leaf.fingerprint == part.served.fingerprint:
        return
    disk, wire = day(part.leaf.ends), day(part.served.ends)
    saw = f"another certificate is on disk (valid to {disk}) than the one served (to {wire})"
    if part.leaf.ends > part.served.ends:
        saw = f"a renewed certificate is on disk (valid to {disk}), and the old one is served (to {wire})"
    severity, remedy, hint = _way(seen, part, rule)
    yield Finding(
        "served", "certificate", severity, saw=saw, want="the certificate on disk", remedy=remedy, hint=hint,
        evidence=(f"on disk {part.leaf.fingerprint[:16]}, served {part.served.fingerprint[:16]}",),
    )  # fmt: skip


def _kind(seen: Seen) -> object:
    """Return what `https` is in settings.js: "function", "object", "none"; None where that is not known."""
    https = _setting(seen, "https")
    return https.value.get("kind") if https is not None and isinstance(https.value, dict) else None


def _setting(seen: Seen, name: str) -> Setting | None:
    setting = seen.disk.reading.settings.get(name) if isinstance(seen.disk, Disk) else None
    return setting if setting is not None and setting.state is SettingState.KNOWN else None


def _way(seen: Seen, part: Certificates, rule: ServedRule) -> tuple[Severity, Remedy, str]:
    """Return how the certificate on disk comes to be served."""
    changed = part.cert.changed if isinstance(part.cert, PairFile) else 0.0
    hours = _refreshed_every(seen)
    if hours is not None and seen.now <= changed + hours * HOUR + _SLACK:
        left = changed + hours * HOUR - seen.now
        within = f"within {span(left)}" if left >= 60 else "within a minute"
        return Severity.NOTE, Remedy.NONE, f"httpsRefreshInterval will make Node-RED read it {within}"
    late = "httpsRefreshInterval should have made Node-RED read it; " if hours is not None else ""
    if not _fit(part):
        return rule.severity, Remedy.OWNER, "the pair on disk does not work: put it right before a restart"
    if _older_than(seen, part, changed) is False:
        hint = "Node-RED started after the file was written: it reads its certificate from somewhere else"
        return rule.severity, Remedy.OWNER, hint
    if not _may_restart(seen, part, changed):
        return rule.severity, Remedy.OWNER, f"{late}restart Node-RED"
    if not _now(rule.restart_hours, seen.now):
        return rule.severity, Remedy.OWNER, f"{late}it is restarted between {rule.restart_hours.replace('-', ' and ')}"
    return rule.severity, Remedy.RESTART, f"{late}restart Node-RED"


def _refreshed_every(seen: Seen) -> float | None:
    """Return the hours after which Node-RED reads key and certificate again, as it reads the setting; None: never."""
    interval = _setting(seen, "httpsRefreshInterval")
    if interval is None or not interval.value or _kind(seen) != "function":
        return None
    number = _NUMBER.match(str(interval.value)) if not isinstance(interval.value, bool) else None
    return min((float(number[0]) if number else 0.0) or _FALLBACK, _LONGEST)


def _fit(part: Certificates) -> bool:
    broken = any(isinstance(file, PairFile) and file.problem for file in (part.key, part.cert))
    return not broken and part.matches is not False


def _older_than(seen: Seen, part: Certificates, changed: float) -> bool | None:
    """Tell whether the running Node-RED started before the file changed; None where that can't be seen."""
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    started = [listener.started for listener in listeners if listener.started]
    return part.booted + min(started) < changed if started and changed else None


def _may_restart(seen: Seen, part: Certificates, changed: float) -> bool:
    """Tell whether a restart is sure to help and nrguard can order it. With a wrong clock it may not be."""
    able = seen.instance.service.kind is not ServiceKind.NONE and seen.instance.mode is Mode.GUARD
    return able and seen.clock.right and _older_than(seen, part, changed) is True


def _now(hours: str, now: float) -> bool:
    span_of_day = _HOURS.fullmatch(hours)
    if span_of_day is None:
        return True
    begin, end = (int(span_of_day[n]) * 60 + int(span_of_day[n + 1]) for n in (1, 3))
    local = time.localtime(now)
    minute = local.tm_hour * 60 + local.tm_min
    return begin <= minute < end if begin <= end else minute >= begin or minute < end
