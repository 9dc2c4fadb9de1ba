"""Processes, as /proc and pidfds show them: who holds a socket, since when it runs, when it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from nrguard.host.cgroups import processes_in, unit_of
from nrguard.model import Listener

__all__ = ["boottime", "exit_fd", "forget", "owner_of", "owners_of", "program_of", "started", "unit_of", "with_owner"]

_owners: dict[int, tuple[int, float]] = {}
_MOST_OWNERS = 64


def boottime() -> float:
    """Return the seconds since boot, time asleep included: the clock that `started` counts on."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def exit_fd(pid: int) -> int:
    """Return a descriptor that becomes readable when the process ends. Raise ProcessLookupError if it has."""
    return os.pidfd_open(pid)


def started(pid: int) -> float:
    """Return when the process started, in seconds of CLOCK_BOOTTIME; 0.0 if it can't be seen."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0.0
    after_name = stat[stat.rindex(b")") + 2 :].split()  # the name before it may hold spaces and parentheses
    return int(after_name[19]) / _ticks()


def owner_of(inode: int) -> int:
    """Return the process that holds the socket, the oldest if several do; 0 if none can be seen.

    A search over all descriptors of all processes that we may look into, made once for each socket.
    """
    pid, since = _owners.get(inode, (-1, 0.0))
    if pid == 0 or (pid > 0 and started(pid) == since):
        return pid
    holders = sorted(_holders(f"socket:[{inode}]"))
    since, pid = holders[0] if holders else (0.0, 0)
    if len(_owners) >= _MOST_OWNERS:
        _owners.clear()
    _owners[inode] = (pid, since)
    return pid


def owners_of(inodes: Collection[int]) -> Mapping[int, int]:
    """Return the process that holds each of these sockets, as far as one can be seen, in a single search."""
    wanted, found = {f"socket:[{inode}]": inode for inode in inodes}, dict[int, int]()
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()):
        for link in wanted.keys() & _links(pid):
            found.setdefault(wanted[link], pid)
    return found


def program_of(pid: int) -> str:
    """Return what the process calls itself, at most 15 bytes of it; "" if it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "backslashreplace").removesuffix("\n")
    except OSError:
        return ""


def forget() -> None:
    """Look every owner up again, because what we may see has changed."""
    _owners.clear()


def with_owner(listener: Listener) -> Listener:
    """Return `listener` with its process, that one's start and its unit, as far as they can be seen.

    Without the right to look into another user's process, the only process of the socket's control group is its owner.
    """
    pid = owner_of(listener.inode)
    if not pid:
        members = processes_in(listener.cgroup)
        pid = members[0] if len(members) == 1 else 0
    if not pid:
        return listener
    return replace(listener, pid=pid, started=started(pid), unit=listener.unit or unit_of(pid))


def _holders(link: str) -> list[tuple[float, int]]:
    pids = (int(name) for name in os.listdir("/proc") if name.isdecimal())
    return [(started(pid), pid) for pid in pids if _holds(pid, link)]


def _holds(pid: int, link: str) -> bool:
    return link in _links(pid)


def _links(pid: int) -> set[str]:
    """Return what the process has open; nothing where it has ended, or is another user's."""
    try:
        with os.scandir(f"/proc/{pid}/fd") as descriptors:
            return {_target(descriptor.path) for descriptor in descriptors}
    except OSError:
        return set()


def _target(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # closed since it was listed
        return ""


@cache
def _ticks() -> int:
    return os.sysconf("SC_CLK_TCK")
