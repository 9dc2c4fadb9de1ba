"""One turn of one instance: observe, judge, decide, act, verify, record.

`nrguard check` is one turn that may only look; the daemon takes one turn after another. A turn never waits: what takes
time (a restart, a wire look, a slow reader) is set going, and the turn is entered again when it is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from nrguard.actions.restore import restore
from nrguard.actions.sessions import revoke
from nrguard.decide import Memory, Plan, decide, paid
from nrguard.incidents import edges
from nrguard.judge import judge
from nrguard.model import Blind, Verdict, View
from nrguard.observe import Observed, observe, roots_of
from nrguard.policy import Intervals, Policy, ServiceKind
from nrguard.probes import all_probes
from nrguard.records import Changes, Event
from nrguard.say import messages
from nrguard.seen import Disk, Finding, Process, Seen
from nrguard.world import Between, Pending, World

ROUNDS = 3  # edits in one turn at most; each is followed by another look
STARTING = 60.0  # seconds for which a repair is not called done while Node-RED may be starting with what it replaced
LISTENING = 0.25  # seconds between two looks for a Node-RED that may be starting from a file that was just put back
RETRY_RACE, RETRY_FAILED = 0.1, 30.0  # seconds until the next turn after a restore that was overtaken, or failed


@dataclass(frozen=True, slots=True)
class Report:
    """What a turn came to. `pending` names what is under way; `wait` is when to come back for it, in seconds."""

    observed: Observed | None
    findings: tuple[Finding, ...]
    pending: tuple[str, ...] = ()
    wait: float = 0.0
    events: tuple[Event, ...] = ()


def cycle(world: World, policy: Policy, name: str, *, may_act: bool) -> Report:
    """Take one turn of the instance `name`."""
    instance = next(i for i in policy.instances if i.name == name)
    turn = _Turn()
    while True:
        turn.rounds += 1
        turn.began = world.boottime()
        observed = observe(world, instance)
        if isinstance(observed, Pending):
            return _put_off(world, name, observed, turn)
        turn.findings = judge(observed.seen, policy.rules)
        turn.plan = decide(observed.seen, turn.findings, _memory(world, name, policy, may_act=may_act))
        if not turn.plan.restore or turn.rounds > ROUNDS or not _restored(world, observed, turn):
            return _concluded(world, observed, turn, policy.intervals, may_act=may_act)


def _put_off(world: World, name: str, pending: Pending, turn: _Turn) -> Report:
    """Write down what this turn has done already: the next one begins anew."""
    if turn.events:
        world.finish(name, Changes(events=tuple(turn.events)))
    return Report(None, (), (pending.what,), events=tuple(turn.events))


def _concluded(world: World, observed: Observed, turn: _Turn, intervals: Intervals, *, may_act: bool) -> Report:
    _start(world, observed, turn.plan)
    _look_around(world, observed, intervals, rarely=may_act)
    pending = _pending(world, observed.seen.instance.name)
    wait = _wait(turn)
    if may_act:
        _settle_debt(world, observed, pending, turn.began)
        unsure = _unsure(world, observed)
        wait = wait or (LISTENING if unsure else 0.0)
        _record(world, observed, turn, repairing=bool(pending or turn.plan.restart or wait or unsure))
    return Report(observed, turn.findings, pending, wait, tuple(turn.events))


@dataclass(slots=True)
class _Turn:
    """What one turn gathers on its way."""

    began: float = 0.0  # when its last look began, in seconds of CLOCK_BOOTTIME
    rounds: int = 0
    findings: tuple[Finding, ...] = ()
    plan: Plan = field(default_factory=Plan)
    passed: list[Finding] = field(default_factory=list)  # findings that this turn has put right
    events: list[Event] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(event.kind == "failed" for event in self.events)


def _restored(world: World, observed: Observed, turn: _Turn) -> bool:
    """Carry a planned restore out. Return whether to look again: not where it failed."""
    why = turn.plan.restore
    turn.events.append(Event(world.now(), "drift", why, {"findings": _names(turn.findings)}))
    outcome = restore(world, observed, why, turn.findings, insist=turn.rounds == ROUNDS)
    turn.events.append(outcome)
    turn.passed += turn.findings
    return outcome.kind != "failed"


def _wait(turn: _Turn) -> float:
    """Return when to come back: soon where somebody wrote faster than this turn, later where a restore failed."""
    if not turn.plan.restore:
        return turn.plan.wait
    return RETRY_FAILED if turn.failed else RETRY_RACE


def _memory(world: World, name: str, policy: Policy, *, may_act: bool) -> Memory:
    now = world.now()
    return Memory(
        now=now,
        boottime=world.boottime(),
        flights=world.flights(name),
        wire=world.wire(name),
        wire_interval=policy.intervals.wire,
        restarts=world.restarts(name, now - 3600.0),
        may_act=may_act,
    )


def _start(world: World, observed: Observed, plan: Plan) -> None:
    """Set going what takes time."""
    seen = observed.seen
    if plan.restart:
        between, debt = _between(world, seen), world.debt(seen.instance.name)
        if between and debt:  # Node-RED is stopped first: whoever comes after us has to start it
            world.owe(seen.instance.name, replace(debt, begun=True, restarted_at=0.0))
        world.restart(seen.instance, plan.restart, between=between)
    elif plan.ask_wire and isinstance(seen.process, Process):
        world.ask_wire(seen.instance, seen.process, roots_of(seen.disk))


def _between(world: World, seen: Seen) -> Between | None:
    """Return what has to be done while Node-RED is down: end the logins that it keeps, where they may be somebody's."""
    debt = world.debt(seen.instance.name)
    why = debt.revoke if debt is not None else ""
    if not why:
        return None
    return lambda: world.finish(seen.instance.name, Changes(events=(revoke(world, seen, why),)))


def _look_around(world: World, observed: Observed, intervals: Intervals, *, rarely: bool) -> None:
    """Start the looks of all probes whose time has come, or that would be about something else now."""
    seen, name = observed.seen, observed.seen.instance.name
    newest, flying = world.parts(name), world.flights(name).looks
    for probe in all_probes().values():
        about, last = probe.about(seen), newest.get(probe.name)
        fresh = last is not None and last.about == about and world.boottime() - last.at < probe.every(intervals)
        kept = fresh or probe.name in flying or (probe.rare and not rarely)
        command = None if kept else probe.command(seen)
        if command is not None:
            world.start_look(seen.instance, probe, about, command)


def _pending(world: World, name: str) -> tuple[str, ...]:
    """Return what is under way that a repair waits for; other looks come in when they come in."""
    flights = world.flights(name)
    return (*(("restart",) if flights.restart else ()), *(("wire",) if flights.wire else ()))


def _settle_debt(world: World, observed: Observed, pending: Sequence[str], began: float) -> None:
    """Note when all was last right, and forget a debt that is paid.

    Only a Node-RED that listens has read its settings: one that is just starting may still read what comes next.
    """
    seen, name = observed.seen, observed.seen.instance.name
    right = isinstance(seen.disk, Disk) and seen.disk.comparison and seen.disk.comparison.verdict is Verdict.EQUAL
    if right and isinstance(seen.process, Process) and seen.process.listeners:
        world.saw_good(name, began)
    debt = world.debt(name)
    if debt is None or isinstance(seen.process, Blind) or "restart" in pending:
        return
    if paid(debt, seen.process, world.boot()):
        world.owe(name, None, Event(world.now(), "secured", "Node-RED runs the settings that are on disk"))


def _unsure(world: World, observed: Observed) -> bool:
    """Tell whether a Node-RED may just be starting that has read a weak file: what it needs shows when it listens."""
    instance, process = observed.seen.instance, observed.seen.process
    if instance.service.kind is ServiceKind.NONE:
        return False  # nobody waits for what the guard can't restart: the owner is asked to
    debt = world.debt(instance.name)
    if debt is None or debt.boot != world.boot() or not isinstance(process, Process) or process.listeners:
        return False
    return 0.0 <= world.boottime() - debt.weak_until < STARTING


def _record(world: World, observed: Observed, turn: _Turn, *, repairing: bool) -> None:
    name, now = observed.seen.instance.name, world.now()
    incidents = world.incidents(name)
    change = edges(incidents, turn.findings, turn.passed, repairing=repairing and not turn.failed, now=now)
    changes = Changes(
        opened=change.opened,
        updated=change.updated,
        closed=tuple((finding.check, finding.subject) for finding in change.closed),
        told=tuple((finding.check, finding.subject) for finding in (*change.say_open, *change.say_eased)),
        reminded=tuple((finding.check, finding.subject) for finding in change.say_again),
        messages=messages(world, observed.seen.instance, change, incidents, turn.events),
        events=tuple(turn.events),
    )
    if changes != Changes():
        world.finish(name, changes)


def _names(findings: Sequence[Finding]) -> list[View]:
    return [f"{finding.check}/{finding.subject}" for finding in findings]
