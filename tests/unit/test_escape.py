"""Whatever the guarded file holds, what is shown can't mislead, and nothing vanishes."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nrguard.escape import one_line, plain, visible

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs", "Mn"]),
        st.sampled_from("<>*_`[]()|~@#&\\.:/-+=!1aé\n\t "),
    )
)
ESCAPE = re.compile(r"\\(?:n|r|t|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("adminAuth", "adminAuth"),
        ("übergröße 日本語 ✓ 🏠", "übergröße 日本語 ✓ 🏠"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("user\u202esj.exe", "user\\u202esj.exe"),
        ("ad\u200bmin", "ad\\u200bmin"),
        ("\ufeffx\u00ad", "\\ufeffx\\xad"),
        ("a\u2028b\u2029c\u0085", "a\\u2028b\\u2029c\\x85"),
        ("a\u00a0b\u3000c", "a\\xa0b\\u3000c"),
        ("\ud800", "\\ud800"),
        ("\ue000\U0010ffff", "\\ue000\\U0010ffff"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("\U000e0041", "\\U000e0041"),
        ("x\ufe0f", "x\\ufe0f"),
        ("e\u0301 ok", "e\u0301 ok"),
        ("e" + "\u0301" * 4, "e\u0301\u0301\\u0301\\u0301"),
        ("\u0301x", "\\u0301x"),
    ],
)
def test_what_misleads_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(HOSTILE)
def test_nothing_invisible_remains(text: str) -> None:
    for char in visible(text):
        assert unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        assert char == " " or not char.isspace()
    visible(text).encode()  # no lone surrogate: a terminal, SQLite and JSON all take it


@given(HOSTILE)
def test_nothing_vanishes(text: str) -> None:
    assert len(visible(text)) >= len(text)


@given(HOSTILE)
@example("\u1160\u17b4")  # both print as nothing, and the second is a mark
def test_showing_twice_is_showing_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)
    assert plain(plain(text)) == plain(text)


@given(HOSTILE, st.integers(0, 40))
def test_a_cut_text_says_so_and_ends_in_no_half_escape(text: str, limit: int) -> None:
    for show in (visible, one_line, plain):
        whole, cut = show(text), show(text, limit=limit)
        assert len(cut) <= limit
        if cut != whole and limit:
            assert cut.endswith("…")
            assert whole.startswith(cut[:-1])


@given(st.lists(st.sampled_from(["\u202e", "\x1b", "a"]), max_size=12).map("".join), st.integers(1, 40))
def test_no_escape_is_cut_in_half(text: str, limit: int) -> None:
    assert ESCAPE.sub("", visible(text, limit=limit)).replace("a", "").replace("…", "") == ""


def test_a_text_of_several_lines_becomes_one() -> None:
    assert one_line("  first\n\tsecond\r\n third \x00") == "first second third \\x00"


@pytest.mark.parametrize(
    "text",
    ["settings.js", "192.168.1.20:1880", "/home/pi/.node-red/settings.js", "NODE_RED_HOME", "Node-RED 4.1.15", "21:04",
     "pi4-hall.local", "a - b", "nodered.service", "50 % of it (1.8 s)", "adminAuth, https and 2 more"],
)  # fmt: skip
def test_what_people_read_in_messages_stays_readable(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** _it_ `code` ~~x~~ ||y||", "∗∗bold∗∗ ＿it＿ 'code' ∼∼x∼∼ ¦¦y¦¦"),
        ("[bank](http://evil.example)", "(bank)(http:⁄⁄evil․example)"),
        ("<b>fixed</b> &lt; &#60;", "‹b›fixed‹/b› ＆lt; ＆#60;"),
        ("@everyone me@home.org", "＠everyone me＠home․org"),
        ("# Heading", "– Heading"),
        ("- item", "– item"),
        ("1. item", "(1) item"),
        ("go to evil.com now", "go to evil․com now"),
        ("line\nnrguard: all is well", "line nrguard: all is well"),
    ],
)
def test_no_service_takes_it_for_markup(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(HOSTILE)
def test_no_markup_survives(text: str) -> None:
    shown = plain(text)
    assert not set(shown) & set("<>*`[]|~@\n")
    assert "://" not in shown
    assert not re.search(r"&[#\w]", shown)
    assert not re.search(r"(?:^|\W)_|_(?:\W|$)", shown)
    assert not re.match(r"[#+=-]\s|\d+[.)]\s", shown)
