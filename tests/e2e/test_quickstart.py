"""The quickstart's own play, on each real Node-RED: the main job from open to guarded, seen from outside."""

from __future__ import annotations

import pytest

from demo.house import house
from demo.play import play
from tests.nodered import VERSIONS, ask, log_in


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stock_nodered_is_secured_and_stays_so(version: str) -> None:
    with house(version, keep=False) as scratch:
        assert play(scratch)
        token = log_in(scratch.port, "admin", scratch.logins["admin"])
        assert ask(scratch.port, token=token).open, "the generated login works"
        assert scratch.guard.stop() == 0


def test_without_a_server_the_file_is_guarded() -> None:
    with house(None, keep=False) as scratch:
        assert play(scratch)
    assert not scratch.folder.exists()
