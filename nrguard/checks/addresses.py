"""Does the guarded Node-RED answer alike wherever it can be reached?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Admin, Severity, Wire
from nrguard.probes.addresses import elsewhere
from nrguard.seen import Finding, Remedy, Seen

_NOTHING_TO_COMPARE = (Admin.SILENT, Admin.STARTING)
_TELLS_ITSELF = (Admin.OPEN, Admin.ANONYMOUS)  # the check `stranger` does


@dataclass(frozen=True, slots=True)
class AddressesRule:
    severity: Severity = Severity.WARNING


@check("addresses", rule=AddressesRule)
def addresses(seen: Seen, rule: AddressesRule) -> Iterator[Finding]:
    """Node-RED answers differently at another address of this computer: something stands in between.

    A Node-RED that listens on all addresses is asked at each of them, over IPv4 and IPv6. Where one gives other answers
    than loopback, another program, a redirection or a container has taken that address. One that does not answer at
    all is closed by a firewall, which is no finding.
    """
    if not isinstance(seen.wire, Wire) or seen.wire.admin in _NOTHING_TO_COMPARE:
        return
    for wire in elsewhere(seen):
        if wire.admin in _NOTHING_TO_COMPARE or wire.admin in _TELLS_ITSELF or _alike(wire, seen.wire):
            continue
        yield Finding(
            "addresses", wire.address, rule.severity,
            saw=f"{_told(wire)}, and {_told(seen.wire)}", want="the same Node-RED at every address",
            remedy=Remedy.OWNER, hint="look what takes connections to that address", evidence=wire.evidence,
        )  # fmt: skip


def _alike(one: Wire, other: Wire) -> bool:
    return (one.admin, one.tls) == (other.admin, other.tls)


def _told(wire: Wire) -> str:
    over = {True: " over HTTPS", False: " over plain HTTP", None: ""}[wire.tls]
    return f"{wire.admin}{over} at {wire.address}"
