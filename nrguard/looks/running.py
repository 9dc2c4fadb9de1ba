"""The look at the running Node-RED: with which environment, from which command line, and whether its inspector is open.

Its own argument list is gone once it listens (node-red-facts.md, section 8): what its unit, or the program that started
it, still shows must do.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from nrguard.codec import to_json
from nrguard.host import processes, sockets
from nrguard.looks.files import HostFiles
from nrguard.model import Blind
from nrguard.starting import COMMAND_LINE_GONE, Bearing, Deviation, Origin, Start, Variable, Word, commandline
from nrguard.starting.commandline import Commands
from nrguard.starting.fold import Folded, fold

INSPECTOR_PORT = 9229
_ANCESTORS = 6
_LIMIT = 1 << 20  # bytes of an environment or a command line


def main() -> None:
    signal.alarm(15)
    request = json.loads(sys.argv[1])
    print(json.dumps(to_json(look(request["pid"], request["uid"], request["settings"]))), flush=True)


def look(pid: int, uid: int, guarded: str) -> Start | Blind:
    """Return how the process was started, as far as this identity may see it."""
    if not pid:
        return Blind("which process listens can't be seen by this user", note=True)
    unseen: list[str] = []
    variables = _environment(pid, unseen)
    files = HostFiles()
    commands = _commands(pid)
    folded = fold(commands, variables, _folder(pid), files)
    if not commands.sure:
        unseen.append(COMMAND_LINE_GONE)
    told = commands.sure and folded.settings
    return Start(
        looked_at=time.time(),
        settings=folded.settings if told else "",
        settings_origin=folded.settings_origin if told else None,
        elsewhere=bool(told) and os.path.realpath(folded.settings) != os.path.realpath(guarded),
        port=folded.port,
        deviations=(*folded.deviations, *_inspector(pid, uid, folded)),
        uid=uid,
        started_at=_started_at(pid),
        unseen=(*unseen, *folded.unseen),
    )


def _started_at(pid: int) -> float:
    started = processes.started(pid)
    return time.time() - processes.boottime() + started if started else 0.0


def _environment(pid: int, unseen: list[str]) -> Mapping[str, Variable]:
    origin = Origin(f"the environment of process {pid}")
    try:
        data = _read(f"/proc/{pid}/environ")
    except PermissionError:
        unseen.append("its environment: it belongs to another user")  # without the pid: the same thing each time
        return {}
    except OSError:  # it has ended: the next look is about another
        return {}
    pairs = (entry.partition("=") for entry in data.split("\0"))
    return {name: Variable(name, value, origin) for name, equals, value in pairs if equals}


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        return file.read(_LIMIT).decode("utf-8", "replace")


def _folder(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return "/"


def _commands(pid: int) -> Commands:
    """Return its command line: its own while it has one, else that of the nearest program that names Node-RED.

    Not `sure` where it is only the latter's, or nobody's.
    """
    own = _words(pid)
    if len(own) > 1 and any(word.text for word in own[1:]):
        return commandline.taken_apart(own)
    for ancestor in _ancestors(pid):
        words = _words(ancestor)
        if any("red.js" in word.text or "node-red" in word.text for word in words):
            made = commandline.taken_apart(words)
            made.sure = False
            return made
    return Commands(sure=False)


def _words(pid: int) -> list[Word]:
    try:
        texts = _read(f"/proc/{pid}/cmdline").rstrip("\0").split("\0")
    except OSError:
        return []
    origin = Origin(f"the command line of process {pid} ({texts[0].rpartition('/')[2]})")
    return [Word(text, origin) for text in texts]


def _ancestors(pid: int) -> Iterator[int]:
    for _ in range(_ANCESTORS):
        pid = _parent(pid)
        if pid <= 1:
            return
        yield pid


def _parent(pid: int) -> int:
    try:
        return int(_read(f"/proc/{pid}/stat").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def _inspector(pid: int, uid: int, folded: Folded) -> Iterator[Deviation]:
    """Yield the open inspector that no option asked for: SIGUSR1 opens it too (node-red-facts.md, section 0)."""
    if any(one.bearing is Bearing.INSPECTOR for one in folded.deviations):
        return
    found = sockets.listeners(INSPECTOR_PORT)
    for listener in () if isinstance(found, Blind) else found:
        holder = processes.with_owner(listener)
        if holder.pid == pid or (not holder.pid and listener.uid == uid):
            where = f"{listener.address}:{listener.port}"
            saw = f"it listens on {where}"
            yield Deviation(Bearing.INSPECTOR, "inspector", saw, Origin(f"process {pid}"), where)
