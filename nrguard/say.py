"""Which messages the edges of a cycle lead to. Pure; tell.py has the words."""

from __future__ import annotations

import time
from collections.abc import Sequence

from nrguard import tell
from nrguard.incidents import Edges
from nrguard.policy import Instance, Mode, ServiceKind
from nrguard.records import Event, Incident, Message
from nrguard.seen import Finding, Remedy
from nrguard.world import World


def messages(
    world: World, instance: Instance, edges: Edges, incidents: Sequence[Incident], events: Sequence[Event]
) -> tuple[Message, ...]:
    """Return what to say about what became wrong, was repaired, or became right again; none where nothing changed."""
    now = world.now()
    at = clock(now)
    said = []
    if edges.say_repaired and _ours(instance, edges.say_repaired):
        said.append(_repaired(world, instance, at, edges.say_repaired, incidents))
    elif edges.say_repaired:
        said.append(tell.closed(world.host(), instance.name, at, edges.say_repaired))
    failure = next((event.text for event in events if event.kind == "failed"), "")
    rest = _not_said(edges, instance)
    if rest and failure:
        said.append(tell.failed(world.host(), instance.name, at, rest, failure))
    elif rest:
        said.append(tell.opened(world.host(), instance.name, at, rest))
    if edges.say_eased:
        was = max(i.finding.severity for i in incidents if i.key in _keys(edges.say_eased))
        said.append(tell.eased(world.host(), instance.name, at, edges.say_eased, was))
    if edges.say_closed:
        since = min((i.opened_at for i in incidents if i.finding in edges.say_closed), default=now)
        said.append(tell.closed(world.host(), instance.name, at, edges.say_closed, moment(since, now)))
    if edges.say_again:
        since = min((i.opened_at for i in incidents if i.key in _keys(edges.say_again)), default=now)
        said.append(tell.reminder(world.host(), instance.name, at, edges.say_again, moment(since, now)))
    return tuple(said)


def _ours(instance: Instance, gone: Sequence[Finding]) -> bool:
    """Tell whether what is gone can have been put right by the guard, and not only by the owner or by itself."""
    return instance.mode is Mode.GUARD and any(f.remedy in (Remedy.RESTORE, Remedy.RESTART) for f in gone)


def _repaired(
    world: World, instance: Instance, at: str, findings: Sequence[Finding], incidents: Sequence[Incident]
) -> Message:
    since = min((i.opened_at for i in incidents if i.key in _keys(findings)), default=world.now())
    flights = world.flights(instance.name)
    seconds = flights.restart_seconds if world.restarts(instance.name, since) else None
    due = instance.service.kind is ServiceKind.NONE and world.debt(instance.name) is not None
    return tell.repaired(world.host(), instance.name, at, findings, seconds, due, logins_ended=flights.logins_ended)


def _not_said(edges: Edges, instance: Instance) -> tuple[Finding, ...]:
    """Return what is still open, less a restart that the message about the repair asks for already."""
    if edges.say_repaired and instance.service.kind is ServiceKind.NONE:
        return tuple(finding for finding in edges.say_open if finding.check != "restart")
    return edges.say_open


def _keys(findings: Sequence[Finding]) -> set[tuple[str, str]]:
    return {(finding.check, finding.subject) for finding in findings}


def moment(at: float, now: float) -> str:
    """Return a time as people read it, with the day where that is not today."""
    day = time.strftime("%d %b ", time.localtime(at))
    return clock(at) if day == time.strftime("%d %b ", time.localtime(now)) else day + clock(at)


def clock(at: float) -> str:
    """Return a time of day as people read it, local time."""
    return time.strftime("%H:%M", time.localtime(at))
