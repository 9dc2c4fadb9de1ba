"""What the reader proposes is checked without parsing: only sealed text may come into the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.baseline import Baseline, Facts, digest, proved
from nrguard.model import Edit, Proposal, Setting, SettingState, Span

GOOD = b"module.exports = {\n    adminAuth: { users: [] },\n    uiPort: 18880,\n}\n"
PRESENT = b"module.exports = {\n    // mine\n    uiPort: 1880,\n}\n"
LOGIN = Span(GOOD.index(b"adminAuth"), GOOD.index(b"adminAuth") + len(b"adminAuth: { users: [] }"))
PORT = Span(GOOD.index(b"18880"), GOOD.index(b"18880") + 5)
HERE = PRESENT.index(b"uiPort")
OLD_PORT = Span(PRESENT.index(b"1880"), PRESENT.index(b"1880") + 4)


def spliced(*edits: Edit) -> Proposal:
    text = PRESENT
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return Proposal(text, edits)


def test_sealed_text_in_the_named_places_is_proved() -> None:
    login = Edit(Span(HERE, HERE), LOGIN.of(GOOD) + b",\n    ", LOGIN)
    port = Edit(OLD_PORT, PORT.of(GOOD), PORT)
    assert proved(PRESENT, GOOD, spliced(login, port))


def test_a_removal_may_leave_white_space_and_commas() -> None:
    assert proved(PRESENT, GOOD, spliced(Edit(OLD_PORT, b" ,\r\n\t")))


def test_no_edit_is_the_present_text() -> None:
    assert proved(PRESENT, GOOD, Proposal(PRESENT, ()))
    assert not proved(PRESENT, GOOD, Proposal(PRESENT + b" ", ()))


@pytest.mark.parametrize(
    "edit",
    [
        Edit(OLD_PORT, b"1337", PORT),
        Edit(OLD_PORT, b"18880; evil()", PORT),
        Edit(OLD_PORT, b"evil(), 18880", PORT),
        Edit(OLD_PORT, b"18880 18880", PORT),
        Edit(OLD_PORT, b"evil()"),
        Edit(OLD_PORT, b"", Span(3, 3)),
        Edit(OLD_PORT, b" ", Span(3, 3)),
        Edit(OLD_PORT, b"18880", Span(PORT.end, PORT.start)),
        Edit(OLD_PORT, b"18880", Span(10_000, 10_005)),
        Edit(Span(OLD_PORT.end, OLD_PORT.start), b"18880", PORT),
        Edit(Span(-4, -1), b"18880", PORT),
        Edit(Span(0, len(PRESENT) + 1), b"18880", PORT),
    ],
)
def test_anything_but_sealed_text_is_refused(edit: Edit) -> None:
    assert not proved(PRESENT, GOOD, spliced(edit))


def test_the_text_is_what_the_edits_make_and_nothing_else() -> None:
    proposal = spliced(Edit(OLD_PORT, PORT.of(GOOD), PORT))
    assert not proved(PRESENT, GOOD, Proposal(proposal.text.replace(b"mine", b"evil"), proposal.edits))


def test_edits_that_overlap_or_go_back_are_refused() -> None:
    port = Edit(OLD_PORT, PORT.of(GOOD), PORT)
    assert not proved(PRESENT, GOOD, Proposal(spliced(port).text, (port, port)))
    later, earlier = Edit(Span(9, 9), b" "), Edit(Span(3, 3), b" ")
    assert proved(PRESENT, GOOD, spliced(earlier, later))
    assert not proved(PRESENT, GOOD, Proposal(spliced(earlier, later).text, (later, earlier)))


small = st.integers(-2, len(PRESENT) + 2)
spans = st.builds(Span, small, small)
edits = st.builds(Edit, spans, st.sampled_from([b"", b",", PORT.of(GOOD), b"evil", LOGIN.of(GOOD) + b"\n"]),
                  st.none() | st.sampled_from([PORT, LOGIN]) | spans)  # fmt: skip


@given(st.lists(edits, max_size=3).map(tuple), st.binary(max_size=30))
def test_no_word_comes_in_that_neither_file_has(made: tuple[Edit, ...], text: bytes) -> None:
    for proposal in (Proposal(text, made), spliced(*sorted(made, key=lambda edit: edit.span.start))):
        if proved(PRESENT, GOOD, proposal):
            assert b"evil" not in proposal.text


def test_checks_see_a_baseline_without_its_bytes() -> None:
    setting = Setting("uiPort", SettingState.KNOWN, 18880, "d1")
    facts = Facts(7.0, "accept", digest(GOOD), 1000, 1000, 0o644, 18880, ("127.0.0.1",), {"uiPort": setting})
    sealed = Baseline(3, GOOD, facts).sealed()
    assert (sealed.generation, sealed.sealed_at, sealed.port, sealed.addresses) == (3, 7.0, 18880, ("127.0.0.1",))
    assert sealed.settings == {"uiPort": setting}
    assert "adminAuth: {" not in repr(sealed)
