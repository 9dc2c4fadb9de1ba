"""What an adminAuth gives to logins, as far as settings.js alone tells. Pure; the grade is settingsjs/grades.py's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Setting, SettingState, View

_WEEK = 604800.0  # seconds: Node-RED's own sessionExpiryTime, and what it takes 0 for


@dataclass(frozen=True, slots=True)
class User:
    """`permissions` holds "?" where they can't be known; `password` is a digest of the stored hash."""

    permissions: tuple[str, ...]
    password: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """`users` is None where it takes more than the file to know them; `seconds`, that a login lasts, likewise."""

    users: Mapping[str, User] | None = None
    seconds: float | None = None


def logins_of(setting: Setting | None) -> Allowed:
    """Return what adminAuth gives, where it has one known value; nothing known otherwise."""
    if setting is None or setting.state is not SettingState.KNOWN or not isinstance(setting.detail, list):
        return Allowed()
    grade = setting.detail[0] if setting.detail else None
    if not isinstance(grade, dict) or grade.get("kind") != "login":
        return Allowed()
    expiry = grade.get("expiry")
    seconds = (float(expiry) or _WEEK) if isinstance(expiry, int | float) else None
    return Allowed(_users(grade), seconds)


def _users(grade: Mapping[str, View]) -> Mapping[str, User] | None:
    listed = grade.get("users")
    if grade.get("type") != "credentials" or grade.get("users_code") or not isinstance(listed, dict):
        return None  # a strategy or a function decides who there is
    if not all(name.startswith("=") for name in listed):
        return None
    return {name[1:]: _user(user) for name, user in listed.items() if isinstance(user, dict)}


def _user(user: Mapping[str, View]) -> User:
    given = user.get("permissions")
    return User(tuple(map(str, given)) if isinstance(given, list) else ("?",), str(user.get("digest", "")))
