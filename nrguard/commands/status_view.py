"""What `nrguard status` prints: at most 80 columns, the verdict first, at most three things to do last. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nrguard.certificates import span
from nrguard.commands.show import table, wrapped
from nrguard.escape import one_line
from nrguard.model import Admin, Severity
from nrguard.records import Reach
from nrguard.say import moment
from nrguard.standing import House, InstanceStanding, NodeRed

MOST_TO_DO = 3
_ADMIN = {
    Admin.OPEN: "OPEN to everybody",
    Admin.ANONYMOUS: "partly open to strangers",
    Admin.LOGIN: "asks for a login",
    Admin.BASIC: "asks for a login (httpAdminAuth)",
    Admin.OFF: "shows no editor",
    Admin.STARTING: "is starting",
    Admin.SILENT: "does not answer",
    Admin.UNKNOWN: "is no Node-RED",
}
_GREEN, _RED, _PLAIN = "\x1b[1;32m", "\x1b[1;31m", "\x1b[0m"


def lines(house: House, now: float, *, colour: bool) -> list[str]:
    """Return the lines: the verdict, each instance, the channels, and what to do."""
    said = [_painted(verdict(house, now), good=house.protected, colour=colour)]
    for one in house.instances:
        said += ["", f"{one.name}"] if len(house.instances) > 1 else []
        said += table(list(_instance(one, house.checks, now)))
    said += table(list(_house(house, now)))
    todo = list(dict.fromkeys(_todo(house)))
    for number, each in enumerate(todo[:MOST_TO_DO]):
        said += ["", "to do:"] if not number else []
        said += wrapped(each, f"  {number + 1}. ", "     ")
    if len(todo) > MOST_TO_DO:
        said.append(f"  … and {len(todo) - MOST_TO_DO} more: sudo nrguard check")
    return said


def verdict(house: House, now: float) -> str:
    """Return the first line: protected or not, and since when."""
    if house.guard is None:
        return "NOT PROTECTED: nobody guards"
    bad = [one for one in house.instances if not one.protected]
    if not bad:
        return f"protected since {moment(max(one.since for one in house.instances), now)}"
    names = ", ".join(one.name for one in bad)
    which = f" ({names})" if len(house.instances) > 1 else ""
    if all(not one.open or one.open[0].severity < Severity.CRITICAL for one in bad):
        return f"NOT PROTECTED: nothing was accepted yet{which}"
    return f"NOT PROTECTED since {moment(min(one.since for one in bad if one.since), now)}{which}"


def _instance(one: InstanceStanding, checks: int, now: float) -> Iterator[tuple[str, str]]:
    yield "Node-RED", _node_red(one.node_red)
    if one.node_red and not one.node_red.unseen:
        yield "listening", ", ".join(one.node_red.listening) or "on nothing"
    yield "baseline", _baseline(one, now)
    yield "checks", _checks(one, checks)
    for each in one.open:
        what = each.saw or f"{each.check}/{each.subject}"
        yield "", f"{each.severity} since {moment(each.since, now)}: {one_line(what)}"
    yield "cert.", _certificate(one, now)
    yield "drift", f"{moment(one.drift_at, now)}: {one.drift}" if one.drift_at else "never"


def _node_red(seen: NodeRed | None) -> str:
    if seen is None:
        return "not looked at: nobody guards"
    if seen.unseen:
        return f"not seen: {seen.unseen}"
    if not seen.listening:
        return "not running"
    words = [f"version {seen.version}" if seen.version else "", f"process {seen.pid}" if seen.pid else ""]
    words.append(_ADMIN[Admin(seen.admin)] if seen.admin else "not asked yet")
    words.append({True: "over HTTPS", False: "over plain HTTP", None: ""}[seen.tls])
    return ", ".join(word for word in words if word)


def _baseline(one: InstanceStanding, now: float) -> str:
    if not one.baseline.generation:
        return "none: nothing was accepted yet"
    kept = {"observe": " (only observed)"}.get(one.mode, "")
    return f"generation {one.baseline.generation}, {one.baseline.by} on {moment(one.baseline.at, now)}{kept}"


def _checks(one: InstanceStanding, checks: int) -> str:
    critical = sum(each.severity is Severity.CRITICAL for each in one.open)
    counts = [f"{critical} critical" if critical else "", f"{len(one.open) - critical} warnings"]
    counts = [each for each in counts if each and not each.startswith("0 ")] or ["all fine"]
    notes = f"; {one.notes} notes" if one.notes else ""
    return f"{checks}: {', '.join(counts)}{notes}".replace(" 1 warnings", " 1 warning").replace("1 notes", "1 note")


def _certificate(one: InstanceStanding, now: float) -> str:
    if not one.certificate_ends:
        return "none that was seen"
    kind = ", signs itself" if one.self_signed else ""
    left = one.certificate_ends - now
    return f"ends in {span(left)}{kind}" if left > 0 else f"ENDED {span(-left)} ago{kind}"


def _house(house: House, now: float) -> Iterator[tuple[str, str]]:
    if not house.channels:
        yield "channels", "none: nobody is told of anything"
    for number, reach in enumerate(house.channels):
        yield "" if number else "channels", f"{reach.label}: {_reach(reach, now)}"
    if house.heartbeat is not None:
        at = f" since {moment(house.heartbeat_at, now)}" if house.heartbeat_at else ""
        heard = f"heard at {moment(house.heartbeat_at, now)}"
        yield "heartbeat", f"NOT HEARD{at}: {one_line(house.heartbeat)}" if house.heartbeat else heard
    if house.policy_problem:
        yield "policy", f"the last valid one is in force: {one_line(house.policy_problem)}"


def _reach(reach: Reach, now: float) -> str:
    waits = f"{reach.waiting} waiting" if reach.waiting else "nothing waits"
    if reach.unusable:
        return f"CAN'T WORK: {one_line(reach.unusable)}; {waits}"
    if reach.failed:
        lasts = "fails until you change it" if reach.lasting else "fails, is tried again"
        return f"{lasts}: {one_line(reach.detail)}; {waits}"
    if not reach.confirmed:
        return f"never confirmed a message; {waits}"
    return f"confirmed at {moment(reach.confirmed, now)}; {waits}"


def _todo(house: House) -> Iterator[str]:
    """Yield what the owner should do, the most urgent first."""
    if house.guard is None:
        yield "start the guard: sudo systemctl start nrguard"
    for worst in (True, False):
        for one in house.instances:
            yield from (one_line(each.todo) for each in one.open if (each.severity is Severity.CRITICAL) == worst)
    if not house.channels:
        yield "name a channel in the policy, so that you are told"
    for reach in house.channels:
        if reach.unusable or reach.lasting:
            yield f"mend the channel {reach.label}, then: sudo nrguard notify test"
        elif not reach.confirmed:
            yield "try the channels: sudo nrguard notify test"


def _painted(text: str, *, good: bool, colour: bool) -> str:
    return f"{_GREEN if good else _RED}{text}{_PLAIN}" if colour else text
