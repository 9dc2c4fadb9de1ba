"""An environment file is read as systemd reads it; tests/systemd compares the same texts with the real one."""

from __future__ import annotations

import pytest

from nrguard.starting.envfile import variables
from tests.envfiles import ENVIRONMENT_FILES


@pytest.mark.parametrize(("text", "meant"), ENVIRONMENT_FILES)
def test_an_environment_file_is_read_as_systemd_does(text: str, meant: dict[str, str]) -> None:
    assert {one.name: one.value for one in variables(text, "/e")} == meant


def test_each_variable_has_the_line_of_its_name() -> None:
    text = "# options\nPORT=1880\n\nA=one\\\n two\nNODE_RED_OPTIONS=-D adminAuth=null\n"
    assert [(one.name, str(one.origin)) for one in variables(text, "/home/pi/.node-red/environment")] == [
        ("PORT", "/home/pi/.node-red/environment line 2"),
        ("A", "/home/pi/.node-red/environment line 4"),
        ("NODE_RED_OPTIONS", "/home/pi/.node-red/environment line 6"),
    ]


def test_no_value_shows_in_a_representation() -> None:
    assert "hunter2" not in repr(variables("TOKEN=hunter2\n", "/e"))
