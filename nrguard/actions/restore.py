"""Put the protected settings back: keyed where that is proved, the sealed whole copy where it is not."""

from __future__ import annotations

from nrguard.baseline import Baseline, proved
from nrguard.model import Blind, FileIdentity, Proposal, Refusal, View
from nrguard.observe import Observed, port_of
from nrguard.records import Debt, Event
from nrguard.world import Content, Failed, Missing, Odd, Replaced, World


def restore(world: World, observed: Observed, why: str) -> Event:
    """Write the accepted settings over what was observed. Return "restored", "moved on" or "failed" as an event.

    The order is that of a restore that survives a power cut: the restart that it makes due is durable first, then the
    evidence, then one atomic exchange that refuses if the file changed since it was looked at.
    """
    baseline, look = observed.baseline, observed.look
    if baseline is None or isinstance(look, Blind):
        return Event(world.now(), "failed", "nothing to restore from", {})
    name = observed.seen.instance.name
    text, how = _wanted(observed, baseline)
    world.owe(name, _debt(world, observed, baseline, why), Event(world.now(), "intention", how, {}))
    evidence = world.keep(name, look.data, {"path": look.path, "why": why}) if isinstance(look, Content) else ""
    outcome = world.replace(look.path, look, text, _owner(look, baseline))
    facts: dict[str, View] = {"how": how, "quarantine": evidence, "generation": baseline.generation}
    match outcome:
        case Replaced():
            return Event(world.now(), "restored", f"{look.path}: {how}", facts)
        case Failed(reason):
            return Event(world.now(), "failed", f"{look.path}: {reason}", facts)
        case _:
            return Event(world.now(), "moved on", f"{look.path}: {outcome.what}; looking again", facts)


def _wanted(observed: Observed, baseline: Baseline) -> tuple[bytes, str]:
    """Return the bytes to write and how they came about."""
    if not isinstance(observed.look, Content):
        return baseline.whole, "the sealed copy put in place"
    proposal = observed.understanding.restore if observed.understanding else None
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
    weak_from = 0.0 if good_at is None else good_at
    known = world.debt(name)
    if known is not None and known.boot == boot:  # still unpaid: the older window stays open
        weak_from, why = min(known.weak_from, weak_from), known.why
    named = port_of(observed.seen.disk, None)
    return Debt(boot, weak_from, world.boottime(), f"may run what settings.js said before: {why}" if known is None else why,
                port=named, uid=baseline.facts.uid)  # fmt: skip
