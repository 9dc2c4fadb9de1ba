"""Could the next start be worked out, and is it the one that systemd would make?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen
from nrguard.starting.causes import next_start, running


@dataclass(frozen=True, slots=True)
class UnitRule:
    stale: Severity = Severity.NOTE


@check("unit", rule=UnitRule)
def unit(seen: Seen, rule: UnitRule) -> Iterator[Finding]:
    """What nrguard could not follow of the way in which Node-RED is started.

    A program of your own in ExecStart=, a file that this user may not read: what it does to the settings is not known.
    As root (`sudo nrguard check`) more can be seen.
    """
    start = next_start(seen)
    if start is not None and start.stale:
        yield Finding(
            "unit", "reload", rule.stale,
            saw="systemd has not loaded the unit's newest files", want="the unit as it is on disk",
            remedy=Remedy.OWNER, hint="run `systemctl daemon-reload`",
        )  # fmt: skip
    for name, part in (("the next start", start), ("the running Node-RED", running(seen))):
        for what in part.unseen if part is not None else ():
            yield Finding(
                "unit", f"{name}: {what}", Severity.NOTE,
                saw=f"not seen: {what}", want=f"all that decides on {name}", remedy=Remedy.NONE,
            )  # fmt: skip
