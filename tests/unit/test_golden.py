"""Each folder in tests/golden with a good.js: restoring what good.js protects in before.js gives after.js."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrguard.baseline import proved
from nrguard.model import PROTECTABLE, Proposal
from nrguard.settingsjs.restore import restore

CASES = sorted(file.parent for file in (Path(__file__).parents[1] / "golden").glob("*/good.js"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_accepted_comes_back_as_in_the_golden_file(case: Path) -> None:
    before, good, after = ((case / f"{name}.js").read_bytes() for name in ("before", "good", "after"))
    proposal = restore(before, good, PROTECTABLE)
    assert isinstance(proposal, Proposal), proposal
    assert proved(before, good, proposal)
    assert proposal.text.decode() == after.decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_second_restore_finds_nothing_to_do(case: Path) -> None:
    after, good = ((case / f"{name}.js").read_bytes() for name in ("after", "good"))
    assert restore(after, good, PROTECTABLE) == Proposal(after, ())


def test_there_are_golden_cases() -> None:
    assert CASES
