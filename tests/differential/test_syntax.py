"""Damaged files: what is called broken is what Node refuses, and nothing that Node refuses is called sound."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.oracle import Oracle
from tests.fuzz.run import damaged


@settings(max_examples=400)
@given(seed=st.integers(0, 2**48))
def test_a_damaged_file_is_broken_just_where_node_refuses_it(seed: int, oracle: Oracle) -> None:
    source, wrong = damaged(Random(seed), oracle)
    assert (source, wrong) == (source, [])
