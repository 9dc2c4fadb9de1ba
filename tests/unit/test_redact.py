"""A difference that can be pasted anywhere: what could be a secret is a mask, whatever it hides behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.redact import MASK, difference
from tests.fake_world import GOOD, HASH

SECRET = "hunter2correcthorse"


def shown(old: str, new: str = "") -> str:
    return "\n".join(difference(old.encode(), new.encode(), "/home/pi/.node-red/settings.js"))


def test_what_apply_adds_is_shown_without_its_secrets() -> None:
    old = GOOD.replace(b"18880", b"1880").decode()
    added = GOOD.decode()
    assert shown(old, added).splitlines() == [
        "--- /home/pi/.node-red/settings.js",
        "+++ /home/pi/.node-red/settings.js (new)",
        "@@ -7 +7 @@",
        "-    uiPort: 1880,",
        "+    uiPort: 18880,",
    ]


def test_a_login_is_shown_with_its_name_and_without_its_hash() -> None:
    lines = shown("module.exports = {\n}\n", GOOD.decode()).splitlines()
    assert '+        users: [{ username: "admin", password: "…", permissions: "*" }]' in lines
    assert '+        type: "credentials",' in lines
    assert '+    uiHost: "127.0.0.1",' in lines
    assert "+    // …" in lines


def test_no_difference_is_no_line() -> None:
    assert difference(GOOD, GOOD, "/s.js") == []


def test_the_numbers_of_lines_are_those_of_a_unified_diff() -> None:
    old, new = "true\nfalse\nnull\n", "false\nnull\nnull\nnull\n"
    assert [line for line in shown(old, new).splitlines() if line.startswith("@@")] == [
        "@@ -1 +0,0 @@",
        "@@ -3,0 +3,2 @@",
    ]


def test_what_changed_only_in_its_secret_is_still_shown() -> None:
    lines = shown(f'password: "{HASH}"', 'password: "$2b$12$x"').splitlines()
    assert lines[-2:] == [f"-password: {MASK}", f"+password: {MASK}"]


@pytest.mark.parametrize(
    "hidden",
    [
        f'password: "{SECRET}"',
        f"password: '{SECRET}'",
        f"password: `{SECRET}`",
        f"password: `\n{SECRET}\n`",
        f'password: "a\\\n{SECRET}"',
        f'password: "\\"{SECRET}"',
        f'"password":"{SECRET}"',
        f'["password"]: "{SECRET}"',
        f'["user", "{SECRET}"]',
        f"user, '{SECRET}'",
        f"// {SECRET}",
        f"/* {SECRET} */",
        f"/*\n * {SECRET}\n */",
        f"/*\n{SECRET}\n*/",
        f"/* an end that never comes\n{SECRET}",
        f"password: {SECRET}",
        f"{SECRET}: 1",
        f"'{SECRET}': 1",
        f"pass: /{SECRET}/",
        f"pass: /\"/, b: {SECRET} + '\"'",
        f"pass: `a${{`{SECRET}`}}b`",
        f"pass: `a${{'`'}}`, b: '{SECRET}'",
        f"user: `{SECRET}`",
        f'usernames: "{SECRET}"',
        f"process.env.{SECRET}",
        f'credentialSecret: "{SECRET}"',
        f"<!-- {SECRET}",
        f'type: "x" // {SECRET}',
        f'password: "{SECRET}',
        f"x\r// {SECRET}",
        f"x\u2028password: '{SECRET}'",
    ],
)
def test_a_secret_is_hidden_wherever_it_stands(hidden: str) -> None:
    for text in (shown(hidden), shown("", hidden), shown(f"a\n{hidden}\nb", "a\nb")):
        assert SECRET not in text


@pytest.mark.parametrize(
    "hidden", ["password: 1234567", "credentialSecret: 20240131", "pass: 0x1234ABCD", "pass: 1e9999"]
)
def test_a_number_that_could_be_a_secret_is_hidden(hidden: str) -> None:
    number = hidden.partition(": ")[2]
    assert number not in shown(hidden)


@given(st.text(alphabet="\"'`\\/*\n ${}:user", max_size=12), st.text(alphabet="\"'`\\/*\n ${}:,", max_size=12))
def test_no_quoting_however_odd_lets_a_secret_out(before: str, after: str) -> None:
    assert SECRET not in shown(f"{before}password: '{SECRET}'{after}")


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_changed_line_has_its_line_and_forges_no_other(old: str, new: str) -> None:
    lines = difference(old.encode("utf-8", "replace"), new.encode("utf-8", "replace"), "/s.js")
    assert all(line[0] in "-+@" for line in lines)
    assert not any(char in line for line in lines for char in "\n\r\x1b\u2028\u202e")


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    lines = difference(b"uiPort: \xff\x1b[2J", b"", "/s.js")
    assert not any("\x1b" in line for line in lines)


def test_a_path_cannot_forge_a_line() -> None:
    assert difference(b"1", b"2", "/tmp/a\n+++ b")[0] == "--- /tmp/a\\n+++ b"


def test_a_large_file_is_no_trouble() -> None:
    large = b"module.exports = {\n" + b"    // a comment that says nothing much at all\n" * 20_000 + b"}\n"
    assert len(difference(large, large.replace(b"{", b"{\n    requireHttps: true,", 1), "/s.js")) == 4
