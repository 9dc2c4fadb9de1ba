"""A dashboard whose data anybody gets, though its page may ask for a login."""

from __future__ import annotations

import json
from dataclasses import replace

from nrguard.model import Admin, Severity, Wire
from nrguard.probes.roots import roots
from nrguard.probes.wire import judge_exchanges
from tests.looked import found, looked, reading, sealed, settings

WIRE = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=False, dashboards=("/ui",))
LOGIN = settings('httpNodeAuth: {user: "a", pass: "$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9D1."}')


def answered(status: int, body: str) -> Wire:
    asked = {"ask": "dashboard", "path": "/ui/socket.io/?", "under": "/ui", "status": status, "body": body}
    others = [{"ask": ask, "path": f"/{ask}", "status": 401} for ask in ("settings", "flows")]
    return judge_exchanges({
        "address": "127.0.0.1", "port": 1, "tls": False, "certificate": "", "exchanges": [*others, asked],
        "node_root": "/", "static_roots": [], "error": "",
    })  # fmt: skip


def test_socket_io_that_refuses_nonsense_itself_is_reached() -> None:
    assert answered(400, json.dumps({"code": 0, "message": "Transport unknown"}, separators=(",", ":"))).dashboards == (
        "/ui",
    )


def test_neither_a_missing_dashboard_nor_a_guarded_one_is_reached() -> None:
    assert answered(404, "Cannot GET /ui/socket.io/").dashboards == ()
    assert answered(401, "Unauthorized").dashboards == ()
    assert answered(400, "Bad Request").dashboards == ()


def test_it_is_a_warning_where_a_login_for_endpoints_was_accepted() -> None:
    findings = found("dashboard", looked(wire=WIRE, baseline=sealed(settings=LOGIN)))
    assert [(one.subject, one.severity) for one in findings] == [("/ui", Severity.WARNING)]


def test_it_is_a_note_where_none_was() -> None:
    assert [one.severity for one in found("dashboard", looked(wire=WIRE))] == [Severity.NOTE]


def test_it_is_nothing_where_middleware_asks_who_comes() -> None:
    disk = reading("ui: {ioMiddleware: (socket, next) => next()}")
    assert found("dashboard", looked(wire=WIRE, disk=disk, baseline=sealed(settings=LOGIN))) == ()
    assert found("dashboard", looked(wire=replace(WIRE, dashboards=()))) == ()


def test_the_older_dashboard_is_asked_for_where_its_setting_puts_it() -> None:
    assert roots(settings('ui: {path: "panel"}')).dashboards == ("panel", "dashboard")
    assert roots(settings("ui: {}")).dashboards == ("ui", "dashboard")
