"""Hostile edits of a good file are never called equal, nor merely changed; harmless ones raise no alarm."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from nrguard.model import FileState, Reading, Severity, Verdict
from nrguard.settingsjs import compare, read
from tests.differential import accepted
from tests.differential.agreement import as_bytes, disagreements, weaker
from tests.differential.attacks import GOOD, HARMLESS_WITH_ENVIRONMENT, harmless, hostile
from tests.differential.benign import EDITS
from tests.differential.oracle import Oracle

HARMLESS = (Verdict.EQUAL, Verdict.CHANGED)


@pytest.fixture(scope="module", params=[None, {}], ids=["unknown environment", "empty environment"])
def good(request: pytest.FixtureRequest) -> tuple[Mapping[str, str] | None, Reading]:
    return request.param, read(GOOD.encode(), env=request.param)


def test_the_good_file_is_sound(good: tuple[Mapping[str, str] | None, Reading]) -> None:
    assert (good[1].state, good[1].reasons) == (FileState.SOUND, ())


def test_no_attack_is_called_equal_or_changed(good: tuple[Mapping[str, str] | None, Reading]) -> None:
    env, accepted = good
    called_harmless = [
        source.replace(GOOD, "…")
        for source in hostile()
        if compare(read(as_bytes(source), env=env), accepted).verdict in HARMLESS
        and not (env is not None and any(mark in source for mark in HARMLESS_WITH_ENVIRONMENT))
    ]
    assert called_harmless == []


def test_an_attack_that_needs_a_variable_opens_nothing_without_it(oracle: Oracle) -> None:
    wanted = oracle.load(GOOD, {}).settings
    waiting = [source for source in hostile() if any(mark in source for mark in HARMLESS_WITH_ENVIRONMENT)]
    assert len(waiting) >= len(HARMLESS_WITH_ENVIRONMENT)
    assert [source for source in waiting if weaker(oracle.load(source, {}).later, wanted)] == []


def test_what_is_decided_of_an_attack_is_what_node_has(oracle: Oracle) -> None:
    wrong = {source: disagreements(read(as_bytes(source), env={}), oracle.load(source)) for source in hostile()}
    assert {source.replace(GOOD, "…"): what for source, what in wrong.items() if what} == {}


@pytest.mark.parametrize("name", EDITS)
def test_no_benign_edit_raises_an_alarm(
    name: str, good: tuple[Mapping[str, str] | None, Reading], oracle: Oracle
) -> None:
    env, accepted = good
    source = EDITS[name]
    present = read(as_bytes(source), env=env)
    comparison = compare(present, accepted)
    assert (present.state, present.reasons) == (FileState.SOUND, ())
    assert comparison.verdict is Verdict.EQUAL
    assert [one for one in comparison.differences if one.severity > Severity.NOTE] == []
    assert disagreements(present, oracle.load(source, env)) == []


@pytest.mark.parametrize("source", harmless())
def test_what_only_looks_like_an_attack_is_equal(source: str, oracle: Oracle) -> None:
    assert compare(read(as_bytes(source)), read(GOOD.encode())).verdict is Verdict.EQUAL
    assert weaker(oracle.load(source).later, oracle.load(GOOD).settings) == []


def test_accepted_code_does_not_make_a_file_unproven() -> None:
    source = accepted.GOOD.encode()
    assert read(source).state is FileState.UNPROVEN
    assert read(source, accepted=read(source)).state is FileState.SOUND
    assert compare(read(source), read(source)).verdict is Verdict.EQUAL


@pytest.mark.parametrize(("old", "new"), accepted.HOSTILE)
def test_accepted_code_that_means_something_else_is_noticed(old: str, new: str) -> None:
    assert old in accepted.GOOD
    present = read(accepted.GOOD.replace(old, new, 1).encode(), accepted=read(accepted.GOOD.encode()))
    comparison = compare(present, read(accepted.GOOD.encode()))
    gone = not new  # the owner's code is gone, and no new code is there
    assert comparison.verdict is Verdict.CHANGED if gone else comparison.verdict not in HARMLESS


@pytest.mark.parametrize("code", accepted.APPENDED)
def test_code_that_changes_what_accepted_code_uses_is_noticed(code: str) -> None:
    comparison = compare(read((accepted.GOOD + code).encode()), read(accepted.GOOD.encode()))
    assert comparison.verdict not in HARMLESS


@pytest.mark.parametrize(("old", "new"), accepted.HARMLESS)
def test_an_edit_around_accepted_code_raises_no_alarm(old: str, new: str) -> None:
    assert old in accepted.GOOD
    comparison = compare(read(accepted.GOOD.replace(old, new).encode()), read(accepted.GOOD.encode()))
    assert [one for one in comparison.differences if one.severity > Severity.NOTE] == []
    assert comparison.verdict is Verdict.EQUAL
