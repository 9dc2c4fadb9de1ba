"""Look at what stands around one settings.js, and print it."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from nrguard.codec import from_json, to_json
from nrguard.escape import visible
from nrguard.host import files
from nrguard.host.access import access, people, user_name
from nrguard.host.folder import explained
from nrguard.host.identity import as_owner_of
from nrguard.looks.sessions import logins
from nrguard.model import Blind
from nrguard.probes.surroundings import SESSIONS, Place, Request, Sessions, Surroundings
from nrguard.world import Content, Missing, Odd

_PROGRAMS = (".js", ".mjs", ".cjs", ".node")
_MOST, _DEEPEST = 500, 4  # files in `nodes`, and folders below it
_PACKAGES = 512 * 1024  # bytes of a package.json


def main() -> None:
    """Print what `look` gives as one line of JSON."""
    print(json.dumps(to_json(look(from_json(Request, json.loads(sys.argv[1]))))))


def look(request: Request) -> Surroundings | Blind:
    """Return what stands around `request.settings`."""
    folder = os.path.dirname(request.settings)
    try:
        owner = os.lstat(folder).st_uid
        above = tuple(_place(path, owner) for path in _up(folder))
        settings = _place(request.settings, owner) if os.path.lexists(request.settings) else None
    except FileNotFoundError:  # told by the look at settings.js itself
        return Surroundings(None, (), None)
    except PermissionError as error:
        return Blind(f"{visible(folder)}: {explained(error)}", note=True)
    except OSError as error:
        return Blind(f"{visible(folder)}: {explained(error)}")
    with as_owner_of(request.user_dir):
        return Surroundings(
            settings=settings,
            above=above,
            sessions=_sessions(os.path.join(request.user_dir, SESSIONS), owner),
            nodes=tuple(sorted(_nodes(os.path.join(request.user_dir, "nodes")))),
            packages=_packages(request.user_dir),
            people=tuple(sorted(name for uid, name in people().items() if uid != owner)),
        )


def _up(folder: str) -> Iterator[str]:
    """Yield the folder and all that it lies in."""
    yield folder
    while folder != "/":
        folder = os.path.dirname(folder)
        yield folder


def _place(path: str, owner: int) -> Place:
    status = os.lstat(path)
    link = stat.S_ISLNK(status.st_mode)  # whose mode says nothing
    granted = access(path, status) if not link else None
    return Place(
        path=visible(path, limit=300),
        uid=status.st_uid,
        mode=stat.S_IMODE(status.st_mode),
        writers=granted.writers if granted else (),
        readers=granted.readers if granted else (),
        foreign=user_name(status.st_uid) if status.st_uid not in (0, owner) else "",
        mount=path in _mounts(),
    )


@cache
def _mounts() -> frozenset[str]:
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return frozenset()
    return frozenset(line.split(" ")[4].replace("\\040", " ") for line in lines)


def _sessions(path: str, owner: int) -> Sessions | Blind | None:
    found = files.look(path)
    match found:
        case Missing():
            return None
        case Blind():
            return found
        case Odd():
            return Sessions(None, odd=found.what)
        case Content():
            return _read(found, _place(path, owner))


def _read(found: Content, place: Place) -> Sessions:
    changed = found.identity.ctime_ns / 1e9
    try:
        alive = logins(found.data, time.time())
    except RecursionError:
        return Sessions(place, changed=changed, odd="a file nested too deeply to be read")
    return Sessions(place, alive or (), changed, broken=alive is None)


def _nodes(folder: str, depth: int = 0) -> list[str]:
    """Return the program files in a folder from which Node-RED loads nodes, in its order of depth."""
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_PROGRAMS) and not entry.is_dir(follow_symlinks=False):
                    found.append(visible(entry.name, limit=200))
                elif entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                    below = _nodes(entry.path, depth + 1)
                    found += [f"{visible(entry.name, limit=200)}/{name}" for name in below]
                if len(found) >= _MOST:
                    break
    except OSError:  # most have no such folder
        pass
    return found[:_MOST]


def _packages(folder: str) -> tuple[str, ...]:
    """Return the packages that the owner installed, and those that look as if they held nodes."""
    return tuple(sorted(_depended_on(folder) | _installed(os.path.join(folder, "node_modules")))[:_MOST])


def _depended_on(folder: str) -> set[str]:
    found = files.look(os.path.join(folder, "package.json"), limit=_PACKAGES)
    try:
        said: Any = json.loads(found.data) if isinstance(found, Content) else {}
    except (ValueError, RecursionError):
        return set()
    listed = said.get("dependencies") if isinstance(said, dict) else None
    return {visible(name, limit=200) for name in listed} if isinstance(listed, dict) else set()


def _installed(folder: str) -> set[str]:
    """Node-RED looks into every folder there for a package.json that tells of nodes, listed or not."""
    names = _listed(folder)
    scoped = (f"{name}/{inner}" for name in names if name.startswith("@") for inner in _listed(f"{folder}/{name}"))
    return {visible(name, limit=200) for name in (*names, *scoped) if "node-red" in name.rpartition("/")[2]}


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
