"""Does Node-RED read the settings.js that is guarded?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.escape import visible
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen
from nrguard.starting.causes import next_start, other_file, removal


@dataclass(frozen=True, slots=True)
class SettingsFileRule:
    severity: Severity = Severity.CRITICAL


@check("settings_file", rule=SettingsFileRule)
def settings_file(seen: Seen, rule: SettingsFileRule) -> Iterator[Finding]:
    """Node-RED reads another settings.js than the guarded one, so guarding it protects nothing.

    `-s`, `-u`, NODE_RED_HOME, HOMEPATH, or simply another user with another home choose the file. The finding names
    what did. If the other file is the right one, name that in the policy.
    """
    start = other_file(seen)
    if start is None:
        return
    who = "the next start reads" if start is next_start(seen) else "Node-RED reads"
    origin = start.settings_origin
    yield Finding(
        "settings_file", "settings.js", rule.severity,
        saw=f"{who} {visible(start.settings)} ({origin})", want=f"{seen.instance.settings}", remedy=Remedy.OWNER,
        hint=removal(origin) if origin else "see how it is started", evidence=(str(origin),) if origin else (),
    )  # fmt: skip
