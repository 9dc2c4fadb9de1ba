"""Puts a house's standing together from the records, and from what was last seen where somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nrguard.checks import all_checks
from nrguard.heart import MARK as HEARTBEAT
from nrguard.policy import Instance, Policy
from nrguard.records import Reach
from nrguard.seen import Seen
from nrguard.standing import SCHEMA, Guard, House, InstanceStanding, Sealed, instance_standing
from nrguard.store import Store

_OUTCOMES = {"restored": "put back", "failed": "not put back"}


def recount(
    store: Store, policy: Policy, guard: Guard | None, seen: Mapping[str, Seen], problem: str = ""
) -> House:  # fmt: skip
    """Return where everything stands. `seen`: the newest look at each instance; `problem`: with the policy file."""
    beat = store.mark(HEARTBEAT) if policy.heartbeat else None
    return House(
        schema=SCHEMA,
        guard=guard,
        checks=len(all_checks()),
        instances=tuple(_instance(store, each, guard, seen.get(each.name)) for each in policy.instances),
        channels=_reaches(store, policy),
        heartbeat=beat.value if beat else ("not heard yet" if policy.heartbeat else None),
        heartbeat_at=beat.at if beat else 0.0,
        policy_problem=problem,
    )


def _instance(store: Store, instance: Instance, guard: Guard | None, seen: Seen | None) -> InstanceStanding:
    baseline = store.baseline(instance.name)
    sealed = Sealed(baseline.generation, baseline.facts.sealed_at, baseline.facts.by) if baseline else Sealed()
    since = max(store.last_closed(instance.name), guard.since if guard else 0.0)
    standing = instance_standing(instance.name, instance.mode, sealed, store.incidents(instance.name), seen, since)
    last = max(
        (event for kind in _OUTCOMES if (event := store.last_event(instance.name, kind))),
        key=lambda event: event.at,
        default=None,
    )
    return replace(standing, drift_at=last.at, drift=_OUTCOMES[last.kind]) if last else standing


def _reaches(store: Store, policy: Policy) -> tuple[Reach, ...]:
    """Return the policy's channels, in its order."""
    known: Mapping[str, Reach] = {reach.label: reach for reach in store.outbox.reaches()}
    labels: Sequence[str] = [channel.label for channel in policy.channels]
    return tuple(known.get(label, Reach(label)) for label in labels)
