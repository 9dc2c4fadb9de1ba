"""What is known of the key pair on disk and of the certificate that is served. Pure values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nrguard.escape import visible
from nrguard.model import Blind, Wire
from nrguard.seen import Seen


@dataclass(frozen=True, slots=True)
class Certificate:
    """What one certificate says. `names` holds its host names and addresses as clients compare them."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: float  # seconds since the epoch
    ends: float
    key_type: str  # "EC", "RSA", …
    key_bits: int  # 0 where the type has no such measure
    signature: str  # the hash that was signed: "sha256", …; "" where the signature needs none
    self_signed: bool
    fingerprint: str  # SHA-256 of its DER in hexadecimal

    @property
    def lifetime(self) -> float:
        return max(0.0, self.ends - self.begins)


@dataclass(frozen=True, slots=True)
class PairFile:
    """One of the two files that settings.js names, as it stands on disk."""

    path: str  # absolute
    problem: str = ""  # why Node-RED can't use it; "" where it can
    changed: float = 0.0  # when its content last changed, in seconds since the epoch
    exposed: str = ""  # what every user of this computer may do with it: "read", "write", "read and write"


@dataclass(frozen=True, slots=True)
class Certificates:
    """The triangle: what is on disk, what is served, and by which names and addresses this computer is reached."""

    key: PairFile | Blind | None = None  # None: settings.js names no file
    cert: PairFile | Blind | None = None
    chain: tuple[Certificate, ...] = ()  # of the file, its leaf first
    matches: bool | None = None  # the key belongs to the leaf; None: can't be told
    served: Certificate | None = None
    unreadable: str = ""  # why the served certificate could not be understood
    names: tuple[str, ...] = ()
    booted: float = 0.0  # when this computer started, by its present clock

    @property
    def leaf(self) -> Certificate | None:
        """The certificate that the next start of Node-RED would serve."""
        return self.chain[0] if self.chain else None


def certificates_of(seen: Seen) -> Certificates | None:
    """Return what is known of the certificates; None where nothing is.

    Right after a restart the wire shows the certificate on disk before the next look says so: that counts at once.
    """
    part = seen.parts.get("certificate")
    if not isinstance(part, Certificates):
        return None
    wire = seen.wire.certificate if isinstance(seen.wire, Wire) else b""
    if wire and part.leaf is not None and hashlib.sha256(wire).hexdigest() == part.leaf.fingerprint:
        return replace(part, served=part.leaf)
    return part


def day(at: float) -> str:
    """Return the date of a moment as the certificate itself counts, in UTC: 2027-01-02."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def span(seconds: float) -> str:
    """Return a length of time for people, rounded down: "12 days", "30 hours", "5 minutes"."""
    for unit, name, least in ((86400.0, "days", 3), (3600.0, "hours", 2), (60.0, "minutes", 0)):
        count = int(seconds / unit)
        if count >= least:
            return f"{count} {name}"
    return "0 minutes"


def few(names: Sequence[str]) -> str:
    """Return the first of some names, made safe to show; they come out of a certificate that anybody may have made."""
    shown = ", ".join(visible(name, limit=60) for name in names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
