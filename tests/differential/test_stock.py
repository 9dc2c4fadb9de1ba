"""The files that Node-RED ships are sound, as they come and as an owner secures them, and read as Node reads them."""

from __future__ import annotations

import pytest

from nrguard.model import FileState, SettingState, Verdict
from nrguard.settingsjs import NAMES, compare, read
from tests.differential.agreement import disagreements
from tests.differential.oracle import Oracle
from tests.stock import STOCK_VERSIONS, secured, stock


@pytest.mark.parametrize("version", STOCK_VERSIONS)
def test_a_stock_file_is_sound_and_every_setting_is_decided(version: str, oracle: Oracle) -> None:
    reading = read(stock(version), env={"PORT": "1990"})
    assert (reading.state, reading.reasons) == (FileState.SOUND, ())
    undecided = [
        name for name in NAMES if reading.settings[name].state in (SettingState.DEPENDS, SettingState.UNPROVEN)
    ]
    assert undecided == []
    assert disagreements(reading, oracle.load(stock(version).decode(), {"PORT": "1990"})) == []


@pytest.mark.parametrize("version", STOCK_VERSIONS)
def test_going_back_to_the_stock_file_is_weakened(version: str) -> None:
    good = read(secured(version))
    assert good.state is FileState.SOUND
    assert compare(read(stock(version)), good).verdict is Verdict.WEAKENED
    assert compare(read(secured(version) + b"\n// the end\n"), good).verdict is Verdict.EQUAL
