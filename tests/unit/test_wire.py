"""What exchanges mean, above all that nothing which could be open is called closed. Real answers, abridged."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from nrguard.codec import Malformed
from nrguard.model import Admin, Blind, Door, Wire
from nrguard.probes.exchanges import folder
from nrguard.probes.wire import Request, command, judge_exchanges, parse

BEARER = {"www-authenticate": 'Bearer realm="Users"'}
BASIC = {"www-authenticate": 'Basic realm="Authorization Required"'}
SETTINGS = '{"httpNodeRoot":"/","version":"5.0.7","context":{}}'
LOADING = '{"code":"unexpected_error","message":"Cannot read properties of undefined (reading \'flows\')"}'
NOT_FOUND = "<pre>Cannot GET /settings</pre>"

Raw = dict[str, Any]


def answer(ask: str, status: int = 0, body: str = "", headers: dict[str, str] | None = None, **more: Any) -> Raw:
    path = more.pop("path", {"nowhere": "/nrguard-1", "known": "/hello", "front": "/"}.get(ask, f"/{ask}"))
    return {"ask": ask, "status": status, "body": body, "headers": headers or {}, "path": path, "under": "/"} | more


def gathered(*exchanges: Raw, **more: Any) -> Raw:
    return {
        "address": "127.0.0.1", "port": 1880, "tls": False, "certificate": "", "exchanges": list(exchanges),
        "node_root": "/", "static_roots": ["/"], "error": "",
    } | more  # fmt: skip


def judged(*exchanges: Raw, **more: Any) -> Wire:
    return judge_exchanges(gathered(*exchanges, **more))


def admin(settings: Raw, flows: Raw, *others: Raw, **more: Any) -> Admin:
    return judged(settings, flows, *others, **more).admin


def test_settings_without_a_user_are_open() -> None:
    wire = judged(answer("settings", 200, SETTINGS), answer("flows", 200, "[]"))
    assert (wire.admin, wire.version) == (Admin.OPEN, "5.0.7")


def test_a_bearer_challenge_on_both_is_a_login() -> None:
    wire = judged(answer("settings", 401, headers=BEARER), answer("flows", 401, headers=BEARER))
    assert wire.admin is Admin.LOGIN
    assert wire.evidence == ("GET /settings -> 401 Bearer", "GET /flows -> 401 Bearer")


def test_the_anonymous_user_comes_with_its_permissions() -> None:
    body = '{"httpNodeRoot":"/","version":"5.0.7","user":{"anonymous":true,"permissions":"read"}}'
    wire = judged(answer("settings", 200, body), answer("flows", 200, "[]"))
    assert (wire.admin, wire.permissions) == (Admin.ANONYMOUS, "read")


def test_a_bare_refusal_is_an_anonymous_user_of_unknown_permissions() -> None:
    wire = judged(answer("settings", 401), answer("flows", 401))
    assert (wire.admin, wire.permissions) == (Admin.ANONYMOUS, None)


def test_flows_without_settings_are_an_anonymous_user_who_may_read_them() -> None:
    wire = judged(answer("settings", 401), answer("flows", 200, "[]"))
    assert (wire.admin, wire.permissions) == (Admin.ANONYMOUS, ["flows.read"])


def test_flows_behind_a_contradicting_challenge_are_open() -> None:
    assert admin(answer("settings", 401, headers=BEARER), answer("flows", 200, '{"flows":[]}')) is Admin.OPEN


def test_settings_answered_by_middleware_do_not_hide_the_login() -> None:
    assert admin(answer("settings", 200, SETTINGS), answer("flows", 401, headers=BEARER)) is Admin.LOGIN


def test_open_settings_are_open_even_if_the_flows_say_nothing() -> None:
    assert admin(answer("settings", 200, SETTINGS), answer("flows", error="timed out")) is Admin.OPEN


def test_settings_too_long_to_be_read_whole_are_open() -> None:
    assert admin(answer("settings", 200, SETTINGS[:-1]), answer("flows", 500)) is Admin.OPEN


def test_an_old_node_red_without_editor_is_open_by_its_flows() -> None:
    assert admin(answer("settings", 404, NOT_FOUND), answer("flows", 200, "[]")) is Admin.OPEN


@pytest.mark.parametrize("flows", [answer("flows", 400, LOADING), answer("flows", 503)])
def test_a_node_red_that_still_loads_is_starting(flows: Raw) -> None:
    assert admin(answer("settings", 200, SETTINGS), flows) is Admin.STARTING


def test_an_editor_that_is_not_started_is_starting() -> None:
    settings, flows = answer("settings", 404, NOT_FOUND), answer("flows", 404, NOT_FOUND)
    assert admin(settings, flows, answer("front", 503, "Not started")) is Admin.STARTING


def test_not_found_by_express_is_off_and_by_another_server_unknown() -> None:
    assert admin(answer("settings", 404, NOT_FOUND), answer("flows", 404, NOT_FOUND)) is Admin.OFF
    assert admin(answer("settings", 404, "nginx"), answer("flows", 404, "nginx")) is Admin.UNKNOWN


def test_an_admin_api_found_under_another_root_is_the_one_that_counts() -> None:
    wire = judged(
        answer("settings", 404, NOT_FOUND),
        answer("flows", 404, NOT_FOUND),
        answer("settings", 200, SETTINGS, path="/admin/settings"),
        answer("flows", 200, "[]", path="/admin/flows"),
    )
    assert wire.admin is Admin.OPEN
    assert "GET /admin/flows -> 200" in wire.evidence


def test_any_web_page_is_no_node_red() -> None:
    page = "<!doctype html><title>Router</title>"
    assert admin(answer("settings", 200, page), answer("flows", 200, page)) is Admin.UNKNOWN


@pytest.mark.parametrize("status", [302, 403, 429, 500, 502])
def test_a_proxy_in_between_is_unknown_and_never_closed(status: int) -> None:
    assert admin(answer("settings", status), answer("flows", status)) is Admin.UNKNOWN


def test_a_challenge_for_something_else_is_unknown() -> None:
    digest = {"www-authenticate": 'Digest realm="x"'}
    assert admin(answer("settings", 401, headers=digest), answer("flows", 401, headers=digest)) is Admin.UNKNOWN


def test_nothing_that_connects_is_silent_and_says_why() -> None:
    wire = judged(tls=None, error="connection refused")
    assert (wire.admin, wire.tls, wire.evidence) == (Admin.SILENT, None, ("connection -> connection refused",))


def test_a_connection_without_an_answer_is_silent() -> None:
    cut = "closed without an answer"
    assert admin(answer("settings", error=cut), answer("flows", error=cut)) is Admin.SILENT


def test_something_that_speaks_no_http_is_unknown() -> None:
    assert admin(answer("settings", error="not HTTP"), answer("flows", error="not HTTP")) is Admin.UNKNOWN


def test_a_refused_handshake_is_tls_and_unknown() -> None:
    refused = answer("settings", error="tlsv13 alert certificate required")
    wire = judged(refused, answer("flows", error="timed out"), tls=True)
    assert (wire.admin, wire.tls) == (Admin.UNKNOWN, True)


def test_a_redirect_to_https_is_seen_through() -> None:
    away = {"location": "https://pi.local/settings"}
    wire = judged(
        answer("settings", 302, headers=away),
        answer("settings", 200, SETTINGS, through=True),
        answer("flows", 302, headers=away),
        answer("flows", 200, "[]", through=True),
    )
    assert (wire.admin, wire.https_required) == (Admin.OPEN, True)
    assert "GET /flows through a proxy's header -> 200" in wire.evidence


def test_a_flow_that_redirects_does_not_require_https() -> None:
    hello = answer("known", 302, headers={"location": "https://elsewhere/"})
    assert not judged(
        answer("settings", 401, headers=BEARER), answer("flows", 401, headers=BEARER), hello
    ).https_required


def test_basic_on_an_unknown_path_may_be_the_static_login() -> None:
    nowhere = answer("nowhere", 401, headers=BASIC)
    wire = judged(answer("settings", 200, SETTINGS), answer("flows", 200, "[]"), nowhere)
    assert (wire.nodes, wire.static) == (Door.UNKNOWN, Door.BASIC)


def test_basic_where_no_static_content_can_be_is_the_nodes_login() -> None:
    nowhere = answer("nowhere", 401, headers=BASIC)
    wire = judged(answer("settings", 200, SETTINGS), answer("flows", 200, "[]"), nowhere, static_roots=[])
    assert (wire.nodes, wire.static) == (Door.BASIC, Door.UNKNOWN)


def test_a_known_node_decides_unless_it_is_not_loaded_yet() -> None:
    api = answer("settings", 200, SETTINGS), answer("flows", 200, "[]")
    nowhere = answer("nowhere", 401, headers=BASIC)
    assert judged(*api, nowhere, answer("known", 200)).nodes is Door.OPEN
    assert judged(*api, nowhere, answer("known", 401, headers=BASIC)).nodes is Door.BASIC
    assert judged(*api, nowhere, answer("known", 404)).nodes is Door.UNKNOWN


def test_one_open_node_opens_the_door() -> None:
    api = answer("settings", 200, SETTINGS), answer("flows", 200, "[]")
    shut = answer("known", 401, headers=BASIC, path="/shut")
    assert judged(*api, shut, answer("known", 200)).nodes is Door.OPEN


def test_nodes_are_behind_the_admin_login_only_where_the_websocket_proves_it() -> None:
    refused = [answer(ask, 401, headers=BASIC) for ask in ("settings", "flows", "nowhere")]
    assert judged(*refused).nodes is Door.UNKNOWN
    assert judged(*refused, answer("comms", 101, "pong")).nodes is Door.BASIC


def test_the_websocket_is_closed_only_by_its_own_refusal() -> None:
    api = answer("settings", 401, headers=BEARER), answer("flows", 401, headers=BEARER)
    assert judged(*api, answer("comms", 101, '{"auth":"fail"} close')).comms is Door.LOGIN
    assert judged(*api, answer("comms", 101, "pong")).comms is Door.OPEN
    assert judged(*api, answer("comms", 101, error="timed out")).comms is Door.UNKNOWN
    assert judged(*api, answer("front", 404, NOT_FOUND)).comms is Door.OFF


def test_a_closed_node_red_still_names_its_version() -> None:
    about = answer("about", 200, "#### 4.1.15: Maintenance Release\n\n - Fix")
    assert (
        judged(answer("settings", 401, headers=BEARER), answer("flows", 401, headers=BEARER), about).version == "4.1.15"
    )


def test_what_the_server_says_is_escaped_and_bounded() -> None:
    user = {"anonymous": True, "permissions": ["\x1b[2Jflows.read", *["x" * 5000] * 100]}
    body = json.dumps({"version": "5.0.7\n\x1b[31m", "user": user})
    wire = judged(answer("settings", 200, body, path="/\u202e" + "a" * 9999), answer("flows", error="\x07" * 9999))
    assert isinstance(wire.permissions, list)
    shown = "".join(map(str, (*wire.evidence, *wire.permissions, wire.version)))
    assert shown.isprintable()
    assert len(shown) < 1200


def test_deeply_nested_settings_do_not_break_the_judge() -> None:
    assert admin(answer("settings", 200, "[" * 60_000), answer("flows", 200, "{" * 60_000)) is Admin.UNKNOWN


def test_the_child_is_started_without_site_packages_and_told_its_request() -> None:
    python, *options, request = command(Request("::", 1880, admin_root="admin", static_roots=("img",)))
    assert python == sys.executable
    assert options[:3] == ["-I", "-S", "-c"]
    told = json.loads(request)
    assert (told["address"], told["admin_root"], told["static_roots"]) == ("::1", "/admin/", ["/img/"])


def test_nodes_that_are_not_to_be_asked_for_stay_unasked() -> None:
    assert json.loads(command(Request("127.0.0.1", 1880, node_root=""))[-1])["node_root"] == ""


@pytest.mark.parametrize("root", ["admin", "/admin", "admin/", "/admin/"])
def test_a_root_is_mounted_with_slashes_on_both_sides(root: str) -> None:
    assert folder(root) == "/admin/"


def test_the_root_of_all_is_one_slash() -> None:
    assert folder("/") == folder("") == "/"


def test_what_the_child_says_last_is_the_answer() -> None:
    look = json.dumps(gathered(answer("settings", 401, headers=BEARER), answer("flows", 401, headers=BEARER)))
    wire = parse(b'{"progress": "connected"}\n' + look.encode() + b"\n")
    assert isinstance(wire, Wire)
    assert wire.admin is Admin.LOGIN


@pytest.mark.parametrize(
    "output",
    [b"", b"\n", b"{", b"[]", b"[" * 60_000, b'{"progress": "connected"}', b'{"address": 5}', b"\xff\xfe"],
)
def test_a_child_that_gives_no_answer_leaves_us_blind(output: bytes) -> None:
    assert isinstance(parse(output), Blind)


def test_an_answer_of_another_shape_is_malformed() -> None:
    with pytest.raises(Malformed):
        judge_exchanges(gathered() | {"extra": 1})
