# ruff: noqa: E501 - tables of sources read best one a line
"""What reading a settings.js gives: states of files, states and values of settings, weak credentials."""

from __future__ import annotations

import pytest

from nrguard.model import FileState, Reading, Setting, SettingState, Verdict, View
from nrguard.settingsjs import NAMES, compare, read, weaknesses
from nrguard.settingsjs.gate import LARGEST

HASH = "$2b$12$Wz0F7x5mVtZ3bKcRk1n8ZOe7m8Q0lN4o8b1x1J8m3pT0y0m6QmA2a"
SAMPLE = "$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN."


def exported(members: str, env: dict[str, str] | None = None) -> Reading:
    return read(f"module.exports = {{ {members} }};".encode(), env=env)


def setting(name: str, value: str, env: dict[str, str] | None = None) -> Setting:
    return exported(f"{name}: {value}", env).settings[name]


def kinds(members: str) -> set[str]:
    return {weak.kind for weak in exported(members).weaknesses}


def login(password: str, more: str = "") -> str:
    user = f"{{ username: 'admin', {password} permissions: '*' }}"
    return f"adminAuth: {{ type: 'credentials', users: [{user}] {more} }}"


@pytest.mark.parametrize("source", ["", "// x", "{}", "exports = {};", "module.export = {};", "uiPort: 1880", "\ufeff"])
def test_a_file_without_settings_is_sound_and_has_none(source: str) -> None:
    reading = read(source.encode())
    assert reading.state is FileState.SOUND
    assert {one.state for one in reading.settings.values()} == {SettingState.ABSENT}


@pytest.mark.parametrize(
    "source",
    [
        "module.exports = {a:1,,b:2}", "module.exports = {,a:1}", "f(a,,b)", "const a = 1; const a = 2;", "let a; var a;",
        "<a/>", "export default {}", "import x from 'y'", "await x", "/a/gg", "/(/", "break", "continue;", "x: y: x: 1",
        "({__proto__: 1, __proto__: 2})", "'use strict'; 010", "'use strict'; with (a) {}", "'use strict'; delete a",
        "let module = 1", "const require = 1", "({a = 1})", "1 = 2", "a++ = 1", "new.target = 1", "for (let x, y of z) ;",
        "class A { constructor() {} constructor() {} }", "class A { #a; #a }", "a.#b", "(a, a) => 1", "function f(a) { 'use strict'; let a }",
        "async () => { for await (x in y) ; }", "if (1) const a = 1", "a ?? b || c", "-1 ** 2", "`${", "'abc", "/* x", "a => {} ()",
        "yield: 1; function* g() { yield: 1 }", "super.x", "return; }", "settings:\n  uiPort: 1880\n  uiHost: x y", "\0", "3in [1]", "1_", "0b2",
    ],
)  # fmt: skip
def test_what_node_refuses_is_broken(source: str) -> None:
    assert read(source.encode()).state is FileState.BROKEN


@pytest.mark.parametrize(
    "source", ["module.exports = null", "throw 1", "process.exit()", "x", "null.x", "module.exports = undefined", "a()"]
)
def test_what_does_not_survive_loading_is_broken(source: str) -> None:
    assert read(source.encode()).state is FileState.BROKEN


def test_a_missing_file_has_no_settings() -> None:
    reading = read(None)
    assert reading.state is FileState.MISSING
    assert reading.settings.keys() == set(NAMES)


@pytest.mark.parametrize(
    "source", [b"x" * (LARGEST + 1), b"[" * 20_000, b"{" * 20_000, b"a=>" * 20_000, b"`${" * 20_000, b"1;" * 40_000]
)
def test_what_is_too_large_or_deep_is_unproven(source: bytes) -> None:
    reading = read(source)
    assert reading.state is FileState.UNPROVEN
    assert {one.state for one in reading.settings.values()} == {SettingState.UNPROVEN}


@pytest.mark.parametrize(
    "source", ["module.exports = {}".encode("utf-16"), bytes(range(256)), b"\xff\xfe", b"#", b"\\"]
)
def test_binary_files_are_broken(source: bytes) -> None:
    assert read(source).state is FileState.BROKEN


@pytest.mark.parametrize(
    "text",
    ["// \0", "// \r x", "'\u2028'", "/* \ufeff */", "// \u202e", "x = 1 <!-- y", "\n--> x", "// \u2066"],
)
def test_what_readers_take_differently_is_never_sound(text: str) -> None:
    assert read(f"module.exports = {{}};\n{text}\n".encode()).state is not FileState.SOUND


def test_bytes_that_are_not_utf8_are_never_sound() -> None:
    assert read(b"module.exports = {}; // \xff").state is FileState.UNPROVEN


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("uiPort", "1880", 1880), ("uiPort", "'1880'", "1880"), ("uiPort", "0x758", 1880), ("uiPort", "NaN", None),
        ("uiHost", "'127.0.0.1'", "127.0.0.1"), ("requireHttps", "!0", True), ("disableEditor", "false", False),
        ("httpStatic", "[{ path: '/a', root: '/b' }]", [{"path": "/a", "root": "/b"}]),
        ("httpStatic", "__dirname + '/public'", "__dirname/public"),
        ("httpNodeAuth", f"{{ user: 'u', pass: '{HASH}' }}", {"user": "u", "hash": "bcrypt, cost 12"}),
        ("httpNodeAuth", "{ user: 'u', pass: 'secret' }", {"user": "u", "hash": "plain text"}),
        ("httpStaticAuth", "null", None), ("credentialSecret", "'x'", "set"), ("credentialSecret", "false", False),
        ("https", "null", {"kind": "none", "key": None, "cert": None}),
        ("https", "{ key: require('fs').readFileSync('k'), cert: 'PEM' }", {"kind": "object", "key": "k", "cert": "inline"}),
    ],
)  # fmt: skip
def test_a_value_is_shown_without_its_secrets(name: str, value: str, seen: View) -> None:
    found = setting(name, value)
    assert (found.state, found.value) == (SettingState.KNOWN, seen)


@pytest.mark.parametrize(
    ("value", "kind"),
    [("null", "none"), ("''", "none"), ("{ type: 'credentials', users: [] }", "credentials"), ("{}", "credentials"),
     ("{ type: 'strategy', strategy: {} }", "strategy"), ("function () {}", "function"), ("{ module: {} }", "module")],
)  # fmt: skip
def test_adminauth_has_a_kind(value: str, kind: str) -> None:
    view = setting("adminAuth", value).value
    assert isinstance(view, dict)
    assert list(view) == ["kind", "type", "users", "usernames", "default", "tokens"]
    assert view["kind"] == kind


def test_adminauth_shows_users_and_the_default() -> None:
    view = (
        exported(login(f"password: '{HASH}',", ", default: { permissions: 'read' }, tokens: []"))
        .settings["adminAuth"]
        .value
    )
    assert view == {
        "kind": "credentials", "type": "credentials", "users": 1, "usernames": ["admin"], "default": "read", "tokens": True
    }  # fmt: skip


def test_no_secret_is_in_a_reading() -> None:
    secrets = ["hunter2", HASH, "s3cr3t"]
    reading = exported(
        f"adminAuth: {{ type: 'credentials', users: [{{ username: 'a', password: '{HASH}' }}] }}, "
        f"httpNodeAuth: {{ user: 'u', pass: 'hunter2' }}, credentialSecret: 's3cr3t', "
        f"logging: {{ a: {{ password: 'hunter2', url: 'https://u:hunter2@h/' }} }}, ui: {{ x: '{HASH}' }}"
    )
    assert [secret for secret in secrets if secret in repr(reading)] == []


def test_an_unknown_environment_gives_the_possible_values() -> None:
    found = setting("uiPort", "process.env.PORT || 1880")
    assert (found.state, found.on, found.possible) == (SettingState.DEPENDS, ("PORT",), (1880,))


@pytest.mark.parametrize(("env", "value"), [({}, 1880), ({"PORT": ""}, 1880), ({"PORT": "1234"}, "1234")])
def test_a_known_environment_gives_the_value(env: dict[str, str], value: View) -> None:
    assert setting("uiPort", "process.env.PORT || 1880", env).value == value


def test_a_branch_on_the_environment_gives_both_values() -> None:
    reading = read(b"module.exports = { requireHttps: true }; if (process.env.A) module.exports.requireHttps = false;")
    found = reading.settings["requireHttps"]
    assert (found.state, found.on, set(found.possible)) == (SettingState.DEPENDS, ("A",), {True, False})


def test_a_setting_has_its_place() -> None:
    source = "// \u00e4\nmodule.exports = {\n    uiPort: 1\n};".encode()
    found = read(source).settings["uiPort"]
    assert found.line == 3
    assert found.span is not None
    assert found.span.of(source) == b"uiPort: 1"


def test_local_files_that_are_required_are_named() -> None:
    reading = read(b"module.exports = { adminAuth: require('./a'), f() { require('../b.json') }, c: require('c') }")
    assert set(reading.requires) == {"./a", "../b.json"}
    assert reading.settings["adminAuth"].on == ("./a",)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        (login(f"password: '{SAMPLE}',"), "sample-hash"), (login("password: '5f4dcc3b5aa765d61d8327deb882cf99',"), "md5"),
        (login("password: 'secret',"), "plain-text"), (login("password: '$2b$08$abc',"), "malformed"),
        (login(f"password: '{HASH.replace('$12$', '$07$')}',"), "low-cost"), (login(""), "no-password"),
        (login(f"password: '{HASH}',", ", default: { permissions: '*' }"), "default-all"),
        (login(f"password: '{HASH}',", ", default: { permissions: 'read' }"), "default-read"),
        (login(f"password: '{HASH}',", ", tokens: [{ token: 'x' }]"), "static-tokens"),
        ("adminAuth: { type: 'credentials', users: [] }", "no-users"),
        (login(f"password: '{HASH}',") + f", httpNodeAuth: {{ user: 'x', pass: '{HASH}' }}", "shared-hash"),
        (login(f"password: '{HASH}',") + ", httpNodeAuth: { user: 'admin', pass: 'x' }", "shared-user"),
        ("httpNodeAuth: { user: 'x', pass: '5F4DCC3B5AA765D61D8327DEB882CF99' }", "md5"),
        ("credentialSecret: 'a-secret-key'", "sample-secret"), ("credentialSecret: false", "no-encryption"),
    ],
)  # fmt: skip
def test_a_weak_credential_is_found(members: str, kind: str) -> None:
    assert kind in kinds(members)


def test_a_strong_login_has_no_weakness() -> None:
    assert kinds(login(f"password: '{HASH}',")) == set()


@pytest.mark.parametrize(("major", "found"), [(None, True), (2, True), (3, True), (1, False), (4, False), (5, False)])
def test_2y_hashes_are_weak_only_where_node_red_refuses_them(major: int | None, found: bool) -> None:
    reading = exported(login(f"password: '{HASH.replace('$2b$', '$2y$')}',"))
    assert ("bcrypt-2y" in {weak.kind for weak in weaknesses(reading, major)}) is found


@pytest.mark.parametrize(
    "nesting", ["[{}]", "({}{})", "(() => {})()", "{{ a: {} }}", "`${{{}}}`", "!{}", "(1 ? {} : 1)"]
)
@pytest.mark.parametrize("depth", [20, 60, 90, 300])
def test_nesting_never_exhausts_the_stack(nesting: str, depth: int) -> None:
    value = "1"
    for _ in range(depth):
        value = nesting.replace("{}{}", "{}", 1).format(value) if "{}{}" in nesting else nesting.format(value)
    assert read(f"module.exports = {{ ui: {value} }}".encode()).state in FileState


BOMBS = (
    "var a = [1]; for (var i = 0; i < 60; i++) a = [a, a]; module.exports = { logging: a, ui: a, uiPort: process.env.X || a }",
    "var a = {}; for (var i = 0; i < 60; i++) a = { x: a, y: a, z: process.env.Q }; module.exports = { logging: a, adminAuth: a }",
    "var a = { q: process.env.Q }; a.x = a; a.y = a; a.z = [a, a]; module.exports = { logging: a, adminAuth: a, https: a }",
    "var a = process.env.X; for (var i = 0; i < 60; i++) a = a + a; module.exports = { uiHost: a, httpStatic: a }",
    "var a = process.env.X; for (var i = 0; i < 60; i++) a = a ? a : a; module.exports = { uiHost: (a || 1).x, httpStatic: a }",
    "var a = process.env.X; for (var i = 0; i < 60; i++) a = `${a}${a}`; try { a + a } catch (e) { } module.exports = { uiHost: a }",
    "var a = require('./x'); for (var i = 0; i < 60; i++) a = [a, a, a.b]; module.exports = { https: { key: a, cert: a } }",
    "for (;;) ;",
    "function f() { return f() } f()",
    "var a = 'x'; for (;;) a = a.concat(a)",
    "var a = [1]; for (;;) a = [...a, ...a]",
    "var u = require('u'), o = {}; for (var i = 0; i < 900; i++) o['k' + i] = { i }; for (;;) u(o)",
    "".join(f"function f{i}() {{ {'; '.join(f'f{j}' for j in range(25))} }} " for i in range(25))
    + "module.exports = { a: f1, b: f2 }",
    "; ".join(f"if (process.env.V{i}) module.exports.x{i} = 1" for i in range(20)),
    "module.exports = { uiPort: " + " + ".join(f"(process.env.V{i} || 1)" for i in range(30)) + " }",
    "module.exports = { get uiPort() { return this.uiPort } }",
    "module.exports = { " + "1" * 6000 + "n: 1 }",
)


@pytest.mark.parametrize("source", BOMBS, ids=lambda source: source[:40])
@pytest.mark.parametrize("env", [None, {}])
def test_code_that_grows_without_end_ends(source: str, env: dict[str, str] | None) -> None:
    reading = read(source.encode(), env=env)
    assert compare(reading, reading).verdict is Verdict.EQUAL
