"""Over whatever bytes and edits: a document is always made, and a draft says what its edits say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nrguard.model import Edit, Span
from nrguard.settingsjs.document import Document, parse
from nrguard.settingsjs.splice import Draft, splice


@given(st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_make_a_document(source: bytes) -> None:
    document = parse(source)
    assert all(0 <= span.start <= span.end <= len(source) for span in places(document))


def places(document: Document) -> list[Span]:
    return [*document.comments, *(member.span for member in document.members)]


@st.composite
def edited(draw: st.DrawFn, length: int) -> list[Edit]:
    """Draw edits of a text of `length` bytes that do not meet."""
    bounds = sorted(draw(st.lists(st.integers(0, length), max_size=6)))
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return [Edit(Span(start, end), draw(st.binary(max_size=3))) for start, end in pairs]


@given(st.data())
def test_a_draft_says_what_its_edits_make_of_the_source(data: st.DataObject) -> None:
    source = data.draw(st.binary(max_size=20))
    draft = Draft(source)
    for _ in range(data.draw(st.integers(0, 4))):
        before = draft.text
        edits = data.draw(edited(len(before)))
        draft.make(edits)
        assert draft.text == splice(before, edits)
    assert splice(source, draft.edits()) == draft.text
