"""Findings from what was seen: every check is asked, and a check that fails is itself a finding. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nrguard.checks import Check, all_checks
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen


def judge(seen: Seen, rules: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return what is wrong, worst first, each (check, subject) once."""
    found: dict[tuple[str, str], Finding] = {}
    for check in all_checks().values():
        for finding in _ask(check, seen, rules.get(check.id) or check.rule()):
            known = found.get((finding.check, finding.subject))
            if known is None or finding.severity > known.severity:
                found[finding.check, finding.subject] = finding
    return tuple(sorted(found.values(), key=lambda finding: (-finding.severity, finding.check, finding.subject)))


def worst(findings: tuple[Finding, ...]) -> Severity:
    """Return the worst severity; a note where there is nothing."""
    return max((finding.severity for finding in findings), default=Severity.NOTE)


def _ask(check: Check, seen: Seen, rule: Any) -> list[Finding]:
    try:
        return list(check.ask(seen, rule))
    except Exception as error:  # noqa: BLE001 - our mistake in one check must not silence the others
        return [
            Finding(
                "blind", f"check {check.id}", Severity.WARNING,
                saw=f"the check failed: {type(error).__name__}: {error}", want="an answer", remedy=Remedy.OWNER,
                hint="this is a mistake in nrguard: please report it",
            )
        ]  # fmt: skip
