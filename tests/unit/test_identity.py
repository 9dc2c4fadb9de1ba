"""Working as the owner of a folder: only root can, and nobody else tries. The rest is in tests/faults, as root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nrguard.host import syscalls
from nrguard.host.identity import as_owner, as_owner_of

pytestmark = pytest.mark.real


@pytest.fixture
def changes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Give the identities that this thread was asked to take, without taking them."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(syscalls, "set_file_identity", lambda uid, gid: asked.append((uid, gid)))
    monkeypatch.setattr(syscalls, "set_groups_of_thread", lambda _: None)
    monkeypatch.setattr(syscalls, "file_identity", lambda: (0, 0))
    return asked


def test_an_ordinary_user_stays_what_he_is(changes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with as_owner(1234, 1234):
        pass
    assert changes == []


def test_root_changes_over_and_back(changes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with as_owner(1234, 5678):
        assert changes == [(1234, 5678)]
    assert changes == [(1234, 5678), (0, 0)]


def test_root_comes_back_after_an_error_too(changes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(KeyError), as_owner(1234, 5678):
        raise KeyError
    assert changes[-1] == (0, 0)


def test_roots_own_folder_needs_no_change(changes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with as_owner(0, 0):
        pass
    assert changes == []


def test_a_folder_behind_a_link_is_worked_on_as_nobody(
    changes: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "link").symlink_to("/")
    with as_owner_of(str(tmp_path / "link")):
        pass
    assert changes[0] == (65534, 65534)
