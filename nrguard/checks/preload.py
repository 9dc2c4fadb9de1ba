"""Is code loaded into Node-RED before its settings are?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Severity
from nrguard.seen import Finding, Seen
from nrguard.starting import Bearing
from nrguard.starting.causes import deviations

_SEARCHED = ("NODE_PATH", "OPENSSL_CONF")  # where something is looked for that is not found elsewhere


@dataclass(frozen=True, slots=True)
class PreloadRule:
    severity: Severity = Severity.CRITICAL
    accept: tuple[str, ...] = ()  # what is meant to be there, as the finding shows it: "--require /opt/trace.js"


@check("preload", rule=PreloadRule)
def preload(seen: Seen, rule: PreloadRule) -> Iterator[Finding]:
    """Node is told to load code of its own choice into Node-RED: it can undo every setting.

    `NODE_OPTIONS=--require hook.js` runs before settings.js is read. Options that only tune Node, such as
    `--max_old_space_size`, are no finding. Code in places that only root can write is a warning. Put what you mean to
    have there under `accept`.
    """
    for told in deviations(seen):
        one = told.deviation
        if one.bearing is not Bearing.CODE or one.saw in rule.accept:
            continue
        less = one.trusted or one.subject in _SEARCHED
        yield Finding(
            "preload", one.subject, min(rule.severity, Severity.WARNING) if less else rule.severity,
            saw=told.saw, want="no code before settings.js", remedy=told.remedy, hint=told.hint,
            evidence=(str(one.origin),),
        )  # fmt: skip
