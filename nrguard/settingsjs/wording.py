"""Settings in words, for findings: short, and without a secret."""

from __future__ import annotations

import json

from nrguard.model import Setting, SettingState, View

_LONGEST = 160


def told(name: str, setting: Setting) -> str:
    """Return what `setting` is, in a few words; characters of the file in them are escaped."""
    match setting.state:
        case SettingState.ABSENT:
            return f"no {name}"
        case SettingState.DEPENDS:
            return f"{name} depends on {', '.join(setting.on)}"[:_LONGEST]
        case SettingState.UNPROVEN:
            return f"{name} can't be known"
    if isinstance(setting.value, dict):
        return f"{name}: {_told_object(setting.value)}"[:_LONGEST]
    return f"{name}: {_short(setting.value)}"


def _told_object(value: dict[str, View]) -> str:
    if "usernames" in value:
        return _told_admin(value)
    if set(value) == {"user", "hash"}:
        return f"user {_short(value['user'])}, {value['hash']}"
    if set(value) == {"kind", "key", "cert"}:
        return f"{value['kind']}" + (f", cert {_short(value['cert'])}" if value["cert"] else "")
    return _short(value)


def _told_admin(value: dict[str, View]) -> str:
    names = value["usernames"]
    users = ", ".join(_short(name) for name in names[:5]) if isinstance(names, list) else ""
    text = f"{value['kind']}" + (f", users {users}" if users else "")
    return text + (f", default {_short(value['default'])}" if value["default"] is not None else "")


def _short(value: View) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:79] + "…"
