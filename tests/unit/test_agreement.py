"""Looks over the network that agree, that do not, and what is believed meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.model import Admin, Blind, Door, Wire
from nrguard.probes.agreement import believed

LOGIN = Wire("127.0.0.1", 1880, Admin.LOGIN, tls=True)
OPEN = replace(LOGIN, admin=Admin.OPEN)
SILENT = replace(LOGIN, admin=Admin.SILENT, tls=None)
LOOKS = (LOGIN, OPEN, SILENT, replace(LOGIN, nodes=Door.OPEN), Blind("it failed"))


@pytest.mark.parametrize("look", [LOGIN, OPEN, Blind("it failed")])
def test_a_first_look_is_not_believed_yet(look: Wire | Blind) -> None:
    assert believed([look]) == (None, True)


def test_a_first_silence_is_believed_since_it_accuses_nobody() -> None:
    assert believed([SILENT]) == (SILENT, False)
    assert believed([replace(SILENT, admin=Admin.STARTING)])[1] is False


def test_a_second_look_that_agrees_is_believed() -> None:
    assert believed([OPEN, OPEN]) == (OPEN, False)


def test_a_different_look_waits_for_the_next_and_the_old_one_counts() -> None:
    assert believed([OPEN, LOGIN, LOGIN]) == (LOGIN, True)


def test_a_single_different_look_is_forgotten() -> None:
    assert believed([LOGIN, OPEN, LOGIN]) == (LOGIN, False)


def test_a_repeated_different_look_replaces_what_was_believed() -> None:
    assert believed([OPEN, OPEN, LOGIN]) == (OPEN, False)


def test_three_different_looks_are_a_blindness_and_not_asked_without_end() -> None:
    part, again = believed([OPEN, LOGIN, SILENT])
    assert isinstance(part, Blind)
    assert not again


def test_a_renewed_certificate_is_no_disagreement() -> None:
    renewed = replace(LOGIN, certificate=b"new", evidence=("GET /settings -> 401 Bearer",))
    assert believed([renewed, LOGIN]) == (renewed, False)


@given(st.lists(st.sampled_from(LOOKS), min_size=1, max_size=6))
def test_nothing_is_believed_that_no_two_looks_agree_on(looks: list[Wire | Blind]) -> None:
    part, _ = believed(looks)
    agreed = part is None or looks[:3].count(part) >= 2 or part == SILENT
    assert agreed or isinstance(part, Blind)


@given(st.lists(st.sampled_from(LOOKS), min_size=1, max_size=6))
def test_it_is_never_looked_more_than_three_times_in_a_row(looks: list[Wire | Blind]) -> None:
    assert len(looks) < 3 or believed(looks)[1] is False or looks[1] == looks[2]
