"""A Node-RED on another computer, as anybody on the network finds it: its URL, one look at its wire, what is wrong.

There is no policy, no baseline and no file here: only what a stranger gets can be judged, by the same checks.
"""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from nrguard.errors import NrguardError
from nrguard.escape import visible
from nrguard.judge import judge
from nrguard.model import Admin, Blind, Severity, Wire
from nrguard.policy import Instance
from nrguard.probes.wire import Request, command, parse
from nrguard.seen import Finding, Remedy, Seen

PATIENCE = 10.0  # seconds for all questions
_URL = re.compile(r"https?://[^\s\\\x00-\x1f\x7f]*", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_CHECKS = ("stranger", "dashboard")  # those that need nothing but the wire
_ELSEWHERE = Blind("it is on another computer", note=True)
_UNTOLD = {
    Admin.SILENT: "nothing answers",
    Admin.STARTING: "Node-RED is still starting",
    Admin.UNKNOWN: "something answers that is no Node-RED",
}
_HINT = "a URL such as http://pi.local:1880 or https://pi.local:18880/admin"


@dataclass(frozen=True, slots=True)
class Target:
    """A Node-RED by its URL. `root` is the root of its admin API, httpAdminRoot."""

    url: str
    host: str
    port: int
    root: str
    tls: bool


def target(url: str) -> Target:
    """Return what `url` means. Raise NrguardError where it is none, or holds a login: a stranger has none."""
    shown = visible(url, limit=80)
    try:
        parts = urlsplit(url if _URL.fullmatch(url) else "")
    except ValueError:  # a bracket without its other half
        parts = urlsplit("")
    if not parts.scheme:
        raise NrguardError(f"'{shown}' is no URL of a Node-RED", _HINT)
    if "@" in parts.netloc:
        raise NrguardError("a login in the URL is not used: nrguard looks as a stranger", "leave it out")
    host, port = _host(parts), _port(parts)
    if not host or not port:
        raise NrguardError(f"'{shown}' has no {'usable port' if host else 'usable host name'}", _HINT)
    return Target(url, host, port, parts.path or "/", parts.scheme == "https")


def look(target: Target) -> Wire | Blind:
    """Return what a stranger gets there; Blind where nothing can be said."""
    request = Request(target.host, target.port, admin_root=target.root, timeout=PATIENCE)
    try:
        said = subprocess.run(command(request), stdout=subprocess.PIPE, env={}, timeout=2 * PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return Blind("the look over the network took too long")
    return parse(said.stdout)


def judged(target: Target, wire: Wire | Blind) -> tuple[Seen, tuple[Finding, ...]]:
    """Return the look as checks see it, and what is wrong, worst first."""
    seen = Seen(Instance(target.url, ""), _ELSEWHERE, _ELSEWHERE, wire, baseline=None, now=time.time())
    found = [_there(finding) for finding in judge(seen, {}) if finding.check in _CHECKS]
    if isinstance(wire, Blind):
        found.append(_untold(wire.reason))
    elif wire.admin in _UNTOLD:
        found.append(_untold(f"{_UNTOLD[wire.admin]} at {wire.address}:{wire.port}", wire.evidence))
    elif target.tls and wire.tls is False:
        found.append(_plain(wire))
    return seen, tuple(sorted(found, key=lambda finding: -finding.severity))


def _untold(saw: str, evidence: tuple[str, ...] = ()) -> Finding:
    hint = "look whether it runs, and whether this computer reaches it"
    return Finding("blind", "wire", Severity.WARNING, saw, "an answer of Node-RED", Remedy.OWNER, hint, evidence)


def _plain(wire: Wire) -> Finding:
    saw = f"plain HTTP at {wire.address}:{wire.port}"
    hint = "on that computer: run `nrguard check`"
    return Finding("stranger", "https", Severity.CRITICAL, saw, "HTTPS", Remedy.OWNER, hint, wire.evidence)


def _there(finding: Finding) -> Finding:
    """Return a finding whose hint does not sound as if it could be followed here."""
    return replace(finding, remedy=Remedy.OWNER, hint=f"on that computer: {finding.hint}" if finding.hint else "")


def _host(parts: SplitResult) -> str:
    """Return the host as it goes over the wire; "" where it can't be one."""
    try:
        host = (parts.hostname or "").replace("%25", "%")  # the zone of a link-local address
        return host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""


def _port(parts: SplitResult) -> int:
    try:
        return parts.port if parts.port is not None else _PORTS[parts.scheme]
    except ValueError:
        return 0
