"""Is the certificate made out to the names by which people reach this computer?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from nrguard.certificates import Certificate, certificates_of, few
from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Process, Remedy, Seen

_AT_HOME = (".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa", ".box", ".localhost", ".test")


@dataclass(frozen=True, slots=True)
class NamesRule:
    severity: Severity = Severity.WARNING
    names: tuple[str, ...] = ()  # by which people reach Node-RED; (): this computer's own names and addresses


@check("names", rule=NamesRule)
def names(seen: Seen, rule: NamesRule) -> Iterator[Finding]:
    """The certificate is not made out to this computer.

    Browsers compare the name in the address bar with the names in the certificate (its common name counts no more).
    By default the host name, `.local`, and the addresses in the local network are tried, and one that fits is enough;
    a certificate of an authority for a public name can't be judged, for nrguard asks no name server. `names` says how
    people really reach Node-RED: then each has to fit. Of a certificate that signs itself a misfit is only a note:
    browsers warn about it anyway.
    """
    part = certificates_of(seen)
    one = (part.served or part.leaf) if part is not None else None
    if one is None or part is None:
        return
    if rule.names:
        missing = [name for name in rule.names if not _covers(one, name)]
        if missing:
            yield _finding(one, rule.severity, missing)
    elif not _inside_only(seen) and not _perhaps_elsewhere(one):
        reached = [*_addresses(seen), *part.names]
        if reached and not any(_covers(one, name) for name in reached):
            yield _finding(one, Severity.NOTE if one.self_signed else rule.severity, reached)


def _finding(one: Certificate, severity: Severity, wanted: Sequence[str]) -> Finding:
    return Finding(
        "names", "certificate", severity,
        saw=f"the certificate is for {few(one.names) or 'no name at all'}", want=f"one for {few(wanted)}",
        remedy=Remedy.OWNER, hint="make one for the names that people use, or list those under `names`",
    )  # fmt: skip


def _inside_only(seen: Seen) -> bool:
    """Tell whether nobody reaches Node-RED but from this computer itself."""
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    return bool(listeners) and all(ip_address(listener.address).is_loopback for listener in listeners)


def _addresses(seen: Seen) -> list[str]:
    """Return the addresses of its own that Node-RED is bound to."""
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    return [one.address for one in listeners if not ip_address(one.address).is_unspecified]


def _perhaps_elsewhere(one: Certificate) -> bool:
    """Tell whether an authority made it out to a public name, which may well lead here."""
    return not one.self_signed and any(
        "." in name and _address(name) is None and not name.lower().endswith(_AT_HOME) for name in one.names
    )


def _covers(one: Certificate, wanted: str) -> bool:
    address = _address(wanted)
    if address is not None:
        return any(_address(name) == address for name in one.names)
    return any(_fits(name.lower().rstrip("."), wanted.lower().rstrip(".")) for name in one.names)


def _fits(name: str, wanted: str) -> bool:
    """Compare as browsers do: an asterisk stands for exactly the first label."""
    if not name.startswith("*."):
        return name == wanted
    first, dot, rest = wanted.partition(".")
    return bool(first and dot) and rest == name[2:]


def _address(text: str) -> object:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
