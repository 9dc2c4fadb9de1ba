"""Could every probe see?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, Severity
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class Blindness:
    severity: Severity = Severity.WARNING


@check("blind", rule=Blindness)
def blind(seen: Seen, rule: Blindness) -> Iterator[Finding]:
    """A probe that could not look is never taken for "fine".

    The finding names the probe and the reason. What nrguard's identity can never see is only a note.
    """
    for probe, part in (("disk", seen.disk), ("process", seen.process), ("wire", seen.wire)):
        if isinstance(part, Blind):
            yield Finding(
                "blind", probe, Severity.NOTE if part.note else rule.severity,
                saw=part.reason, want=f"a look at the {probe}", remedy=Remedy.OWNER,
                hint="run `sudo nrguard check` to look with all rights",
            )  # fmt: skip
