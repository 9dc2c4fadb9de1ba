"""The examples in docs/settings-js.md say what nrguard says, and Node agrees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nrguard.model import Setting
from nrguard.settingsjs import read
from tests.differential.agreement import disagreements
from tests.differential.oracle import Oracle

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings-js.md"
_EXAMPLE = re.compile(r"^```js (\w+)(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)
EXAMPLES = _EXAMPLE.findall(_PAGE.read_text())


def test_the_page_has_examples_of_every_state() -> None:
    assert {state for state, _, _ in EXAMPLES} == {"sound", "unproven", "broken"}


@pytest.mark.parametrize(("state", "words", "source"), EXAMPLES)
def test_an_example_is_what_the_page_says(state: str, words: str, source: str, oracle: Oracle) -> None:
    reading = read(source.encode())
    assert reading.state.value == state
    for word in words.split():
        name, _, wanted = word.partition("=")
        assert _said(reading.settings[name], with_value=":" in wanted) == wanted
    assert disagreements(read(source.encode(), env={}), oracle.load(source)) == []


def _said(setting: Setting, *, with_value: bool) -> str:
    if not with_value:
        return setting.state.value
    value = setting.value
    shown = value["kind"] if isinstance(value, dict) else json.dumps(value)
    return f"{setting.state.value}:{','.join(setting.on) if setting.on else shown}"
