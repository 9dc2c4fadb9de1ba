"""Does settings.js ask for a login before anybody may edit flows?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, FileState, SettingState, Severity, View
from nrguard.seen import Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class LoginRule:
    severity: Severity = Severity.CRITICAL


@check("login", rule=LoginRule)
def login(seen: Seen, rule: LoginRule) -> Iterator[Finding]:
    """settings.js lets everybody edit flows, and flows can run any command on this computer.

    Without `adminAuth`, or with a `default` user who may do everything, whoever reaches the port owns the computer.
    `nrguard apply` adds a login.
    """
    if isinstance(seen.disk, Blind) or seen.disk.reading.state in (FileState.BROKEN, FileState.MISSING):
        return
    setting = seen.disk.reading.settings.get("adminAuth")
    legacy = seen.disk.reading.settings.get("httpAdminAuth")
    if setting is None or setting.state is SettingState.UNPROVEN:
        return  # the check `file` tells
    if seen.disk.comparison and any(one.setting == "adminAuth" for one in seen.disk.comparison.differences):
        return  # the check `setting` tells
    basic = legacy is not None and legacy.state is SettingState.KNOWN and bool(legacy.value)
    saw = _weak(setting.value) if setting.state is SettingState.KNOWN else ""
    if setting.state is SettingState.ABSENT and not basic:
        saw = "no adminAuth"
    elif setting.state is SettingState.DEPENDS and any(_weak(view) for view in setting.possible):
        saw = f"adminAuth only with the right environment ({', '.join(setting.on)})"
    if saw:
        yield Finding(
            "login", "adminAuth", rule.severity,
            saw=saw, want="a login before anybody may edit flows", remedy=Remedy.APPLY,
            hint="run `nrguard apply`", evidence=(f"{seen.disk.path}:{setting.line}",) if setting.line else (),
        )  # fmt: skip


def _weak(view: View) -> str:
    """Return what is wrong with an adminAuth as a reader shows it; "" when it asks for a login."""
    if not isinstance(view, dict) or view.get("kind") == "none":
        return "adminAuth is off"
    default = view.get("default")
    if default and default != "read":
        return f"an anonymous user with permissions {default}"
    return ""
