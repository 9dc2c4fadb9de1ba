"""What judging a setting finds, and how two stored passwords compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nrguard.model import Severity, Verdict

Grade = dict[str, Any]  # what grades.py makes, perhaps read back from a sealed baseline


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a changed setting."""

    verdict: Verdict
    severity: Severity
    what: str = ""


def weaker(what: str) -> Finding:
    return Finding(Verdict.WEAKENED, Severity.CRITICAL, what)


def changed(what: str, severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding(Verdict.CHANGED, severity, what)


def unknown() -> Finding:
    return Finding(Verdict.UNPROVEN, Severity.CRITICAL, "whether it is weaker can't be known")


def password(good: Grade, now: Grade, who: str) -> Iterator[Finding]:
    """Judge a stored password against another."""
    if now["digest"] == good["digest"]:
        return
    if now["hash"] != "bcrypt" and good["hash"] == "bcrypt":
        yield weaker(f"the password of {who} is {now['hash']}")
    elif now["hash"] == "unknown" or good["hash"] == "unknown":
        yield unknown()
    elif now["sample"]:
        yield weaker(f"the password of {who} is a published sample")
    elif now["hash"] == "bcrypt" and good["hash"] == "bcrypt" and now["cost"] < good["cost"]:
        yield weaker(f"the hash of {who} has cost {now['cost']} instead of {good['cost']}")
    else:
        yield changed(f"another password for {who}")
