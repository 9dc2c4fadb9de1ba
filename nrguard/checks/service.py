"""Did Node-RED come back after a restart?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, Severity
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class ServiceRule:
    severity: Severity = Severity.CRITICAL


@check("service", rule=ServiceRule)
def service(seen: Seen, rule: ServiceRule) -> Iterator[Finding]:
    """Node-RED did not come back after nrguard restarted it.

    The settings on disk are the accepted ones. Its own log says why it does not start; nrguard does not try again
    until something changes.
    """
    if isinstance(seen.process, Blind) or not seen.process.restart_failed:
        return
    yield Finding(
        "service", "Node-RED", rule.severity,
        saw=seen.process.restart_failed, want="a running Node-RED", remedy=Remedy.OWNER,
        hint="look at Node-RED's log, then start it",
    )  # fmt: skip
