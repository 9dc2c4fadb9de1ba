"""Does Node-RED keep only logins alive that settings.js gives?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.escape import visible
from nrguard.model import Severity
from nrguard.probes.allowed import Allowed, logins_of
from nrguard.probes.surroundings import SESSIONS, Login, Sessions, Surroundings, user_dir
from nrguard.seen import Disk, Finding, Remedy, Seen

_SLACK = 86400.0  # seconds by which a Pi's clock may have been wrong


@dataclass(frozen=True, slots=True)
class SessionsRule:
    forged: Severity = Severity.CRITICAL
    wider: Severity = Severity.WARNING  # than the user's permissions
    old: Severity = Severity.WARNING  # from before the password changed
    lasting: Severity = Severity.WARNING  # longer than settings.js lets a login last
    file: Severity = Severity.WARNING
    unknown: Severity = Severity.NOTE  # of a user whom settings.js does not name: it opens nothing


@check("sessions", rule=SessionsRule)
def sessions(seen: Seen, rule: SessionsRule) -> Iterator[Finding]:
    """A login is kept alive that settings.js does not give: forged, from before a password change, or wider.

    Node-RED keeps logins over a restart in .sessions.json beside settings.js. Whoever can write that file needs no
    password; a login outlives a change of its password; and it keeps the permissions that its user had back then. All
    of them end when Node-RED is stopped, the file removed, and Node-RED started again: everybody logs in anew.
    """
    part = seen.parts.get("surroundings")
    kept = part.sessions if isinstance(part, Surroundings) else None
    if not isinstance(kept, Sessions) or not isinstance(part, Surroundings):
        return
    path = f"{user_dir(seen)}/{SESSIONS}"
    for what in _odd_file(kept, part):
        yield _finding(path, rule.file, what, "a file that only Node-RED writes")
    if not kept.broken:
        yield from _logins(seen, kept, rule, path)


def _logins(seen: Seen, kept: Sessions, rule: SessionsRule, path: str) -> Iterator[Finding]:
    disk = seen.disk if isinstance(seen.disk, Disk) else None
    allowed = logins_of(disk.reading.settings.get("adminAuth") if disk else None)
    forged = [one for one in kept.logins if one.forged]
    real = [one for one in kept.logins if not one.forged]
    of_users = [one for one in real if allowed.users is None or one.user in allowed.users]
    if forged:
        saw = f"a forged login of {_users(forged)}: {forged[0].forged}"
        yield _finding("forged login", rule.forged, saw, "logins by password", path)
    if wide := [one for one in of_users if _is_wider(one, allowed)]:
        saw = f"a login may do more than its user: {_users(wide)}"
        yield _finding("wider login", rule.wider, saw, "what settings.js permits", path)
    if old := [one for one in of_users if _is_old(one, allowed, seen)]:
        saw = f"a login from before the password changed: {_users(old)}"
        yield _finding("old login", rule.old, saw, "logins with the present password", path)
    if lasting := [one for one in of_users if _is_lasting(one, allowed, max(seen.now, kept.changed))]:
        saw = f"a login that lasts too long: {_users(lasting)}"
        yield _finding("lasting login", rule.lasting, saw, f"at most {_days(allowed)} days", path)
    if unknown := [one for one in real if one not in of_users]:
        saw = f"a login of somebody whom settings.js does not name: {_users(unknown)}"
        yield _finding("unknown login", rule.unknown, saw, "logins of known users", path)


def _odd_file(kept: Sessions, part: Surroundings) -> Iterator[str]:
    if kept.odd:
        yield kept.odd
    if kept.place is not None and kept.place.writers:
        yield f"can be changed by {', '.join(kept.place.writers[:3])}"
    if kept.place is not None and kept.place.foreign:
        yield f"belongs to {kept.place.foreign}"


def _is_wider(login: Login, allowed: Allowed) -> bool:
    user = (allowed.users or {}).get(login.user)
    if user is None or login.scope is None or "?" in user.permissions:
        return False
    return not all(_covers(user.permissions, one) for one in login.scope)


def _covers(given: Sequence[str], wanted: str) -> bool:
    """Tell whether Node-RED finds `wanted` among the permissions `given` (permissions.js)."""
    reads = wanted == "read" or wanted.endswith(".read")
    writes = wanted == "write" or wanted.endswith(".write")
    return any(
        one in ("*", wanted) or (one in ("read", "*.read") and reads) or (one in ("write", "*.write") and writes)
        for one in given
    )


def _is_old(login: Login, allowed: Allowed, seen: Seen) -> bool:
    """Node-RED does not write when a login was made: it is as long before its end as settings.js says."""
    changed = seen.baseline.credentials_at.get(login.user, 0.0) if seen.baseline else 0.0
    return bool(changed) and allowed.seconds is not None and login.expires - allowed.seconds < changed


def _is_lasting(login: Login, allowed: Allowed, now: float) -> bool:
    return allowed.seconds is not None and login.expires > now + allowed.seconds + _SLACK


def _days(allowed: Allowed) -> str:
    return f"{(allowed.seconds or 0.0) / 86400:.3g}"


def _users(logins: Sequence[Login]) -> str:
    names = sorted({visible(one.user, limit=40) for one in logins})
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _finding(subject: str, severity: Severity, saw: str, want: str, path: str = "") -> Finding:
    where = path or subject
    hint = f"stop Node-RED, remove {where}, start it: everybody logs in again"
    return Finding("sessions", subject, severity, saw, want, Remedy.OWNER, hint, (where,))
