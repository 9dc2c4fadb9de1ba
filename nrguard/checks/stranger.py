"""What does a stranger really get at the socket?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Admin, Blind, Door, SettingState, Severity, Wire
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class StrangerRule:
    severity: Severity = Severity.CRITICAL


@check("stranger", rule=StrangerRule)
def stranger(seen: Seen, rule: StrangerRule) -> Iterator[Finding]:
    """Somebody without a login gets what only the owner should get from the running Node-RED.

    nrguard asks the socket itself, because a right settings.js proves nothing: Node-RED reads it only when it starts,
    and its command line or environment can override it.
    """
    wire = seen.wire
    if wire is None or isinstance(wire, Blind):
        return
    at = f"{wire.address}:{wire.port}"
    if wire.admin is Admin.OPEN:
        yield _finding(seen, wire, rule.severity, "editor", f"everybody can edit flows at {at}", "a login")
    elif wire.admin is Admin.ANONYMOUS and _may_write(wire):
        saw = f"everybody may {wire.permissions} at {at}"
        yield _finding(seen, wire, rule.severity, "editor", saw, "a login")
    if wire.tls is False and _accepted(seen, "https") and wire.admin not in (Admin.SILENT, Admin.UNKNOWN):
        yield _finding(seen, wire, rule.severity, "https", f"plain HTTP at {at}", "HTTPS")
    if wire.nodes is Door.OPEN and _accepted(seen, "httpNodeAuth"):
        yield _finding(seen, wire, rule.severity, "endpoints", f"HTTP endpoints without a login at {at}", "a login")


def _may_write(wire: Wire) -> bool:
    return wire.permissions not in ("read", None)


def _accepted(seen: Seen, name: str) -> bool:
    """Tell whether the baseline has this setting on."""
    if seen.baseline is None:
        return False
    setting = seen.baseline.settings.get(name)
    return setting is not None and setting.state is SettingState.KNOWN and _on(setting.value)


def _on(value: object) -> bool:
    return bool(value) and not (isinstance(value, dict) and value.get("kind") == "none")


def _finding(seen: Seen, wire: Wire, severity: Severity, subject: str, saw: str, want: str) -> Finding:
    setting = {"editor": "adminAuth", "https": "https", "endpoints": "httpNodeAuth"}[subject]
    if not _accepted(seen, setting):
        return Finding("stranger", subject, severity, saw, want, Remedy.APPLY, "run `nrguard apply`", wire.evidence)
    return Finding(
        "stranger", subject, severity, saw, want, Remedy.RESTART,
        "the running Node-RED does not run the accepted settings", wire.evidence,
    )  # fmt: skip
