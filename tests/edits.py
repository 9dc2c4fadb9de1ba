"""What tests ask of a proposal."""

from __future__ import annotations

from nrguard.model import Proposal


def untouched(present: bytes, proposal: Proposal) -> bytes:
    """Return the bytes of `present` that stand in the proposal's text, in their order."""
    kept, at = b"", 0
    for edit in proposal.edits:
        kept += present[at : edit.span.start]
        at = edit.span.end
    return kept + present[at:]
