"""What a stranger asks: only what every visitor may, and nothing that could change a flow."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable
from typing import Any

from nrguard.stranger.line import BODY_LIMIT, Answer, Cut, Line, in_words

Exchange = dict[str, Any]

_KEPT = {"settings": BODY_LIMIT}  # of what was read, so much is reported; flows may hold what is nobody's business
_KEPT_ELSE = 512
_KEPT_HEADERS = ("www-authenticate", "location", "content-type")
_OTHER_ROOTS = ("/", "/admin/", "/red/", "/editor/", "/nodered/", "/node-red/")  # where people move the editor to
_REDIRECTS = (301, 302, 303, 307, 308)
_KNOCK = b"\x81\x82\0\0\0\0{}" + b"\x89\x80\0\0\0\0"  # an empty message, which a guarded /comms refuses, and a ping
# What socket.io answers to it says that it is there, and no session of a dashboard begins: no flow hears of it.
_UNKNOWN_TRANSPORT = "socket.io/?EIO=4&transport=nrguard"
_PATIENCE = 0.25  # seconds for a websocket, which Node-RED answers at once or never


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Return all that the server answers to a stranger within the request's timeout, and what stopped it if it did."""
    line = Line(request["address"], request["port"], request["timeout"])
    node_root = request["node_root"]
    asked: list[Exchange] = []
    error = ""
    try:
        refused = line.choose()
        if refused:
            asked.append(_exchange("handshake", "", error=refused))
        root = _admin_api(line, asked, request["admin_root"])
        if asked[-1]["status"]:
            node_root = node_root and (_told_node_root(asked) or node_root)
            for name in request["dashboards"] if node_root else ():
                _ask(line, asked, "dashboard", f"{node_root}{name}/{_UNKNOWN_TRANSPORT}", under=f"{node_root}{name}")
            _ask_rest(line, asked, root, dict.fromkeys((node_root, *request["static_roots"])), request["known"])
    except (OSError, Cut) as problem:
        error = in_words(problem)
    finally:
        line.close()
    return {
        "address": line.address,
        "port": line.port,
        "tls": line.tls,
        "certificate": base64.b64encode(line.certificate).decode("ascii"),
        "exchanges": asked,
        "node_root": node_root,
        "static_roots": request["static_roots"],
        "error": error,
    }


def _ask_rest(line: Line, asked: list[Exchange], root: str, places: Iterable[str], known: Iterable[str]) -> None:
    front = _ask(line, asked, "front", root)
    _ask(line, asked, "login", f"{root}auth/login")
    _ask(line, asked, "about", f"{root}red/about")  # names the version even where the rest is closed
    nowhere = f"nrguard-{os.urandom(6).hex()}"
    for place in filter(None, places):
        _ask(line, asked, "nowhere", place + nowhere, under=place)
    for path in known:
        _ask(line, asked, "known", path)
    if front["status"] != 404:  # without an editor nobody answers there, not even with a refusal
        _comms(line, asked, f"{root}comms")


def _admin_api(line: Line, asked: list[Exchange], root: str) -> str:
    """Ask for the admin API where it should be, and if it is not there, where people move it to. Return its root."""
    for place in dict.fromkeys((root, *_OTHER_ROOTS)):
        settings = _ask(line, asked, "settings", f"{place}settings", under=place)
        flows = _ask(line, asked, "flows", f"{place}flows", under=place)
        if not (_is_elsewhere(settings) and _is_elsewhere(flows)):
            return place
    return root


def _is_elsewhere(answer: Exchange) -> bool:
    """Tell whether the admin API may lie under another root: 404, and Basic, which httpNodeAuth too asks for."""
    return answer["status"] == 404 or "basic" in answer["headers"].get("www-authenticate", "").lower()


def _told_node_root(asked: list[Exchange]) -> str:
    """Return the root of the HTTP-in nodes as an open server itself names it; "" if it does not."""
    for answer in asked:
        if answer["ask"] == "settings" and answer["status"] == 200:
            try:
                root = json.loads(answer["body"])["httpNodeRoot"]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
            if isinstance(root, str) and re.fullmatch("/|/.{1,200}/", root):
                return root
    return ""


def _ask(line: Line, asked: list[Exchange], what: str, path: str, under: str = "") -> Exchange:
    """GET `path`; where plain HTTP is sent to HTTPS, again as if a proxy had brought it from there."""
    answer = _get(line, asked, what, path, under)
    to_https = answer["headers"].get("location", "").lower().startswith("https:")
    if answer["status"] in _REDIRECTS and to_https and not line.tls:
        return _get(line, asked, what, path, under, "X-Forwarded-Proto: https")
    return answer


def _get(line: Line, asked: list[Exchange], what: str, path: str, under: str, *extra: str) -> Exchange:
    try:
        exchange = _exchange(what, path, line.get(path, *extra), under=under, through=bool(extra))
    except (OSError, Cut) as problem:
        exchange = _exchange(what, path, error=in_words(problem), under=under, through=bool(extra))
    asked.append(exchange)
    return exchange


def _comms(line: Line, asked: list[Exchange], path: str) -> None:
    exchange = _exchange("comms", path)
    asked.append(exchange)
    try:
        answer, frames = line.upgrade(path, _KNOCK, _PATIENCE)
        exchange["status"] = answer.status
        exchange["body"] = " ".join(frames)[:_KEPT_ELSE]
    except (OSError, Cut) as problem:
        exchange["error"] = in_words(problem)


def _exchange(
    what: str, path: str, answer: Answer | None = None, *, error: str = "", under: str = "", through: bool = False
) -> Exchange:
    """Return an exchange as it is reported: only the headers that tell something, and a bounded part of the body."""
    answer = answer or Answer(0, {})
    return {
        "ask": what,
        "path": path,
        "through": through,
        "status": answer.status,
        "headers": {name: value for name, value in answer.headers.items() if name in _KEPT_HEADERS},
        "body": answer.body[: _KEPT.get(what, _KEPT_ELSE)].decode("utf-8", "replace"),
        "error": error,
        "under": under,
    }
