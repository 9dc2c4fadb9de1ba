"""What stands around settings.js: its folders, who else may write there, the logins that Node-RED keeps. Pure.

looks/surroundings.py gathers it. No token ever leaves that program: a login is a user, what it may do, and until when.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from nrguard.model import Blind, SettingState
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Disk, Process, Seen

SESSIONS = ".sessions.json"


@dataclass(frozen=True, slots=True)
class Request:
    """`settings` is the guarded file, `user_dir` where Node-RED keeps its logins, nodes and packages."""

    settings: str
    user_dir: str


@dataclass(frozen=True, slots=True)
class Place:
    """Who may do what with one file or folder. `writers` and `readers` name whoever may beside its owner and root.

    `foreign`: that its owner is neither root nor the owner of the settings' folder. `mount`: it is one of its own.
    """

    path: str
    uid: int
    mode: int
    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    foreign: str = ""
    mount: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A login that .sessions.json keeps alive. `forged` says in what way Node-RED never writes one like it."""

    user: str
    scope: tuple[str, ...] | None  # None: Node-RED wrote none, and no permission goes with it
    expires: float  # seconds since the epoch
    forged: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The file that keeps logins over a restart. `odd`: what stands there instead of a plain readable file."""

    place: Place | None
    logins: tuple[Login, ...] = ()
    changed: float = 0.0  # ctime, seconds since the epoch
    odd: str = ""
    broken: bool = False  # Node-RED drops it all


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings part. `above` holds the folder of settings.js and those that it lies in, the nearest first."""

    settings: Place | None
    above: tuple[Place, ...]
    sessions: Sessions | Blind | None  # None: there is no such file
    nodes: tuple[str, ...] = ()  # program files in the folder `nodes`, which Node-RED loads
    packages: tuple[str, ...] = ()  # installed ones that may hold nodes
    people: tuple[str, ...] = ()  # who may log in to this computer beside the owner


def user_dir(seen: Seen) -> str:
    """Return the folder in which Node-RED keeps its logins, nodes and packages, as far as settings.js tells."""
    setting = seen.disk.reading.settings.get("userDir") if isinstance(seen.disk, Disk) else None
    told = setting.value if setting is not None and setting.state is SettingState.KNOWN else None
    if isinstance(told, str) and told.startswith("/"):
        return posixpath.normpath(told)
    return posixpath.dirname(seen.instance.settings)


def inventory(part: object) -> Mapping[str, tuple[str, ...]]:
    """Return what to remember of a surroundings part, by kind."""
    return {"nodes": part.nodes, "packages": part.packages} if isinstance(part, Surroundings) else {}


def parse(output: bytes) -> Surroundings | Blind:
    """Return the part that the child's output makes."""
    return answer(Surroundings, output, "the folder of settings.js")


def _about(seen: Seen) -> str:
    """Look again whenever the file or the process is another one: that is when somebody was there."""
    identity = seen.disk.identity if isinstance(seen.disk, Disk) else None
    started = [one.inode for one in seen.process.listeners] if isinstance(seen.process, Process) else []
    return f"{user_dir(seen)} {identity} {started}"


PROBE = Probe(
    name="surroundings",
    every=lambda intervals: intervals.wire,
    about=_about,
    command=lambda seen: command("surroundings", Request(seen.instance.settings, user_dir(seen))),
    parse=parse,
)
