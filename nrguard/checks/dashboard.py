"""Does a stranger reach what a dashboard shows and takes?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, SettingState, Severity
from nrguard.seen import Disk, Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class DashboardRule:
    severity: Severity = Severity.WARNING


@check("dashboard", rule=DashboardRule)
def dashboard(seen: Seen, rule: DashboardRule) -> Iterator[Finding]:
    """A dashboard can be read and used without a login, though its page may ask for one.

    The data of both dashboards goes over socket.io, which Node-RED does not ask for `httpNodeAuth`: who knows the path
    sees every value and can press every button. Where you accepted an httpNodeAuth, that is a warning, else a note.
    An `ioMiddleware` in the setting `ui` can ask for a login, or a proxy before Node-RED.
    """
    wire = seen.wire
    if wire is None or isinstance(wire, Blind) or _has_middleware(seen):
        return
    for path in wire.dashboards:
        yield Finding(
            "dashboard", path, rule.severity if _accepted_login(seen) else Severity.NOTE,
            saw=f"the dashboard {path} at {wire.address}:{wire.port} can be used without a login (socket.io)",
            want="a login before a dashboard is used", remedy=Remedy.OWNER,
            hint="give the setting `ui` an ioMiddleware, or let a proxy ask for a login",
            evidence=tuple(line for line in wire.evidence if "socket.io" in line),
        )  # fmt: skip


def _has_middleware(seen: Seen) -> bool:
    setting = seen.disk.reading.settings.get("ui") if isinstance(seen.disk, Disk) else None
    return setting is not None and isinstance(setting.value, dict) and bool(setting.value.get("ioMiddleware"))


def _accepted_login(seen: Seen) -> bool:
    setting = seen.baseline.settings.get("httpNodeAuth") if seen.baseline else None
    return setting is not None and setting.state is SettingState.KNOWN and bool(setting.value)
