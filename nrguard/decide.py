"""The plan of one cycle: which actions the findings ask for and the policy allows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nrguard.policy import Mode, ServiceKind
from nrguard.records import Debt
from nrguard.seen import Finding, Process, Remedy, Seen
from nrguard.world import Flights, WireSeen

TICK = 0.02  # seconds by which the kernel may call a start too early: it counts hundredths
IN_VAIN = 2  # restarts within an hour for what the wire shows and no weak file explains; then only people help
PAUSES = (0.0, 1.0, 10.0, 30.0, 120.0, 600.0)  # seconds to wait before the n-th restart within an hour; then the last

EXPLAINING = frozenset({"unit", "running"})  # looks that a restart waits for: they may tell that it would be in vain


@dataclass(frozen=True, slots=True)
class Plan:
    """What this cycle does. `restore` and `restart` say why; "" means not."""

    restore: str = ""
    restart: str = ""
    ask_wire: bool = False
    wait: float = 0.0  # seconds after which the cycle should be entered again for what it put off; 0: nothing put off


@dataclass(frozen=True, slots=True)
class Memory:
    """What deciding needs to know beside what was seen."""

    now: float  # seconds since the epoch
    boottime: float
    flights: Flights
    wire: WireSeen | None
    wire_interval: float
    restarts: tuple[float, ...]  # of the last hour, seconds since the epoch
    may_act: bool


def decide(seen: Seen, findings: Sequence[Finding], memory: Memory) -> Plan:
    """Return the plan. A restore comes before a restart: the cycle looks again in between."""
    acting = memory.may_act and seen.instance.mode is Mode.GUARD and seen.baseline is not None
    restore = _first(findings, Remedy.RESTORE) if acting else ""
    if restore:
        return Plan(restore=restore)
    ask = _ask_wire(seen, memory)
    restart = _first(findings, Remedy.RESTART) if acting else ""
    if not restart or seen.instance.service.kind is ServiceKind.NONE or memory.flights.restart:
        return Plan(ask_wire=ask)
    if EXPLAINING & memory.flights.looks or _in_vain(findings, memory):
        return Plan(ask_wire=ask)
    wait = _pause(memory)
    return Plan(ask_wire=ask, wait=wait) if wait > 0 else Plan(restart=restart)


def _in_vain(findings: Sequence[Finding], memory: Memory) -> bool:
    """Tell whether restarts have shown that they do not help: no weak file explains what is still seen."""
    return not any(finding.check == "restart" for finding in findings) and len(memory.restarts) >= IN_VAIN


def _first(findings: Sequence[Finding], remedy: Remedy) -> str:
    return next((finding.saw for finding in findings if finding.remedy is remedy), "")


def _ask_wire(seen: Seen, memory: Memory) -> bool:
    """Ask when another socket listens than the one asked last, while looks disagree, and at every interval."""
    if memory.flights.wire or memory.flights.restart:
        return False
    inode = inode_of(seen.process)
    asked = memory.wire
    if asked is None or asked.inode != inode or asked.again or (not inode and memory.flights.starting):
        return True
    return memory.boottime - asked.at >= memory.wire_interval


def _pause(memory: Memory) -> float:
    """Return how long the next restart must still wait, so that two programs never fight without a breath."""
    past = [at for at in memory.restarts if at <= memory.now]  # others are of before the clock was set back
    if not past:
        return 0.0
    return max(past) + PAUSES[min(len(past), len(PAUSES) - 1)] - memory.now


def inode_of(process: object) -> int:
    """Return the identity of the listening socket; 0 when nothing listens or nothing is seen."""
    return process.listeners[0].inode if isinstance(process, Process) and process.listeners else 0


def owed(debt: Debt | None, process: Process, boot: str) -> str:
    """Return why a restart is owed, or "" when nothing runs that may have read the weak file.

    Where nothing listens, Node-RED is stopped or just starting: its socket will tell when it is there. But where we
    have stopped it and not started it since, its start is owed.
    """
    if debt is None or debt.boot != boot:
        return ""
    if debt.begun and debt.restarted_at == 0.0 and not process.listeners:
        return debt.why
    for listener in (*process.listeners, *process.elsewhere):
        unseen = listener.started == 0.0
        inside = debt.weak_from - TICK <= listener.started <= debt.weak_until
        if (debt.restarted_at == 0.0) if unseen else inside:
            return debt.why
    return ""


def paid(debt: Debt, process: Process, boot: str) -> bool:
    """Tell whether the debt can be forgotten: Node-RED listens where it should, and did not read the weak file."""
    return debt.boot != boot or (bool(process.listeners) and not owed(debt, process, boot))
