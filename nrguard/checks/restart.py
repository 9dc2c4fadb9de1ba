"""Does the running process run the settings that are on disk?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, Severity
from nrguard.policy import Mode, ServiceKind
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class RestartRule:
    severity: Severity = Severity.CRITICAL


@check("restart", rule=RestartRule)
def restart(seen: Seen, rule: RestartRule) -> Iterator[Finding]:
    """Node-RED may still run settings that are gone from the disk.

    It reads settings.js only when it starts. After nrguard put a setting back, a process that may have read the weak
    file is restarted; where nrguard has no way to restart it, this finding stays until you do.
    """
    if isinstance(seen.process, Blind) or not seen.process.restart_owed:
        return
    may = seen.instance.service.kind is not ServiceKind.NONE and seen.instance.mode is Mode.GUARD
    yield Finding(
        "restart", "Node-RED", rule.severity,
        saw=seen.process.restart_owed, want="a Node-RED that runs the settings on disk",
        remedy=Remedy.RESTART if may else Remedy.OWNER, hint="restart Node-RED",
    )  # fmt: skip
