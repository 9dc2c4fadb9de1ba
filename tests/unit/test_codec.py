"""Values to JSON and back: what was put in comes out, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.baseline import Facts
from nrguard.codec import Malformed, from_json, to_json
from nrguard.model import (
    Comparison,
    Difference,
    Edit,
    FileState,
    Proposal,
    Reading,
    Reason,
    Refusal,
    Setting,
    SettingState,
    Severity,
    Span,
    Verdict,
    Weakness,
)
from nrguard.records import Debt, Message
from nrguard.seen import Finding, Remedy
from nrguard.understanding import Question, Understanding

text = st.text(max_size=20)
counts = st.integers(0, 10_000)
views: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | counts | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
spans = st.builds(Span, counts, counts)
settings = st.builds(
    Setting, text, st.sampled_from(SettingState), views, text, counts,
    st.lists(text, max_size=2).map(tuple), st.lists(views, max_size=2).map(tuple), st.none() | spans,
)  # fmt: skip
weaknesses = st.builds(Weakness, text, text, st.sampled_from(Severity), text, counts, counts)
readings = st.builds(
    Reading, st.sampled_from(FileState), st.lists(st.builds(Reason, counts, counts, text), max_size=2).map(tuple),
    st.dictionaries(text, settings, max_size=3), st.lists(text, max_size=2).map(tuple),
    st.lists(text, max_size=2).map(tuple), st.lists(weaknesses, max_size=2).map(tuple),
)  # fmt: skip
differences = st.builds(
    Difference, text, st.sampled_from(Verdict), st.sampled_from(Severity), text, text, counts, counts
)
comparisons = st.builds(Comparison, st.sampled_from(Verdict), st.lists(differences, max_size=2).map(tuple))
edits = st.builds(Edit, spans, st.binary(max_size=20), st.none() | spans)
proposals = st.builds(Proposal, st.binary(max_size=40), st.lists(edits, max_size=2).map(tuple))
answers = st.builds(
    Understanding, readings, st.none() | comparisons, st.none() | readings,
    st.none() | proposals | st.builds(Refusal, text, counts, counts), st.none() | readings,
)  # fmt: skip
questions = st.builds(
    Question, st.none() | st.binary(max_size=40), st.none() | st.binary(max_size=40),
    st.lists(text, max_size=3).map(tuple), st.none() | st.dictionaries(text, text, max_size=2), st.booleans(),
    st.none() | st.dictionaries(text, st.none() | text, max_size=2),
)  # fmt: skip
findings = st.builds(
    Finding, text, text, st.sampled_from(Severity), text, text, st.sampled_from(Remedy), text,
    st.lists(text, max_size=2).map(tuple),
)  # fmt: skip
facts = st.builds(
    Facts, st.floats(0, 2e9), text, text, counts, counts, counts, counts, st.lists(text, max_size=2).map(tuple),
    st.dictionaries(text, settings, max_size=2), st.dictionaries(text, text, max_size=2),
)  # fmt: skip


@given(answers | questions | findings | facts)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    sent = json.dumps(to_json(value))
    assert from_json(type(value), json.loads(sent)) == value


@given(st.sampled_from([Understanding, Question, Finding, Facts, Debt, Message]), views)
def test_data_of_any_other_shape_is_malformed_and_nothing_worse(wanted: type, data: Any) -> None:
    try:
        value = from_json(wanted, data)
    except Malformed:
        return
    assert isinstance(value, wanted)


@given(answers, st.data())
def test_an_answer_with_one_part_exchanged_is_refused_or_typed(value: Understanding, data: st.DataObject) -> None:
    """A reader that an attacker has taken over may send what it wants: each field still holds what its type says."""
    document = to_json(value)
    part = data.draw(st.sampled_from(["reading", "comparison", "good", "proposal", "changed"]))
    document[part] = data.draw(views)
    try:
        read = from_json(Understanding, document)
    except Malformed:
        return
    assert from_json(Understanding, to_json(read)) == read


@pytest.mark.parametrize(
    ("wanted", "data"),
    [
        (bytes, "not base64!"), (bytes, "YQ"), (bytes, 7), (int, True), (bool, 1), (int, 1.0), (float, True),
        (str, None),        (Severity, "critical"), (Severity, 3), (Severity, []), (Verdict, 7), (Verdict, {}),
        (Span, [1, 2]),
        (Span, {"start": 1}), (Span, {"start": 1, "end": 2, "more": 3}), (Span, {"start": "1", "end": 2}),
        (tuple[str, ...], "ab"), (tuple[str, ...], [1]), (bytes | None, "not base64!"),
        (Proposal | None, {"text": "!"}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_malformed(wanted: Any, data: Any) -> None:
    with pytest.raises(Malformed):
        from_json(wanted, data)


def test_a_whole_number_may_stand_for_seconds() -> None:
    debt = from_json(Debt, {"boot": "b", "weak_from": 1, "weak_until": 2.5, "why": "w"})
    assert (debt, type(debt.weak_from)) == (Debt("b", 1.0, 2.5, "w"), float)


def test_a_message_of_an_unknown_field_is_named() -> None:
    with pytest.raises(Malformed, match="Message has no loud"):
        from_json(Message, {"title": "t", "body": "b", "severity": 1, "loud": True})


def test_an_enum_is_stored_as_its_value() -> None:
    assert to_json({"s": Severity.CRITICAL, "v": Verdict.EQUAL}) == {"s": 2, "v": "equal"}
