# ruff: noqa: E501 - each entry is one line of somebody's file
"""Edits of a good settings.js that change nothing that matters: none of them may raise an alarm."""

from __future__ import annotations

from tests.differential.attacks import GOOD, HASH


def _with(old: str, new: str) -> str:
    if old not in GOOD:
        raise ValueError(old)
    return GOOD.replace(old, new)


_LAST = '    logging: { console: { level: "info", audit: false } }\n'

EDITS = {
    "as it is": GOOD,
    "no final line end": GOOD.rstrip(),
    "blank lines": GOOD.replace("\n", "\n\n"),
    "windows line ends": GOOD.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + GOOD,
    "hashbang": "#!/usr/bin/env node\n" + GOOD,
    "tabs": GOOD.replace("    ", "\t"),
    "single quotes": GOOD.replace('"', "'"),
    "comments": "// one\n/* two */\n" + GOOD.replace(",\n", ", // x\n") + "\n// the end: adminAuth: null",
    "a setting in a comment": _with("requireHttps: true,", "requireHttps: true, // requireHttps: false,"),
    "no semicolon at the end": GOOD.replace("};\n", "}\n"),
    "a last comma": _with(_LAST, _LAST.rstrip() + ",\n"),
    "one line": " ".join(GOOD.split()),
    "use strict": "'use strict';\n" + GOOD,
    "use strict in other quotes": '"use strict"\n' + GOOD,
    "order": _with("    requireHttps: true,\n", "").replace(
        "module.exports = {\n", "module.exports = {\n    requireHttps: true,\n"
    ),
    "quoted keys": GOOD.replace("adminAuth:", '"adminAuth":').replace("uiPort:", "'uiPort':"),
    "keys of a user in another order": _with(
        f'username: "admin", password: "{HASH[:-1]}a", permissions: "*"',
        f'permissions: "*", password: "{HASH[:-1]}a", username: "admin"',
    ),
    "an unprotected setting": _with(_LAST, _LAST.rstrip() + ",\n    flowFile: 'flows.json', flowFilePretty: true\n"),
    "another log level": _with('level: "info"', 'level: "debug"'),
    "a constant": "const answer = 42;\n" + GOOD.replace("answer: 42", "answer: answer"),
    "an unused constant": GOOD + "const unused = { adminAuth: null };\n",
    "an unused function": GOOD + "function unused() { module.exports.adminAuth = null }\n",
    "a core module": _with("answer: 42", "answer: 42, path: require('path'), crypto: require('node:crypto')"),
    "a core module at the top": "const path = require('path');\n" + GOOD,
    "the port as a constant": "const port = 18801;\n" + _with("uiPort: 18801", "uiPort: port"),
    "the port as text": _with("uiPort: 18801", "uiPort: '18801'"),
    "the hash from a constant": f"const hash = '{HASH[:-1]}a';\n" + GOOD.replace(f'"{HASH[:-1]}a"', "hash"),
    "the login from a constant": GOOD.replace("adminAuth: {", "adminAuth: login, x: {").replace(
        "const os",
        f'const login = {{ type: "credentials", users: [{{ username: "admin", password: "{HASH[:-1]}a", permissions: "*" }}] }};\nconst os',
    ),
    "shorthand": "const requireHttps = true;\n" + _with("requireHttps: true", "requireHttps"),
    "a template": _with('uiHost: "127.0.0.1"', "uiHost: `127.0.0.1`"),
    "joined text": _with('uiHost: "127.0.0.1"', "uiHost: '127.' + '0.0.1'"),
    "an identifier": GOOD.replace("module.exports = {", "const settings = {") + "module.exports = settings;\n",
    "a chain": GOOD.replace("module.exports = {", "var settings = module.exports = {"),
    "set afterwards": _with("    requireHttps: true,\n", "") + "module.exports.requireHttps = true;\n",
    "set twice": _with("requireHttps: true,", "requireHttps: false,") + "module.exports.requireHttps = true;\n",
    "a spread of constants": "const more = { flowFile: 'x' };\n" + _with(_LAST, "    ...more,\n" + _LAST),
    "assigned": GOOD.replace("module.exports = {", "module.exports = Object.assign({}, {").replace("};", "});"),
    "frozen": GOOD + "Object.freeze(module.exports);\n",
    "another name of fs": GOOD.replace("fs.readFileSync('privkey", "require('fs').readFileSync('privkey"),
    "a helper": "const same = x => x;\n" + _with("requireHttps: true", "requireHttps: same(true)"),
    "an unprotected setting of the environment": _with(
        _LAST, "    flowFile: process.env.FLOWS || 'flows.json',\n" + _LAST
    ),
    "printed": GOOD + "console.log('settings are read');\n",
    "a parenthesis": GOOD.replace("module.exports = {", "module.exports = ({").replace("};", "});"),
    "a computed key": _with("requireHttps: true", "['require' + 'Https']: true"),
    "an escaped key": _with("requireHttps: true", "\\u0072equireHttps: true"),
    "permissions written otherwise": _with("uiPort: 18801", "uiPort: 0x4971"),
    "falsy and unset": _with(_LAST, "    disableEditor: undefined,\n" + _LAST),
    "a directive": "'use asm';\n" + GOOD,
    "an empty statement": GOOD + ";;\n",
    "a block": GOOD + "{ let x = 1; }\n",
    "a class nobody uses": GOOD + "class Unused { open() { module.exports.adminAuth = null } }\n",
    "a condition on constants": GOOD + "if (false) { module.exports.adminAuth = null }\n",
    "a loop over constants": GOOD + "for (const x of [1, 2]) { module.exports.functionGlobalContext['k' + x] = x }\n",
    "caught": GOOD + "try { null.x } catch (e) { }\n",
}
