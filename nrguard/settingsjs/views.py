"""A setting's value as people and JSON may see it: what is secret never is in it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from nrguard.model import View
from nrguard.settingsjs.credentials import stored
from nrguard.settingsjs.meaning.convert import truth
from nrguard.settingsjs.meaning.describe import describe
from nrguard.settingsjs.meaning.modules import file_path
from nrguard.settingsjs.meaning.values import UNDEFINED, Accessor, Func, Obj, Slot, Sym, Undefined, Value, host_name

_SECRET = re.compile(
    r"pass|secret|token|credential|api_?key|private_?key|^key$|^pw$|^auth$|^hash$|cookie", re.IGNORECASE
)
_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")
_LONGEST = 500
_MOST = 100
_DEEPEST = 12

BASIC = ("httpNodeAuth", "httpStaticAuth", "httpAdminAuth", "httpAuth")


def view(name: str, value: Value) -> View:
    """Return the view of the setting `name`."""
    if name == "adminAuth":
        return _admin(value)
    if name in BASIC:
        return _basic(value)
    if name == "https":
        return https_view(value)
    if name == "credentialSecret":
        return _secret(value)
    return plain(value)


def _admin(value: Value) -> View:
    if isinstance(value, Sym):
        return _admin_view("module", None) if value.op == "module" else None
    if isinstance(value, Func):
        return _admin_view("function", None)
    if not isinstance(value, Obj):
        return _admin_view("credentials" if truth(value) else "none", None)
    kind = member(value, "type")
    word = "module" if truth(member(value, "module")) else "strategy" if kind == "strategy" else "credentials"
    users = user_entries(value)
    names = [_username(entry) for entry in users]
    return _admin_view(
        word, kind if isinstance(kind, str) else None, [name for name in names if name is not None], len(users),
        default=_default(value), tokens=bool(truth(member(value, "tokens"))),
    )  # fmt: skip


def _admin_view(
    kind: str, type_: str | None, names: list[str] | None = None, users: int = 0, *, default: View = None,
    tokens: bool = False,
) -> View:  # fmt: skip
    usernames: list[View] = list(names or [])
    return {
        "kind": kind, "type": type_, "users": users, "usernames": usernames, "default": default, "tokens": tokens
    }  # fmt: skip


def _default(admin: Obj) -> View:
    value = member(admin, "default")
    if isinstance(value, Obj):
        return plain(member(value, "permissions"))
    return plain(value) if truth(value) is not False else None


def _username(entry: Value) -> str | None:
    name = member(entry, "username") if isinstance(entry, Obj) else UNDEFINED
    if isinstance(name, str):
        return name[:_LONGEST]
    return f"({describe(name)})" if isinstance(name, Sym) else None


def user_entries(admin: Obj) -> list[Value]:
    """Return the entries of adminAuth.users: an array of them, or one object."""
    users = member(admin, "users")
    if isinstance(users, Obj):
        return list(users.items) if users.items is not None else [users]
    return []


def member(owner: Obj, name: str) -> Value:
    """Return a member's value without running anything; an unknown one for an accessor."""
    link: Obj | str | None = owner
    while isinstance(link, Obj):
        if name in link.props:
            slot = link.props[name]
            return Sym("accessor", unproven=True) if isinstance(slot, Accessor) else slot
        if link.over is not None:
            return Sym("over", (link.over, name, UNDEFINED), link.over.on, unproven=link.over.unproven)
        link = link.proto
    return UNDEFINED


def _basic(value: Value) -> View:
    if isinstance(value, Sym):
        return None
    if isinstance(value, Func) or (isinstance(value, Obj) and value.items is not None):
        return {"user": None, "hash": "function" if isinstance(value, Func) else "list"}
    if not isinstance(value, Obj):
        return {"user": None, "hash": "malformed"} if truth(value) else None
    user, password = member(value, "user"), member(value, "pass")
    return {"user": user[:_LONGEST] if isinstance(user, str) else plain(user), "hash": hash_text(password)}


def hash_text(password: Value) -> str:
    """Return what a stored password is, without its characters."""
    if isinstance(password, str):
        return str(stored(password))
    if isinstance(password, Sym):
        return f"from {describe(password)}"
    return "none" if password is None or password is UNDEFINED else "malformed"


def https_view(value: Value) -> View:
    if isinstance(value, Sym):
        return None
    if isinstance(value, Func):
        return {"kind": "function", "key": None, "cert": None}
    if not isinstance(value, Obj):
        return {"kind": "object" if truth(value) else "none", "key": None, "cert": None}
    return {"kind": "object", "key": _file(member(value, "key")), "cert": _file(member(value, "cert"))}


def _file(value: Value) -> View:
    """Return the path of the file that `value` is read from."""
    if isinstance(value, str):
        return "inline"
    if not isinstance(value, Sym):
        return None
    if value.op == "read":
        path = file_path(value.args[0])
        return path if path is not None else describe(value.args[0])
    for arg in value.args:
        found = _file(arg) if isinstance(arg, Sym) else None
        if found is not None:
            return found
    return None


def _secret(value: Value) -> View:
    if isinstance(value, Sym):
        return None
    return "set" if truth(value) else plain(value)


def plain(value: Slot) -> View:
    """Return the view of a value that is no secret itself; secrets inside it are only named."""
    return _plain(value, 0, _Room())


@dataclass(slots=True, eq=False)
class _Room:
    """How many more values one view may hold: a value can hold itself, or the same one a thousand times."""

    left: int = 2_000


def _plain(value: Slot, depth: int, room: _Room) -> View:
    room.left -= 1
    if isinstance(value, (Undefined, bool)) or value is None:
        return value if isinstance(value, bool) else None
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Obj):
        return _object(value, depth, room) if depth < _DEEPEST and room.left > 0 else "…"
    if isinstance(value, Sym):
        return _symbol(value)
    return "(function)" if isinstance(value, Func) else "(getter)"


def _number(value: float) -> View:
    if not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _text(value: str) -> str:
    kind = stored(value)
    if kind.kind == "bcrypt":
        return f"({kind})"
    return _USERINFO.sub("***@", value[:_LONGEST]) + ("…" if len(value) > _LONGEST else "")


def _object(value: Obj, depth: int, room: _Room) -> View:
    if value.items is not None:
        return [_plain(item, depth + 1, room) for item in value.items[:_MOST]]
    shown: dict[str, View] = {}
    for name, slot in list(value.props.items())[:_MOST]:
        if name in value.hidden or slot is UNDEFINED:
            continue
        secret = _SECRET.search(name) is not None and isinstance(slot, str) and slot != ""
        shown[name[:_LONGEST]] = "(set)" if secret else _plain(slot, depth + 1, room)
    return shown


def _symbol(value: Sym) -> View:
    path = file_path(value)
    if path is not None:
        return path
    if value.op == "read":
        where = file_path(value.args[0])
        return f"(file {where})" if where is not None else "(a file)"
    return f"({host_name(value) or describe(value)})"
