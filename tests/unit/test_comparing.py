# ruff: noqa: E501 - tables of sources read best one a line
"""The verdict over a settings.js against an accepted one."""

from __future__ import annotations

import pytest

from nrguard.model import Severity, Verdict
from nrguard.settingsjs import compare, read

HASH = "$2b$12$Wz0F7x5mVtZ3bKcRk1n8ZOe7m8Q0lN4o8b1x1J8m3pT0y0m6QmA2a"
OTHER = HASH[:-1] + "b"
GOOD = {
    "uiPort": "18801",
    "uiHost": "'127.0.0.1'",
    "adminAuth": f"{{ type: 'credentials', users: [{{ username: 'admin', password: '{HASH}', permissions: 'read' }}] }}",
    "httpNodeAuth": f"{{ user: 'web', pass: '{HASH}' }}",
    "https": "{ key: require('fs').readFileSync('k'), cert: require('fs').readFileSync('c') }",
    "requireHttps": "true",
    "httpAdminRoot": "'/admin'",
}


def text(members: dict[str, str]) -> bytes:
    return f"module.exports = {{ {', '.join(f'{name}: {value}' for name, value in members.items())} }};".encode()


def against_good(**changes: str) -> tuple[Verdict, dict[str, Severity]]:
    comparison = compare(read(text({**GOOD, **changes})), read(text(GOOD)))
    return comparison.verdict, {one.setting: one.severity for one in comparison.differences}


def admin(**changes: str) -> str:
    user = {"username": "'admin'", "password": f"'{HASH}'", "permissions": "'read'", **changes}
    return f"{{ type: 'credentials', users: [{{ {', '.join(f'{k}: {v}' for k, v in user.items())} }}] }}"


def test_the_same_settings_are_equal() -> None:
    assert against_good() == (Verdict.EQUAL, {})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("adminAuth", "null"), ("adminAuth", "''"), ("adminAuth", admin(permissions="'*'")),
        ("adminAuth", admin(password=f"'{HASH.replace('$12$', '$10$')}'")), ("adminAuth", admin(password="'secret'")),
        ("adminAuth", admin(password="'$2a$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9DN.'")),
        ("adminAuth", admin()[:-1] + ", default: { permissions: 'read' } }"),
        ("adminAuth", admin()[:-1] + ", tokens: [{ token: 'x' }] }"),
        ("adminAuth", admin()[:-1] + ", sessionExpiryTime: 99999999 }"),
        ("httpNodeAuth", "undefined"), ("httpNodeAuth", "{ user: 'web', pass: '5f4dcc3b5aa765d61d8327deb882cf99' }"),
        ("https", "null"), ("https", "{ key: 1, cert: 2, ciphers: 'NULL' }"), ("requireHttps", "'true'"), ("requireHttps", "1"),
        ("uiPort", "1880"), ("uiPort", "'1880'"), ("uiPort", "undefined"), ("uiHost", "''"), ("uiHost", "'0.0.0.0'"),
        ("uiHost", "'::'"), ("uiHost", "'192.168.1.5'"),
    ],
)  # fmt: skip
def test_a_weaker_setting_is_weakened_and_critical(setting: str, value: str) -> None:
    verdict, found = against_good(**{setting: value})
    assert (verdict, found[setting]) == (Verdict.WEAKENED, Severity.CRITICAL)


@pytest.mark.parametrize(
    ("setting", "value", "severity"),
    [
        ("adminAuth", admin(password=f"'{OTHER}'"), Severity.CRITICAL),
        ("adminAuth", admin(username="'other'"), Severity.CRITICAL),
        ("adminAuth", admin(permissions="'*'").replace("'*'", "[]"), Severity.CRITICAL),
        ("adminAuth", "{}", Severity.CRITICAL), ("adminAuth", admin()[:-1] + ", sessionExpiryTime: 60 }", Severity.CRITICAL),
        ("httpNodeAuth", f"{{ user: 'other', pass: '{HASH}' }}", Severity.CRITICAL),
        ("https", "{ key: require('fs').readFileSync('x'), cert: require('fs').readFileSync('c') }", Severity.CRITICAL),
        ("uiPort", "18802", Severity.WARNING), ("uiHost", "'::1'", Severity.WARNING),
    ],
)  # fmt: skip
def test_another_setting_that_is_not_weaker_is_changed(setting: str, value: str, severity: Severity) -> None:
    verdict, found = against_good(**{setting: value})
    assert (verdict, found[setting]) == (Verdict.CHANGED, severity)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("adminAuth", "function () {}"), ("httpNodeAuth", "(a, b, next) => next()"), ("https", "() => null"),
     ("adminAuth", "require('./x')"), ("uiHost", "process.env.H || '127.0.0.1'"), ("uiPort", "process.env.P || 18801")],
)  # fmt: skip
def test_what_can_not_be_known_is_unproven(setting: str, value: str) -> None:
    assert against_good(**{setting: value})[0] is Verdict.UNPROVEN


def test_one_weak_value_of_an_unknown_environment_is_enough() -> None:
    assert against_good(adminAuth=f"process.env.X ? {GOOD['adminAuth']} : null")[0] is Verdict.WEAKENED


@pytest.mark.parametrize(
    ("setting", "value", "severity"),
    [
        ("httpStatic", "'/home/pi'", Severity.CRITICAL), ("nodesDir", "'/tmp/x'", Severity.CRITICAL),
        ("userDir", "'/tmp/x'", Severity.CRITICAL), ("httpAdminRoot", "'/x'", Severity.WARNING),
        ("contextStorage", "{ default: { module: '/tmp/x' } }", Severity.CRITICAL),
        ("contextStorage", "{ default: { module: 'memory' } }", Severity.WARNING),
        ("httpNodeCors", "{ origin: '*' }", Severity.WARNING), ("credentialSecret", "false", Severity.CRITICAL),
        ("editorTheme", "{ page: { scripts: ['/x.js'] } }", Severity.WARNING),
    ],
)  # fmt: skip
def test_a_neighbour_that_moves_trust_is_a_change(setting: str, value: str, severity: Severity) -> None:
    verdict, found = against_good(**{setting: value})
    assert (verdict, found) == (Verdict.CHANGED, {setting: severity})


@pytest.mark.parametrize(("setting", "value"), [("logging", "{ console: { level: 'debug' } }"), ("editorTheme", "{}")])
def test_a_harmless_neighbour_is_only_noted(setting: str, value: str) -> None:
    assert against_good(**{setting: value}) == (Verdict.EQUAL, {setting: Severity.NOTE})


def test_an_editor_that_was_shut_and_opens_is_weakened() -> None:
    good = read(text({**GOOD, "httpAdminRoot": "false"}))
    assert compare(read(text(GOOD)), good).verdict is Verdict.WEAKENED


def test_a_stronger_file_is_changed() -> None:
    assert (
        compare(read(text(GOOD)), read(b"module.exports = { uiPort: 18801, flowFile: 'x' }")).verdict is Verdict.CHANGED
    )


@pytest.mark.parametrize("source", [None, b"", b"// x", b"exports = {}", b"module.exports = {}", b"module.exports = 1"])
def test_no_settings_at_all_are_weakened(source: bytes | None) -> None:
    assert compare(read(source), read(text(GOOD))).verdict is Verdict.WEAKENED


def test_a_setting_that_nobody_keeps_is_only_noted() -> None:
    comparison = compare(read(text({**GOOD, "uiPort": "1880"})), read(text(GOOD)), protected=("adminAuth",))
    assert comparison.verdict is Verdict.EQUAL


def test_the_worst_difference_comes_first() -> None:
    comparison = compare(read(text({**GOOD, "uiPort": "2", "adminAuth": "null", "f": "() => 1"})), read(text(GOOD)))
    assert [one.setting for one in comparison.differences] == ["adminAuth", "code", "uiPort"]
    assert comparison.verdict is Verdict.WEAKENED


def test_no_hash_is_in_a_comparison() -> None:
    comparison = compare(read(text({**GOOD, "adminAuth": admin(password=f"'{OTHER}'")})), read(text(GOOD)))
    assert "$2b$" not in repr(comparison)
