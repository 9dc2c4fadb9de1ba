"""The policy in force: the file where it reads, else the last one that did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nrguard.errors import USAGE, NrguardError
from nrguard.policyfile import LIMIT, PolicyError, PolicyFile, read
from nrguard.store import Store

VALID = b"""instances:
  node-red:
    settings: /home/pi/.node-red/settings.js
    service: none
"""
OTHER = VALID.replace(b"node-red:", b"attic:", 1)
BROKEN = VALID.replace(b"service:", b"servcie:") + b"chanels: {}\n"


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.empty()) as store:
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "nrguard.yaml").write_bytes(VALID)
    return tmp_path / "nrguard.yaml"


def names(file: PolicyFile) -> list[str]:
    return [instance.name for instance in file.load().instances]


def test_a_valid_file_is_in_force_and_sealed(path: Path, store: Store) -> None:
    file = PolicyFile(path, store)
    assert (names(file), file.problem, store.policy()) == (["node-red"], "", VALID)


def test_an_edit_is_in_force_at_the_next_load(path: Path, store: Store) -> None:
    file = PolicyFile(path, store)
    file.load()
    path.write_bytes(OTHER)
    assert (names(file), store.policy()) == (["attic"], OTHER)


@pytest.mark.parametrize("damage", [BROKEN, b"", b"\xff\xfe", b"{" * 100, b"instances: {}\n", None, "folder"])
def test_a_broken_file_leaves_the_last_valid_one_in_force_and_says_so(
    path: Path, store: Store, damage: bytes | str | None
) -> None:
    file = PolicyFile(path, store)
    file.load()
    path.unlink()
    if isinstance(damage, bytes):
        path.write_bytes(damage)
    elif damage:
        path.mkdir()
    assert names(file) == ["node-red"]
    assert file.problem
    assert "\n" not in file.problem
    assert store.policy() == VALID


def test_a_mended_file_has_no_problem_any_more(path: Path, store: Store) -> None:
    file = PolicyFile(path, store)
    file.load()
    path.write_bytes(BROKEN)
    file.load()
    path.write_bytes(OTHER)
    assert (names(file), file.problem) == (["attic"], "")


def test_the_problem_is_the_first_mistake_with_its_place(path: Path, store: Store) -> None:
    file = PolicyFile(path, store)
    file.load()
    path.write_bytes(BROKEN)
    file.load()
    assert file.problem.startswith("nrguard.yaml:4:5: ")


def test_without_any_valid_policy_every_mistake_is_told_at_once(path: Path, store: Store) -> None:
    path.write_bytes(BROKEN)
    with pytest.raises(PolicyError) as caught:
        PolicyFile(path, store).load()
    assert caught.value.status() == USAGE
    assert [line.split()[0] for line in caught.value.message.splitlines()] == ["nrguard.yaml:4:5:", "nrguard.yaml:5:1:"]
    assert store.policy() is None


def test_a_guard_that_starts_anew_goes_on_with_the_sealed_one(path: Path, store: Store) -> None:
    PolicyFile(path, store).load()
    path.write_bytes(BROKEN)
    again = PolicyFile(path, store)
    assert (names(again), bool(again.problem)) == (["node-red"], True)


def test_an_unchanged_file_is_not_sealed_again(path: Path, store: Store) -> None:
    sealed: list[bytes] = []
    file = PolicyFile(path, store)
    file.load()
    store.seal_policy = lambda data, now: sealed.append(data)  # type: ignore[method-assign]
    file.load()
    assert sealed == []


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NrguardError, match="No such file") as caught:
        read(tmp_path / "nrguard.yaml")
    assert "--config" in caught.value.hint


def test_a_file_of_any_size_is_read_only_up_to_the_limit_and_refused(path: Path, store: Store) -> None:
    path.write_bytes(VALID + b"#" * 2 * LIMIT)
    assert len(read(path)) == LIMIT + 1
    with pytest.raises(PolicyError):
        PolicyFile(path, store).load()
