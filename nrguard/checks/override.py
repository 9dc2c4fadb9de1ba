"""Does something on Node-RED's command line have more say than settings.js?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from nrguard.checks import check
from nrguard.model import ADJACENT, PROTECTABLE, SettingState, Severity, View
from nrguard.seen import Disk, Finding, Seen
from nrguard.starting import Bearing, Deviation
from nrguard.starting.causes import deviations

_ROOTS = ("__proto__", "constructor")  # through which every setting is reached


@dataclass(frozen=True, slots=True)
class OverrideRule:
    severity: Severity = Severity.CRITICAL
    adjacent: Severity = Severity.WARNING  # of a setting that nrguard does not put back
    accept: tuple[str, ...] = ()  # what is meant to be there, as the finding shows it: "-D httpStatic=/srv/www"


@check("override", rule=OverrideRule)
def override(seen: Seen, rule: OverrideRule) -> Iterator[Finding]:
    """A setting gets another value from Node-RED's command line than settings.js gives it.

    `-D adminAuth=null` opens the editor to everybody while settings.js stays as it is. On a Raspberry Pi it may stand
    in the environment file beside settings.js, which the Node-RED user can write. The finding names the line; nrguard
    edits neither units nor environment files, and a restart would only bring the override back. Put what you mean to
    have there under `accept`.
    """
    for told in deviations(seen):
        one = told.deviation
        if one.bearing is not Bearing.SETTING or one.saw in rule.accept or _harmless(seen, one):
            continue
        severity = _severity(seen, one, rule)
        if severity is not None:
            yield Finding(
                "override", one.subject, severity,
                saw=told.saw, want=f"{one.subject} as settings.js has it", remedy=told.remedy, hint=told.hint,
                evidence=(str(one.origin),),
            )  # fmt: skip


def _severity(seen: Seen, one: Deviation, rule: OverrideRule) -> Severity | None:
    if one.subject == "uiPort":
        return min(rule.severity, Severity.WARNING)
    if one.subject in seen.instance.protect or one.subject in _ROOTS:
        return rule.severity
    return rule.adjacent if one.subject in PROTECTABLE + ADJACENT else None


def _harmless(seen: Seen, one: Deviation) -> bool:
    """Tell whether the override says what the file says, or less: nrguard itself contains with uiHost=127.0.0.1."""
    match one.subject:
        case "requireHttps":
            return one.value is True
        case "uiHost":
            return _is_loopback(one.value) or (one.value is not None and one.value == _on_disk(seen, "uiHost"))
        case "uiPort":
            accepted = seen.baseline.port if seen.baseline else 0
            return one.value is not None and one.value in (_on_disk(seen, "uiPort"), accepted)
    return False


def _on_disk(seen: Seen, name: str) -> View:
    setting = seen.disk.reading.settings.get(name) if isinstance(seen.disk, Disk) else None
    return setting.value if setting is not None and setting.state is SettingState.KNOWN else None


def _is_loopback(value: View) -> bool:
    try:
        return isinstance(value, str) and (value == "localhost" or ip_address(value).is_loopback)
    except ValueError:
        return False
