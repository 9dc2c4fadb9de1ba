"""The messages that people get: what and where, since when, what was done, what to do. Pure: no I/O, no clock.

A title has at most 50 characters and a body at most 180: a lock screen shows no more. Capitals stand only for what is
still open. Nothing secret can be in a message, since findings hold none; what came from the guarded file is made plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nrguard.escape import one_line, plain
from nrguard.model import ADJACENT, PROTECTABLE, Severity
from nrguard.seen import Finding, Remedy

TITLE_LIMIT, BODY_LIMIT = 50, 180
DEFAULT_INSTANCE = "node-red"  # of a policy that names just one; people don't need to be told its name

_NOUNS = {
    "adminAuth": "login",
    "httpNodeAuth": "endpoint login",
    "httpStaticAuth": "static login",
    "https": "HTTPS",
    "requireHttps": "HTTPS redirect",
    "uiPort": "port",
    "uiHost": "address",
}
_GONE = ("absent", "missing", "removed", "not set")


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to people, without where it goes."""

    title: str
    body: str
    severity: Severity


def repaired(
    host: str,
    instance: str,
    at: str,
    findings: Sequence[Finding],
    restart_seconds: float | None,
    service_none: bool = False,
    *,
    keep: str = "sudo nrguard accept",
) -> Message:
    """Return what is told after a restore. `at` is local time as shown; `keep` the command that keeps the change.

    `restart_seconds` None: Node-RED needed no restart. `service_none`: it does, and nrguard can't restart it.
    """
    if service_none:
        return restart_due(host, instance, at, findings)
    done = "Put back before Node-RED read it."
    if restart_seconds is not None:
        done = f"Put back, Node-RED restarted ({_seconds(restart_seconds)})."
    todo = (f"Nothing to do, unless you {_verb(findings)} it: {keep}", f"Was it you? {keep}")
    return _message(
        _headline(findings, ": fixed"), _worst(findings), _place(host, instance, at), _what(findings), (done,), todo
    )


def opened(host: str, instance: str, at: str, findings: Sequence[Finding]) -> Message:
    """Return what is told about findings that are not repaired, or not yet."""
    severity = _worst(findings)
    ending = ": still OPEN" if severity is Severity.CRITICAL else ""
    return _message(_headline(findings, ending), severity, _place(host, instance, at), _what(findings), _todo(findings))


def closed(host: str, instance: str, at: str, findings: Sequence[Finding], since: str = "") -> Message:
    """Return what is told when findings that were told as open are gone. `since`: when they were opened, as shown."""
    was = f"Open since {plain(since, limit=20)} until now." if since else ""
    return _message(
        f"Node-RED {_subject(findings)}: fine again",
        _worst(findings),
        _place(host, instance, at),
        _fine(findings),
        (was,),
        ("Nothing to do.",),
    )


def failed(host: str, instance: str, at: str, findings: Sequence[Finding], why: str) -> Message:
    """Return what is told when a repair did not work. `why` is one clause: "the disk is full"."""
    reason = (f"Putting it back failed: {plain(why, limit=60)}.", f"Failed: {plain(why, limit=30)}.")
    return _message(
        "FAILED to restore Node-RED",
        Severity.CRITICAL,
        _place(host, instance, at),
        _what(findings),
        reason,
        ("It is still OPEN: sudo nrguard restore",),
    )


def restart_due(host: str, instance: str, at: str, findings: Sequence[Finding]) -> Message:
    """Return what is told when the file is right again and the owner has to restart Node-RED."""
    done = ("Put back, but nrguard can't restart Node-RED here.", "Put back, not restarted.")
    return _message(
        "Node-RED needs a RESTART to be safe",
        _worst(findings),
        _place(host, instance, at),
        _what(findings),
        done,
        ("Until you do, it may still be OPEN.",),
    )


def reminder(host: str, instance: str, at: str, findings: Sequence[Finding], since: str) -> Message:
    """Return what is told again while findings stay open. `since`: when they were opened, as shown."""
    severity = _worst(findings)
    ending = ": still OPEN" if severity is Severity.CRITICAL else ": not yet fixed"
    open_since = (f"Open since {plain(since, limit=20)}.",)
    return _message(
        _headline(findings, ending), severity, _place(host, instance, at), _what(findings), open_since, _todo(findings)
    )


def digest(host: str, since: str, until: str, messages: Sequence[Message], still_open: int = 0) -> Message:
    """Return one message in place of `messages`, which came too fast or while there was no network; oldest first."""
    span = since if since == until else f"{since} to {until}"
    severity = max((message.severity for message in messages), default=Severity.NOTE)
    title = f"Node-RED: {_counted(len(messages), 'message')} in one"
    if still_open:
        title = f"Node-RED: {_counted(len(messages), 'message')}, {still_open} still OPEN"
    latest = messages[-1].title if messages else ""
    return _message(
        title,
        severity,
        f"{plain(host, limit=16)}, {plain(span, limit=32)}.",
        (f"Last: {latest}.",),
        ("All of them: nrguard history",),
    )


def test(host: str, at: str, label: str) -> Message:
    """Return the message of `nrguard notify test`."""
    return _message(
        "nrguard test: this channel works",
        Severity.NOTE,
        _place(host, "", at),
        (f"Alerts about Node-RED will reach you through {plain(label, limit=40)}.",),
        ("Nothing to do.",),
    )


def _message(title: str, severity: Severity, place: str, *sentences: tuple[str, ...]) -> Message:
    return Message(plain(title, limit=TITLE_LIMIT), _fitted(place, sentences), severity)


def _fitted(place: str, sentences: Sequence[tuple[str, ...]]) -> str:
    """Return the body: each sentence in the longest of its wordings that still fits, the first one cut at worst.

    Sentences are shortened from the first to the last: what is asked of the reader stays whole longest.
    """
    chosen = [wordings[0] for wordings in sentences]
    for position, wordings in enumerate(sentences):
        for wording in wordings:
            chosen[position] = wording
            if len(_joined(place, chosen)) <= BODY_LIMIT:
                return _joined(place, chosen)
    room = len(chosen[0]) - (len(_joined(place, chosen)) - BODY_LIMIT)
    return _joined(place, [plain(chosen[0], limit=max(room, 0)), *chosen[1:]])


def _joined(place: str, sentences: Sequence[str]) -> str:
    return " ".join(part for part in (place, *sentences) if part)


def _place(host: str, instance: str, at: str) -> str:
    where = plain(host, limit=16)
    if instance and instance != DEFAULT_INSTANCE:
        where += f"/{plain(instance, limit=12)}"
    return f"{where}, {plain(at, limit=14)}."


def _headline(findings: Sequence[Finding], ending: str) -> str:
    """Return what became wrong, as a title that keeps its `ending`: "Node-RED login removed: fixed"."""
    if not findings:
        return f"Node-RED settings changed{ending}"
    if findings[0].subject in PROTECTABLE:
        return f"Node-RED {_subject(findings)} {_verb(findings)}{ending}"
    what = _subject(findings) if len(findings) > 1 else f"{_subject(findings)} {one_line(findings[0].saw)}"
    return plain(f"Node-RED: {what}", limit=TITLE_LIMIT - len(ending)) + ending


def _subject(findings: Sequence[Finding]) -> str:
    names = [_NOUNS.get(finding.subject) or plain(finding.subject, limit=24) for finding in findings]
    if not names:
        return "settings"
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _verb(findings: Sequence[Finding]) -> str:
    return "removed" if findings and all(_gone(finding) for finding in findings) else "changed"


def _gone(finding: Finding) -> bool:
    return not finding.saw or finding.saw.lower().startswith(_GONE)


def _what(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the sentence about `findings`, from its longest wording to its shortest."""
    names = _names([finding.subject for finding in findings])
    if not findings:
        return ("settings.js changed.",)
    if all(_gone(finding) for finding in findings):
        if all(finding.subject in PROTECTABLE + ADJACENT for finding in findings):
            return (f"{names} vanished from settings.js.", f"{names} vanished.")
        return (f"{names} vanished.",)
    if len(findings) == 1:
        saw, want = plain(findings[0].saw, limit=60), plain(findings[0].want, limit=40)
        return (f"{names}: {saw} (wanted: {want}).", f"{names}: {saw}.", f"{names} changed.")
    if all(finding.subject in PROTECTABLE for finding in findings):
        return (f"{names} were changed in settings.js.", f"{names} changed.")
    return (f"{names}.",)


def _fine(findings: Sequence[Finding]) -> tuple[str, ...]:
    names = _names([finding.subject for finding in findings])
    be = "is" if len(findings) == 1 else "are"
    return (f"{names} {be} as accepted again.", f"{names}: as accepted again.")


def _names(subjects: Sequence[str]) -> str:
    """Return at most two names and the number of the rest: "adminAuth, https and 2 more"."""
    shown = [plain(subject, limit=24) for subject in dict.fromkeys(subjects)]
    if len(shown) <= 2:
        return " and ".join(shown)
    return f"{shown[0]}, {shown[1]} and {len(shown) - 2} more"


def _todo(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what the owner is asked to do about the worst finding, its own hint first."""
    if not findings:
        return ("Look: sudo nrguard check",)
    finding = max(findings, key=lambda each: each.severity)  # the first of the worst
    command = {
        Remedy.RESTORE: "Put it back: sudo nrguard restore",
        Remedy.RESTART: "Restart Node-RED.",
        Remedy.APPLY: "Put it right: sudo nrguard apply",
        Remedy.ACCEPT: "If it was you: sudo nrguard accept",
    }.get(finding.remedy, "Look: sudo nrguard check")
    return (plain(finding.hint, limit=90), command) if finding.hint else (command,)


def _worst(findings: Sequence[Finding]) -> Severity:
    return max((finding.severity for finding in findings), default=Severity.NOTE)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
