"""What a protected setting is worth, as plain data: what comparing needs, with digests in the place of secrets."""

from __future__ import annotations

import hashlib
import math

from nrguard.model import View
from nrguard.settingsjs.credentials import stored
from nrguard.settingsjs.meaning.convert import number, truth
from nrguard.settingsjs.meaning.digest import digest
from nrguard.settingsjs.meaning.values import UNDEFINED, Func, Obj, Sym, Value
from nrguard.settingsjs.syntax.tree import Program
from nrguard.settingsjs.views import member, plain, user_entries

_ADMIN = frozenset(("type", "users", "default", "tokens", "sessionExpiryTime"))
DEFAULT_PORT = 1880


def grade(program: Program, name: str, value: Value) -> dict[str, View]:
    """Return the grade of one possible value of the protected setting `name`. `kind` is always in it."""
    if isinstance(value, Sym) and name not in ("uiPort", "uiHost", "requireHttps"):
        return {"kind": "unknown"}
    match name:
        case "adminAuth":
            return _admin(program, value)
        case "httpNodeAuth" | "httpStaticAuth":
            return _basic(program, value)
        case "https":
            return _https(program, value)
        case "requireHttps":
            return {"kind": "unknown" if isinstance(value, Sym) else "on" if value is True else "off"}
        case "uiPort":
            return _port(value)
        case _:
            return _host(value)


def _admin(program: Program, value: Value) -> dict[str, View]:
    if isinstance(value, Func) or not isinstance(value, Obj):
        return {"kind": "locked" if truth(value) else "open"}
    if value.over is not None or isinstance(value.proto, Obj):
        return {"kind": "unknown"}
    kind = member(value, "type")
    users: dict[str, View] = {}
    entries = user_entries(value)
    for index, entry in enumerate(entries):
        name, graded = _user(program, entry, index)
        users[name] = graded
    rest = {key: digest(program, slot) for key, slot in value.props.items() if key not in _ADMIN}
    listed = member(value, "users")
    return {
        "kind": "login", "type": kind if isinstance(kind, str) else digest(program, kind), "users": users,
        "users_code": "" if isinstance(listed, Obj) or listed is UNDEFINED else digest(program, listed),
        "default": _permissions_of(member(value, "default")),
        "tokens": _digest_if_set(program, member(value, "tokens")),
        "expiry": _expiry(member(value, "sessionExpiryTime")), "rest": dict(sorted(rest.items())),
    }  # fmt: skip


def _user(program: Program, entry: Value, index: int) -> tuple[str, View]:
    if not isinstance(entry, Obj):
        return f"#{index}", {"kind": "unknown", "digest": digest(program, entry)}
    name, password = member(entry, "username"), member(entry, "password")
    label = f"={name}" if isinstance(name, str) else f"#{index}"
    graded = _password(program, password)
    graded["permissions"] = permissions(member(entry, "permissions"))
    graded["token"] = _digest_if_set(program, member(entry, "token"))
    return label, graded


def _password(program: Program, password: Value) -> dict[str, View]:
    if not isinstance(password, str):
        kind = "unknown" if isinstance(password, Sym) else "none" if password in (None, UNDEFINED) else "malformed"
        return {"hash": kind, "cost": 0, "digest": digest(program, password), "sample": False}
    found = stored(password)
    return {"hash": found.kind, "cost": found.cost, "digest": _short(password), "sample": found.sample}


def permissions(value: Value) -> list[View]:
    """Return permissions as a sorted list; ["?"] where they can't be known."""
    if isinstance(value, Obj) and value.items is not None and value.over is None:
        if any(isinstance(item, (Sym, Func)) for item in value.items):
            return ["?"]
        texts: list[View] = []
        texts += sorted({item for item in value.items if isinstance(item, str)})
        return texts
    if isinstance(value, str):
        return [value]
    return ["?"] if isinstance(value, (Sym, Func)) else []


def _permissions_of(value: Value) -> View:
    """Return the permissions of everybody without a login, None where there are none."""
    if isinstance(value, Obj):
        return permissions(member(value, "permissions")) or None
    if isinstance(value, (Sym, Func)):
        return ["?"]
    return None  # true, a text and the like give nobody anything (node-red-facts.md, section 3)


def _expiry(value: Value) -> View:
    if value is UNDEFINED or (isinstance(value, float) and not math.isfinite(value)):
        return 604800
    return value if isinstance(value, float) else "unknown"


def _digest_if_set(program: Program, value: Value) -> View:
    return digest(program, value) if truth(value) is not False else None


def _basic(program: Program, value: Value) -> dict[str, View]:
    if isinstance(value, Func) or (isinstance(value, Obj) and value.items is not None):
        return {"kind": "code", "digest": digest(program, value)}
    if not isinstance(value, Obj):
        return {"kind": "odd" if truth(value) else "open"}
    if value.over is not None or isinstance(value.proto, Obj):
        return {"kind": "unknown"}
    user = member(value, "user")
    return {
        "kind": "basic", "user": user if isinstance(user, str) else f"({plain(user)})",
        **_password(program, member(value, "pass")),
    }  # fmt: skip


def _https(program: Program, value: Value) -> dict[str, View]:
    if isinstance(value, Func):
        return {"kind": "function", "digest": digest(program, value)}
    if not isinstance(value, Obj):
        return {"kind": "odd" if truth(value) else "open"}
    if value.over is not None or isinstance(value.proto, Obj) or value.items is not None:
        return {"kind": "unknown"}
    options = {key: digest(program, slot) for key, slot in sorted(value.props.items())}
    return {"kind": "object", "options": dict(options), "versions": plain(member(value, "minVersion"))}


def _port(value: Value) -> dict[str, View]:
    if isinstance(value, Sym):
        return {"kind": "unknown"}
    if value is UNDEFINED:
        return {"kind": "port", "port": DEFAULT_PORT}
    return {"kind": "port", "port": plain(port_number(value))}


def port_number(value: Value) -> Value:
    """Return the port that Node listens on for `value`: a text counts as the number that it converts to."""
    if isinstance(value, str):
        found = number(value)
        return found if found >= 0 and value.strip() else value
    return value


def _host(value: Value) -> dict[str, View]:
    if isinstance(value, Sym):
        return {"kind": "unknown"}
    if truth(value) is False:
        return {"kind": "host", "host": "0.0.0.0"}  # noqa: S104 - what Node-RED does then
    return {"kind": "host", "host": value if isinstance(value, str) else "?"}


def _short(secret: str) -> str:
    """Return a digest that tells two secrets apart."""
    return hashlib.sha256(b"nrguard\0" + secret.encode("utf-8", "surrogatepass")).hexdigest()[:32]
