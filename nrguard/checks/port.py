"""Is Node-RED where the owner put it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from nrguard.checks import check
from nrguard.model import Blind, Severity
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class PortRule:
    severity: Severity = Severity.WARNING


@check("port", rule=PortRule)
def port(seen: Seen, rule: PortRule) -> Iterator[Finding]:
    """Node-RED listens on an address that the owner did not accept.

    A Node-RED that was bound to loopback and now answers on the network is reachable by others than it was made for.
    The port itself is a protected setting: settings.js is checked for it, and 1880 is a finding only where the
    baseline names another port.
    """
    if isinstance(seen.process, Blind) or seen.baseline is None or not seen.baseline.addresses:
        return
    narrow = all(map(_is_loopback, seen.baseline.addresses))
    for listener in seen.process.listeners:
        if narrow and not _is_loopback(listener.address):
            yield Finding(
                "port", f"{listener.address}:{listener.port}", rule.severity,
                saw=f"port {listener.port} is open to the network ({listener.address})", want="only this computer",
                remedy=Remedy.RESTART, hint="uiHost was 127.0.0.1 when you accepted the settings",
            )  # fmt: skip


def _is_loopback(address: str) -> bool:
    """Is this address, or this name as uiHost may hold it, one that only this computer reaches?"""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
