"""Every way in which a settings.js can change, under a running guard: none is missed, none touches anything else."""

from __future__ import annotations

import mmap
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.house import SETTINGS_ALONE
from stage.careless import cut
from stage.guard import Guard

PATIENCE = 10.0  # seconds; the content is polled every second here, where nothing rings

POLICY = """\
instances:
  alone:
    settings: {settings}
    want:
      adminAuth: [{{username: admin, password: generate}}]
intervals: {{content: 1s}}
"""

Way = Callable[[Path, bytes], None]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[tuple[Guard, Path]]:
    """Yield a guard that looks every second, and the settings.js that it guards, in a folder of its own."""
    settings = tmp_path / "user" / "settings.js"
    settings.parent.mkdir()
    settings.write_text(SETTINGS_ALONE)
    with Guard(tmp_path / "guard", POLICY.format(settings=settings)) as guard:
        said = guard.call("apply")
        assert said.status == 0, said
        guard.start()
        yield guard, settings


def in_place(settings: Path, weak: bytes) -> None:
    settings.write_bytes(weak)


def piece_by_piece(settings: Path, weak: bytes) -> None:
    with settings.open("wb", buffering=0) as file:
        for at in range(0, len(weak), 64):
            file.write(weak[at : at + 64])
            time.sleep(0.001)


def renamed_over(settings: Path, weak: bytes) -> None:
    new = settings.with_suffix(".new")
    new.write_bytes(weak)
    new.replace(settings)


def moved_out(settings: Path, weak: bytes) -> None:
    del weak
    settings.rename(settings.parents[1] / f"out-{time.time_ns()}.js")


def emptied(settings: Path, weak: bytes) -> None:
    del weak
    os.truncate(settings, 0)


def linked_elsewhere(settings: Path, weak: bytes) -> None:
    elsewhere = settings.parents[1] / f"elsewhere-{time.time_ns()}.js"
    elsewhere.write_bytes(weak)
    settings.unlink()
    settings.symlink_to(elsewhere)


def made_a_folder(settings: Path, weak: bytes) -> None:
    settings.unlink()
    settings.mkdir()
    (settings / "index.js").write_bytes(weak)


def made_a_pipe(settings: Path, weak: bytes) -> None:
    del weak
    settings.unlink()
    os.mkfifo(settings)


def stored_through_a_mapping(settings: Path, weak: bytes) -> None:
    """Make a change that no event tells of, and that keeps the size."""
    with settings.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[: len(weak)] = weak
        memory[len(weak) :] = b" " * (len(memory) - len(weak))


def folder_made_anew(settings: Path, weak: bytes) -> None:
    folder = settings.parent
    other = folder.with_name(f"{folder.name}-{time.time_ns()}")
    shutil.copytree(folder, other)
    (other / settings.name).write_bytes(weak)
    shutil.rmtree(folder)
    other.rename(folder)


def in_a_flood(settings: Path, weak: bytes) -> None:
    """Hide the change among more events than the kernel's queue holds."""
    noise = settings.with_name("noise")
    for _ in range(20_000):
        noise.touch()
    settings.write_bytes(weak)
    for _ in range(20_000):
        noise.touch()
    noise.unlink()


@pytest.mark.parametrize(
    "way",
    [
        in_place, piece_by_piece, renamed_over, moved_out, emptied, linked_elsewhere, made_a_folder, made_a_pipe,
        stored_through_a_mapping, folder_made_anew, in_a_flood,
    ],
    ids=lambda way: way.__name__,
)  # fmt: skip
def test_no_way_to_change_it_is_missed(guarded: tuple[Guard, Path], way: Way) -> None:
    guard, settings = guarded
    gone = cut(settings.read_bytes(), "adminAuth")
    way(settings, gone.rest)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and gone.member not in _bytes(settings):
        time.sleep(0.01)
    assert gone.member in _bytes(settings), guard.log_end()


def _bytes(settings: Path) -> bytes:
    if settings.is_symlink() or not settings.is_file():
        return b""
    return settings.read_bytes()
