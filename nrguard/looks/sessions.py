"""The logins in a .sessions.json, read as Node-RED reads it, without their tokens. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from nrguard.probes.surroundings import Login

_TOKEN = re.compile(r"[A-Za-z0-9+/]{171}=")  # 128 random bytes in base64
_CLIENTS = ("node-red-editor", "node-red-admin")
_FIELDS = {"user", "client", "scope", "accessToken", "expires"}
_MOST = 200  # logins; of more, the forged ones come first
_LONGEST = 200  # characters of a name


def logins(data: bytes, now: float) -> tuple[Login, ...] | None:
    """Return the logins that are alive at `now`, seconds since the epoch; None for bytes that Node-RED throws away.

    Raise RecursionError where the nesting is deeper than Python, though perhaps not Node, can read.
    """
    text = data.decode("utf-8", errors="replace").removeprefix("\ufeff")
    try:
        # an integer of 5,000 digits is no error to Node, and NaN is one
        kept = json.loads(text, parse_int=float, parse_constant=_refuse)
    except ValueError:
        return None
    found = list(_alive(kept, now))
    found.sort(key=lambda login: (not login.forged, login.user, login.expires))
    return tuple(found[:_MOST])


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _alive(kept: Any, now: float) -> Iterator[Login]:
    """Yield each entry that a token can be looked up for: in an array, "0" is one."""
    entries = list(kept.items()) if isinstance(kept, dict) else []
    if isinstance(kept, list):
        entries = [(str(place), entry) for place, entry in enumerate(kept)]
    for token, entry in entries:
        if isinstance(entry, dict) and "expires" in entry:  # Node-RED drops those without
            login = _login(token, entry)
            if login.forged or login.expires > now:
                yield login


def _login(token: str, entry: dict[str, Any]) -> Login:
    user, scope, expires = entry.get("user"), entry.get("scope"), entry["expires"]
    scopes = scope if isinstance(scope, list) else [scope]
    return Login(
        user=str(user)[:_LONGEST],
        scope=None if "scope" not in entry else tuple(str(one)[:_LONGEST] for one in scopes[:50]),
        expires=expires / 1000 if isinstance(expires, float) and math.isfinite(expires) else 0.0,
        forged=_forged(token, entry),
    )


def _forged(token: str, entry: dict[str, Any]) -> str:
    """Return in what way Node-RED never writes an entry like this (tokens.js of 1.3 to 5.0)."""
    scope, expires = entry.get("scope", ""), entry["expires"]
    if not _TOKEN.fullmatch(token):
        return "its token is none that Node-RED makes"
    if entry.get("accessToken") != token:
        return "its token does not match its key"
    if entry.get("client") not in _CLIENTS:
        return "it names no client of Node-RED's"
    if not isinstance(expires, float) or not math.isfinite(expires):
        return "it never expires"
    if not entry.keys() <= _FIELDS or not isinstance(entry.get("user", ""), str):
        return "it has fields that Node-RED does not write"
    if not isinstance(scope, str) and not (isinstance(scope, list) and all(isinstance(one, str) for one in scope)):
        return "what it may do is written as Node-RED does not"
    return ""
