"""The evidence: files as they stood when nrguard replaced them, with what was known about it. Ours alone, bounded."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from nrguard.host import syscalls
from nrguard.host.folder import explained
from nrguard.host.private import write_private
from nrguard.model import Blind
from nrguard.world import Failed

COUNT = 100
SIZE = 32 * 1024 * 1024  # bytes on disk, facts included

_ID = re.compile(r"\d{8}-\d{6}-\d{6}")
_FORMAT = "%Y%m%d-%H%M%S-%f"


@dataclass(frozen=True, slots=True)
class Kept:
    """One piece of evidence. Its id is the time at which it was kept, UTC."""

    id: str
    facts: Mapping[str, object]
    data: bytes = field(repr=False)


def keep(
    folder: str,
    data: bytes,
    facts: Mapping[str, object],
    *,
    count: int = COUNT,
    size: int = SIZE,
    now: float | None = None,  # seconds since the epoch; None: the clock's
) -> str | Failed:
    """Keep `data` and return its id, by which it sorts after everything kept before. The oldest makes room.

    What alone is larger than `size` is cut, and its facts say so in "cut_from".
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        present = _present(folder)
        room = size - 4096
        noted = dict(facts) if len(data) <= room else {**facts, "cut_from": len(data)}
        head = json.dumps(noted, ensure_ascii=True, default=str, sort_keys=True).encode()
        body = b"%b\n%b" % (head, data[: max(0, room)])
        _make_room(folder, present, count - 1, size - len(body))
    except OSError as error:
        return Failed(f"{folder}: {explained(error)}")
    id_ = _next_id(present, time.time() if now is None else now)
    problem = write_private(_path(folder, id_), body)
    return Failed(problem) if problem else id_


def load(folder: str, id_: str) -> Kept | Blind:
    """Return the evidence with that id."""
    if not _ID.fullmatch(id_):
        return Blind(f"no id in the quarantine looks like that: {id_!r}")
    try:
        with open(_path(folder, id_), "rb") as file:
            head, _, data = file.read().partition(b"\n")
        facts = json.loads(head)
    except FileNotFoundError:
        return Blind(f"nothing with the id {id_} is in the quarantine")
    except OSError as error:
        return Blind(f"{folder}: {explained(error)}")
    except ValueError:
        return Blind(f"{id_} in the quarantine is damaged")
    return Kept(id_, facts, data) if isinstance(facts, dict) else Blind(f"{id_} in the quarantine is damaged")


def ids(folder: str) -> tuple[str, ...]:
    """Return the ids of everything in the quarantine, oldest first; none where there is no quarantine yet."""
    try:
        return tuple(id_ for id_, _ in _present(folder))
    except OSError:
        return ()


def _present(folder: str) -> list[tuple[str, int]]:
    """Return id and size of everything kept, oldest first. Whatever else lies there is not ours to count."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if _ID.fullmatch(entry.name)]
        return sorted((entry.name, entry.stat(follow_symlinks=False).st_size) for entry in kept)


def _make_room(folder: str, present: list[tuple[str, int]], count: int, size: int) -> None:
    total = sum(used for _, used in present)
    number = len(present)
    for id_, used in present:
        if number <= count and total <= size:
            return
        syscalls.unlink(_path(folder, id_))
        number -= 1
        total -= used


def _next_id(present: list[tuple[str, int]], now: float) -> str:
    """Return the id for `now`, or the next free one where the clock has gone back: the order counts."""
    moment = datetime.fromtimestamp(now, UTC)
    if present:
        newest = datetime.strptime(present[-1][0], _FORMAT).replace(tzinfo=UTC)
        moment = max(moment, newest + timedelta(microseconds=1))
    return moment.strftime(_FORMAT)


def _path(folder: str, id_: str) -> str:
    return os.path.join(folder, id_)
