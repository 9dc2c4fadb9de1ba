"""Fail every system call of a replacement once, and kill the process before every one: old file or new, never less."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from nrguard.host import syscalls
from nrguard.host.exchange import replace
from nrguard.host.files import look
from nrguard.host.spare import is_passing
from nrguard.host.sweep import sweep
from nrguard.model import Blind
from nrguard.world import ChangedSince, Content, Failed, Missing, Odd, Replaced, Replacement
from tests.faults.injection import SURVIVED, calls_watched, failing, killed, steps_of

OLD, NEW, PRECIOUS = b"module.exports = {}\n" * 50, b"module.exports = { adminAuth: {} }\n" * 50, b"precious"
ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES, errno.EMFILE, errno.EINTR, errno.EPERM, errno.ENOMEM)
ALIEN = 64123  # a user id of somebody else


def a_file(path: Path) -> None:
    path.write_bytes(OLD)
    os.setxattr(path, "user.note", b"mine")


def a_link(path: Path) -> None:
    path.symlink_to("elsewhere")


def a_directory(path: Path) -> None:
    path.mkdir()
    (path / "precious").write_bytes(PRECIOUS)


def a_huge_file(path: Path) -> None:
    path.write_bytes(OLD)
    os.truncate(path, 10 * 1024**3)


def nothing(_: Path) -> None:
    pass


STANDING = (a_file, a_link, a_directory, a_huge_file, nothing)


@dataclass(frozen=True, slots=True)
class Folder:
    """A fresh scratch folder in which `build` has put something at settings.js."""

    path: Path
    build: Callable[[Path], None]
    kept: list[bytes] = field(default_factory=list)

    @property
    def settings(self) -> Path:
        return self.path / "settings.js"

    def look(self) -> Content | Odd | Missing:
        seen = look(str(self.settings), owner=os.geteuid())
        assert not isinstance(seen, Blind)
        return seen

    def replace(self, expected: Content | Odd | Missing) -> Replacement:
        return replace(str(self.settings), expected, NEW, uid=os.geteuid(), gid=os.getegid(), mode=0o640)

    def is_as_built(self) -> bool:
        path = self.settings
        match self.build.__name__:
            case "a_file":
                return path.is_file() and not path.is_symlink() and path.read_bytes() == OLD
            case "a_link":
                return path.is_symlink() and str(path.readlink()) == "elsewhere"
            case "a_directory":
                return path.is_dir() and (path / "precious").read_bytes() == PRECIOUS
            case "a_huge_file":
                return os.path.lexists(path) and path.lstat().st_size == 10 * 1024**3
            case _:
                return not os.path.lexists(path)

    def is_new(self) -> bool:
        if not stat.S_ISREG(self.settings.lstat().st_mode if os.path.lexists(self.settings) else 0):
            return False
        return self.settings.stat().st_size == len(NEW) and self.settings.read_bytes() == NEW

    def still_has_what_it_had(self) -> bool:
        """Is the precious part somewhere: in place, aside, or handed over?"""
        match self.build.__name__:
            case "a_directory":
                return any(path.read_bytes() == PRECIOUS for path in self.path.glob("*/precious"))
            case "a_huge_file":
                return any(path.lstat().st_size == 10 * 1024**3 for path in self.path.iterdir())
            case _:
                return True

    def leftovers(self) -> list[str]:
        return [entry.name for entry in self.path.iterdir() if is_passing(entry.name)]


@pytest.fixture(params=STANDING, ids=lambda build: build.__name__)
def build(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    chosen: Callable[[Path], None] = request.param
    return chosen


@pytest.fixture(params=["exchange", "plain rename"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Do without RENAME_EXCHANGE, RENAME_NOREPLACE, nameless files and openat2, or with."""
    if request.param == "plain rename":
        real = os.open

        def without_nameless(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
            return real(path, flags, mode, dir_fd=dir_fd)

        def not_supported(*_: object) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

        def not_known(*_: object) -> int:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

        monkeypatch.setattr(syscalls, "open", without_nameless)
        monkeypatch.setattr(syscalls, "rename_with", not_supported)
        monkeypatch.setattr(syscalls, "openat2", not_known)
    return str(request.param)


@pytest.fixture
def fresh(tmp_path: Path, build: Callable[[Path], None], kind: str) -> Iterator[Callable[[], Folder]]:
    """Give what makes an unused scratch folder; its path is always the same."""

    def make() -> Folder:
        path = tmp_path.resolve() / "node-red"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        build(path / "settings.js")
        return Folder(path, build)

    yield make
    shutil.rmtree(tmp_path / "node-red", ignore_errors=True)


def test_every_call_that_fails_once_leaves_the_old_file_or_the_new(
    fresh: Callable[[], Folder], build: Callable[[Path], None], kind: str
) -> None:
    folder = fresh()
    expected = folder.look()
    steps = steps_of(lambda: folder.replace(expected))
    assert len(steps) > 10
    for step in steps:
        for number in ERRORS:
            folder = fresh()
            expected = folder.look()
            with calls_watched(failing(step, number)):
                answer = folder.replace(expected)
            judge(folder, answer, f"{step} {errno.errorcode[number]}")
            SURVIVED.append((f"replace {build.__name__} by {kind}: {step}", errno.errorcode[number]))


def judge(folder: Folder, answer: Replacement, fault: str) -> None:
    assert isinstance(answer, Replaced | ChangedSince | Failed), fault
    assert folder.is_new() or folder.is_as_built(), f"{fault}: {answer}"
    assert folder.is_new() or not isinstance(answer, Replaced), f"{fault}: {answer}"
    assert folder.still_has_what_it_had(), f"{fault}: {answer}"
    assert folder.leftovers() == [], f"{fault}: {answer}"
    again = folder.look()
    assert folder.is_new() or isinstance(folder.replace(again), Replaced), fault
    assert folder.is_new(), fault


def test_a_death_before_any_call_leaves_the_old_file_or_the_new(
    fresh: Callable[[], Folder], build: Callable[[Path], None], kind: str
) -> None:
    whole = fresh()
    expected = whole.look()
    for step in steps_of(lambda: whole.replace(expected)):
        folder = fresh()
        killed(partial(folder.replace, folder.look()), step)
        swept = sweep(str(folder.path), keep=folder.kept.append)
        assert isinstance(swept, tuple)
        assert folder.is_new() or folder.is_as_built() or put_aside_only(folder, kind), step
        assert folder.still_has_what_it_had(), step
        assert set(folder.kept) <= {OLD, NEW}, step
        again = folder.look()
        assert folder.is_new() or isinstance(folder.replace(again), Replaced), step
        assert folder.is_new(), step
        SURVIVED.append((f"replace {build.__name__} by {kind}: {step}", "death"))


def put_aside_only(folder: Folder, kind: str) -> bool:
    """Where files can't change places, what is put aside is gone for a moment before the new file comes."""
    return kind == "plain rename" and not os.path.lexists(folder.settings) and any(folder.path.glob("*.aside-*"))


@pytest.mark.parametrize("step_of_undoing", ["rename_with", "fstat", "reopen", "read_at", "openat2"])
def test_a_save_in_the_middle_survives_a_fault_in_the_giving_back(tmp_path: Path, step_of_undoing: str) -> None:
    path = tmp_path.resolve() / "settings.js"
    newer = b"the owner's newest"
    uses = 12
    for use in range(uses):
        for number in ERRORS:
            shutil.rmtree(tmp_path)
            tmp_path.mkdir()
            path.write_bytes(OLD)
            seen = look(str(path))
            assert isinstance(seen, Content)
            with calls_watched(saving_first(path, newer, (step_of_undoing, use), number)):
                answer = replace(str(path), seen, NEW, uid=os.geteuid(), gid=os.getegid(), mode=0o640)
            assert isinstance(answer, ChangedSince | Failed)
            contents = [entry.read_bytes() for entry in tmp_path.iterdir()]
            assert newer in contents, (step_of_undoing, use, errno.errorcode[number], answer)
            assert path.read_bytes() in {newer, NEW, OLD}
            SURVIVED.append((f"give back: {step_of_undoing} {use}", errno.errorcode[number]))


def saving_first(path: Path, newer: bytes, at: tuple[str, int], number: int) -> Callable[[tuple[str, int]], None]:
    """Save the owner's newest just before the exchange, then fail the call `at`."""
    fail = failing(at, number)
    saved: list[bool] = []

    def meet(step: tuple[str, int]) -> None:
        if step == ("rename_with", 0):
            (path.parent / "save").write_bytes(newer)
            (path.parent / "save").rename(path)
            saved.append(True)
        if saved and step != ("rename_with", 0):
            fail(step)

    return meet
