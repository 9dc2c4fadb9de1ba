"""What does Node-RED load that it did not load before?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.probes.surroundings import inventory
from nrguard.seen import Finding, Remedy, Seen

_WORDS = {"nodes": "local node", "packages": "package"}


@dataclass(frozen=True, slots=True)
class AdditionsRule:
    severity: Severity = Severity.NOTE


@check("additions", rule=AdditionsRule)
def additions(seen: Seen, rule: AdditionsRule) -> Iterator[Finding]:
    """Node-RED loads nodes or packages that were not there when you accepted the settings.

    A node is a program: it may answer on the web without any login. Installing one is everyday work, so this is only
    noted; `nrguard accept` remembers what there is now.
    """
    for kind, present in inventory(seen.parts.get("surroundings")).items():
        known = seen.baseline.inventory.get(kind) if seen.baseline else None
        new = [name for name in present if known is not None and name not in known]
        if new:
            names = ", ".join(new[:3]) + (f" and {len(new) - 3} more" if len(new) > 3 else "")
            yield Finding(
                "additions", kind, rule.severity,
                saw=f"{len(new)} new {_WORDS[kind]}{'s' if len(new) > 1 else ''}: {names}",
                want="what there was when you accepted", remedy=Remedy.ACCEPT,
                hint="if you installed that: `nrguard accept`",
            )  # fmt: skip
