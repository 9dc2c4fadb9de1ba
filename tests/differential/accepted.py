# ruff: noqa: E501 - each entry is one line of somebody's file
"""A good file with code of the owner's in it, and edits that change what that code does without touching its text."""

from __future__ import annotations

from tests.differential.attacks import HASH

GOOD = f"""const allow = ['10.0.0.1'];
let strict = true;
var table = {{ admin: {{ username: 'admin', permissions: '*' }} }};
open = false;
function known(name) {{ return table[name] || null; }}
const helper = require('./helper');
const hosts = new Set(['localhost']), more = process.env.MORE.split(','), parsed = JSON.parse(process.env.PARSED);
const listed = req => hosts.has(req.host) || more.includes(req.ip) || parsed.list.includes(req.ip);
const guard = (req, res, next, off = !strict) => off || open || allow.includes(req.ip) || listed(req) ? next() : res.end();
module.exports = {{
    adminAuth: {{
        type: 'credentials',
        users: function (name) {{ return Promise.resolve(known(name)) }},
        authenticate: function (name, password) {{ return helper.check(name, password) }},
        default: function () {{ return Promise.resolve(null) }}
    }},
    httpAdminMiddleware: guard,
    httpNodeMiddleware: function (req, res, next) {{ next() }},
    httpNodeAuth: {{ user: 'web', pass: '{HASH}' }},
    https: function () {{ return {{ key: require('fs').readFileSync('k.pem'), cert: this.certificate }} }},
    certificate: 'PEM',
    requireHttps: true,
    functionGlobalContext: {{ moment: require('moment'), f: function () {{ return this.flag }}, flag: true, n: 1 }}
}};
helper.start(module.exports.functionGlobalContext.n);
"""

HOSTILE = (
    ("['10.0.0.1']", "['10.0.0.1', '0.0.0.0']"),
    ("const allow", "const allowed"),
    ("let strict = true", "let strict = false"),
    ("open = false", "open = true"),
    ("open = false;", "open = true; open = false; open = true;"),
    ("permissions: '*' } };", "permissions: '*' }, evil: { username: 'evil', permissions: '*' } };"),
    ("httpAdminMiddleware: guard", "httpAdminMiddleware: (req, res, next) => next()"),
    ("httpAdminMiddleware: guard", "httpAdminMiddleware: function (req, res, next) { next() }"),
    ("httpAdminMiddleware: guard", "httpAdminMiddleware: require('moment')"),
    ("httpAdminMiddleware: guard", "httpAdminMiddleware: helper.open"),
    ("httpNodeAuth: {", "httpNodeAuth: function (req, res, next) { next() }, x: {"),
    ("require('./helper')", "require('./helper2')"),
    ("require('./helper')", "{ check: () => true, start() {} }"),
    ("helper.check", "helper.open"),
    ("return Promise.resolve(null)", "return\nPromise.resolve(null)"),
    ("return Promise.resolve(null)", "return Promise.resolve({ anonymous: true, permissions: '*' })"),
    ("certificate: 'PEM'", "certificate: 'OTHER'"),
    ("function known(name) { return table[name] || null; }", "function known(name) { return table[name] || { username: name, permissions: '*' }; }"),
    ("n: 1 }", "n: 2 }"),
    ("helper.start(module.exports.functionGlobalContext.n);", "helper.start(module.exports);"),
    ("helper.start(module.exports.functionGlobalContext.n);", ""),
    ("flag: true", "flag: false"),
    ("const helper", "var Promise = { resolve: () => ({ permissions: '*' }) };\nconst helper"),
    ("users: function (name) { return Promise.resolve(known(name)) }", "users: function () { return Promise.resolve(null) }"),
    ("strict = true", "strict = [].concat()"),
    ("users: function (name)", "users: async function (name)"),
    ("users: function (name)", "users: function* (name)"),
    ("(req, res, next, off = !strict)", "(req, res, next, off = strict)"),
    ("(req, res, next, off = !strict)", "(req, res, next, off = !table)"),
)  # fmt: skip
"""Replace one by the other."""

APPENDED = (
    "hosts.add('evil');", "more.push('evil');", "more[0] = 'evil';", "parsed.list.push('evil');", "more.length = 0;", "hosts.clear();",
    "Set.prototype.has = () => true;", "hosts.has = () => true;", "more.splice(0);", "more.sort();", "parsed.list = [];", "[...more].pop();",
    "allow.push('0.0.0.0');", "strict = false;", "table.evil = { username: 'evil', permissions: '*' };", "allow.length = 0;",
    "table = { evil: { username: 'evil', permissions: '*' } };", "known = () => ({ permissions: '*' });", "open = true;",
    "helper.check = () => true;", "Promise.resolve = () => null;", "function known(name) { return { username: name, permissions: '*' } }",
    "module.exports.adminAuth.users = module.exports.adminAuth.default;", "Array.prototype.includes = () => true;",
    "[].__proto__.includes = () => true;", "allow.includes = () => true;", "table.__proto__ = { evil: { permissions: '*' } };",
    "Object.setPrototypeOf(table, { evil: { permissions: '*' } });", "Object.defineProperty(table, 'evil', { value: 1 });",
    "module.exports.functionGlobalContext.f = module.exports.httpNodeMiddleware;", "helper.stop();", "require('./helper')();",
    "module.exports.httpAdminMiddleware = module.exports.httpNodeMiddleware;", "guard.call = 1;", "var allow2 = allow; allow2.push('x');",
)  # fmt: skip

HARMLESS = (
    ("\nmodule.exports", "\n// a comment\nmodule.exports"),
    ("return Promise.resolve(null)", "/* nobody */ return Promise.resolve(null); // x\n"),
    ("return Promise.resolve(null)", "return  Promise . resolve( null )"),
    ("    requireHttps: true,\n", "    requireHttps: true,\n    flowFile: 'flows.json', os: require('os'),\n"),
    ("const helper", "const unused = 1;\nfunction nobody() { open = true }\nconst helper"),
    ("\n", "\r\n"),
    ("    ", "\t"),
)  # fmt: skip
