"""Is it Node-RED that listens on Node-RED's port?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Listener, Severity
from nrguard.policy import ServiceKind
from nrguard.seen import Finding, Holder, Process, Remedy, Seen

_SERVICE = ".service"  # the units that keep their name; scopes are of one login, or of one container


@dataclass(frozen=True, slots=True)
class HolderRule:
    user: Severity = Severity.CRITICAL
    unit: Severity = Severity.WARNING
    nobody: Severity = Severity.NOTE


@check("holder", rule=HolderRule)
def holder(seen: Seen, rule: HolderRule) -> Iterator[Finding]:
    """Another program than the accepted Node-RED listens on its port, or none does.

    Whoever listens there is told the owner's password at the next login. A program of another user is critical; one of
    the same user outside of the service may be you, trying something by hand. That nothing listens opens nothing, and
    is only noted.
    """
    process = seen.process
    if not isinstance(process, Process):
        return
    if not process.listeners and not process.restart_failed:
        yield Finding(
            "holder", f"port {process.port}", rule.nobody,
            saw=f"nothing listens on port {process.port}", want=f"Node-RED on port {process.port}",
            remedy=Remedy.OWNER, hint="start Node-RED, if you did not stop it",
        )  # fmt: skip
    if seen.baseline is not None:
        expected = seen.baseline.holder or Holder(-1)
        for listener in process.listeners:
            yield from _judged(seen, listener, expected, rule)


def _judged(seen: Seen, listener: Listener, expected: Holder, rule: HolderRule) -> Iterator[Finding]:
    where = f"{listener.address} port {listener.port}"
    users = _users(seen, expected)
    unit = expected.unit or _unit(seen)
    if users and listener.uid not in users:
        by = f" ({listener.unit})" if listener.unit else ""
        saw = f"a program of user {listener.uid}{by} listens on {where}"
        yield _finding(where, rule.user, saw, f"Node-RED of user {users[0]}")
    elif listener.unit and unit.endswith(_SERVICE) and listener.unit != unit:
        yield _finding(where, rule.unit, f"{listener.unit} listens on {where}", f"Node-RED of {unit}")


def _users(seen: Seen, expected: Holder) -> tuple[int, ...]:
    """Return whose Node-RED may be; where that was not seen, its files' owner, or root, which is told elsewhere."""
    if expected.uid >= 0:
        return (expected.uid,)
    owner = seen.baseline.uid if seen.baseline else -1
    return (owner, 0) if owner > 0 else ()


def _unit(seen: Seen) -> str:
    service = seen.instance.service
    if service.kind is not ServiceKind.SYSTEMD:
        return ""
    return service.unit if "." in service.unit else f"{service.unit}{_SERVICE}"


def _finding(where: str, severity: Severity, saw: str, want: str) -> Finding:
    hint = "see what it is: sudo ss -ltnp"
    return Finding("holder", where, severity, saw, want, Remedy.OWNER, hint, (where,))
