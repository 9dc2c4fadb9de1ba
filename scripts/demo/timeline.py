"""What was seen in a scene, in order, with the milliseconds between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a scene waits for. `at` is in seconds since the epoch; None: it was not seen."""

    name: str
    at: float | None
    note: str = ""


def drawn(steps: Sequence[Step]) -> str:
    """Return the steps as a table of at most 80 columns, earliest first; what was not seen comes last."""
    seen = sorted((step.at, step.name, step.note) for step in steps if step.at is not None)
    start = before = seen[0][0] if seen else 0.0
    lines = ["       ms   between"]
    for at, name, note in seen:
        lines.append(f"{_ms(at - start):>9} {_ms(at - before):>9}  {name:<16} {note}"[:80].rstrip())
        before = at
    lines += [f"{'-':>9} {'-':>9}  {step.name:<16} not seen" for step in steps if step.at is None]
    return "\n".join(lines)


def complete(steps: Sequence[Step]) -> bool:
    """Tell whether every step was seen."""
    return all(step.at is not None for step in steps)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
