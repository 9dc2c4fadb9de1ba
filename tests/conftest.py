"""What all tests share: a short temporary home, and Hypothesis settings that give the same answer everywhere."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).resolve().parents[1] / ".cache" / "hypothesis")

settings.register_profile(
    "suite",
    deadline=None,  # two shared cores: a slow moment is no failure
    derandomize=True,  # the suite judges the change, not the dice; `make fuzz` throws those
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("fuzz", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
