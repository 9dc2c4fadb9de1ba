"""What does a stranger really get at the socket?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Admin, Blind, Door, SettingState, Severity, View, Wire
from nrguard.probes.addresses import elsewhere
from nrguard.seen import Disk, Finding, Remedy, Seen
from nrguard.starting.causes import cause


@dataclass(frozen=True, slots=True)
class StrangerRule:
    severity: Severity = Severity.CRITICAL


@check("stranger", rule=StrangerRule)
def stranger(seen: Seen, rule: StrangerRule) -> Iterator[Finding]:
    """Somebody without a login gets what only the owner should get from the running Node-RED.

    nrguard asks the socket itself, because a right settings.js proves nothing: Node-RED reads it only when it starts,
    and its command line or environment can override it. The finding names the cause where nrguard knows it.
    """
    wire = seen.wire
    if wire is None or isinstance(wire, Blind):
        return
    told: set[str] = set()
    for one in (wire, *elsewhere(seen)):  # what stands open at one address is told of the first
        for subject, saw, severity in _open_doors(seen, one):
            if subject not in told:
                yield _finding(seen, one, min(severity, rule.severity), subject, f"{saw} at {one.address}:{one.port}")
        told |= {subject for subject, _, _ in _open_doors(seen, one)}


def _open_doors(seen: Seen, wire: Wire) -> Iterator[tuple[str, str, Severity]]:
    """Yield (what is open, what a stranger gets, how bad)."""
    if wire.admin is Admin.OPEN:
        yield "editor", "everybody can edit flows", Severity.CRITICAL
    elif wire.admin is Admin.ANONYMOUS:
        yield from _anonymous(seen, wire)
    elif wire.comms is Door.OPEN and _accepted(seen, "adminAuth"):
        yield "editor", "everybody can listen to what the editor is told", Severity.CRITICAL
    if wire.tls is False and _accepted(seen, "https") and wire.admin not in (Admin.SILENT, Admin.UNKNOWN):
        yield "https", "plain HTTP", Severity.CRITICAL
    if wire.nodes is Door.OPEN and _accepted(seen, "httpNodeAuth"):
        yield "endpoints", "HTTP endpoints without a login", Severity.CRITICAL
    if wire.static is Door.OPEN and _accepted(seen, "httpStaticAuth") and _accepted(seen, "httpStatic"):
        yield "static", "static files without a login", Severity.CRITICAL


def _anonymous(seen: Seen, wire: Wire) -> Iterator[tuple[str, str, Severity]]:
    """Judge the permissions of whoever comes without a login (node-red-facts.md, 2.1 c1-c4)."""
    permissions = wire.permissions
    if permissions is None:  # only a write could tell, and nrguard never writes
        yield "editor", "everybody may do something with flows that only a write would show", Severity.WARNING
    elif not _only_reads(permissions):
        yield "editor", f"everybody may {permissions}", Severity.CRITICAL
    elif seen.baseline is not None and _default(seen) is None:
        yield "editor", "everybody may read flows, and the accepted settings let nobody", Severity.CRITICAL


def _only_reads(permissions: View) -> bool:
    each = permissions if isinstance(permissions, list) else [permissions]
    return all(isinstance(one, str) and (one == "read" or one.endswith(".read")) for one in each)


def _default(seen: Seen) -> View:
    """Return the anonymous user's permissions that the owner accepted."""
    setting = seen.baseline.settings.get("adminAuth") if seen.baseline else None
    view = setting.value if setting is not None else None
    return view.get("default") if isinstance(view, dict) else None


def _accepted(seen: Seen, name: str) -> bool:
    """Tell whether the baseline has this setting on."""
    if seen.baseline is None:
        return False
    setting = seen.baseline.settings.get(name)
    return setting is not None and setting.state is SettingState.KNOWN and _on(setting.value)


def _on(value: object) -> bool:
    return bool(value) and not (isinstance(value, dict) and value.get("kind") == "none")


_SETTING = {"editor": "adminAuth", "https": "https", "endpoints": "httpNodeAuth", "static": "httpStaticAuth"}


def _finding(seen: Seen, wire: Wire, severity: Severity, subject: str, saw: str) -> Finding:
    setting, want = _SETTING[subject], "HTTPS" if subject == "https" else "a login"
    known = cause(seen, setting) if _on_disk(seen, setting) else None
    if known is not None:
        saw = f"{saw}, though the file asks for {want}: {known.why}"
        return Finding("stranger", subject, severity, saw, want, known.remedy, known.hint, wire.evidence)
    if not _accepted(seen, setting):
        return Finding("stranger", subject, severity, saw, want, Remedy.APPLY, "run `nrguard apply`", wire.evidence)
    hint = "the running Node-RED does not run the accepted settings"
    return Finding("stranger", subject, severity, saw, want, Remedy.RESTART, hint, wire.evidence)


def _on_disk(seen: Seen, name: str) -> bool:
    setting = seen.disk.reading.settings.get(name) if isinstance(seen.disk, Disk) else None
    return setting is not None and setting.state is SettingState.KNOWN and _on(setting.value)
