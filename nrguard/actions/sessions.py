"""End the logins that Node-RED keeps alive, where somebody else may hold one. It logs everybody out.

It takes effect only between Node-RED's stop and its start: a live one has its logins in memory, and writes them again.
"""

from __future__ import annotations

from typing import Protocol

from nrguard.model import FileState, Verdict, View
from nrguard.probes.surroundings import SESSIONS, Sessions, Surroundings, user_dir
from nrguard.records import Event
from nrguard.seen import Disk, Seen
from nrguard.world import Content, Look, Missing

_LETS_IN = frozenset(("adminAuth", "httpAdminAuth", "httpAuth", "userDir", "storageModule"))
_RUNS_CODE = frozenset(
    ("code", "nodesDir", "contextStorage", "logging", "httpAdminMiddleware", "httpNodeMiddleware", "externalModules")
)  # fmt: skip


class Files(Protocol):
    """What of a world it takes."""

    def now(self) -> float: ...
    def look(self, path: str) -> Look: ...
    def keep(self, instance: str, data: bytes, facts: dict[str, View]) -> str: ...
    def remove(self, path: str) -> str: ...  # "": there is no such file any more; else why not


def revocation(seen: Seen) -> str:
    """Return why a Node-RED that may have run what was `seen` has to start without its old logins; "" if it need not.

    Ask it of the look that leads to a restore, and keep the answer with the restart that the restore makes due.
    """
    if isinstance(seen.disk, Disk) and (why := _let_in(seen.disk)):
        return why
    part = seen.parts.get("surroundings")
    return _planted(part.sessions) if isinstance(part, Surroundings) and isinstance(part.sessions, Sessions) else ""


def revoke(files: Files, seen: Seen, why: str) -> Event:
    """Remove the file of logins; a copy goes to the quarantine. Return "revoked" or "failed" as an event."""
    path = f"{user_dir(seen)}/{SESSIONS}"
    look = files.look(path)
    if isinstance(look, Missing):
        return Event(files.now(), "revoked", "no logins were kept", {"path": path})
    facts: dict[str, View] = {"path": path, "why": why}
    if isinstance(look, Content):
        facts["quarantine"] = files.keep(seen.instance.name, look.data, {"path": path, "why": why})
    problem = files.remove(path)
    if problem:
        return Event(files.now(), "failed", f"{path}: {problem}", facts)
    return Event(files.now(), "revoked", f"all logins ended: {why}", facts)


def _let_in(disk: Disk) -> str:
    """Return what gave others a login, or the chance to plant one: who edits flows runs any code."""
    if disk.reading.state is FileState.MISSING:
        return "without its settings.js Node-RED lets everybody in"
    if disk.comparison is None or disk.comparison.verdict is Verdict.BROKEN:
        return ""
    for difference in disk.comparison.differences:
        if difference.setting in _LETS_IN and difference.verdict is not Verdict.EQUAL:
            return f"{difference.setting} was changed"
        if difference.setting in _RUNS_CODE and difference.verdict is not Verdict.EQUAL:
            return f"other code ran in Node-RED ({difference.setting})"
    return "code that nobody proved ran in Node-RED" if disk.comparison.verdict is Verdict.UNPROVEN else ""


def _planted(kept: Sessions) -> str:
    if any(login.forged for login in kept.logins):
        return f"{SESSIONS} holds a forged login"
    if kept.odd:
        return f"{SESSIONS} is {kept.odd}"
    if kept.place is not None and kept.place.foreign:
        return f"{SESSIONS} belongs to {kept.place.foreign}"
    return ""
