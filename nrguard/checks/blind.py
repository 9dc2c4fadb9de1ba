"""Could every probe see?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

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
    for probe, part in _parts(seen):
        if isinstance(part, Blind):
            yield Finding(
                "blind", probe, Severity.NOTE if part.note else rule.severity,
                saw=part.reason, want=f"a look at the {probe}", remedy=Remedy.OWNER,
                hint="run `sudo nrguard check` to look with all rights",
            )  # fmt: skip


def _parts(seen: Seen) -> Iterator[tuple[str, object]]:
    """Yield every part with its name, and each piece of a part of a child's look, which may be Blind by itself."""
    yield from (("disk", seen.disk), ("process", seen.process), ("wire", seen.wire))
    for name, part in seen.parts.items():
        yield name, part
        if is_dataclass(part) and not isinstance(part, Blind):
            yield from ((f"{name}: {field.name}", getattr(part, field.name)) for field in fields(part))
