"""However a settings.js is written: one setting is set, removed and restored, and Node sees that and nothing else."""

from __future__ import annotations

import re

import pytest

from nrguard.model import PROTECTABLE, Proposal, Refusal
from nrguard.settingsjs.edit import change
from nrguard.settingsjs.restore import restore
from tests.edits import untouched
from tests.node_oracle import Oracle
from tests.stock import SECURED
from tests.styles import STYLES

EVERY_STYLE = pytest.mark.parametrize("style", STYLES)
SOME_SETTINGS = pytest.mark.parametrize("name", ["adminAuth", "requireHttps"])


def proposed(outcome: Proposal | Refusal) -> Proposal:
    assert isinstance(outcome, Proposal), outcome
    return outcome


@EVERY_STYLE
@SOME_SETTINGS
def test_a_new_setting_goes_in_and_comes_out_again(node: Oracle, style: str, name: str) -> None:
    source = STYLES[style]
    before = node.load(source)
    put_in = proposed(change(source, {name: SECURED[name]}))
    assert node.load(put_in.text) == before | node.load(f"module.exports = {{ {name}: {SECURED[name]} }}".encode())
    assert untouched(source, put_in) == source
    taken_out = proposed(change(put_in.text, {name: None}))
    assert node.load(taken_out.text) == before
    assert b"".join(taken_out.text.replace(b",", b"").split()) == b"".join(source.replace(b",", b"").split())


@EVERY_STYLE
@SOME_SETTINGS
def test_a_lost_setting_comes_back_byte_for_byte(style: str, name: str) -> None:
    good = proposed(change(STYLES[style], {name: SECURED[name]})).text
    for present in (STYLES[style], proposed(change(good, {name: None})).text):
        assert proposed(restore(present, good, PROTECTABLE)).text == good


@EVERY_STYLE
def test_a_live_setting_is_replaced_where_it_stands(node: Oracle, style: str) -> None:
    source = STYLES[style]
    before = node.load(source)
    proposal = proposed(change(source, {"uiPort": "28443"}))
    assert node.load(proposal.text) == before | {"uiPort": 28443}
    if "uiPort" in before:
        assert proposal.text == re.sub(rb"[\"']?1880[\"']?", b"28443", source)


@EVERY_STYLE
def test_line_ends_stay_of_the_file_s_kind(style: str) -> None:
    source = STYLES[style]
    text = proposed(change(source, {"adminAuth": SECURED["adminAuth"]})).text
    if source.count(b"\r\n") == source.count(b"\n"):
        assert text.count(b"\r\n") == text.count(b"\n")
    if b"\r" not in source:
        assert b"\r" not in text
