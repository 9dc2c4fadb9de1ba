"""Generated files: every decided setting is what Node has, and tampering that opens something is never harmless."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from nrguard.model import Verdict
from nrguard.settingsjs import compare, read
from tests.differential.agreement import as_bytes, disagreements, weaker
from tests.differential.attacks import GOOD
from tests.differential.grammar import Maker, tampered
from tests.differential.oracle import Oracle

RANDOM = st.integers(0, 2**48).map(Random)  # a seed: drawing each choice by itself costs more than Node does


@settings(max_examples=300)
@given(random=RANDOM)
def test_every_decided_setting_is_what_node_has(random: Random, oracle: Oracle) -> None:
    maker = Maker(random)
    source, env = maker.file(), maker.environment()
    loaded = oracle.load(source, env)
    assert disagreements(read(as_bytes(source), env=env), loaded) == []
    assert disagreements(read(as_bytes(source)), loaded) == []


@settings(max_examples=300)
@given(random=RANDOM)
def test_tampering_that_opens_something_is_never_equal_or_changed(random: Random, oracle: Oracle) -> None:
    source, env = tampered(random, GOOD), Maker(random).environment()
    loaded, wanted = oracle.load(source, env), oracle.load(GOOD, env)
    opened = [] if loaded.error else weaker(loaded.later, wanted.settings)
    for known in (None, env):
        verdict = compare(read(as_bytes(source), env=known), read(GOOD.encode(), env=known)).verdict
        assert not opened or verdict not in (Verdict.EQUAL, Verdict.CHANGED)


@settings(max_examples=200)
@given(random=RANDOM)
def test_a_file_is_equal_to_itself(random: Random) -> None:
    source = as_bytes(Maker(random).file())
    reading = read(source)
    assert compare(reading, reading).verdict in (Verdict.EQUAL, Verdict.BROKEN)


@settings(max_examples=300)
@given(source=st.binary(max_size=300))
def test_any_bytes_have_a_state(source: bytes) -> None:
    assert read(source).state is not None
