"""Does the https function of settings.js give anything?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Admin, Blind, SettingState, Severity
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class PlainRule:
    severity: Severity = Severity.CRITICAL


@check("plain", rule=PlainRule)
def plain(seen: Seen, rule: PlainRule) -> Iterator[Finding]:
    """Node-RED serves plain HTTP, because the https function of settings.js gave nothing when it started.

    Such a function may give nothing later on, when there is no new certificate; at the start Node-RED takes that for
    "no HTTPS", and its log names an https address all the same.
    """
    wire, disk = seen.wire, seen.disk
    if wire is None or isinstance(wire, Blind) or isinstance(disk, Blind):
        return
    https = disk.reading.settings.get("https")
    if https is None or https.state is not SettingState.KNOWN or not isinstance(https.value, dict):
        return
    answers = wire.tls is False and wire.admin not in (Admin.SILENT, Admin.UNKNOWN)
    if answers and https.value.get("kind") == "function":
        yield Finding(
            "plain", "https", rule.severity,
            saw=f"plain HTTP at {wire.address}:{wire.port}: the https function of settings.js gave nothing",
            want="HTTPS", remedy=Remedy.OWNER, evidence=(f"{disk.path}:{https.line}", *wire.evidence),
            hint="let it return key and cert, then restart Node-RED; its log says https:// either way",
        )  # fmt: skip
