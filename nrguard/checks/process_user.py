"""Which user does Node-RED run as?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Process, Remedy, Seen
from nrguard.starting.causes import next_start


@dataclass(frozen=True, slots=True)
class ProcessUserRule:
    severity: Severity = Severity.WARNING


@check("process_user", rule=ProcessUserRule)
def process_user(seen: Seen, rule: ProcessUserRule) -> Iterator[Finding]:
    """Node-RED runs as root: whoever may edit a flow owns the computer.

    A flow can run any command, as the user that Node-RED runs as. Put `User=` into its unit, and give the folder of
    settings.js to that user.
    """
    start = next_start(seen)
    runs = isinstance(seen.process, Process) and any(one.uid == 0 for one in seen.process.listeners)
    will = start is not None and start.uid == 0
    if runs or will:
        where = start.user_origin if start is not None and will else None
        yield Finding(
            "process_user", "root", rule.severity,
            saw="Node-RED runs as root" if runs else f"the next start runs as root ({where})",
            want="a user of its own", remedy=Remedy.OWNER,
            hint="set User= in a drop-in of its unit" if start is not None else "start it as a user of its own",
            evidence=(str(where),) if where else (),
        )  # fmt: skip
