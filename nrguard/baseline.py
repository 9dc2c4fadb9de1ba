"""The baseline: what the owner accepted, sealed. Pure: takes and gives bytes and values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from nrguard.model import Proposal, Reading, Setting, Span
from nrguard.seen import Holder, Sealed

_GLUE = b" \t\r\n,"  # all that a restore may add around sealed text


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything of a baseline but its bytes and its generation."""

    sealed_at: float  # seconds since the epoch
    by: str  # "apply", "accept"
    digest: str  # SHA-256 of the whole copy, in hex
    uid: int
    gid: int
    mode: int
    port: int = 0  # where it was seen listening; 0: not seen
    addresses: tuple[str, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    required: Mapping[str, str] = field(default_factory=dict)  # local file it requires -> SHA-256 of its content
    holder: Holder | None = None  # who listened there; None: not seen
    credentials_at: Mapping[str, float] = field(default_factory=dict)  # user -> when the password changed, if known
    inventory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what else there was, by kind: listeners, …


@dataclass(frozen=True, slots=True)
class Baseline:
    """One sealed generation of one instance. `whole` is the accepted settings.js, byte for byte."""

    generation: int
    whole: bytes
    facts: Facts

    def sealed(self) -> Sealed:
        """Return what checks may see of it."""
        facts = self.facts
        return Sealed(
            self.generation, facts.sealed_at, facts.digest, facts.settings, facts.addresses, facts.port,
            uid=facts.uid, holder=facts.holder, credentials_at=facts.credentials_at, inventory=facts.inventory,
        )  # fmt: skip


def digest(data: bytes) -> str:
    """Return the SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def proved(present: bytes, good: bytes, proposal: Proposal) -> bool:
    """Tell whether `proposal.text` is `present` with only the named spans replaced by text sealed in `good`.

    The proposal comes from the reader, which has parsed hostile bytes: it is checked here without parsing anything.
    """
    end = 0
    pieces = []
    for edit in proposal.edits:
        if not end <= edit.span.start <= edit.span.end <= len(present) or not _is_sealed(edit.text, edit.sealed, good):
            return False
        pieces += [present[end : edit.span.start], edit.text]
        end = edit.span.end
    return b"".join([*pieces, present[end:]]) == proposal.text


def _is_sealed(text: bytes, sealed: Span | None, good: bytes) -> bool:
    if sealed is None:
        return not text.strip(_GLUE)
    wanted = sealed.of(good)
    if not wanted:
        return False
    before, found, after = text.partition(wanted)
    return bool(found) and not (before + after).strip(_GLUE)


def settings_of(reading: Reading) -> Mapping[str, Setting]:
    """Return the settings to remember with a baseline: views and digests, no source text."""
    return dict(reading.settings)
