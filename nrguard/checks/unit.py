"""Could the next start be worked out, and is it the one that systemd would make?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Remedy, Seen
from nrguard.starting import COMMAND_LINE_GONE
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
    for what in start.unseen if start is not None else ():
        yield _not_seen("the next start", what)
    now = running(seen)
    for what in now.unseen if now is not None else ():
        if what != COMMAND_LINE_GONE or start is None or start.unseen:
            yield _not_seen("the running Node-RED", what)


def _not_seen(of: str, what: str) -> Finding:
    return Finding(
        "unit", f"{of}: {what}", Severity.NOTE,
        saw=f"not seen of {of}: {what}", want=f"all that decides on {of}", remedy=Remedy.NONE,
    )  # fmt: skip
