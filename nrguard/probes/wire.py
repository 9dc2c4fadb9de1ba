"""What a stranger's exchanges with a Node-RED mean. Pure; the rule is node-red-facts.md, section 2.2.

The one rule above the others: what could be open is never called closed. Where only a write would tell, it stays open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nrguard.codec import Malformed, from_json
from nrguard.escape import visible
from nrguard.model import Admin, Blind, Door, View, Wire
from nrguard.probes.exchanges import Exchange, Gathered, Request, command, last_line

__all__ = ["Request", "command", "judge_exchanges", "parse"]

_VERSION = re.compile(r"#{0,6} ?(\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[\w.]{1,24})?)(?=:|\s|$)", re.ASCII)
_EVIDENCE = ("handshake", "settings", "flows", "nowhere", "known", "dashboard", "comms")


def parse(output: bytes) -> Wire | Blind:
    """Return what the child's whole standard output says about the server; Blind where it says nothing usable."""
    said = last_line(output)
    if isinstance(said, Blind):
        return said
    if said.get("progress"):
        return Blind("the look over the network was cut off")
    try:
        return judge_exchanges(said)
    except Malformed as error:
        return Blind(f"the look over the network gave no readable answer: {visible(str(error), limit=80)}")


def judge_exchanges(raw: Mapping[str, object]) -> Wire:
    """Return what `raw`, a look as the stranger reports it, says about the server. Raise Malformed if it is none."""
    seen: Gathered = from_json(Gathered, dict(raw))
    settings, flows = _admin_api(seen)
    admin = _admin(seen, settings, flows)
    return Wire(
        address=visible(seen.address, limit=60),
        port=seen.port,
        admin=admin,
        tls=None if admin is Admin.SILENT else seen.tls,
        nodes=_nodes(seen, settings),
        static=_static(seen),
        permissions=_permissions(settings, flows) if admin is Admin.ANONYMOUS else None,
        https_required=seen.tls is False and any(map(_to_https, seen.exchanges)),
        version=_version(seen),
        certificate=seen.certificate,
        evidence=_evidence(seen),
        comms=_comms(seen),
        dashboards=_dashboards(seen),
    )


def _admin_api(seen: Gathered) -> tuple[Exchange, Exchange]:
    """Return the answers for the settings and the flows at the root where an admin API was found, else where asked."""
    nothing = Exchange("", "", error=seen.error)
    settings = _final(seen, "settings") or [nothing]
    flows = _final(seen, "flows") or [nothing]
    for pair in zip(settings, flows, strict=False):
        if not all(answer.status == 404 or _scheme(answer) == "basic" for answer in pair):
            return pair
    return settings[0], flows[0]


def _final(seen: Gathered, ask: str) -> list[Exchange]:
    """Return the last answer to each question of this kind: the one from behind a redirect, where there is one."""
    return list({exchange.path: exchange for exchange in seen.exchanges if exchange.ask == ask}.values())


def _admin(seen: Gathered, settings: Exchange, flows: Exchange) -> Admin:
    if settings.status == 0 and flows.status == 0:
        return Admin.UNKNOWN if _answered(seen) else Admin.SILENT
    told = _settings(settings)
    if isinstance(told.get("user"), dict):
        return Admin.ANONYMOUS
    if _has_flows(flows):
        return Admin.ANONYMOUS if _scheme(settings) == "bare" else Admin.OPEN
    if _is_starting(seen, settings, flows):
        return Admin.STARTING
    if told and flows.status != 401:  # middleware may answer for the settings, but then the flows are refused
        return Admin.OPEN
    return _closed(settings, flows)


def _closed(settings: Exchange, flows: Exchange) -> Admin:
    """Judge an admin API that gave neither settings nor flows, or settings alone."""
    schemes = {_scheme(settings), _scheme(flows)}
    if "bare" in schemes:
        return Admin.ANONYMOUS  # there is a default user; what it may write, only a write would tell
    if _scheme(flows) == "bearer":
        return Admin.LOGIN
    if schemes == {"basic"}:
        return Admin.BASIC
    if settings.status == flows.status == 404 and _is_express(settings):
        return Admin.OFF
    return Admin.UNKNOWN


def _answered(seen: Gathered) -> bool:
    """Tell whether there was something, though no HTTP: a handshake, or a refusal of it."""
    return seen.tls is True or any(exchange.error == "not HTTP" for exchange in seen.exchanges)


def _is_starting(seen: Gathered, settings: Exchange, flows: Exchange) -> bool:
    """Tell a Node-RED that is not up yet: 503, or the error of an open one whose flows are not there."""
    loading = flows.status == 400 and "unexpected_error" in flows.body
    return loading or 503 in (settings.status, flows.status, *(front.status for front in _final(seen, "front")))


def _settings(answer: Exchange) -> Mapping[str, Any]:
    """Return the settings that Node-RED gave away; empty if it did not, or if that was not Node-RED."""
    if answer.status != 200:
        return {}
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {"version": ""} if '"httpNodeRoot"' in answer.body else {}  # too long to be read whole
    return told if isinstance(told, dict) and told.keys() & {"httpNodeRoot", "version", "user"} else {}


def _has_flows(answer: Exchange) -> bool:
    return answer.status == 200 and answer.body.lstrip().startswith(("[", '{"flows"'))


def _scheme(answer: Exchange) -> str:
    """Return what a 401 asks for: "bearer", "basic", "bare" where it names nothing, "other"; "" if it is no 401."""
    if answer.status != 401:
        return ""
    named = answer.headers.get("www-authenticate", "").lower()
    return next((scheme for scheme in ("bearer", "basic") if named.startswith(scheme)), "other" if named else "bare")


def _is_express(answer: Exchange) -> bool:
    return "Cannot GET " in answer.body


def _permissions(settings: Exchange, flows: Exchange) -> View:
    user = _settings(settings).get("user")
    told = user.get("permissions") if isinstance(user, dict) else None
    if isinstance(told, str):
        return visible(told, limit=80)
    if isinstance(told, list) and all(isinstance(one, str) for one in told):
        return [visible(one, limit=40) for one in told[:20]]
    return ["flows.read"] if _has_flows(flows) and not told else None


def _door(answers: Iterable[Exchange]) -> Door:
    """Judge a way in by paths behind it: one that is not refused is enough to call it open."""
    doors = {_one_door(answer) for answer in answers}
    return next((door for door in (Door.OPEN, Door.UNKNOWN, Door.BASIC) if door in doors), Door.UNKNOWN)


def _one_door(answer: Exchange) -> Door:
    if _scheme(answer) == "basic":
        return Door.BASIC
    return Door.OPEN if 200 <= answer.status < 300 or answer.status == 404 else Door.UNKNOWN


def _nodes(seen: Gathered, settings: Exchange) -> Door:
    """Judge the HTTP-in nodes, by known ones if there are; their 404 may only mean that they are not loaded yet."""
    known = [answer for answer in _final(seen, "known") if answer.status != 404]
    if known:
        return _door(known)
    door = _door(answer for answer in _final(seen, "nowhere") if answer.under == seen.node_root)
    # httpStaticAuth answers like httpNodeAuth, and does not guard the nodes; httpAdminAuth guards all under its root
    above = [root for root in seen.static_roots if seen.node_root.startswith(root)]
    asking = [answer for answer in _final(seen, "nowhere") if answer.under in above and _scheme(answer) == "basic"]
    if door is Door.BASIC and asking and not _behind_admin(seen, settings):
        return Door.UNKNOWN
    return door


def _behind_admin(seen: Gathered, settings: Exchange) -> bool:
    """Tell whether the nodes lie behind httpAdminAuth, proved by the editor's websocket: its root is the editor's."""
    here = any(answer.status == 101 for answer in _final(seen, "comms"))
    return here and _scheme(settings) == "basic" and seen.node_root.startswith(settings.under)


def _static(seen: Gathered) -> Door:
    return _door(answer for answer in _final(seen, "nowhere") if answer.under in seen.static_roots)


def _comms(seen: Gathered) -> Door:
    for answer in _final(seen, "comms"):
        if answer.status == 101 and '"auth":"fail"' in answer.body:
            return Door.LOGIN
        if answer.status == 101 and answer.body.endswith("pong"):
            return Door.OPEN
    fronts = _final(seen, "front")
    return Door.OFF if any(front.status == 404 and _is_express(front) for front in fronts) else Door.UNKNOWN


def _dashboards(seen: Gathered) -> tuple[str, ...]:
    """Return the paths of dashboards whose socket.io refused our nonsense itself: nobody stands before it."""
    answers = (answer for answer in _final(seen, "dashboard") if answer.status == 400)
    return tuple(visible(answer.under, limit=80) for answer in answers if '"Transport unknown"' in answer.body)


def _to_https(answer: Exchange) -> bool:
    redirected = answer.ask in ("settings", "flows", "front") and answer.status in (301, 302, 303, 307, 308)
    return redirected and answer.headers.get("location", "").lower().startswith("https:")


def _version(seen: Gathered) -> str:
    told = [str(_settings(answer).get("version", "")) for answer in _final(seen, "settings")]
    about = [answer.body for answer in _final(seen, "about") if answer.status == 200]
    found = (_VERSION.match(text) for text in told + about)
    return next((match[1] for match in found if match), "")


def _evidence(seen: Gathered) -> tuple[str, ...]:
    """Return what decided, a line for each question; the error where there was none to ask."""
    lines = tuple(map(_line, (exchange for exchange in seen.exchanges if exchange.ask in _EVIDENCE)))
    return (*lines, f"connection -> {visible(seen.error, limit=60)}") if seen.error else lines


def _line(answer: Exchange) -> str:
    asked = "TLS handshake" if answer.ask == "handshake" else f"GET {visible(answer.path, limit=60)}"
    via = " through a proxy's header" if answer.through else ""
    what = str(answer.status) if answer.status else visible(answer.error, limit=60)
    scheme = {"bearer": " Bearer", "basic": " Basic"}.get(_scheme(answer), "")
    return f"{asked}{via} -> {what}{scheme}"
