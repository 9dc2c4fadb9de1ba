"""Does this computer offer anything to the network that it did not offer before?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.policy import ServiceKind
from nrguard.probes.listeners import Listeners, Offer, special
from nrguard.seen import Finding, Process, Remedy, Seen


@dataclass(frozen=True, slots=True)
class ListenersRule:
    special: Severity = Severity.WARNING  # DNS, SSH, a database, a message broker, another Node-RED
    other: Severity = Severity.NOTE


@check("listeners", rule=ListenersRule)
def listeners(seen: Seen, rule: ListenersRule) -> Iterator[Finding]:
    """A program on this computer can be reached from the network that could not when you accepted the settings.

    A name server, database or message broker that was opened by accident is told at once; anything else is noted.
    What is bound to loopback, ephemeral ports and discovery (DHCP, mDNS, SSDP) are left out. Whether the router lets
    the internet reach this computer can't be seen from here.
    """
    part = seen.parts.get("listeners")
    known = seen.baseline.inventory.get("listeners") if seen.baseline else None
    if not isinstance(part, Listeners) or known is None:
        return
    own = f"tcp/{seen.process.port}" if isinstance(seen.process, Process) else ""
    for offer in part.offers:
        new = tuple(port for port in offer.ports if port not in known and port != own)
        if new:
            yield _finding(seen, offer, new, rule)


def _finding(seen: Seen, offer: Offer, new: tuple[str, ...], rule: ListenersRule) -> Finding:
    own = offer.program == _own_program(seen)
    what = special("" if own else offer.program, new)
    name = f"{what} ({offer.program})" if what else offer.program
    ports = ", ".join(new[:5]) + (f" and {len(new) - 5} more" if len(new) > 5 else "")
    itself = " (by the guarded Node-RED's own flows)" if own else ""
    return Finding(
        "listeners", offer.program, rule.special if what else rule.other,
        saw=f"{name} can be reached from the network: {ports}{itself}", want="what could be reached when you accepted",
        remedy=Remedy.ACCEPT, hint="close it, or run `nrguard accept` if it is meant to be reachable",
        evidence=tuple(f"bound to {address}" for address in offer.addresses[:5]),
    )  # fmt: skip


def _own_program(seen: Seen) -> str:
    service = seen.instance.service
    return service.unit.removesuffix(".service") if service.kind is ServiceKind.SYSTEMD else ""
