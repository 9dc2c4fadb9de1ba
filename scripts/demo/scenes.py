"""The two scenes: a careless edit under the guard's eyes, and the same while nobody watches."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from demo.house import House
from demo.timeline import Step, complete
from stage.careless import Cut, cut
from stage.witness import Witness

PATIENCE = 90.0
"""Seconds that a scene may take; a Raspberry Pi starts Node-RED in some twenty."""

OWN_EDIT = b"// the owner was here\n"


@dataclass(frozen=True, slots=True)
class Scene:
    """How a scene ended."""

    steps: tuple[Step, ...]
    remarks: tuple[str, ...]
    good: bool


def watched(house: House) -> Scene:
    """Scene (a): a careless edit removes adminAuth and Node-RED is restarted at once, with the guard running."""
    with _witness(house) as witness:
        changed, gone = _careless_edit(house)
        _restart(house)
        steps = _wait(
            lambda: (
                Step("changed", changed, "adminAuth is gone from settings.js"),
                Step("restored", _restored(witness, gone, changed), "adminAuth is back, the other edit is kept"),
                *_served(house, witness, changed),
                _alert(house, changed),
            )
        )
    got_in = witness.stranger.first(_open, changed)
    remark = f"A stranger asked {witness.stranger.looks} times meanwhile and {'got in' if got_in else 'never got in'}."
    return _ended(house, (*steps, _detected(house, changed)), remark if house.server else "", bad=got_in is not None)


def unwatched(house: House) -> Scene:
    """Scene (b): the same with the guard stopped: Node-RED really is open until the guard is started again."""
    house.guard.stop()
    with _witness(house) as witness:
        changed, gone = _careless_edit(house)
        _restart(house)
        opened = _wait(lambda: _opened(house, witness, changed))
        found = _found(house)
        started = time.time()
        house.guard.start()
        steps = _wait(
            lambda: (
                Step("restored", _restored(witness, gone, started), "adminAuth is back, the other edit is kept"),
                *_served(house, witness, started),
                _alert(house, started),
            )
        )
    before = (Step("changed", changed, "adminAuth is gone; nobody watches"), *opened, Step("guard started", started))
    remark = f"Meanwhile `nrguard check` found it {found or 'neither on disk nor on the wire'}."
    everywhere = found == ("on disk and on the wire" if house.server else "on disk")
    return _ended(house, (*before, *steps, _detected(house, started)), remark, bad=not everywhere)


def _witness(house: House) -> Witness:
    if house.server:
        return Witness(house.settings, service_folder=house.server.service, port=house.port)
    return Witness(house.settings)


def _careless_edit(house: House) -> tuple[float, Cut]:
    """Take adminAuth out and add a line of the owner's own, in one save. Return when, and what is gone."""
    gone = cut(house.settings.read_bytes(), "adminAuth")
    house.settings.write_bytes(OWN_EDIT + gone.rest)
    return time.time(), gone


def _restart(house: House) -> None:
    """Restart Node-RED as its owner would, with the service's own command; nrguard has no part in it."""
    if house.server:
        house.server.restart(wait=False)


def _open(status: int) -> bool:
    return status == 200


def _opened(house: House, witness: Witness, since: float) -> tuple[Step, ...]:
    if not house.server:
        return ()
    return (Step("open", witness.stranger.first(_open, since), "a stranger reads all flows"),)


def _found(house: House) -> str:
    """Return where a look with nobody on guard finds the login missing."""
    found = json.loads(house.guard.call("check", "--json").out)["instances"][0]["findings"]
    checks = {finding["check"] for finding in found if finding["severity"] == "critical"}
    places = {"setting": "on disk", "stranger": "on the wire"}
    return " and ".join(place for check, place in places.items() if check in checks)


def _restored(witness: Witness, gone: Cut, since: float) -> float | None:
    return witness.file.first(lambda content: gone.member in content and OWN_EDIT in content, since)


def _served(house: House, witness: Witness, since: float) -> tuple[Step, ...]:
    """Return what is seen of the server: its new process, and then what it answers."""
    if not house.server:
        return ()
    before = [pid for at, pid in tuple(witness.pid.changes) if at < since and pid]
    restarted = witness.pid.first(lambda pid: pid not in {0, *before[-1:]}, since)
    login = witness.stranger.first(lambda status: status == 401, restarted) if restarted else None
    return (
        Step("restarted", restarted, "Node-RED is another process"),
        Step("login required", login, "a stranger gets 401 over HTTPS"),
    )


def _alert(house: House, since: float) -> Step:
    """Return the first message about the login that reached the inbox; a guard tells of other things too."""
    messages = house.inbox.messages(since)
    about = (message for message in messages if re.search("login|adminAuth", f"{message.title} {message.body}"))
    first = next(about, None)
    return Step("alert delivered", first.at if first else None, f'"{first.title}"' if first else "")


def _detected(house: House, since: float) -> Step:
    """Return when the guard noticed, as its own history has it: all else is seen from outside."""
    lines = house.guard.call("history", "--json").out.splitlines()
    seen = (event for event in map(json.loads, lines) if event["at"] >= since)
    events = [event for event in seen if event["kind"] in {"drift", "intention"}]
    first = min(events, key=lambda event: float(event["at"]), default=None)
    return Step("detected", float(first["at"]) if first else None, str(first["text"]) if first else "")


def _wait(look: Callable[[], tuple[Step, ...]]) -> tuple[Step, ...]:
    """Look until every step is there, or patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not complete(steps := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return steps


def _ended(house: House, steps: tuple[Step, ...], remark: str, *, bad: bool) -> Scene:
    """Judge a scene: all of it was seen, and nrguard itself finds nothing critical any more."""
    deadline = time.monotonic() + PATIENCE
    while (check := house.guard.call("check")).status > 1 and time.monotonic() < deadline:
        time.sleep(0.5)
    fine = check.status <= 1
    after = f"nrguard check ends with {check.status}: {'nothing critical' if fine else check.out.strip()}."
    remarks = tuple(text for text in (remark, after) if text)
    return Scene(steps, remarks, complete(steps) and fine and not bad)
