"""Put the protected settings back: keyed where that is proved, the sealed whole copy where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nrguard.actions.sessions import revocation
from nrguard.baseline import Baseline, proved
from nrguard.model import Blind, FileIdentity, Proposal, Refusal, View
from nrguard.observe import Observed, port_of
from nrguard.records import Debt, Event
from nrguard.seen import Finding, Process
from nrguard.world import ChangedSince, Content, Failed, Missing, Odd, Replaced, World, unsteady

WRITING = 5.0  # seconds that a replacement may take: a Node-RED that starts meanwhile reads the weak file


def restore(
    world: World, observed: Observed, why: str, findings: Sequence[Finding], *, insist: bool = False
) -> Event:  # fmt: skip
    """Write the accepted settings over what was observed. Return "restored", "moved on" or "failed" as an event.

    The order is that of a restore that survives a power cut: the restart that it makes due and the incidents are
    durable first, then the evidence, then one atomic exchange that refuses if the file changed since it was looked at.
    `insist`: it changes all the time, so it is exchanged whatever stands in it by then, and that is kept as evidence.
    """
    baseline, look = observed.baseline, observed.look
    if baseline is None or isinstance(look, Blind):
        return Event(world.now(), "failed", "nothing to restore from", {})
    with world.exclusive() as alone:
        sealed = world.baseline(observed.seen.instance.name)
        if not alone or sealed is None or sealed.generation != baseline.generation:
            return Event(world.now(), "moved on", "the owner is changing the settings; looking again", {})
        expected = unsteady(look) if insist and isinstance(look, Content) else look
        _intend(world, observed, baseline, why, findings)
        return _replace(world, observed, baseline, expected, why)


def _intend(world: World, observed: Observed, baseline: Baseline, why: str, findings: Sequence[Finding]) -> None:
    """Make durable what must be known after a crash: a restart may be due, and nobody was told yet."""
    name = observed.seen.instance.name
    debt = _debt(world, observed, baseline, why)
    late = replace(debt, weak_until=debt.weak_until + WRITING)  # corrected when the text is in place
    known = {incident.key for incident in world.incidents(name)}
    opened = [finding for finding in findings if (finding.check, finding.subject) not in known]
    world.owe(name, late, Event(world.now(), "intention", why, {}), opened)


def _replace(world: World, observed: Observed, baseline: Baseline, look: Content | Odd | Missing, why: str) -> Event:
    name = observed.seen.instance.name
    text, how = _wanted(observed, baseline)
    evidence = _keep(world, name, look.path, look.data if isinstance(look, Content) else None, why)
    outcome = world.replace(look.path, look, text, _owner(look, baseline))
    debt = world.debt(name)
    if isinstance(outcome, Replaced) and debt:
        world.owe(name, replace(debt, weak_until=world.boottime()))
    displaced = getattr(outcome, "displaced", None)
    evidence = evidence or _keep(world, name, look.path, displaced, why)
    facts: dict[str, View] = {"how": how, "quarantine": evidence, "generation": baseline.generation}
    if getattr(outcome, "aside", ""):
        facts["aside"] = getattr(outcome, "aside", "")
    match outcome:
        case Replaced():
            return Event(world.now(), "restored", f"{look.path}: {how}", facts)
        case Failed(reason):
            return Event(world.now(), "failed", f"{look.path}: {reason}", facts)
        case ChangedSince(what):
            return Event(world.now(), "moved on", f"{look.path}: {what}; looking again", facts)


def _keep(world: World, instance: str, path: str, data: bytes | None, why: str) -> str:
    return "" if data is None else world.keep(instance, data, {"path": path, "why": why})


def _wanted(observed: Observed, baseline: Baseline) -> tuple[bytes, str]:
    """Return the bytes to write and how they came about."""
    if not isinstance(observed.look, Content):
        return baseline.whole, "the sealed copy put in place"
    proposal = observed.understanding.proposal if observed.understanding else None
    match proposal:
        case Proposal() if proved(observed.look.data, baseline.whole, proposal):
            return proposal.text, "protected settings put back"
        case Refusal(reason):
            return baseline.whole, f"the sealed copy put in place ({reason})"
        case _:
            return baseline.whole, "the sealed copy put in place (no proof for anything less)"


def _owner(look: Content | Odd | Missing, baseline: Baseline) -> FileIdentity:
    """Return whose the file shall be: as it was accepted, with its present mode where that is not wider."""
    facts = baseline.facts
    mode = facts.mode
    if isinstance(look, Content) and look.identity.uid == facts.uid:
        mode &= look.identity.mode | 0o600
    return FileIdentity(0, 0, facts.uid, facts.gid, mode, 1, 0, 0, 0)


def _debt(world: World, observed: Observed, baseline: Baseline, why: str) -> Debt:
    name, boot = observed.seen.instance.name, world.boot()
    good_at = world.good_at(name)
    debt = Debt(
        boot=boot,
        weak_from=0.0 if good_at is None else good_at,
        weak_until=world.boottime(),
        why=f"may run what settings.js said before: {why}",
        port=port_of(observed.seen.disk, None),
        uid=baseline.facts.uid,
        revoke=revocation(observed.seen),
    )
    known = world.debt(name)
    if known is None or known.boot != boot:
        return debt
    process = observed.seen.process
    elsewhere = isinstance(process, Process) and process.elsewhere  # it still runs where an earlier weak file put it
    return replace(
        debt,
        weak_from=min(known.weak_from, debt.weak_from),  # the older window stays open
        why=known.why,
        port=known.port if elsewhere else debt.port,
        revoke=known.revoke or debt.revoke,
        begun=known.begun and known.restarted_at == 0.0,
    )
