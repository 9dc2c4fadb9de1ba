"""Edits go in where they say, and every other byte stays."""

from __future__ import annotations

import pytest

from nrguard.model import Edit, Span
from nrguard.settingsjs.splice import Draft, Overlap, splice


def edit(start: int, end: int, text: bytes, sealed: Span | None = None) -> Edit:
    return Edit(Span(start, end), text, sealed)


def test_edits_replace_their_spans_whatever_their_order() -> None:
    assert splice(b"0123456789", [edit(8, 9, b"e"), edit(1, 3, b"abc"), edit(5, 5, b"-")]) == b"0abc34-567e9"


def test_edits_at_one_place_go_in_as_listed() -> None:
    assert splice(b"ab", [edit(1, 1, b"1"), edit(1, 1, b"2")]) == b"a12b"


@pytest.mark.parametrize("second", [edit(2, 5, b""), edit(3, 3, b"x"), edit(9, 11, b""), edit(6, 5, b"")])
def test_edits_that_meet_are_refused(second: Edit) -> None:
    with pytest.raises(Overlap):
        splice(b"0123456789", [edit(1, 4, b""), second])


def test_a_draft_tells_its_edits_as_edits_of_its_source() -> None:
    draft = Draft(b"one two three")
    draft.make([edit(4, 7, b"2")])
    assert draft.text == b"one 2 three"
    draft.make([edit(6, 11, b"3"), edit(0, 4, b"")])
    assert draft.text == b"2 3"
    assert splice(b"one two three", draft.edits()) == b"2 3"


def test_a_draft_keeps_apart_what_is_sealed() -> None:
    draft = Draft(b"{a}")
    draft.make([edit(2, 2, b",\n b,\n", Span(10, 11))])
    draft.make([edit(6, 6, b"c", Span(20, 21))])
    assert draft.text == b"{a,\n bc,\n}"
    assert [change.text for change in draft.edits()] == [b",\n b", b"c", b",\n"]
    assert [change.sealed for change in draft.edits()] == [Span(10, 11), Span(20, 21), None]


def test_a_draft_knows_the_sealed_bytes_of_a_piece_that_is_parted() -> None:
    draft = Draft(b"{}")
    draft.make([edit(1, 1, b" // c\n word,", Span(10, 20))])
    draft.make([edit(6, 6, b"\n x,", Span(30, 31))])
    assert draft.text == b"{ // c\n x,\n word,}"
    assert [(change.text, change.sealed) for change in draft.edits()] == [
        (b" // c", Span(10, 14)),
        (b"\n x,", Span(30, 31)),
        (b"\n word,", Span(16, 20)),
    ]


def test_a_draft_refuses_to_take_out_what_is_sealed() -> None:
    draft = Draft(b"{}")
    draft.make([edit(1, 1, b"word", Span(0, 4))])
    with pytest.raises(Overlap):
        draft.make([edit(0, 6, b"")])
