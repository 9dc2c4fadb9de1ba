"""Replacing one file: what becomes of what stood there, what is kept of it, and when nothing is replaced."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nrguard.host import files, spare, syscalls
from nrguard.host.exchange import replace
from nrguard.host.files import look
from nrguard.host.spare import Spare, prepare
from nrguard.host.sweep import sweep
from nrguard.world import ChangedSince, Content, Failed, Missing, Odd, Replaced, Replacement, unsteady

pytestmark = pytest.mark.real  # descriptors are opened again by /proc/self/fd

OLD, NEW = b"module.exports = {}\n", b"module.exports = { adminAuth: {} }\n"
ACCESS_LIST = "system.posix_acl_access"


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.fixture(params=["ext4", "vfat", "NFS"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scratch folder on a file system with everything, and as on poorer ones."""
    if request.param != "ext4":
        real_open = os.open

        def without_nameless(path: str, flags: int, *rest: Any, **by_name: Any) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
            return real_open(path, flags, *rest, **by_name)

        monkeypatch.setattr(syscalls, "open", without_nameless)
        monkeypatch.setattr(syscalls, "rename_with", refusing(errno.EINVAL))
    if request.param == "vfat":
        monkeypatch.setattr(syscalls, "setxattr", refusing(errno.EOPNOTSUPP))
    return tmp_path.resolve()


@pytest.fixture
def settings(folder: Path) -> Path:
    path = folder / "settings.js"
    path.write_bytes(OLD)
    path.chmod(0o640)
    return path


def put(path: Path, expected: Content | Odd | Missing | None = None, room: Spare | None = None) -> Replacement:
    """Replace what stands at `path` (or was seen there) by NEW."""
    seen = look(str(path), owner=os.geteuid()) if expected is None else expected
    assert isinstance(seen, Content | Odd | Missing)
    return replace(str(path), seen, NEW, uid=os.geteuid(), gid=os.getegid(), mode=0o640, spare=room)


def seen_at(path: Path) -> Content:
    seen = look(str(path))
    assert isinstance(seen, Content)
    return seen


def replaced(answer: Replacement) -> Replaced:
    assert isinstance(answer, Replaced), answer
    return answer


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_replaced_and_its_bytes_come_back(settings: Path) -> None:
    answer = replaced(put(settings))
    assert answer.displaced == OLD
    assert settings.read_bytes() == NEW
    assert answer.identity == files.identity_of(settings.stat())
    assert names(settings.parent) == ["settings.js"]


def test_owner_and_permission_bits_are_as_asked(settings: Path) -> None:
    replace(str(settings), seen_at(settings), NEW, uid=os.geteuid(), gid=os.getegid(), mode=0o604)
    status = settings.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (os.geteuid(), os.getegid(), 0o604)


def test_a_file_is_put_where_none_was(folder: Path) -> None:
    answer = replaced(put(folder / "settings.js"))
    assert answer.displaced is None
    assert (folder / "settings.js").read_bytes() == NEW
    assert names(folder) == ["settings.js"]


def test_a_file_that_has_appeared_meanwhile_stays(settings: Path) -> None:
    answer = put(settings, Missing(str(settings)))
    assert answer == ChangedSince("a file has appeared")
    assert settings.read_bytes() == OLD
    assert names(settings.parent) == ["settings.js"]


def test_an_edit_since_the_look_stays(settings: Path) -> None:
    seen = seen_at(settings)
    settings.write_bytes(b"module.exports = { uiPort: 1 }\n")
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == b"module.exports = { uiPort: 1 }\n"
    assert names(settings.parent) == ["settings.js"]


def test_an_edit_with_the_same_size_and_time_stays_too(settings: Path) -> None:
    seen = seen_at(settings)
    settings.write_bytes(OLD.upper())
    os.utime(settings, ns=(0, seen.identity.mtime_ns))
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == OLD.upper()


def test_a_file_with_the_same_content_but_saved_anew_stays(settings: Path) -> None:
    seen = seen_at(settings)
    (settings.parent / "anew").write_bytes(OLD)
    (settings.parent / "anew").rename(settings)
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == OLD


def test_a_file_that_has_gone_meanwhile_is_not_made_again(settings: Path) -> None:
    seen = seen_at(settings)
    settings.unlink()
    assert put(settings, seen) == ChangedSince("it is gone")
    assert names(settings.parent) == []


def test_a_link_is_replaced_and_its_target_untouched(folder: Path) -> None:
    (folder / "target").write_bytes(OLD)
    (folder / "settings.js").symlink_to("target")
    assert replaced(put(folder / "settings.js")).displaced is None
    assert not (folder / "settings.js").is_symlink()
    assert (folder / "settings.js").read_bytes() == NEW
    assert (folder / "target").read_bytes() == OLD
    assert names(folder) == ["settings.js", "target"]


def test_a_fifo_is_replaced(folder: Path) -> None:
    os.mkfifo(folder / "settings.js")
    replaced(put(folder / "settings.js"))
    assert (folder / "settings.js").read_bytes() == NEW
    assert names(folder) == ["settings.js"]


def test_a_directory_is_put_aside_with_all_that_is_in_it(folder: Path) -> None:
    (folder / "settings.js").mkdir()
    (folder / "settings.js" / "precious").write_bytes(OLD)
    aside = replaced(put(folder / "settings.js")).aside
    assert (folder / "settings.js").read_bytes() == NEW
    assert (folder / aside / "precious").read_bytes() == OLD
    assert names(folder) == ["settings.js", aside]


def test_a_hard_linked_file_is_replaced_and_its_other_name_keeps_the_old_one(settings: Path) -> None:
    (settings.parent / "other").hardlink_to(settings)
    assert replaced(put(settings)).displaced is None
    assert settings.read_bytes() == NEW
    assert (settings.parent / "other").read_bytes() == OLD
    assert settings.stat().st_nlink == 1


def test_a_huge_file_is_put_aside_unread(settings: Path) -> None:
    os.truncate(settings, 10 * 1024**3)
    aside = replaced(put(settings)).aside
    assert settings.read_bytes() == NEW
    assert (settings.parent / aside).stat().st_size == 10 * 1024**3


def test_a_leased_file_is_put_aside_without_waiting(settings: Path) -> None:
    holder = os.open(settings, os.O_RDWR)
    try:
        fcntl.fcntl(holder, fcntl.F_SETSIG, 23)  # SIGURG: ignored
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        aside = replaced(put(settings)).aside
    finally:
        os.close(holder)
    assert settings.read_bytes() == NEW
    assert (settings.parent / aside).read_bytes() == OLD


def test_a_lease_taken_since_the_look_changes_nothing(settings: Path) -> None:
    seen = seen_at(settings)
    holder = os.open(settings, os.O_RDWR)
    try:
        fcntl.fcntl(holder, fcntl.F_SETSIG, 23)
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        assert put(settings, seen) == ChangedSince(files.LEASED)
    finally:
        os.close(holder)
    assert settings.read_bytes() == OLD


def test_a_file_written_without_end_is_replaced_when_only_its_inode_counts(settings: Path) -> None:
    seen = seen_at(settings)
    settings.write_bytes(b"newer")
    assert replaced(put(settings, unsteady(seen))).displaced == b"newer"
    assert settings.read_bytes() == NEW


def test_a_plain_file_that_took_the_inode_of_an_odd_one_stays(settings: Path) -> None:
    judged = Odd(str(settings), "FIFO", seen_at(settings).identity)
    settings.write_bytes(b"the owner's own, and longer than before")
    assert isinstance(put(settings, judged), ChangedSince)
    assert settings.read_bytes() == b"the owner's own, and longer than before"


def test_attributes_of_the_owner_are_kept(tmp_path: Path) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    os.setxattr(settings, "user.note", b"mine")
    replaced(put(settings))
    assert os.getxattr(settings, "user.note") == b"mine"


def test_the_access_list_is_kept_and_the_folders_default_does_not_creep_in(tmp_path: Path) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    os.setxattr(settings, ACCESS_LIST, access_list(1234))
    os.setxattr(tmp_path, "system.posix_acl_default", access_list(4321))
    kept = os.getxattr(settings, ACCESS_LIST)
    seen = seen_at(settings)
    replaced(replace(str(settings), seen, NEW, uid=os.geteuid(), gid=os.getegid(), mode=seen.identity.mode))
    assert os.getxattr(settings, ACCESS_LIST) == kept

    settings.unlink()
    settings.write_bytes(OLD)
    os.removexattr(settings, ACCESS_LIST)
    replaced(put(settings))
    assert ACCESS_LIST not in os.listxattr(settings)


def access_list(user: int) -> bytes:
    """Return the list u::rw-, u:USER:r--, g::r--, m::r--, o::--- in the kernel's form."""
    rows = [(1, 6, 0xFFFFFFFF), (2, 4, user), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 0, 0xFFFFFFFF)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *row) for row in rows)


def test_more_attributes_than_a_restore_has_time_for_do_not_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    os.setxattr(settings, "user.note", b"mine")
    monkeypatch.setattr(syscalls, "getxattr", lambda *_: bytes(70_000))
    replaced(put(settings))
    assert settings.read_bytes() == NEW
    assert os.listxattr(settings) == []


def test_a_change_between_exchange_and_check_goes_back_to_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    seen = seen_at(settings)
    real = syscalls.rename_with
    saves = iter([b"newer"])

    def save_first(folder: int, old: str, new: str, flags: int) -> None:
        for save in saves:
            (tmp_path / "save").write_bytes(save)
            (tmp_path / "save").rename(settings)
        real(folder, old, new, flags)

    monkeypatch.setattr(syscalls, "rename_with", save_first)
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == b"newer"
    assert names(tmp_path) == ["settings.js"]


def test_a_save_before_and_another_during_the_giving_back_are_both_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    seen = seen_at(settings)
    real = syscalls.rename_with
    saves = iter([b"second", b"third"])

    def save_first(folder: int, old: str, new: str, flags: int) -> None:
        save = next(saves, b"")
        if save:
            (tmp_path / "save").write_bytes(save)
            (tmp_path / "save").rename(settings)
        real(folder, old, new, flags)

    monkeypatch.setattr(syscalls, "rename_with", save_first)
    answer = put(settings, seen)
    assert isinstance(answer, ChangedSince)
    assert settings.read_bytes() == b"third"
    aside = next(name for name in names(tmp_path) if name != "settings.js")
    assert (tmp_path / aside).read_bytes() == b"second"
    assert aside in answer.what


def test_a_save_into_the_new_file_before_the_giving_back_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    seen = seen_at(settings)
    real = syscalls.rename_with

    def save_around(folder: int, old: str, new: str, flags: int) -> None:
        if settings.read_bytes() == OLD:
            (tmp_path / "save").write_bytes(b"second")
            (tmp_path / "save").rename(settings)
            real(folder, old, new, flags)
            settings.write_bytes(b"third, into the new file itself")
        else:
            real(folder, old, new, flags)

    monkeypatch.setattr(syscalls, "rename_with", save_around)
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == b"third, into the new file itself"
    aside = next(name for name in names(tmp_path) if name != "settings.js")
    assert (tmp_path / aside).read_bytes() == b"second"


def test_a_folder_that_was_swapped_meanwhile_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path.resolve() / "home"
    home.mkdir()
    settings = home / "settings.js"
    settings.write_bytes(OLD)
    seen = seen_at(settings)
    real = syscalls.rename_with

    def swap_first(folder: int, old: str, new: str, flags: int) -> None:
        home.rename(tmp_path / "moved")
        home.mkdir()
        settings.write_bytes(b"another")
        real(folder, old, new, flags)

    monkeypatch.setattr(syscalls, "rename_with", swap_first)
    assert isinstance(put(settings, seen), ChangedSince)
    assert settings.read_bytes() == b"another"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    path = tmp_path.resolve() / "gone" / "settings.js"
    answer = put(path, Missing(str(path)))
    assert answer == Failed(f"cannot replace {path}: No such file or directory (ENOENT)")


def test_a_full_disk_is_answered_with_the_spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    room = prepare(str(settings.parent), 4096)
    assert isinstance(room, Spare)
    monkeypatch.setattr(spare, "_create", refusing(errno.ENOSPC))
    assert room.is_fresh()
    assert isinstance(put(settings), Failed)
    assert replaced(put(settings, room=room)).displaced == OLD
    assert settings.read_bytes() == NEW
    assert not room.is_fresh()
    room.discard()


def test_a_spare_that_is_too_small_does_not_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path.resolve() / "settings.js"
    settings.write_bytes(OLD)
    room = prepare(str(settings.parent), len(NEW) - 1)
    assert isinstance(room, Spare)
    monkeypatch.setattr(spare, "_create", refusing(errno.ENOSPC))
    assert isinstance(put(settings, room=room), Failed)
    assert room.is_fresh()
    room.discard()


def test_a_spare_leaves_no_name_in_the_folder(tmp_path: Path) -> None:
    room = prepare(str(tmp_path.resolve()), 4096)
    assert isinstance(room, Spare)
    assert names(tmp_path) == []
    room.discard()


def test_leftovers_of_a_crash_are_handed_over_and_removed(tmp_path: Path) -> None:
    kept: list[bytes] = []
    for number in range(3):
        (tmp_path / f".nrguard-{secrets.token_hex(8)}").write_bytes(b"%d" % number)
    (tmp_path / ".nrguard-0123456789abcdef").symlink_to("settings.js")
    (tmp_path / "settings.js").write_bytes(OLD)
    (tmp_path / ".nrguard-mine").write_bytes(b"the owner's")
    swept = sweep(str(tmp_path.resolve()), keep=kept.append)
    assert isinstance(swept, tuple)
    assert len(swept) == 4
    assert sorted(kept) == [b"0", b"1", b"2"]
    assert names(tmp_path) == [".nrguard-mine", "settings.js"]


def test_a_leftover_that_has_no_bytes_to_hand_over_stays(tmp_path: Path) -> None:
    (tmp_path / ".nrguard-0123456789abcdef").mkdir()
    (tmp_path / ".nrguard-0123456789abcde0").write_bytes(b"")
    os.truncate(tmp_path / ".nrguard-0123456789abcde0", 10 * 1024**3)
    assert sweep(str(tmp_path.resolve())) == ()
    assert len(names(tmp_path)) == 2


def test_replacing_leaves_no_descriptor_open(settings: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    seen = seen_at(settings)
    replaced(put(settings))
    assert isinstance(put(settings, seen), ChangedSince)
    assert len(os.listdir("/proc/self/fd")) == before
