"""A witness from outside: sees settings.js change, Node-RED's process change, and what a stranger gets meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar

from stage import service
from stage.stranger import ask

Seen = TypeVar("Seen")


class Watched(Generic[Seen]):
    """One thing, looked at over and over: each change of it, with the time in seconds since the epoch."""

    def __init__(self, look: Callable[[], Seen], every: float) -> None:
        self._look = look
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.looks = 0
        self.changes: list[tuple[float, Seen]] = []

    def _run(self) -> None:
        while not self._ended.is_set():
            value = self._look()
            at = time.time()
            self.looks += 1
            if not self.changes or self.changes[-1][1] != value:
                self.changes.append((at, value))
            self._ended.wait(self._every)

    def first(self, wanted: Callable[[Seen], bool], since: float) -> float | None:
        """Return when a wanted value was first seen at or after `since`; None if it was not yet."""
        return next((at for at, value in tuple(self.changes) if at >= since and wanted(value)), None)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()


class Witness:
    """Watches a settings.js and, where there is a server, its process and its port, for as long as the block lasts."""

    def __init__(self, settings: Path, *, service_folder: Path | None = None, port: int = 0) -> None:
        self.file = Watched(lambda: _bytes(settings), 0.001)
        self.pid = Watched(lambda: service.running(service_folder) if service_folder else 0, 0.005)
        self.stranger = Watched(lambda: ask(port, tls=True).status if port else 0, 0.015)

    def __enter__(self) -> Self:
        for watched in (self.file, self.pid, self.stranger):
            watched.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watched in (self.file, self.pid, self.stranger):
            watched.stop()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
