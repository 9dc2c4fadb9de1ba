"""Where nrguard keeps what, for root, for a user and under systemd."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nrguard.errors import Failed
from nrguard.places import Places, places, wake

HOME = {"HOME": "/home/pi"}


def test_root_has_the_places_of_the_system() -> None:
    assert places(None, None, None, {}, root=True) == Places(
        Path("/etc/nrguard/nrguard.yaml"), Path("/var/lib/nrguard"), Path("/run/nrguard")
    )


def test_a_user_has_his_own_even_without_a_run_folder() -> None:
    assert places(None, None, None, HOME, root=False) == Places(
        Path("/home/pi/.config/nrguard/nrguard.yaml"), Path("/home/pi/.local/state/nrguard"),
        Path("/home/pi/.local/state/nrguard/run"),
    )  # fmt: skip


def test_the_places_of_xdg_are_taken() -> None:
    xdg = {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/1000"}
    assert places(None, None, None, HOME | xdg, root=False) == Places(
        Path("/c/nrguard/nrguard.yaml"), Path("/s/nrguard"), Path("/run/user/1000/nrguard")
    )


@pytest.mark.parametrize("root", [True, False])
def test_the_folders_that_systemd_made_come_before_all_others(root: bool) -> None:
    given = {
        "STATE_DIRECTORY": "/var/lib/nrguard:/var/lib/x",
        "RUNTIME_DIRECTORY": "/run/n",
        "CONFIGURATION_DIRECTORY": "/e",
    }
    assert places(None, None, None, HOME | given, root=root) == Places(
        Path("/e/nrguard.yaml"), Path("/var/lib/nrguard"), Path("/run/n")
    )


def test_what_the_command_line_names_comes_first() -> None:
    given = {"STATE_DIRECTORY": "/var/lib/nrguard", "RUNTIME_DIRECTORY": "/run/n"}
    assert places("p.yaml", "s", "r", given, root=True) == Places(Path("p.yaml"), Path("s"), Path("r"))


def test_an_empty_variable_counts_as_none() -> None:
    assert places(
        None, None, None, {"HOME": "/h", "STATE_DIRECTORY": "", "XDG_STATE_HOME": ""}, root=False
    ).state == Path("/h/.local/state/nrguard")


def test_the_state_is_readable_by_nobody_else_and_the_run_folder_by_all(tmp_path: Path) -> None:
    where = Places(tmp_path / "p", tmp_path / "a" / "state", tmp_path / "b" / "run")
    where.make()
    where.make()
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (where.state, where.run)] == [0o700, 0o755]


def test_a_folder_that_cannot_be_made_says_which_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failed, match=r"file/state: Not a directory") as caught:
        Places(tmp_path / "p", tmp_path / "file" / "state", tmp_path / "run").make()
    assert "--state-dir" in caught.value.hint


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(Failed, match="File exists"):
        Places(tmp_path / "p", tmp_path / "state", tmp_path / "run").make()


def test_waking_a_guard_touches_one_file_again_and_again(tmp_path: Path) -> None:
    where = Places(tmp_path, tmp_path, tmp_path)
    wake(where)
    os.utime(tmp_path / "wake", ns=(0, 0))
    wake(where)
    assert (tmp_path / "wake").stat().st_mtime_ns > 0
    assert stat.S_IMODE((tmp_path / "wake").stat().st_mode) == 0o600


def test_waking_nobody_is_no_mistake(tmp_path: Path) -> None:
    wake(Places(tmp_path, tmp_path, tmp_path / "nobody" / "runs"))
    assert list(tmp_path.iterdir()) == []
