"""The bell: it rings for whatever happens to the file and to its folder, and stays quiet for the neighbours."""

from __future__ import annotations

import os
import select
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent

from nrguard.watch import Bell, Watched, _Ring

pytestmark = pytest.mark.real
PATIENCE = 5.0  # seconds until a test gives up
QUIET = 0.15  # seconds without a ring that count as none


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    yield bell
    bell.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / ".node-red"
    folder.mkdir(parents=True)
    (folder / "settings.js").write_text("module.exports = {}\n")
    return folder


@pytest.fixture
def watched(bell: Bell, folder: Path) -> Watched:
    watched = Watched(str(folder / "settings.js"))
    assert bell.watch(watched) is None
    settle(bell, watched)
    return watched


def settle(bell: Bell, *all_watched: Watched) -> None:
    """Take note of all rings, as the daemon does after it has looked."""
    while select.select([bell.fd], [], [], QUIET)[0]:
        bell.clear()
    for watched in all_watched:
        watched.rang = False


def rang(bell: Bell, watched: Watched) -> bool:
    """Wait for the bell as the daemon does. Tell whether it rang for this file."""
    end = time.monotonic() + PATIENCE
    while select.select([bell.fd], [], [], max(0.0, min(QUIET, end - time.monotonic())))[0]:
        bell.clear()
        if watched.rang:
            return True
    return watched.rang


def test_the_first_look_needs_no_ring() -> None:
    assert Watched("/home/pi/.node-red/settings.js").rang


def test_a_plain_write_rings_and_ends_quiet(bell: Bell, watched: Watched) -> None:
    Path(watched.path).write_text("module.exports = { uiPort: 1 }\n")
    assert rang(bell, watched)
    settle(bell)
    assert watched.is_quiet()


def test_a_writer_that_is_not_done_is_not_quiet(bell: Bell, watched: Watched) -> None:
    with open(watched.path, "w") as file:
        file.write("module.exports")
        file.flush()
        assert rang(bell, watched)
        settle(bell)
        assert not watched.is_quiet()
    assert rang(bell, watched)
    settle(bell)
    assert watched.is_quiet()


def test_an_editors_rename_over_the_file_rings(bell: Bell, watched: Watched, folder: Path) -> None:
    (folder / "settings.js~").write_text("new")
    settle(bell, watched)
    os.rename(folder / "settings.js~", watched.path)
    assert rang(bell, watched)


def test_a_move_out_of_the_folder_rings(bell: Bell, watched: Watched, tmp_path: Path) -> None:
    os.rename(watched.path, tmp_path / "elsewhere.js")
    assert rang(bell, watched)


@pytest.mark.parametrize("change", ["unlink", "chmod", "truncate", "symlink", "touch", "exchange"])
def test_every_other_change_of_the_file_rings(bell: Bell, watched: Watched, folder: Path, change: str) -> None:
    path = Path(watched.path)
    match change:
        case "unlink":
            path.unlink()
        case "chmod":
            path.chmod(0o666)
        case "truncate":
            os.truncate(path, 0)
        case "symlink":
            path.unlink()
            settle(bell, watched)
            path.symlink_to("/dev/null")
        case "touch":
            os.utime(path)
        case "exchange":
            path.unlink()
            settle(bell, watched)
            path.mkdir()
    assert rang(bell, watched)


def test_the_neighbours_do_not_ring(bell: Bell, watched: Watched, folder: Path, tmp_path: Path) -> None:
    (folder / "flows.json").write_text("[]")
    (folder / "node_modules").mkdir()
    os.rename(folder / "flows.json", folder / ".flows.json.backup")
    (tmp_path / "home" / "notes.txt").write_text("x")
    assert not rang(bell, watched)


def test_reading_the_file_does_not_ring(bell: Bell, watched: Watched, folder: Path) -> None:
    Path(watched.path).read_bytes()
    os.listdir(folder)
    os.stat(watched.path)
    assert not rang(bell, watched)


def test_a_folder_that_was_moved_away_and_made_anew_is_watched_again(
    bell: Bell, watched: Watched, folder: Path
) -> None:
    folder.rename(folder.with_name("moved"))
    folder.mkdir()
    assert rang(bell, watched)
    assert not watched.armed
    assert bell.watch(watched) is None
    settle(bell, watched)
    Path(watched.path).write_text("planted")
    assert rang(bell, watched)


def test_a_folder_that_comes_back_is_watched_again(bell: Bell, watched: Watched, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    assert rang(bell, watched)
    assert bell.watch(watched) is not None
    settle(bell, watched)
    folder.with_name("moved").rename(folder)
    assert rang(bell, watched)
    assert bell.watch(watched) is None
    settle(bell, watched)
    Path(watched.path).write_text("changed")
    assert rang(bell, watched)


def test_the_folder_that_was_moved_away_is_no_longer_listened_to(bell: Bell, watched: Watched, folder: Path) -> None:
    folder.rename(folder.with_name("moved"))
    shutil.copytree(folder.with_name("moved"), folder)
    assert rang(bell, watched)
    assert bell.watch(watched) is None
    settle(bell, watched)
    (folder.with_name("moved") / "settings.js").write_text("nobody reads this")
    assert not rang(bell, watched)


def test_a_deleted_folder_rings_and_is_watched_again_when_it_is_back(
    bell: Bell, watched: Watched, folder: Path
) -> None:
    shutil.rmtree(folder)
    assert rang(bell, watched)
    assert bell.watch(watched) is not None
    settle(bell, watched)
    folder.mkdir()
    assert rang(bell, watched)
    assert bell.watch(watched) is None


def test_a_parent_that_is_moved_away_ends_the_watch(bell: Bell, watched: Watched, folder: Path) -> None:
    home = folder.parent
    home.rename(home.with_name("moved"))
    assert rang(bell, watched)
    assert not watched.armed
    folder.mkdir(parents=True)
    assert bell.watch(watched) is None
    settle(bell, watched)
    Path(watched.path).write_text("planted")
    assert rang(bell, watched)


def test_a_folder_exchanged_for_a_link_ends_the_watch(
    bell: Bell, watched: Watched, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    folder.rename(folder.with_name("moved"))
    folder.symlink_to(tmp_path / "theirs")
    assert rang(bell, watched)
    assert not watched.armed


def test_the_mode_of_the_folder_is_looked_at(bell: Bell, watched: Watched, folder: Path) -> None:
    folder.chmod(0o777)
    assert rang(bell, watched)


def test_a_missing_parent_is_a_reason_and_no_error(bell: Bell, tmp_path: Path) -> None:
    watched = Watched(str(tmp_path / "no" / "such" / "settings.js"))
    assert bell.watch(watched) == f"{tmp_path / 'no'}: No such file or directory"
    assert not watched.armed


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to become somebody who may not look")
def test_a_folder_that_may_not_be_watched_is_a_reason(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o700)
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == 0 and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setresuid(65534, 65534, 65534)
            os.write(write_end, str(Bell().watch(Watched(str(folder / "settings.js")))).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as said:
        assert said.read().decode() == f"{folder}: Permission denied"
    os.waitpid(pid, 0)


def test_two_files_in_one_folder_ring_each_for_itself(bell: Bell, watched: Watched, folder: Path) -> None:
    other = Watched(str(folder / "other.js"))
    assert bell.watch(other) is None
    settle(bell, watched, other)
    (folder / "other.js").write_text("x")
    assert rang(bell, other)
    settle(bell)
    assert not watched.rang
    bell.forget(other)
    settle(bell, watched, other)
    Path(watched.path).write_text("x")
    assert rang(bell, watched)
    assert not other.rang


def test_the_folder_of_one_may_be_the_parent_of_another(bell: Bell, folder: Path) -> None:
    inner, outer = Watched(str(folder / "settings.js")), Watched(str(folder.parent / "settings.js"))
    assert (bell.watch(outer), bell.watch(inner)) == (None, None)
    settle(bell, inner, outer)
    Path(outer.path).write_text("x")
    assert rang(bell, outer)
    settle(bell)
    assert not inner.rang
    settle(bell, inner, outer)
    folder.rename(folder.with_name("moved"))
    assert rang(bell, inner)
    bell.forget(inner)
    settle(bell, inner, outer)
    Path(outer.path).write_text("y")
    assert rang(bell, outer)


def test_what_is_forgotten_rings_no_more(bell: Bell, watched: Watched) -> None:
    bell.forget(watched)
    settle(bell, watched)
    Path(watched.path).write_text("x")
    assert not rang(bell, watched)


def test_arming_again_and_again_leaves_one_watch(bell: Bell, watched: Watched) -> None:
    for _ in range(200):
        assert bell.watch(watched) is None
    settle(bell, watched)
    Path(watched.path).write_text("x")
    assert rang(bell, watched)
    fds = [fd for fd in os.listdir("/proc/self/fdinfo") if "inotify wd" in _fdinfo(fd)]
    assert sum(_fdinfo(fd).count("inotify wd") for fd in fds) == 2


def _fdinfo(fd: str) -> str:
    try:
        return Path(f"/proc/self/fdinfo/{fd}").read_text()
    except FileNotFoundError:  # of the listing itself
        return ""


def test_a_full_queue_rings(bell: Bell, watched: Watched) -> None:
    """Whatever was lost is looked up again."""
    ring = _Ring(bell, watched, b"settings.js")
    ring.on_queue_overflow()
    assert watched.rang
    assert not watched.is_quiet()


def test_a_flood_beside_the_file_loses_nothing(bell: Bell, watched: Watched, folder: Path) -> None:
    stop = threading.Event()

    def flood() -> None:
        number = 0
        while not stop.is_set():
            (folder / f"noise-{number % 50}").write_bytes(b"")
            number += 1

    noisy = threading.Thread(target=flood)
    noisy.start()
    try:
        time.sleep(0.2)
        Path(watched.path).write_text("changed in the noise")
        assert rang(bell, watched)
    finally:
        stop.set()
        noisy.join()


def test_a_thousand_changes_are_a_few_wakes_and_the_last_one_is_seen(bell: Bell, watched: Watched) -> None:
    for number in range(1000):
        Path(watched.path).write_text(str(number))
    assert rang(bell, watched)
    settle(bell, watched)
    Path(watched.path).write_text("one more")
    assert rang(bell, watched)


def test_an_event_of_the_kernel_for_the_folder_itself_means_look_which_one_it_is(bell: Bell, watched: Watched) -> None:
    ring = _Ring(bell, watched, b"settings.js")
    watched.armed = True
    ring.on_event(InotifyEvent(1, InotifyConstants.IN_MOVE_SELF, 0, b""))  # type: ignore[arg-type]
    assert not watched.armed


def test_closing_ends_the_thread_and_its_descriptors(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        bell = Bell()
        bell.watch(Watched(str(tmp_path / "settings.js")))
        bell.close()
    assert len(os.listdir("/proc/self/fd")) == before
