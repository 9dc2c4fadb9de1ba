"""Which systemd unit a control group belongs to, by its id or by a process in it. Needs no privilege."""

from __future__ import annotations

import os
from pathlib import Path

_MOUNTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")  # the second: hosts that still have version 1 beside it
_UNIT_ENDINGS = (".service", ".scope", ".socket", ".mount", ".swap")
_MOST_FOLDERS = 20_000  # a user may nest groups without end inside a delegated one

_MOST_UNKNOWN = 256

_paths: dict[int, str] = {}
_unknown: set[int] = set()  # ids are never given twice: what is not there now, such as another namespace's, never is


def unit_of_path(path: str) -> str:
    """Return the innermost unit that the control group `path` lies in, "" outside of any."""
    return next((part for part in reversed(path.split("/")) if part.endswith(_UNIT_ENDINGS)), "")


def unit_of_id(cgroup: int) -> str:
    """Return the unit of the control group with this id (as sock_diag names it), "" if there is none to be seen."""
    return unit_of_path(path_of_id(cgroup))


def unit_of(pid: int) -> str:
    """Return the unit that the process runs in, "" if it runs in none or can't be seen."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return ""
    paths = {hierarchy: path for _, hierarchy, path in (line.split(":", 2) for line in lines)}
    return unit_of_path(paths.get("", "")) or unit_of_path(paths.get("name=systemd", ""))


def processes_in(cgroup: int) -> tuple[int, ...]:
    """Return the processes right in the control group with this id; empty where it can't be seen."""
    path = path_of_id(cgroup)
    if not path:
        return ()
    try:
        return tuple(int(pid) for pid in Path(path, "cgroup.procs").read_text("ascii").split() if pid != "0")
    except OSError:
        return ()


def path_of_id(cgroup: int) -> str:
    """Return the folder of the control group with this id, "" if there is none. Found once, then only confirmed."""
    if not cgroup or cgroup in _unknown:
        return ""
    known = _paths.get(cgroup, "")
    if known and _inode(known) == cgroup:
        return known
    _paths.clear()  # groups come and go with their units: remember only what is there now
    _paths.update(_walk(_mount()))
    if cgroup not in _paths:
        if len(_unknown) >= _MOST_UNKNOWN:
            _unknown.clear()
        _unknown.add(cgroup)
    return _paths.get(cgroup, "")


def _mount() -> str:
    return next((mount for mount in _MOUNTS if os.path.exists(f"{mount}/cgroup.procs")), "")


def _walk(top: str) -> dict[int, str]:
    """Return every control group's folder by its id, which is the folder's inode number."""
    if not top:
        return {}
    found = {_inode(top): top}
    waiting = [top]
    while waiting and len(found) < _MOST_FOLDERS:
        for name, inode in _folders(waiting.pop()):
            found[inode] = name
            waiting.append(name)
    return found


def _folders(path: str) -> list[tuple[str, int]]:
    try:
        with os.scandir(path) as entries:
            return [(entry.path, entry.inode()) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:  # gone since its parent was listed
        return []


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
