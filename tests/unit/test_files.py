"""Looking at one file: what each thing that can stand there is called, and that nothing is followed or waited for."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
from pathlib import Path

import pytest

from nrguard.host import files, syscalls
from nrguard.host.files import enrol, look
from nrguard.model import Blind
from nrguard.world import CHANGING, Content, Missing, Odd

pytestmark = pytest.mark.real  # descriptors are opened again by /proc/self/fd

TEXT = b"module.exports = { uiPort: 1880 }\n"


@pytest.fixture(params=["openat2", "component by component"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scratch folder, looked at with the kernel's openat2 and as on a kernel (or in a container) without it."""
    if request.param != "openat2":

        def refuse(*_: object) -> int:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

        monkeypatch.setattr(syscalls, "openat2", refuse)
    return tmp_path.resolve()


@pytest.fixture
def settings(folder: Path) -> Path:
    path = folder / "settings.js"
    path.write_bytes(TEXT)
    return path


def what(path: Path, **bounds: int) -> str:
    seen = look(str(path), **bounds)
    assert isinstance(seen, Odd), seen
    return seen.what


def test_a_plain_file_is_read_whole_with_its_identity_and_digest(settings: Path) -> None:
    seen = look(str(settings))
    assert isinstance(seen, Content)
    assert seen.data == TEXT
    assert seen.digest == hashlib.sha256(TEXT).hexdigest()
    assert seen.identity == files.identity_of(settings.stat())


def test_an_empty_file_is_content(settings: Path) -> None:
    settings.write_bytes(b"")
    seen = look(str(settings))
    assert isinstance(seen, Content)
    assert seen.data == b""


def test_a_file_of_exactly_the_limit_is_read_and_one_more_byte_is_odd(settings: Path) -> None:
    assert isinstance(look(str(settings), limit=len(TEXT)), Content)
    assert what(settings, limit=len(TEXT) - 1) == f"a file too large to be read: {len(TEXT)} bytes"


def test_nothing_there_is_missing(folder: Path) -> None:
    assert look(str(folder / "settings.js")) == Missing(str(folder / "settings.js"))


def test_no_folder_is_told_as_such(folder: Path) -> None:
    assert what(folder / "gone" / "settings.js") == "folder missing"


def test_a_file_in_the_place_of_the_folder_is_told_as_such(settings: Path) -> None:
    assert what(settings / "settings.js") == "a file in the place of its folder"


def test_a_link_is_told_and_not_followed(folder: Path) -> None:
    (folder / "settings.js").symlink_to("/etc/hostname")
    assert what(folder / "settings.js") == "symbolic link to /etc/hostname"


def test_the_target_of_a_link_cannot_speak_to_the_terminal(folder: Path) -> None:
    (folder / "settings.js").symlink_to("a\x1b[2J\u202eb")
    assert what(folder / "settings.js") == r"symbolic link to a\x1b[2J\u202eb"


def test_a_link_to_an_endless_device_is_only_a_link(folder: Path) -> None:
    (folder / "settings.js").symlink_to("/dev/zero")
    assert what(folder / "settings.js") == "symbolic link to /dev/zero"


def test_a_link_among_the_folders_is_not_followed(settings: Path) -> None:
    (settings.parent / "away").symlink_to(settings.parent)
    assert what(settings.parent / "away" / "settings.js") == "folder behind a symbolic link"


def test_a_link_that_leads_round_and_round_is_not_followed(folder: Path) -> None:
    (folder / "round").symlink_to("round")
    assert what(folder / "round" / "settings.js") == "folder behind a symbolic link"


def test_a_directory_is_told(folder: Path) -> None:
    (folder / "settings.js").mkdir()
    assert what(folder / "settings.js") == "directory"


def test_a_fifo_is_told_without_waiting_for_its_writer(folder: Path) -> None:
    os.mkfifo(folder / "settings.js")
    assert what(folder / "settings.js") == "FIFO"


def test_a_socket_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)  # the path of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("settings.js")
    assert what(folder / "settings.js") == "socket"


def test_a_second_hard_link_is_told(settings: Path) -> None:
    (settings.parent / "other").hardlink_to(settings)
    assert what(settings) == "a file with a second hard link (2 links)"


def test_a_foreign_owner_is_told(settings: Path) -> None:
    me = os.geteuid()
    assert isinstance(look(str(settings), owner=me), Content)
    assert what(settings, owner=me + 1) == f"a file owned by user {me}, not {me + 1}"


def test_ten_gigabytes_of_holes_are_not_read(settings: Path) -> None:
    os.truncate(settings, 10 * 1024**3)
    assert what(settings) == "a file too large to be read: 10737418240 bytes"


def test_a_lease_is_told_without_waiting_for_its_holder(settings: Path) -> None:
    holder = os.open(settings, os.O_RDWR)
    try:
        fcntl.fcntl(holder, fcntl.F_SETSIG, 23)  # SIGURG: ignored, as a hostile holder would
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        assert what(settings) == files.LEASED
    finally:
        os.close(holder)
    assert isinstance(look(str(settings)), Content)


def test_a_file_that_never_holds_still_is_told(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pread

    def read_and_disturb(fd: int, size: int, offset: int) -> bytes:
        if offset == 0:
            with settings.open("ab") as file:
                file.write(b"//\n")
        return real(fd, size, offset)

    monkeypatch.setattr(syscalls, "read_at", read_and_disturb)
    assert what(settings) == CHANGING


def test_a_change_during_the_first_read_gives_the_second_content(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pread
    once = iter([b"more"])

    def read_then_change(fd: int, size: int, offset: int) -> bytes:
        data = real(fd, size, offset)
        for text in once:
            settings.write_bytes(TEXT + text)
        return data

    monkeypatch.setattr(syscalls, "read_at", read_then_change)
    seen = look(str(settings))
    assert isinstance(seen, Content)
    assert seen.data == TEXT + b"more"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ENOMEM])
@pytest.mark.parametrize("call", ["fstat", "reopen", "read_at"])
def test_what_the_host_refuses_is_blindness_with_its_reason(
    settings: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(syscalls, call, refuse)
    assert look(str(settings)) == Blind(f"{settings}: {os.strerror(number)} ({errno.errorcode[number]})")


def test_looking_leaves_no_descriptor_open(settings: Path) -> None:
    def descriptors() -> list[str]:
        return os.listdir("/proc/self/fd")

    (settings.parent / "link").symlink_to("settings.js")
    before = descriptors()
    for name in ("settings.js", "link", "none", "settings.js/x", "link/x", "none/x"):
        look(str(settings.parent / name))
    assert len(descriptors()) == len(before)


def test_enrolment_resolves_every_link_once(settings: Path) -> None:
    (settings.parent / "away").symlink_to(settings.parent)
    (settings.parent / "link.js").symlink_to("away/settings.js")
    assert enrol(str(settings.parent / "link.js")) == str(settings)


def test_the_links_on_the_way_are_listed_in_order(settings: Path) -> None:
    folder = settings.parent
    (folder / "away").symlink_to(folder)
    (folder / "link.js").symlink_to("away/settings.js")
    assert files.links(str(settings)) == ()
    assert files.links(str(folder / "link.js")) == (
        (str(folder / "link.js"), "away/settings.js"),
        (str(folder / "away"), str(folder)),
    )


def test_a_link_that_is_changed_later_is_seen_in_the_list(settings: Path) -> None:
    link = settings.parent / "link.js"
    link.symlink_to("settings.js")
    before = files.links(str(link))
    link.unlink()
    link.symlink_to("other.js")
    assert files.links(str(link)) == ((str(link), "other.js"),) != before


def test_links_that_lead_round_and_round_come_to_an_end(folder: Path) -> None:
    (folder / "round").symlink_to("round")
    assert len(files.links(str(folder / "round"))) == 40


def test_enrolment_of_a_file_that_is_not_there_yet_resolves_its_folder(folder: Path) -> None:
    (folder / "away").symlink_to(folder)
    assert enrol(str(folder / "away" / "settings.js")) == str(folder / "settings.js")
