"""What the reader is asked about a settings.js, and what it answers: values only, so that hostile bytes stay with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Comparison, Proposal, Reading, Refusal


@dataclass(frozen=True, slots=True)
class Question:
    """Read `present` (None: missing), against the accepted `good` where there is one.

    `environment` is that of the next start; None where it is unknown. `propose`: also work out the keyed restore.
    """

    present: bytes | None
    good: bytes | None
    protected: tuple[str, ...]
    environment: Mapping[str, str] | None = None
    propose: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """The answer to a Question. `comparison` and `good` are None without an accepted text."""

    reading: Reading
    comparison: Comparison | None = None
    good: Reading | None = None
    restore: Proposal | Refusal | None = None
