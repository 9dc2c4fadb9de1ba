"""The real Node-REDs start, answer, restart and end: what every other end-to-end test relies on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.nodered import VERSIONS, Running, stock_settings


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stock_nodered_is_open_restarts_and_ends(version: str, tmp_path: Path) -> None:
    with Running(version, tmp_path) as server:
        first = server.pid
        assert server.ask("/flows").open
        assert f'"version":"{version}"'.encode() in server.ask("/settings").body
        server.restart()
        assert server.pid not in {0, first}
        assert server.ask("/flows").open
    assert server.pid == 0
    assert server.settings.read_bytes().replace(b'    uiHost: "', b'    //uiHost: "') == stock_settings(version)


def test_a_nodered_that_ends_at_once_is_told_with_its_log(tmp_path: Path) -> None:
    server = Running("5.0.7", tmp_path, settings="module.exports = {")
    with pytest.raises(TimeoutError, match="SyntaxError"), server:
        pass
    assert server.pid == 0


def test_the_service_command_restarts_it_from_outside(tmp_path: Path) -> None:
    with Running("5.0.7", tmp_path) as server:
        first = server.pid
        subprocess.run(server.command("restart"), check=True)
        server.wait_until_answers()
        assert server.pid not in {0, first}


def test_a_pid_that_went_to_another_program_is_left_alone(tmp_path: Path) -> None:
    server = Running("5.0.7", tmp_path)
    (server.service / "pid").write_text(f"{os.getpid()} 1\n")
    assert server.pid == 0
    server.stop()
