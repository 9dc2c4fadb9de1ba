"""Can a debugger reach into Node-RED?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from nrguard.checks import check
from nrguard.model import Severity, View
from nrguard.seen import Finding, Remedy, Seen
from nrguard.starting import Bearing
from nrguard.starting.causes import deviations


@dataclass(frozen=True, slots=True)
class InspectorRule:
    severity: Severity = Severity.CRITICAL  # open to the network
    local: Severity = Severity.WARNING  # on this computer only


@check("inspector", rule=InspectorRule)
def inspector(seen: Seen, rule: InspectorRule) -> Iterator[Finding]:
    """The inspector of Node is open: whoever reaches it runs code inside Node-RED, without any login.

    `--inspect` opens it, and so does the signal SIGUSR1 while Node-RED runs. It listens on 127.0.0.1:9229, if not told
    otherwise. A restart without the option closes it.
    """
    for told in deviations(seen):
        one = told.deviation
        if one.bearing is Bearing.INSPECTOR:
            yield Finding(
                "inspector", one.subject, rule.local if _is_local(one.value) else rule.severity,
                saw=f"the inspector is open: {told.saw}", want="no inspector", remedy=Remedy.OWNER,
                hint=told.hint if one.origin.line else "restart Node-RED to close it", evidence=(str(one.origin),),
            )  # fmt: skip


def _is_local(value: View) -> bool:
    """Tell whether `--inspect=[HOST:]PORT` stays on this computer."""
    host = str(value).rpartition(":")[0].strip("[]")
    try:
        return not host or host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
