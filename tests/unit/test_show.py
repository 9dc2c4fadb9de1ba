"""What people read on a terminal: at most 80 columns, and nothing that a guarded file could forge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.commands.show import WIDTH, finding_lines, table, view_lines
from nrguard.model import Admin, Blind, Comparison, FileState, Listener, Reading, Severity, Verdict, Wire
from nrguard.policy import Instance
from nrguard.seen import Disk, Finding, Process, Remedy, Sealed, Seen

SEEN = Seen(
    Instance("node-red", "/s.js"),
    Disk("/s.js", "d", None, Reading(FileState.SOUND), Comparison(Verdict.EQUAL)),
    Process((Listener("127.0.0.1", 18880, 1000, 7, 4711), Listener("::1", 18880, 1000, 8)), 18880),
    Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True),
    Sealed(3, 0.0, "d"),
    0.0,
)


def test_the_three_views_and_the_baseline_are_a_line_each() -> None:
    assert view_lines(SEEN) == [
        "  disk      /s.js: sound, equal to the baseline",
        "  process   127.0.0.1:18880 (process 4711), ::1:18880",
        "  wire      127.0.0.1:18880: login required, over HTTPS",
        "  baseline  generation 3",
    ]


def test_what_could_not_be_seen_says_why() -> None:
    nothing = replace(SEEN, disk=Blind("a"), process=Blind("b"), wire=Blind("c"), baseline=None)
    assert view_lines(nothing) == [
        "  disk      not seen: a",
        "  process   not seen: b",
        "  wire      not seen: c",
        "  baseline  none: nothing was accepted yet",
    ]


@pytest.mark.parametrize("admin", Admin)
def test_every_answer_of_the_wire_has_words(admin: Admin) -> None:
    line = view_lines(replace(SEEN, wire=Wire("127.0.0.1", 1, admin, permissions="read", tls=False)))[2]
    assert len(line) > len("  wire      127.0.0.1:1: ")


def test_a_finding_is_told_with_what_was_wanted_where_and_what_to_do() -> None:
    finding = Finding(
        "setting", "adminAuth", Severity.CRITICAL, "absent", "as accepted", Remedy.RESTORE, "run it", ("/s.js:3:5",)
    )
    assert finding_lines([finding]) == [
        "",
        "  critical: absent",
        "    setting/adminAuth; wanted: as accepted",
        "    /s.js:3:5",
        "    -> run it",
    ]


text = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
findings = st.builds(
    Finding, st.just("setting"), text, st.sampled_from(Severity), text, text, st.sampled_from(Remedy), text,
    st.lists(text, max_size=5).map(tuple),
)  # fmt: skip


@given(findings)
def test_no_line_is_too_wide_or_forged(finding: Finding) -> None:
    for line in finding_lines([finding]):
        assert len(line) <= WIDTH
        assert line == "" or line.startswith("  ")
        assert line.isprintable()


@given(text, text, text)
def test_no_view_is_too_wide_or_forged(path: str, odd: str, reason: str) -> None:
    seen = replace(SEEN, disk=replace(DISK, path="/" + path, odd=odd), process=Blind(reason), wire=Blind(reason))
    for line in [*view_lines(seen), *table([("phone", reason)])]:
        assert len(line) <= WIDTH
        assert line.isprintable()


DISK = Disk("/s.js", "d", None, Reading(FileState.SOUND))
