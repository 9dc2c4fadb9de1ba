"""A real Node-RED under guard: whatever is done to settings.js, a stranger never gets in and the file comes back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.house import House, house
from stage.careless import cut
from stage.witness import Witness
from tests.nodered import stock_settings

VERSION = "5.0.7"
PATIENCE = 60.0
"""Seconds until something counts as not happening."""

OTHER_HASH = b"$2b$12$abcdefghijklmnopqrstuuyGmSgMaVBFxMmHVd3JXBVvPGzB1tyWu"

Harm = Callable[[Path], None]


@pytest.fixture
def home() -> Iterator[House]:
    """A Node-RED that `apply` has secured and `run` guards; a new one each time, since restarts are spaced."""
    with house(VERSION, keep=False) as scratch:
        assert scratch.server
        said = scratch.guard.call("apply")
        assert said.status == 0, said
        scratch.server.wait_until_answers(scratch.port)
        scratch.guard.start()
        yield scratch


def deleted(settings: Path) -> None:
    settings.unlink()


def emptied(settings: Path) -> None:
    settings.write_bytes(b"")


def replaced_by_the_stock_file(settings: Path) -> None:
    new = settings.with_name("settings.new")
    new.write_bytes(stock_settings(VERSION))
    new.replace(settings)


def moved_away(settings: Path) -> None:
    settings.rename(settings.parents[1] / f"taken-{time.time_ns()}.js")


def given_a_hash_of_the_intruder(settings: Path) -> None:
    settings.write_bytes(re.sub(rb"\$2b\$12\$[./A-Za-z0-9]{53}", lambda _: OTHER_HASH, settings.read_bytes()))


def left_without_its_login(settings: Path) -> None:
    settings.write_bytes(cut(settings.read_bytes(), "adminAuth").rest)


@pytest.mark.parametrize(
    "harm",
    [
        deleted,
        emptied,
        replaced_by_the_stock_file,
        moved_away,
        given_a_hash_of_the_intruder,
        left_without_its_login,
    ],
    ids=lambda harm: harm.__name__,
)
def test_it_is_whole_again_before_nodered_starts_from_it(home: House, harm: Harm) -> None:
    assert home.server
    good = home.settings.read_bytes()
    login = cut(good, "adminAuth").member
    with Witness(home.settings, service_folder=home.server.service, port=home.port) as witness:
        at = time.time()
        harm(home.settings)
        home.server.restart(wait=False)
        restored = _waited(lambda: witness.file.first(lambda content: login in content, at))
        assert home.server.wait_until_answers().login_required
        _quiet(home)
    assert restored - at < 15, "woken by inotify: the content is polled every 30 s only"
    assert witness.stranger.first(lambda status: status == 200, at) is None, "a stranger never got in"


def test_a_broken_policy_stops_nobody_from_guarding(home: House) -> None:
    policy = home.guard.policy.read_text()
    try:
        home.guard.policy.write_text(policy.replace("settings:", "setings:"))
        assert home.guard.call("check").status == 3
        good = home.settings.read_bytes()
        deleted(home.settings)
        assert _waited(lambda: time.time() if home.settings.exists() else None)
        assert home.settings.read_bytes() == good
    finally:
        home.guard.policy.write_text(policy)
    _quiet(home)


def test_the_guard_ends_within_two_seconds_and_starts_again(home: House) -> None:
    started = time.monotonic()
    assert home.guard.stop() == 0
    assert time.monotonic() - started < 2.0
    home.guard.start()


def _waited(look: Callable[[], float | None]) -> float:
    """Return the first time that `look` gives. Fail if patience ends before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (at := look()) is not None:
            return at
        time.sleep(0.02)
    pytest.fail("did not happen")


def _quiet(home: House) -> None:
    """Wait until nrguard itself finds nothing critical: a restart that is still owed has been made."""
    _waited(lambda: time.time() if home.guard.call("check").status <= 1 else None)
