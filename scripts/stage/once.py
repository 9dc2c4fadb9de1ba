"""Fill a folder once, whole or not at all, however many processes ask for it at the same time."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path


def once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Return `folder`, which `fill` filled, now or in an earlier run.

    `fill` gets an empty folder that is renamed when it returns: an interrupted run leaves nothing that looks finished.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.with_name(f".{folder.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():  # another process may have filled it while this one waited
            _fill_and_rename(folder, fill)
    finally:
        os.close(lock)
    return folder


def _fill_and_rename(folder: Path, fill: Callable[[Path], None]) -> None:
    partial = folder.with_name(f".{folder.name}.partial")
    if partial.exists():  # half a tree is never trusted; what it had downloaded is in pip's or npm's cache
        shutil.rmtree(partial)
    partial.mkdir()
    fill(partial)
    partial.rename(folder)


def say(text: str) -> None:
    """Print one line of progress, on stderr: stdout belongs to whoever called."""
    print(text, file=sys.stderr, flush=True)
