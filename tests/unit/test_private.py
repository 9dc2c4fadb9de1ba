"""Our own state files: whole or not at all, and one writer at a time."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from nrguard.errors import Failed
from nrguard.host import syscalls
from nrguard.host.private import Held, lock, write_private


def test_a_state_file_is_written_for_us_alone(tmp_path: Path) -> None:
    assert write_private(str(tmp_path / "state"), b"first") == ""
    assert write_private(str(tmp_path / "state"), b"second") == ""
    assert (tmp_path / "state").read_bytes() == b"second"
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]


def test_a_public_state_file_is_readable_whatever_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_private(str(tmp_path / "status.json"), b"{}", 0o644)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "status.json").stat().st_mode) == 0o644


@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "rename", "open"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "state"
    write_private(str(path), b"old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(syscalls, call, refuse)
    assert write_private(str(path), b"new") == f"cannot write {path}: No space left on device (ENOSPC)"
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state"]


def test_a_lock_keeps_the_second_out_and_names_the_first(tmp_path: Path) -> None:
    path = str(tmp_path / "act.lock")
    with lock(path):
        with pytest.raises(Held, match=rf"act\.lock: process {os.getpid()} is at work on it") as held, lock(path):
            pass
        assert held.value.pid == os.getpid()
    with lock(path):
        pass


def test_a_lock_is_waited_for_as_long_as_asked_and_no_longer(tmp_path: Path) -> None:
    path = str(tmp_path / "act.lock")
    before = time.monotonic()
    with lock(path), pytest.raises(Held), lock(path, timeout=0.05):
        pass
    assert time.monotonic() - before >= 0.05


def test_a_lock_in_a_missing_folder_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "gone" / "act.lock")
    with pytest.raises(Failed, match=r"cannot lock .*: No such file or directory \(ENOENT\)"), lock(path):
        pass


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "act.lock").symlink_to("elsewhere")
    with pytest.raises(Failed, match="ELOOP"), lock(str(tmp_path / "act.lock")):
        pass
    assert not (tmp_path / "elsewhere").exists()
