"""Each attack on a real Node-RED: what it opens, seen by a witness of its own, and that nrguard names the cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.attacks.rows import ROWS
from tests.nodered import VERSIONS

CASES = [(version, row) for version in VERSIONS for row in ROWS]
Results = Mapping[tuple[str, str], Mapping[str, Any]]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_an_attack_opens_what_is_known_and_nrguard_names_it(case: tuple[str, str], results: Results) -> None:
    version, row = case[0], ROWS[case[1]]
    result = results[case]
    assert frozenset(result["open"]) == row.opens(version), result["log"]
    assert result["error"] == ""
    named = {finding["check"] for finding in result["findings"]}
    alarms = [finding for finding in result["findings"] if finding["severity"] != "note"]
    if row.found:
        assert named & set(row.found), result["findings"]
    else:
        assert not alarms, "nrguard finds it, and the row says that it does not"
    if row.harmless:
        assert result["status"] == 0
