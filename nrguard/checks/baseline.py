"""Is there an accepted baseline to guard by?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.policy import Mode
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class Baseline:
    severity: Severity = Severity.WARNING


@check("baseline", rule=Baseline)
def baseline(seen: Seen, rule: Baseline) -> Iterator[Finding]:
    """Nothing is sealed for this instance: nrguard can watch it, but has nothing to put back.

    nrguard never adopts what it finds. `nrguard apply` writes secure settings and seals them; `nrguard accept` seals
    settings.js as it stands.
    """
    if seen.baseline is None and seen.instance.mode is Mode.GUARD:
        yield Finding(
            "baseline", seen.instance.name, rule.severity,
            saw="no accepted settings", want="an accepted settings.js to put back",
            remedy=Remedy.APPLY, hint="run `nrguard apply`, or `nrguard accept` if it is right as it stands",
        )  # fmt: skip
