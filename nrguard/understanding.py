"""What the reader is asked about a settings.js, and what it answers: values, so that hostile bytes stay with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Comparison, Proposal, Reading, Refusal


@dataclass(frozen=True, slots=True)
class Question:
    """Read `present` (None: missing), against the accepted `good` where there is one.

    `environment` is that of the next start; None where it is unknown. `propose`: also work out the keyed restore.
    `change`: work out instead how to set (JavaScript source) or remove (None) these settings, for the owner.
    """

    present: bytes | None
    good: bytes | None
    protected: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    propose: bool = False
    change: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """The answer to a Question. `comparison` and `good` are None without an accepted text.

    `proposal` is the keyed restore or the change that was asked for; `changed` reads its text. `apart`: all unproven
    code stands inside settings that decide no protection.
    """

    reading: Reading
    comparison: Comparison | None = None
    good: Reading | None = None
    proposal: Proposal | Refusal | None = None
    changed: Reading | None = None
    apart: bool = False
