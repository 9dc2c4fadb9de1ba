"""Is the policy on disk the one in force?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class PolicyRule:
    severity: Severity = Severity.CRITICAL


@check("policy", rule=PolicyRule)
def policy(seen: Seen, rule: PolicyRule) -> Iterator[Finding]:
    """The policy file does not read; nrguard goes on with the last one that did.

    A typing mistake never leaves the house unguarded. `nrguard check` names each mistake with its line.
    """
    if seen.policy_error:
        yield Finding(
            "policy", "nrguard.yaml", rule.severity,
            saw=seen.policy_error, want="a policy file without mistakes", remedy=Remedy.OWNER,
            hint="mend the line; until then the last valid policy is in force",
        )  # fmt: skip
