"""Act on levels, tell on edges: what changed between open incidents and present findings, and what is said. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nrguard.model import Severity
from nrguard.records import Incident
from nrguard.seen import Finding, Remedy

REMINDERS = (3600.0, 5 * 3600.0, 18 * 3600.0)  # seconds after it was last told: after 1, 6 and 24 hours
DAILY = 24 * 3600.0  # and then
BACKWARDS = 3600.0  # seconds by which a clock may be set back before times that it gave count for nothing
HOLD = 20.0  # seconds for which a repair under way is waited for before people are told that something is open
PATIENCE = 300.0  # and where that is no danger: a Raspberry Pi takes its time to restart Node-RED


@dataclass(frozen=True, slots=True)
class Edges:
    """What to write and what to say. Tuples of findings, worst first."""

    opened: tuple[Finding, ...] = ()
    updated: tuple[Finding, ...] = ()
    closed: tuple[Finding, ...] = ()
    say_open: tuple[Finding, ...] = ()  # became wrong, is not being repaired or takes long
    say_repaired: tuple[Finding, ...] = ()  # was repaired before anybody was told that it was open
    say_closed: tuple[Finding, ...] = ()  # was told as open, is right again
    say_eased: tuple[Finding, ...] = ()  # was told, and is less bad now
    say_again: tuple[Finding, ...] = ()  # is open since long, and it is time to say so again


def edges(
    incidents: Sequence[Incident], findings: Sequence[Finding], seen_before: Sequence[Finding], *, repairing: bool,
    now: float,
) -> Edges:  # fmt: skip
    """Compare the open incidents with the findings of now.

    `seen_before` are findings of this cycle that its own repair has already put right. While `repairing` is True
    nothing that is gone is called right yet, and nothing new is told until HOLD seconds have passed.
    """
    known = {incident.key: incident for incident in incidents}
    present = {(finding.check, finding.subject): finding for finding in findings}
    passing = {(finding.check, finding.subject): finding for finding in seen_before}
    opened = [finding for key, finding in (passing | present).items() if key not in known]
    updated = [f for key, f in present.items() if key in known and _changed(known[key].finding, f)]
    gone = [] if repairing else [i for key, i in known.items() if key not in present]
    gone_now = [] if repairing else [f for key, f in passing.items() if key not in present and key not in known]
    untold = [i.finding for i in gone if not i.told] + gone_now
    beside = [*present.values(), *(incident.finding for incident in gone), *gone_now]
    return Edges(
        opened=tuple(opened),
        updated=tuple(updated),
        closed=(*(incident.finding for incident in gone), *gone_now),
        say_open=_to_tell(known, present, repairing=repairing, now=now),
        say_repaired=_causes(_without_consequences(untold, beside)),
        say_closed=_causes(_without_consequences([i.finding for i in gone if i.told], untold)),
        say_eased=_eased(known, present),
        say_again=_causes([present[key] for key, i in known.items() if key in present and _is_due(i, now)]),
    )


def _is_due(incident: Incident, now: float) -> bool:
    if not incident.told or not incident.told_at:
        return False
    wait = REMINDERS[incident.reminders] if incident.reminders < len(REMINDERS) else DAILY
    since = now - incident.told_at
    return since >= wait or since < -BACKWARDS


def _eased(known: dict[tuple[str, str], Incident], present: dict[tuple[str, str], Finding]) -> tuple[Finding, ...]:
    """Return what was told and is less bad now, worst first; also what is only a note by now."""
    less = [
        finding
        for key, finding in present.items()
        if key in known and known[key].told and finding.severity < known[key].finding.severity
    ]
    return tuple(sorted(_without_consequences(less, present.values()), key=lambda finding: -finding.severity))


def _to_tell(
    known: dict[tuple[str, str], Incident], present: dict[tuple[str, str], Finding], *, repairing: bool, now: float
) -> tuple[Finding, ...]:
    told = []
    for key, finding in present.items():
        incident = known.get(key)
        if incident is not None and incident.told and finding.severity <= incident.finding.severity:
            continue
        age = now - incident.opened_at if incident is not None else 0.0
        if not repairing or age >= (HOLD if finding.severity is Severity.CRITICAL else PATIENCE):
            told.append(finding)
    # what was told as open, and is being repaired, stands for its consequences until the repair is done
    causes = [i.finding for i in known.values() if repairing and i.told]
    return _causes(_without_consequences(told, [*present.values(), *causes]))


def _changed(old: Finding, new: Finding) -> bool:
    return (old.severity, old.saw) != (new.severity, new.saw)


def _causes(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return what is worth a message: no notes, and no consequences whose cause stands beside them."""
    serious = [finding for finding in findings if finding.severity > Severity.NOTE]
    return tuple(sorted(_without_consequences(serious, serious), key=lambda finding: -finding.severity))


def _without_consequences(findings: Sequence[Finding], present: Collection[Finding]) -> list[Finding]:
    """Leave out what follows from something else present: an open socket from a weak file or an owed restart."""
    weak_file = any(finding.remedy is Remedy.RESTORE for finding in present)
    owed = weak_file or any(finding.check == "restart" for finding in present)
    implied = {"restart": weak_file, "stranger": owed, "port": owed}
    return [finding for finding in findings if not implied.get(finding.check, False)]
