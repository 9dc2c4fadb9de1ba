"""What is remembered with a baseline beside the settings: who listened, what else there was, since when. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nrguard.baseline import Facts
from nrguard.model import Setting
from nrguard.probes import listeners, surroundings
from nrguard.probes.allowed import User, logins_of
from nrguard.seen import Holder, Process, Seen


def remembered(facts: Facts, seen: Seen) -> Facts:
    """Return `facts` completed by what was seen at the same time; what was not seen stays as it is."""
    process = seen.process
    if isinstance(process, Process) and process.listeners:
        first = process.listeners[0]
        addresses = tuple(listener.address for listener in process.listeners)
        facts = replace(facts, port=process.port, addresses=addresses, holder=Holder(first.uid, first.unit))
    return replace(facts, inventory={**facts.inventory, **_inventory(seen)})


def credentials_at(
    sealed: Setting | None, before: Facts | None, now: float, *, wrote: bool
) -> Mapping[str, float]:  # fmt: skip
    """Return when the password of each user of the adminAuth that is `sealed` changed; only where that is known.

    `before`: what was accepted until now. `wrote`: it was nrguard itself that changed adminAuth just now.
    """
    users = logins_of(sealed).users or {}
    if before is None:
        return dict.fromkeys(users, now) if wrote else {}
    old = logins_of(before.settings.get("adminAuth")).users
    changed = {
        name: now for name, user in users.items() if old is not None and _password(old.get(name)) != user.password
    }
    kept = {name: at for name, at in before.credentials_at.items() if name in users}
    return {**kept, **changed}


def _inventory(seen: Seen) -> Mapping[str, tuple[str, ...]]:
    offered = listeners.inventory(seen.parts.get("listeners"))
    around = surroundings.inventory(seen.parts.get("surroundings"))
    return around if offered is None else {"listeners": offered, **around}


def _password(user: User | None) -> str:
    return user.password if user is not None else ""
