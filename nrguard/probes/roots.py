"""Where a settings.js puts the admin API, the HTTP-in nodes and the static content, as Node-RED folds it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Setting, SettingState, View
from nrguard.probes.exchanges import folder


@dataclass(frozen=True, slots=True)
class Roots:
    """What a `Request` says about the roots. Where the settings don't tell, it is the value that claims least."""

    admin: str = "/"
    nodes: str = "/"  # "": there are none, or nobody knows where
    static: tuple[str, ...] = ("/",)
    dashboards: tuple[str, ...] = ("ui", "dashboard")  # under `nodes`


def roots(settings: Mapping[str, Setting]) -> Roots:
    """Return the roots that Node-RED makes of `settings` (red.js: httpRoot stands in for both of the others)."""
    if _value(settings, "httpRoot") is False:
        return Roots(nodes="", static=_static(settings))
    return Roots(
        _root(settings, "httpAdminRoot") or "/", _root(settings, "httpNodeRoot"), _static(settings),
        _dashboards(settings),
    )  # fmt: skip


def _dashboards(settings: Mapping[str, Setting]) -> tuple[str, ...]:
    """Return where the dashboards are: the older one where `ui` puts it, the newer one at its default."""
    told = _value(settings, "ui")
    path = told.get("path") if isinstance(told, dict) else None
    return (path, "dashboard") if isinstance(path, str) and path else ("ui", "dashboard")


def _root(settings: Mapping[str, Setting], name: str) -> str:
    for one in (name, "httpRoot"):
        if not _is_told(settings, one):
            return ""
        value = _value(settings, one)
        if value is False and one == name:
            return ""
        if isinstance(value, str) and value:
            return folder(value)
    return "/"


def _static(settings: Mapping[str, Setting]) -> tuple[str, ...]:
    if not (_is_told(settings, "httpStatic") and _is_told(settings, "httpStaticRoot")):
        return ("/",)
    value = _value(settings, "httpStatic")
    if not value:
        return ()
    base = _value(settings, "httpStaticRoot")
    above = folder(base) if isinstance(base, str) else "/"
    entries = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(above + folder(_root_of(entry))[1:] for entry in entries))


def _root_of(entry: View) -> str:
    root = entry.get("root") if isinstance(entry, dict) else None
    return root if isinstance(root, str) else "/"


def _is_told(settings: Mapping[str, Setting], name: str) -> bool:
    setting = settings.get(name)
    return setting is None or setting.state in (SettingState.KNOWN, SettingState.ABSENT)


def _value(settings: Mapping[str, Setting], name: str) -> View:
    setting = settings.get(name)
    return setting.value if setting is not None and setting.state is SettingState.KNOWN else None
