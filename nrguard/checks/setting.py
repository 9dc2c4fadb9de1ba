"""Does settings.js still mean what the owner accepted?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import PROTECTABLE, Blind, Difference, Severity, Verdict
from nrguard.policy import Response
from nrguard.seen import Disk, Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class SettingRule:
    response: Response = Response.RESTORE
    adjacent: Severity = Severity.WARNING  # the least severity at which a change of an unprotected setting is told


@check("setting", rule=SettingRule)
def setting(seen: Seen, rule: SettingRule) -> Iterator[Finding]:
    """A protected setting in settings.js differs from the accepted one.

    Whatever is not proved equal is put back: the likeliest attack is the intruder's own, perfectly strong password.
    To change a setting for good, run `nrguard accept` after the edit, or edit while nrguard is paused.
    """
    if isinstance(seen.disk, Blind) or seen.disk.comparison is None:
        return
    for difference in seen.disk.comparison.differences:
        if difference.setting == "code" and seen.disk.apart:
            continue  # the check `file` tells
        mine = difference.setting in seen.instance.protect
        if mine or (difference.setting not in PROTECTABLE and difference.severity >= rule.adjacent):
            yield _finding(seen.disk, difference, rule, mine=mine)


def _finding(disk: Disk, difference: Difference, rule: SettingRule, *, mine: bool) -> Finding:
    whole_file = difference.verdict in (Verdict.WEAKENED, Verdict.UNPROVEN, Verdict.BROKEN)
    back = (mine or whole_file) and rule.response is Response.RESTORE
    return Finding(
        "setting", difference.setting, difference.severity,
        saw=difference.saw, want=difference.want, remedy=Remedy.RESTORE if back else Remedy.ACCEPT,
        hint="if you changed it yourself: `nrguard accept`",
        evidence=(f"{disk.path}:{difference.line}:{difference.column}",) if difference.line else (disk.path,),
    )  # fmt: skip
