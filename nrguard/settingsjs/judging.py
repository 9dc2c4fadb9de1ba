"""Is a protected setting weaker than the accepted one? Whatever is not proved no weaker counts as weaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nrguard.model import Setting, SettingState, Severity, Verdict
from nrguard.settingsjs.judging_admin import admin
from nrguard.settingsjs.verdicts import Finding, Grade, changed, password, unknown, weaker

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - names of what is judged
_STRICTER = frozenset(("TLSv1.2", "TLSv1.3"))


def judge(name: str, now: Setting, before: Setting) -> list[Finding]:
    """Return what the change of a protected setting from `before` to `now` is; empty: a change that is not weaker."""
    grades, accepted = _grades(now), _grades(before)
    if now.state is SettingState.UNPROVEN or not grades:
        return [Finding(Verdict.UNPROVEN, Severity.CRITICAL, "it can't be known")]
    found: list[Finding] = []
    for grade in grades:
        for good in accepted or [{"kind": "unknown"}]:
            found += _JUDGES[name](good, grade)
    return found


def _grades(setting: Setting) -> list[Grade]:
    detail = setting.detail
    if setting.state is SettingState.UNPROVEN or not isinstance(detail, list):
        return [_ABSENT[setting.name]] if setting.state is SettingState.ABSENT and setting.name in _ABSENT else []
    return [entry for entry in detail if isinstance(entry, dict)]


_ABSENT: dict[str, Grade] = {
    "adminAuth": {"kind": "open"}, "httpNodeAuth": {"kind": "open"}, "httpStaticAuth": {"kind": "open"},
    "https": {"kind": "open"}, "requireHttps": {"kind": "off"}, "uiPort": {"kind": "port", "port": 1880},
    "uiHost": {"kind": "host", "host": "0.0.0.0"},  # noqa: S104
}  # fmt: skip


def _admin(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "open":
        if good["kind"] != "open":
            yield weaker("everybody is administrator")
    elif good["kind"] == "open":
        if now["kind"] == "login" and now["default"] is not None:
            yield changed("there was no login before")
    elif now["kind"] == "unknown" or good["kind"] == "unknown":
        yield unknown()
    elif now["kind"] == "locked":
        yield changed("nobody can log in")
    elif good["kind"] == "locked":
        yield weaker("nobody could log in before")
    else:
        yield from admin(good, now)


def _basic(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "open":
        if good["kind"] != "open":
            yield weaker("no login is asked for")
    elif good["kind"] == "open":
        if now["kind"] in ("code", "unknown"):
            yield unknown()
    elif now == good:
        return
    elif now["kind"] in ("code", "unknown") or good["kind"] in ("code", "unknown"):
        yield unknown()
    elif now["kind"] == "odd":
        yield changed("Node-RED does not start with this")
    elif good["kind"] == "odd":
        yield weaker("Node-RED did not start before")
    else:
        yield from password(good, now, "the login")
        if now["user"] != good["user"]:
            yield changed("another user")


def _https(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "open":
        if good["kind"] != "open":
            yield weaker("no TLS")
    elif good["kind"] == "open":
        if now["kind"] in ("function", "unknown"):
            yield unknown()
    elif now == good:
        return
    elif now["kind"] == "odd":
        yield changed("Node-RED does not start with this")
    elif {now["kind"], good["kind"]} != {"object"}:
        yield unknown()
    else:
        yield from _tls_options(good, now)


def _tls_options(good: Grade, now: Grade) -> Iterator[Finding]:
    options, accepted = now["options"], good["options"]
    for name in sorted({*options, *accepted}):
        if options.get(name) == accepted.get(name):
            continue
        if name in ("key", "cert", "passphrase"):
            yield changed(f"another {name}")
        elif name == "minVersion" and name not in accepted and now["versions"] in _STRICTER:
            yield changed("a stricter version of TLS")
        else:
            yield weaker(f"the TLS option {name[:40]} is not the accepted one")


def _require(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "unknown":
        yield unknown() if good["kind"] == "on" else changed("", Severity.WARNING)
    elif good["kind"] != "off" and now["kind"] == "off":
        yield weaker("plain HTTP is not refused")
    else:
        yield changed("", Severity.WARNING)


def _port(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "unknown":
        yield unknown()
    elif now.get("port") == 1880 and good.get("port") != 1880:
        yield weaker("the port that every scanner tries")
    elif now != good:
        yield changed("another port", Severity.WARNING)


def _host(good: Grade, now: Grade) -> Iterator[Finding]:
    if now["kind"] == "unknown" or good["kind"] == "unknown":
        yield unknown()
        return
    host, accepted = now["host"], good["host"]
    if host == accepted:
        return
    narrower = host in LOOPBACK or (accepted in _EVERYWHERE and host not in _EVERYWHERE) or accepted == "::"
    if narrower:
        yield changed("another address", Severity.WARNING)
    else:
        yield weaker("Node-RED may be reached from elsewhere")


_JUDGES: dict[str, Callable[[Grade, Grade], Iterator[Finding]]] = {
    "adminAuth": _admin, "httpNodeAuth": _basic, "httpStaticAuth": _basic, "https": _https, "requireHttps": _require,
    "uiPort": _port, "uiHost": _host,
}  # fmt: skip
