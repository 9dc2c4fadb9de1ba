"""The probe that tries one wrong password, where the owner switched it on: a patched Node-RED lets any in. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from nrguard.model import Admin, Blind, SettingState, Verdict, View, Wire
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.probes.exchanges import Request, plain
from nrguard.probes.roots import roots
from nrguard.seen import Disk, Process, Seen
from nrguard.starting.causes import deviations, other_file, running

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the child is sent for: one login as `user`, with a password that nobody has, at `path`."""

    address: str
    port: int
    path: str
    user: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The attempt part. `status`: of the answer, 0 for none; `token`: somebody was let in."""

    user: str
    status: int
    token: bool
    error: str = ""


def _about(seen: Seen) -> str:
    listeners = seen.process.listeners if isinstance(seen.process, Process) else ()
    return f"{listeners[0].inode} {listeners[0].pid}" if listeners else ""


def _command(seen: Seen) -> tuple[str, ...] | None:
    """Go only where the settings that run are those on disk: Node-RED 4 and 5 end at a user without a password."""
    if not seen.instance.probe_login or not isinstance(seen.wire, Wire) or seen.wire.admin is not Admin.LOGIN:
        return None
    disk, process = seen.disk, seen.process
    if not isinstance(disk, Disk) or not isinstance(process, Process):
        return None
    if process.restart_owed or not process.listeners:
        return None
    if disk.comparison is None or disk.comparison.verdict is not Verdict.EQUAL or not _may_run(seen, disk):
        return None
    user = _user(disk)
    if not user:
        return None
    at = plain(Request(seen.wire.address, seen.wire.port, admin_root=roots(disk.reading.settings).admin))
    return command("attempt", Attempt(at.address, at.port, f"{at.admin_root}auth/token", user))


def _may_run(seen: Seen, disk: Disk) -> bool:
    """Tell whether the running Node-RED may have read the file as it stands, and nothing is seen that overrides it."""
    started = running(seen)
    if other_file(seen) is not None or any(True for _ in deviations(seen)):
        return False
    if started is None or not started.started_at or disk.identity is None:
        return True
    return started.started_at >= disk.identity.ctime_ns / 1e9


def _user(disk: Disk) -> str:
    """Return the name of a user who has a bcrypt hash; "" where the settings do not say so for sure."""
    setting = disk.reading.settings.get("adminAuth")
    if setting is None or setting.state is not SettingState.KNOWN or not isinstance(setting.detail, list):
        return ""
    detail: View = setting.detail[0] if len(setting.detail) == 1 else None
    users = detail.get("users") if isinstance(detail, dict) and not detail.get("users_code") else None
    if not isinstance(users, dict):
        return ""
    entries = [user for user in users.values() if isinstance(user, dict)]
    if len(entries) != len(users) or any(user.get("hash") != "bcrypt" for user in entries):
        return ""
    return next((name.removeprefix("=") for name in users if name.startswith("=")), "")


def _parse(output: bytes) -> Tried | Blind:
    return answer(Tried, output, "the login")


PROBE = Probe("attempt", lambda _: DAY, _about, _command, _parse, limit=15.0, rare=True)
