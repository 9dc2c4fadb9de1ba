"""The folder belongs to an attacker who races: nothing outside it is read, written, owned or deleted, nothing blocks.

As root only, since that is what it takes to have two users; elsewhere every test here is skipped and counted.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import itertools
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nrguard.host import files, syscalls
from nrguard.host.exchange import replace
from nrguard.host.files import look
from nrguard.host.identity import as_owner
from nrguard.host.spare import Spare, is_passing, prepare
from nrguard.host.sweep import sweep
from nrguard.model import Blind
from nrguard.world import ChangedSince, Content, Failed, Look, Odd, Replaced, Replacement, unsteady
from tests.faults.actors import ATTACKER, DAEMON, acting_as, as_daemon, attacking

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="the attack races need root: sudo make faults")

OLD, NEW, SECRET = b"module.exports = {}\n", b"module.exports = { adminAuth: {} }\n", b"outside: not to be read\n"
RACE = 1.2  # seconds of each race
PATIENCE = 0.2  # seconds that a look may take: what the loop of the daemon is held to


@dataclass(frozen=True, slots=True)
class Ground:
    """A home with a .node-red in it, both the attacker's; beside it, out of his reach, what must stay as it is."""

    base: Path

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def folder(self) -> Path:
        return self.home / ".node-red"

    @property
    def settings(self) -> Path:
        return self.folder / "settings.js"

    @property
    def outside(self) -> Path:
        return self.base / "outside"

    @property
    def own(self) -> Path:
        """A file of the attacker's, outside the guarded folder."""
        return self.home / "own.txt"

    def save(self, data: bytes = OLD) -> None:
        passing = self.folder / f"save-{secrets.token_hex(4)}"
        passing.write_bytes(data)
        os.chown(passing, ATTACKER, ATTACKER)
        passing.rename(self.settings)

    def around(self) -> dict[str, object]:
        """Return all there is to see of everything outside the folder."""
        everything = [self.outside, *sorted(self.outside.iterdir()), self.own]
        return {str(path): (as_seen(path), path.read_bytes() if path.is_file() else sorted(os.listdir(path)))
                for path in everything}  # fmt: skip


def as_seen(path: Path) -> tuple[int, ...]:
    status = path.lstat()
    return (status.st_ino, status.st_uid, status.st_gid, status.st_mode, status.st_size, status.st_mtime_ns)


@pytest.fixture
def ground() -> Iterator[Ground]:
    base = Path(tempfile.mkdtemp(prefix="nrguard-hostile-")).resolve()
    base.chmod(0o755)
    here = Ground(base)
    for folder, owner in ((here.home, ATTACKER), (here.folder, ATTACKER), (here.outside, 0)):
        folder.mkdir(mode=0o755)
        os.chown(folder, owner, owner)
    for name, mode in (("settings.js", 0o600), ("secret", 0o600), ("public", 0o644)):
        (here.outside / name).write_bytes(SECRET)
        (here.outside / name).chmod(mode)
    here.own.write_bytes(SECRET)
    os.chown(here.own, ATTACKER, ATTACKER)
    here.save()
    yield here
    shutil.rmtree(base)


@dataclass(frozen=True, slots=True)
class Toll:
    """What a race came to. `longest`: the seconds of the longest look."""

    looks: int
    replaced: int
    longest: float
    leaked: tuple[str, ...]
    kinds: frozenset[str]


def guard_for(seconds: float, ground: Ground) -> Toll:
    """Look and replace again and again for so long."""
    looks, done, longest = 0, 0, 0.0
    leaked: set[str] = set()
    kinds: set[str] = set()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        started = time.monotonic()
        seen = look(str(ground.settings), owner=ATTACKER)
        longest = max(longest, time.monotonic() - started)
        looks += 1
        kinds.add(seen.what.partition(" to ")[0] if isinstance(seen, Odd) else type(seen).__name__)
        if isinstance(seen, Content) and SECRET in seen.data:
            leaked.add("look")
        if isinstance(seen, Blind):
            continue
        answer = put(ground, seen)
        kinds.add(type(answer).__name__)
        if isinstance(answer, Replaced):
            done += 1
            if SECRET in (answer.displaced or b""):
                leaked.add("displaced")
    return Toll(looks, done, longest, tuple(leaked), frozenset(kinds))


def put(ground: Ground, seen: Look, spare: Spare | None = None) -> Replacement:
    assert not isinstance(seen, Blind), seen
    return replace(str(ground.settings), seen, NEW, uid=ATTACKER, gid=ATTACKER, mode=0o640, spare=spare)


def settle(ground: Ground) -> None:
    """After the attack, one more turn of the guard puts everything right."""
    sweep(str(ground.folder), owner=ATTACKER)
    for _ in range(3):
        seen = look(str(ground.settings), owner=ATTACKER)
        if isinstance(seen, Content) and seen.data == NEW:
            break
        assert not isinstance(seen, Blind)
        put(ground, seen)
    status = ground.settings.lstat()
    assert ground.settings.read_bytes() == NEW
    assert stat.S_ISREG(status.st_mode)
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (ATTACKER, ATTACKER, 0o640)
    assert [name for name in os.listdir(ground.folder) if is_passing(name)] == []
    assert ground.folder.stat().st_uid == ATTACKER


def replaced_by(make: Callable[[Path], object]) -> Callable[[Ground], Callable[[], None]]:
    """Return the attack that puts what `make` makes in the place of settings.js, and a plain file again."""

    def attack(ground: Ground) -> Callable[[], None]:
        numbers = itertools.count()

        def once() -> None:
            passing = ground.folder / f"x{next(numbers) % 7}"
            clear(passing)
            make(passing)
            exchange(passing, ground.settings)
            clear(passing)
            passing.write_bytes(OLD)
            exchange(passing, ground.settings)

        return once

    return attack


def clear(path: Path) -> None:
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()


def exchange(one: Path, other: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), syscalls.RENAME_EXCHANGE):
        one.rename(other)


def a_link(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(path.parent / target)


def a_huge_file(path: Path) -> None:
    path.write_bytes(OLD)
    os.truncate(path, 10 * 1024**3)


def swapped_folder(ground: Ground) -> Callable[[], None]:
    """Put a link to the outside in the folder's place and back."""
    hidden = ground.home / "hidden"

    def once() -> None:
        ground.folder.rename(hidden)
        ground.folder.symlink_to(ground.outside)
        ground.folder.unlink()
        hidden.rename(ground.folder)

    return once


def exchanged_folder(ground: Ground) -> Callable[[], None]:
    """Let the folder and a link to the outside change places in one step, again and again."""
    other = ground.home / "other"

    def once() -> None:
        if not os.path.lexists(other):
            other.symlink_to(ground.outside)
        exchange(other, ground.folder)

    return once


def meddling_with_passing_names(ground: Ground) -> Callable[[], None]:
    """Seize each file that the guard makes for a moment: write into it, or put a link to the outside in its place."""

    def once() -> None:
        for name in os.listdir(ground.folder):
            if is_passing(name):
                path = ground.folder / name
                with contextlib.suppress(OSError), path.open("ab") as file:
                    file.write(b"// mine")
                path.rename(ground.folder / "seized")
                path.symlink_to(ground.outside / "public")

    return once


def slowed(call: Callable[..., None]) -> Callable[..., None]:
    """Return `call` with a pause before and after it, in which the attacker gets his chance."""

    def slow(*arguments: object) -> None:
        time.sleep(0.002)
        call(*arguments)
        time.sleep(0.002)

    return slow


def writing_in_place(ground: Ground) -> Callable[[], None]:
    def once() -> None:
        ground.settings.write_bytes(OLD * secrets.randbelow(5))

    return once


def leasing(ground: Ground) -> Callable[[], None]:
    def once() -> None:
        fd = os.open(ground.settings, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            time.sleep(0.002)
        finally:
            os.close(fd)

    return once


ATTACKS: dict[str, Callable[[Ground], Callable[[], None]]] = {
    "a link to a secret": replaced_by(a_link("../../outside/secret")),
    "a link to a public file": replaced_by(a_link("../../outside/public")),
    "a link to an endless device": replaced_by(lambda path: path.symlink_to("/dev/zero")),
    "a FIFO": replaced_by(os.mkfifo),
    "a directory": replaced_by(lambda path: path.mkdir()),
    "a hard link": replaced_by(lambda path: path.hardlink_to(path.parent.parent / "own.txt")),
    "a huge file": replaced_by(a_huge_file),
    "a swapped folder": swapped_folder,
    "an exchanged folder": exchanged_folder,
    "a seized passing name": meddling_with_passing_names,
    "a writer in place": writing_in_place,
    "a lease": leasing,
}
IDENTITIES = ("daemon", "root")


@pytest.mark.parametrize("identity", IDENTITIES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_race_reaches_nothing_outside_and_blocks_nothing(
    ground: Ground, attack: str, identity: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if attack == "a seized passing name":  # stands for a tenth of a millisecond: too short for an attacker in Python
        monkeypatch.setattr(syscalls, "rename_with", slowed(syscalls.rename_with))
    before = ground.around()
    with attacking(ATTACKS[attack](ground)):
        toll = acting_as(identity, lambda: guard_for(RACE, ground))
    assert toll.leaked == () or attack == "a hard link"  # that one is the attacker's own file, under another name
    assert ground.around() == before
    assert toll.looks > 20, toll
    assert toll.kinds - {"Content", "Replaced"}, f"the attack was never met: {toll}"
    assert toll.longest < PATIENCE, toll
    for folder in (ground.home / "hidden", ground.home / "other"):
        if folder.is_dir() and not folder.is_symlink():
            clear(ground.folder)
            folder.rename(ground.folder)
    settle(ground)


@pytest.mark.parametrize("identity", IDENTITIES)
def test_no_save_of_the_owner_is_lost_in_a_race(ground: Ground, identity: str) -> None:
    """He saves by exchange, too, and notes what he displaced: each version is somewhere."""
    log = ground.folder / "log"
    log.write_bytes(b"")
    os.chown(log, ATTACKER, ATTACKER)
    numbers = itertools.count()

    def save() -> None:
        version = b"version %d\n" % next(numbers)
        passing = ground.folder / "saving"
        passing.write_bytes(version)
        exchange(passing, ground.settings)
        with log.open("ab") as file:
            file.write(b"saved " + version + b"displaced " + passing.read_bytes())
        time.sleep(0.0005 * (secrets.randbelow(6)))

    def guard() -> list[bytes]:
        found: list[bytes] = []
        until = time.monotonic() + RACE
        while time.monotonic() < until:
            seen = look(str(ground.settings), owner=ATTACKER)
            if isinstance(seen, Content) and seen.data != NEW:
                answer = put(ground, seen)
                if isinstance(answer, Replaced | ChangedSince) and answer.displaced is not None:
                    found.append(answer.displaced)
        return found

    with attacking(save):
        found = acting_as(identity, guard)
    lines = log.read_bytes().splitlines()
    saved = {line.removeprefix(b"saved ") for line in lines if line.startswith(b"saved ")}
    kept = {line.removeprefix(b"displaced ") for line in lines if line.startswith(b"displaced ")}
    kept |= {data.strip() for data in found} | {path.read_bytes().strip() for path in ground.folder.iterdir()}
    assert len(found) > 5
    assert saved - kept == set()


def test_a_writer_who_never_pauses_is_overcome_and_his_last_bytes_are_kept(ground: Ground) -> None:
    """A file that never holds still would be "changed since" for ever; then only its inode counts."""

    def overcome() -> Replacement:
        seen = look(str(ground.settings), owner=ATTACKER)
        return put(ground, unsteady(seen) if isinstance(seen, Content) else seen)

    descriptor = os.open(ground.settings, os.O_WRONLY)

    def write() -> None:
        os.pwrite(descriptor, b"%020d" % time.monotonic_ns(), 0)

    with attacking(write):
        answer = as_daemon(overcome)
    os.close(descriptor)
    assert isinstance(answer, Replaced), answer
    assert answer.displaced is not None
    assert len(answer.displaced) >= 20
    settle(ground)


@pytest.mark.parametrize("mode", [0o1755, 0o1777, 0o555, 0o1555])
def test_no_mode_of_the_folder_keeps_the_daemon_from_restoring(ground: Ground, mode: int) -> None:
    ground.folder.chmod(mode)
    answer = as_daemon(lambda: put(ground, look(str(ground.settings))))
    assert isinstance(answer, Replaced), answer
    assert ground.settings.read_bytes() == NEW
    assert (ground.folder.stat().st_uid, stat.S_IMODE(ground.folder.stat().st_mode)) == (ATTACKER, mode)
    assert os.listdir(ground.folder) == ["settings.js"]


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o444])
def test_no_mode_of_the_file_keeps_the_daemon_from_restoring(ground: Ground, mode: int) -> None:
    ground.settings.chmod(mode)
    answer = as_daemon(lambda: put(ground, look(str(ground.settings))))
    assert isinstance(answer, Replaced), answer
    settle(ground)


def test_a_crash_while_the_folder_was_ours_is_undone_by_the_sweep(ground: Ground) -> None:
    os.chown(ground.folder, DAEMON, -1)
    as_daemon(lambda: sweep(str(ground.folder), owner=ATTACKER))
    assert ground.folder.stat().st_uid == ATTACKER


def test_root_in_the_owners_place_cannot_be_led_to_a_secret(ground: Ground) -> None:
    with as_owner(ATTACKER, ATTACKER):
        with pytest.raises(PermissionError):
            (ground.outside / "secret").read_bytes()
        with pytest.raises(PermissionError):
            (ground.outside / "public").write_bytes(b"")
        with pytest.raises(PermissionError):
            os.chown(ground.own, 0, 0)
    assert (ground.outside / "secret").read_bytes() == SECRET


def test_roots_own_groups_do_not_help_in_the_owners_place(ground: Ground) -> None:
    (ground.outside / "secret").chmod(0o640)
    os.chmod(ground.outside, 0o750)
    before = os.getgroups()
    os.setgroups([0, 4])
    try:
        with as_owner(ATTACKER, ATTACKER), pytest.raises(PermissionError):
            (ground.outside / "secret").read_bytes()
        assert os.getgroups() == [0, 4]
        assert syscalls.file_identity() == (0, 0)
        assert (ground.outside / "secret").read_bytes() == SECRET
    finally:
        os.setgroups(before)


def test_only_this_thread_changes_its_identity(ground: Ground) -> None:
    with as_owner(ATTACKER, ATTACKER):
        assert os.geteuid() == 0
        assert syscalls.file_identity() == (ATTACKER, ATTACKER)
        (ground.folder / "made").write_bytes(b"")
    assert (ground.folder / "made").stat().st_uid == ATTACKER


def test_a_device_is_told_and_never_opened(ground: Ground) -> None:
    ground.settings.unlink()
    os.mknod(ground.settings, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # endless zeros
    seen = look(str(ground.settings))
    assert isinstance(seen, Odd)
    assert seen.what == "device"
    settle(ground)


def test_a_file_of_root_that_its_owner_cannot_read_is_put_aside(ground: Ground) -> None:
    os.chown(ground.settings, 0, 0)
    ground.settings.chmod(0o600)
    with as_owner(ATTACKER, ATTACKER):
        seen = look(str(ground.settings), owner=ATTACKER)
        assert isinstance(seen, Odd)
        assert seen.what == f"a file owned by user 0, not {ATTACKER}"
        answer = put(ground, seen)
    assert isinstance(answer, Replaced)
    assert (ground.folder / answer.aside).read_bytes() == OLD
    settle(ground)


@pytest.mark.parametrize("place", ["settings", "folder"])
def test_an_immutable_flag_is_named_with_its_remedy(ground: Ground, place: str) -> None:
    path = getattr(ground, place)
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable flag")
    try:
        seen = look(str(ground.settings))
        assert isinstance(seen, Content)
        answer = put(ground, seen)
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    assert isinstance(answer, Failed)
    assert "chattr -i" in answer.why
    assert ("folder" if place == "folder" else "file") in answer.why
    assert ground.settings.read_bytes() == OLD


@pytest.fixture
def mounted(ground: Ground) -> Iterator[Callable[..., None]]:
    """Give what mounts something in the ground; all of it is unmounted at the end."""
    places: list[Path] = []

    def mount(place: Path, *arguments: str) -> None:
        if subprocess.run(["mount", *arguments, str(place)], capture_output=True, check=False).returncode:
            pytest.skip(f"mount {' '.join(arguments)} is not possible here")
        places.append(place)

    yield mount
    for place in reversed(places):
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize("by", ["openat2", "component by component"])
def test_a_file_mounted_over_settings_is_told_and_left(
    ground: Ground, mounted: Callable[..., None], by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by != "openat2":

        def not_known(*_: object) -> int:
            raise OSError(38, os.strerror(38))

        monkeypatch.setattr(syscalls, "openat2", not_known)
    mounted(ground.settings, "--bind", str(ground.outside / "public"))
    seen = look(str(ground.settings))
    assert seen == Odd(str(ground.settings), "a mount of its own")
    answer = put(ground, seen)
    assert isinstance(answer, Failed | ChangedSince)
    assert (ground.outside / "public").read_bytes() == SECRET
    assert [name for name in os.listdir(ground.folder) if is_passing(name)] == []


def test_a_home_that_is_a_mount_of_its_own_is_fine(ground: Ground, mounted: Callable[..., None]) -> None:
    mounted(ground.home, "-t", "tmpfs", "-o", "mode=0755,size=1m", "none")
    ground.folder.mkdir()
    os.chown(ground.folder, ATTACKER, ATTACKER)
    ground.save()
    seen = look(str(ground.settings))
    assert isinstance(seen, Content)
    assert isinstance(put(ground, seen), Replaced)


def test_a_disk_that_the_attacker_fills_does_not_keep_the_daemon_from_restoring(
    ground: Ground, mounted: Callable[..., None]
) -> None:
    mounted(ground.folder, "-t", "tmpfs", "-o", f"mode=0755,size=256k,uid={ATTACKER},gid={ATTACKER}", "none")
    ground.save()

    def fill_and_restore() -> list[object]:
        spare = prepare(str(ground.folder), 65536)
        assert isinstance(spare, Spare)
        with contextlib.suppress(OSError), (ground.folder / "fill").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        seen = look(str(ground.settings))
        assert isinstance(seen, Content)
        return [put(ground, seen), put(ground, seen, spare)]

    without, with_spare = as_daemon(fill_and_restore)
    assert isinstance(without, Failed)
    assert "ENOSPC" in without.why
    assert isinstance(with_spare, Replaced), with_spare
    assert ground.settings.read_bytes() == NEW
    assert ground.settings.stat().st_uid == ATTACKER


def test_a_lease_held_for_ever_blocks_neither_look_nor_replacement(ground: Ground) -> None:
    def hold() -> None:
        fd = os.open(ground.settings, os.O_RDWR)
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        (ground.folder / "held").write_bytes(b"")
        time.sleep(30)

    with attacking(hold):
        for _ in range(500):
            if (ground.folder / "held").exists():
                break
            time.sleep(0.01)
        started = time.monotonic()
        seen = look(str(ground.settings), owner=ATTACKER)
        assert isinstance(seen, Odd)
        assert seen.what == files.LEASED
        assert isinstance(put(ground, seen), Replaced)
        assert time.monotonic() - started < PATIENCE
    settle(ground)
