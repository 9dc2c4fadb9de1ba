"""Each protected setting comes back on the real stock files, whatever befell it, and every other byte stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nrguard.model import PROTECTABLE, Proposal
from nrguard.settingsjs.edit import change
from nrguard.settingsjs.restore import restore
from tests.edits import untouched
from tests.node_oracle import Oracle
from tests.stock import SECURED, STOCK_VERSIONS, secured, stock
from tests.tampering import (
    ATTACKS,
    Lines,
    attacked,
    commented_by_block,
    commented_by_line,
    commented_by_line_indented,
    lived_in,
    removed,
)

COMMENTED = (commented_by_line, commented_by_line_indented, commented_by_block)
PUT_IN = (removed, *COMMENTED)  # the member is gone: nothing is taken away for it


@pytest.mark.parametrize("version", STOCK_VERSIONS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("name", PROTECTABLE)
def test_a_protected_setting_comes_back_and_every_other_byte_stays(
    node: Oracle, version: str, attack: Callable[[Lines, str], Lines], name: str
) -> None:
    good = secured(version)
    for owned in (good, lived_in(good, name)):
        present = attacked(owned, name, attack)
        proposal = restore(present, good, PROTECTABLE)
        assert isinstance(proposal, Proposal), proposal
        assert node.load(proposal.text) == node.load(owned)
        assert all(edit.sealed or not edit.text.strip(b" \n,") for edit in proposal.edits)
        if attack in PUT_IN:
            assert untouched(present, proposal) == present
        if attack not in COMMENTED and (attack is not removed or owned is good):
            assert proposal.text == owned


@pytest.mark.parametrize("version", STOCK_VERSIONS)
def test_all_protected_settings_come_back_at_once(node: Oracle, version: str) -> None:
    good = secured(version)
    present = good
    for name in PROTECTABLE:
        present = attacked(present, name, removed)
    proposal = restore(present, good, PROTECTABLE)
    assert isinstance(proposal, Proposal), proposal
    assert proposal.text == good


@pytest.mark.parametrize("version", STOCK_VERSIONS)
def test_a_stock_file_put_over_the_accepted_one_becomes_it_again(version: str) -> None:
    proposal = restore(stock(version), secured(version), PROTECTABLE)
    assert isinstance(proposal, Proposal), proposal
    assert proposal.text == secured(version)


@pytest.mark.parametrize("version", STOCK_VERSIONS)
@pytest.mark.parametrize("name", PROTECTABLE)
def test_setting_and_removing_one_setting_changes_nothing_else(node: Oracle, version: str, name: str) -> None:
    before = node.load(stock(version))
    put_in = change(stock(version), {name: SECURED[name]})
    assert isinstance(put_in, Proposal), put_in
    wanted = node.load(f"module.exports = {{ {name}: {SECURED[name]} }}".encode())
    assert node.load(put_in.text) == before | wanted
    taken_out = change(put_in.text, {name: None})
    assert isinstance(taken_out, Proposal), taken_out
    assert node.load(taken_out.text) == {key: value for key, value in before.items() if key != name}
    if name not in before:
        assert taken_out.text == stock(version)
