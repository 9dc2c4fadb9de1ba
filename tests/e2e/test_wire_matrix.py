"""What the stranger says about real Node-REDs in every configuration that changes what a stranger gets.

The rows are the matrix of the Node-RED facts, section 2.1. The newest Node-RED runs all of them, the older ones those
in which versions differ; NRGUARD_FULL_MATRIX=1 runs all on all. Two at a time: a start is nearly all of a row's time.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nrguard.model import Admin, Blind, Door, View, Wire
from nrguard.probes.wire import Request, command, parse
from tests.certificates import self_signed
from tests.nodered import VERSIONS, Running

# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
USER = f"{{username: 'anna', password: '{HASH}', permissions: '*'}}"
LOGIN = f"adminAuth: {{type: 'credentials', users: [{USER}]}}"
BASIC = f"{{user: 'anna', pass: '{HASH}'}}"
OTHER = f"{{user: 'otto', pass: '{HASH}'}}"
AT_ROOT = "httpStatic: __dirname + '/public'"
HTTPS = "https: {key: read('key.pem'), cert: read('cert.pem')}"
STRATEGY = """adminAuth: {type: 'strategy', strategy: {name: 'idp', label: 'Sign in', icon: '',
    strategy: class { constructor() { this.name = 'idp'; } authenticate() { this.redirect('https://idp.example/'); } },
    options: {callbackURL: 'http://localhost/auth/strategy/callback', verify: () => {}}}}"""


@dataclass(frozen=True, slots=True)
class Row:
    """A configuration and what is true of it. Static content is at "/" and an HTTP-in node at /hello if not said."""

    name: str
    settings: str
    admin: Admin
    nodes: Door = Door.OPEN
    static: Door = Door.OPEN
    comms: Door = Door.OPEN
    permissions: View = None
    tls: bool = False
    https_required: bool = False
    asked: Request = field(default=Request("127.0.0.1", 0, known=("/hello",)))
    static_setting: str = AT_ROOT


def adjusted(**changes: object) -> Request:
    return replace(Request("127.0.0.1", 0, known=("/hello",)), **changes)  # type: ignore[arg-type]


def default(permissions: str) -> str:
    return LOGIN.replace("users:", f"default: {permissions}, users:")


ROWS = (
    Row("a none", "", Admin.OPEN),
    Row("a null", "adminAuth: null", Admin.OPEN),
    Row("a false", "adminAuth: false", Admin.OPEN, comms=Door.LOGIN),
    Row("a zero", "adminAuth: 0", Admin.OPEN, comms=Door.LOGIN),
    Row("a empty", "adminAuth: ''", Admin.OPEN, comms=Door.LOGIN),
    Row("a undefined", "adminAuth: undefined", Admin.OPEN),
    Row("b credentials", LOGIN, Admin.LOGIN, comms=Door.LOGIN),
    Row("b2 reader", LOGIN.replace("'*'", "'read'"), Admin.LOGIN, comms=Door.LOGIN),
    Row("c1 default all", default("{permissions: '*'}"), Admin.ANONYMOUS, permissions="*"),
    Row("c2 default read", default("{permissions: 'read'}"), Admin.ANONYMOUS, permissions="read"),
    Row(
        "c3 default function",
        default("() => Promise.resolve({anonymous: true, permissions: '*'})"),
        Admin.ANONYMOUS,
        permissions="*",
    ),
    Row(
        "c4 default flows",
        default("{permissions: ['flows.read']}"),
        Admin.ANONYMOUS,
        permissions=["flows.read"],
        comms=Door.LOGIN,
    ),
    Row("c5 default nothing", default("{}"), Admin.ANONYMOUS, comms=Door.LOGIN),
    Row("d nodes", f"httpNodeAuth: {BASIC}", Admin.OPEN, nodes=Door.BASIC, static=Door.BASIC),
    Row(
        "d2 nodes, none known",
        f"httpNodeAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.UNKNOWN,
        static=Door.BASIC,
        asked=adjusted(known=()),
    ),
    Row(
        "d3 nodes, no static",
        f"httpNodeAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.BASIC,
        static=Door.UNKNOWN,
        asked=adjusted(known=(), static_roots=()),
        static_setting="",
    ),
    Row(
        "d5 nodes elsewhere, told",
        f"httpNodeRoot: '/api', httpNodeAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.BASIC,
        asked=adjusted(known=()),
    ),
    Row(
        "d4 nodes elsewhere",
        f"httpNodeRoot: '/api', httpNodeAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.BASIC,
        asked=adjusted(node_root="api", known=("/api/hello",)),
    ),
    Row("e static", f"httpStaticAuth: {BASIC}", Admin.OPEN, static=Door.BASIC),
    Row(
        "e2 static elsewhere",
        f"httpStaticAuth: {BASIC}",
        Admin.OPEN,
        static=Door.BASIC,
        static_setting="httpStatic: [{path: __dirname + '/public', root: '/img/'}]",
        asked=adjusted(static_roots=("/img/",)),
    ),
    Row(
        "e3 both",
        f"httpNodeAuth: {BASIC}, httpStaticAuth: {OTHER}",
        Admin.OPEN,
        nodes=Door.BASIC,
        static=Door.BASIC,
    ),
    Row(
        "e4 both alike",
        f"httpNodeAuth: {BASIC}, httpStaticAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.BASIC,
        static=Door.BASIC,
    ),
    Row("e5 no static", f"httpStaticAuth: {BASIC}", Admin.OPEN, static_setting=""),
    Row("f https", HTTPS, Admin.OPEN, tls=True),
    Row("g https required", f"{HTTPS}, requireHttps: true", Admin.OPEN, tls=True),
    Row("g2 required only", "requireHttps: true", Admin.OPEN, https_required=True),
    Row("g3 required by a string", "requireHttps: 'true'", Admin.OPEN),
    Row("g4 required, no editor", "requireHttps: true, disableEditor: true", Admin.OPEN, comms=Door.OFF),
    Row("g5 required, login", f"requireHttps: true, {LOGIN}", Admin.LOGIN, comms=Door.LOGIN, https_required=True),
    Row("h https gave nothing", "https: () => null", Admin.OPEN),
    Row("i admin off", "httpAdminRoot: false", Admin.OFF, comms=Door.OFF),
    # Basic everywhere, but not for the node: nothing tells an admin API that is off from one behind httpAdminAuth
    Row(
        "i5 admin off, static",
        f"httpAdminRoot: false, httpStaticAuth: {BASIC}",
        Admin.BASIC,
        static=Door.BASIC,
        comms=Door.UNKNOWN,
    ),
    Row(
        "i6 the same, node unknown",
        f"httpAdminRoot: false, httpStaticAuth: {BASIC}",
        Admin.BASIC,
        static=Door.BASIC,
        comms=Door.UNKNOWN,
        nodes=Door.UNKNOWN,
        asked=adjusted(known=()),
    ),
    Row("i2 no editor", "disableEditor: true", Admin.OPEN, comms=Door.OFF),
    Row("i3 no editor, login", f"disableEditor: true, {LOGIN}", Admin.LOGIN, comms=Door.OFF),
    Row("i4 root off", "httpRoot: false", Admin.OFF, comms=Door.OFF),
    Row("j elsewhere", "httpAdminRoot: '/admin'", Admin.OPEN, asked=adjusted(admin_root="/admin")),
    Row("j3 moved unnoticed", "httpAdminRoot: '/admin'", Admin.OPEN),
    Row(
        "j4 moved behind basic",
        f"httpAdminRoot: '/admin', httpNodeAuth: {BASIC}",
        Admin.OPEN,
        nodes=Door.BASIC,
        static=Door.BASIC,
    ),
    Row(
        "j2 elsewhere, login",
        f"httpAdminRoot: 'admin', {LOGIN}",
        Admin.LOGIN,
        comms=Door.LOGIN,
        asked=adjusted(admin_root="admin"),
    ),
    Row("k tokens", LOGIN.replace("users:", "tokens: async () => null, users:"), Admin.LOGIN, comms=Door.LOGIN),
    Row(
        "k2 token list",
        LOGIN.replace("users:", "tokens: [{token: 't0', user: 'anna', scope: '*'}], users:"),
        Admin.LOGIN,
        comms=Door.LOGIN,
    ),
    Row("k15 tokens only", "adminAuth: {tokens: async () => null}", Admin.LOGIN, comms=Door.LOGIN),
    Row("k3 strategy", STRATEGY, Admin.LOGIN, comms=Door.LOGIN),
    Row("k4 empty object", "adminAuth: {}", Admin.LOGIN, comms=Door.LOGIN),
    Row("k5 typing mistake", "adminAuth: {type: 'credentals', users: []}", Admin.LOGIN, comms=Door.LOGIN),
    Row("k6 array", "adminAuth: []", Admin.LOGIN, comms=Door.LOGIN),
    Row("k13 text", "adminAuth: 'yes'", Admin.LOGIN, comms=Door.LOGIN),
    Row("k14 true", "adminAuth: true", Admin.LOGIN, comms=Door.LOGIN),
    Row("k16 promise", "adminAuth: Promise.resolve({})", Admin.LOGIN, comms=Door.LOGIN),
    Row("k9 no users", "adminAuth: {type: 'credentials', users: []}", Admin.LOGIN, comms=Door.LOGIN),
    Row("k7 admin basic", f"httpAdminAuth: {BASIC}", Admin.BASIC, nodes=Door.BASIC, static=Door.BASIC),
    Row(
        "k10 admin basic, none known",
        f"httpAdminAuth: {BASIC}",
        Admin.BASIC,
        nodes=Door.BASIC,
        static=Door.BASIC,
        asked=adjusted(known=()),
    ),
    Row("k8 all basic", f"httpAuth: {BASIC}", Admin.BASIC, nodes=Door.BASIC, static=Door.BASIC),
    Row("l nodes off", "httpNodeRoot: false", Admin.OPEN),
    Row("m middleware", "httpNodeMiddleware: (req, res) => res.send('me')", Admin.OPEN),
    Row(
        "n admin middleware",
        "httpAdminMiddleware: (req, res, next) => req.path == '/settings' ? res.json({version: '9.9.9'}) : next(), "
        + LOGIN,
        Admin.LOGIN,
        comms=Door.LOGIN,
    ),
)
WHERE_VERSIONS_DIFFER = frozenset({"a none", "b credentials", "c4 default flows", "e3 both", "g2 required only"})

FULL = os.environ.get("NRGUARD_FULL_MATRIX") == "1"
CASES = {
    f"{version} {row.name}": (version, row)
    for version in VERSIONS
    for row in ROWS
    if FULL or version == VERSIONS[0] or row.name in WHERE_VERSIONS_DIFFER
}
FLOW = (
    {"id": "t1", "type": "tab", "label": "Flow"},
    {"id": "n1", "type": "http in", "z": "t1", "url": "/hello", "method": "get", "wires": [["n2"]]},
    {"id": "n2", "type": "http response", "z": "t1", "wires": []},
)


@pytest.fixture(scope="module")
def looks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[Wire | Blind]]:
    """What the stranger says about each case that was selected.

    All is over before the first test begins: pytest changes the environment at each, and a thread that starts a
    process just then hands a torn environment on.
    """
    pair = self_signed("localhost")
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen = [str(item.callspec.params["case"]) for item in items if "looks" in item.fixturenames]
    with ThreadPoolExecutor(2) as pool:
        return {case: pool.submit(look, *CASES[case], tmp_path_factory.mktemp("row"), pair) for case in chosen}


def look(version: str, row: Row, folder: Path, pair: tuple[bytes, bytes]) -> Wire | Blind:
    text = f"""const read = name => require('fs').readFileSync(__dirname + '/' + name);
    module.exports = {{ uiHost: '127.0.0.1', uiPort: process.env.PORT, flowFile: 'flows.json',
    {row.static_setting or "logging: {}"}, {row.settings} }};"""
    node_red = Running(version, folder, settings=text)
    (node_red.user_dir / "public").mkdir()
    (node_red.user_dir / "flows.json").write_text(json.dumps(FLOW))
    for name, content in zip(("key.pem", "cert.pem"), pair, strict=True):
        (node_red.user_dir / name).write_bytes(content)
    node_red.start(wait=False)
    try:
        asked = replace(row.asked, port=node_red.port)
        first = said_by(replace(asked, kind="await", deadline=30))
        assert isinstance(first, Wire)
        assert first.admin is row.admin, (row.name, first.evidence)
        time.sleep(0.2)  # HTTP-in nodes come some milliseconds after the admin API
        return said_by(asked)
    finally:
        node_red.stop()


def said_by(asked: Request) -> Wire | Blind:
    said = subprocess.run(command(asked), capture_output=True, check=True, timeout=60)
    assert said.stderr == b""
    return parse(said.stdout)


@pytest.mark.parametrize("case", CASES)
def test_what_a_stranger_gets_is_judged_right(case: str, looks: dict[str, Future[Wire | Blind]]) -> None:
    version, row = CASES[case]
    wire = looks[case].result()
    assert isinstance(wire, Wire)
    assert wire.admin is row.admin, wire.evidence
    assert (wire.nodes, wire.static, wire.comms) == (row.nodes, row.static, row.comms), wire.evidence
    assert (wire.tls, wire.https_required, wire.permissions) == (row.tls, row.https_required, row.permissions)
    assert bool(wire.certificate) is row.tls
    if row.admin in {Admin.OPEN, Admin.ANONYMOUS}:
        assert wire.version == version
