"""The probe for the next start: what the unit, its drop-ins and its environment files make of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Blind
from nrguard.policy import ServiceKind
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Process, Seen
from nrguard.starting import Start


@dataclass(frozen=True, slots=True)
class Request:
    unit: str
    settings: str


def next_environment(part: object) -> Mapping[str, str] | None:
    """Return the environment that the next start gets, of a part of this probe; None where it can't be told."""
    return part.environment if isinstance(part, Start) and not part.unseen else None


def _about(seen: Seen) -> str:
    """Name the unit; a new Node-RED makes the look be taken again, since it may have been started otherwise."""
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    return f"{seen.instance.service.unit} {seen.instance.settings}\n{[one.inode for one in listeners]}"


def _command(seen: Seen) -> tuple[str, ...] | None:
    if seen.instance.service.kind is not ServiceKind.SYSTEMD:
        return None
    return command("unit", Request(seen.instance.service.unit, seen.instance.settings))


def _parse(output: bytes) -> Start | Blind:
    return answer(Start, output, "the unit")


PROBE = Probe("unit", lambda intervals: intervals.port, _about, _command, _parse)
