"""The probe for the running Node-RED: how it was started, as far as it can still be seen. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nrguard.model import Blind, Listener
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Process, Seen
from nrguard.starting import Start


@dataclass(frozen=True, slots=True)
class Request:
    pid: int
    uid: int
    settings: str


def _listener(seen: Seen) -> Listener | None:
    return seen.process.listeners[0] if isinstance(seen.process, Process) and seen.process.listeners else None


def _about(seen: Seen) -> str:
    listener = _listener(seen)
    return f"{listener.inode} {listener.pid} {seen.instance.settings}" if listener else ""


def _command(seen: Seen) -> tuple[str, ...] | None:
    listener = _listener(seen)
    return command("running", Request(listener.pid, listener.uid, seen.instance.settings)) if listener else None


def _parse(output: bytes) -> Start | Blind:
    return answer(Start, output, "the running Node-RED")


PROBE = Probe("running", lambda intervals: intervals.wire, _about, _command, _parse)
