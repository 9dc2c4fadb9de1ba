"""Whatever was done to a file: a restore that is proposed protects as accepted, as Node sees it, in any environment."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nrguard.model import PROTECTABLE, Proposal
from nrguard.settingsjs.restore import restore
from tests.node_oracle import NotLoaded, Oracle

GOOD = [
    "flowFile: 'flows.json'",
    "adminAuth: { type: 'credentials', users: [{ username: 'keeper', password: '$2b$12$KIXQ4S3nq0bqXW0l9n3gOe' }] }",
    "requireHttps: true",
    "uiPort: 28443",
    "logging: { console: { level: 'info' } }",
]
MEMBERS = (
    "adminAuth: null", "'adminAuth': undefined", "['admin' + 'Auth']: null", "['adminAuth']: {}", "adminAuth() {}",
    r"\u0061dminAuth: 0", r"'\x61dminAuth': ''", "get adminAuth() { return null }", "set adminAuth(v) {}", "adminAuth",
    "...{ adminAuth: null }", "...(process.env.X ? { adminAuth: null } : {})", "[process.env.X || 'a']: null",
    "[process.env.X ? 'adminAuth' : 'b']: null", "__proto__: { uiHost: '::' }", "...require('./settings-user.js')",
    "adminAuth: process.env.X ? null : { type: 'credentials' }", "uiPort: process.env.X || 1880", "requireHttps: 1",
    "uiHost: '0.0.0.0'", "https: null", "httpNodeAuth: { user: 'eve' }", "adminAuth: require('./auth')",
    "// adminAuth: {},\n a: 1", "/* adminAuth: null, */ b: 2",
)  # fmt: skip
BEFORE = (
    "const adminAuth = null;", "var adminAuth = { type: 'x' };", "'use strict';", "const os = require('os');",
    "Object.prototype.uiHost = '::';", "var settings = {};", "if (process.env.X) { throw new Error('x') }", "// quiet",
)  # fmt: skip
AFTER = (
    "module.exports.adminAuth = null;", "delete module.exports['adminAuth'];", "exports.adminAuth = null;",
    "if (process.env.X) { module.exports.adminAuth = null }", "module.exports.uiPort = 1880;", "module.exports = {};",
    "Object.assign(module.exports, { adminAuth: null });", "module.exports = Object.create(module.exports);",
    "Object.defineProperty(module.exports, 'adminAuth', { value: null });", "module['exports'].requireHttps = false;",
    "for (const key in module.exports) delete module.exports[key];", "with (module.exports) { adminAuth = null }",
    "(function (s) { s.adminAuth = null })(module.exports);", "module.exports.flowFile = 'other.json';",
    "const copy = module.exports; copy.adminAuth = null;", "var { exports } = module; exports.adminAuth = null;",
    "module.exports.adminAuth.users = [];", "module.exports.adminAuth.users[0].password = '';", "// quiet",
    "[module.exports.adminAuth] = [null];", "module.exports.adminAuth &&= null;", "<!-- quiet", "let later = 1;",
)  # fmt: skip


@st.composite
def tampered(draw: st.DrawFn) -> str:
    """Draw the accepted file after some members were taken out, and hostile ones and hostile code put in."""
    members = [member for member in GOOD if draw(st.integers(0, 4))]
    for member in draw(st.lists(st.sampled_from(MEMBERS), max_size=3)):
        members.insert(draw(st.integers(0, len(members))), member)
    before = draw(st.lists(st.sampled_from(BEFORE), max_size=1))
    after = draw(st.lists(st.sampled_from(AFTER), max_size=2))
    return "\n".join([*before, "module.exports = {", *(f"    {member}," for member in members), "};", *after, ""])


@given(tampered(), st.sampled_from([None, {}, {"X": "1"}, {"X": "adminAuth"}]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_proposed_protects_as_accepted(node: Oracle, present: str, env: dict[str, str] | None) -> None:
    good = "\n".join(["module.exports = {", *(f"    {member}," for member in GOOD), "};", ""]).encode()
    proposal = restore(present.encode(), good, PROTECTABLE, env=env)
    if not isinstance(proposal, Proposal):
        return
    accepted = node.load(good)
    for environment in [env] if env is not None else [{}, {"X": "1"}, {"X": "adminAuth"}]:
        try:
            loaded = node.load(proposal.text, environment)
        except NotLoaded:  # Node-RED does not start: not open, and `broken` is a finding of its own
            continue
        assert {name: loaded.get(name) for name in PROTECTABLE} == {name: accepted.get(name) for name in PROTECTABLE}
