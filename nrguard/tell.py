"""The messages that people get: what and where, since when, what was done, what to do. Pure: no I/O, no clock.

A title has at most 50 characters and a body at most 180: a lock screen shows no more (a digest lists below that what
it stands for). Capitals stand only for what is still open. Nothing secret can be in a message, since findings hold
none; what came from the guarded file is made plain. Findings are given worst first, times as people read them: "21:04".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nrguard.escape import plain
from nrguard.model import ADJACENT, PROTECTABLE, Severity
from nrguard.records import Message
from nrguard.seen import Finding, Remedy

TITLE_LIMIT, BODY_LIMIT = 50, 180
DIGEST_LIMIT = 1000  # characters of a digest; Pushover takes 1024
USUAL_INSTANCES = frozenset({"main", "node-red"})  # names that tell nobody anything
KEEP = "sudo nrguard accept"

_NOUNS = {
    "adminAuth": "login",
    "httpNodeAuth": "endpoint login",
    "httpStaticAuth": "static login",
    "https": "HTTPS",
    "requireHttps": "HTTPS redirect",
    "uiPort": "port",
    "uiHost": "address",
    "code": "settings code",
}
# What is wrong in so many words, where a subject alone says too little; any other check is told by what it saw.
_HEADLINES = {
    ("stranger", "editor"): "Node-RED lets everybody in",
    ("stranger", "https"): "Node-RED answers without HTTPS",
    ("stranger", "endpoints"): "Node-RED endpoints need no login",
    ("login", "adminAuth"): "Node-RED has no login",
    ("restart", "Node-RED"): "Node-RED needs a restart",
    ("served", "certificate"): "Node-RED serves an old certificate",
    ("blind", "disk"): "nrguard can't read settings.js",
    ("blind", "process"): "nrguard can't see Node-RED's process",
    ("blind", "wire"): "nrguard can't ask Node-RED",
}
_GONE = ("absent", "missing", "removed", "not set", "no settings.js")


def repaired(  # noqa: PLR0913 - each is a fact that the message tells
    host: str,
    instance: str,
    at: str,
    findings: Sequence[Finding],
    restart_seconds: float | None,
    service_none: bool = False,
    *,
    logins_ended: bool = False,
    keep: str = KEEP,
) -> Message:
    """Return what is told after a restore. `keep` is the command that keeps the change instead.

    `restart_seconds` None: Node-RED needed no restart. `service_none`: it does, and nrguard can't restart it.
    `logins_ended`: whoever was logged in has to log in again.
    """
    if service_none:
        return restart_due(host, instance, at, findings)
    done = "Put back before Node-RED read it."
    if restart_seconds is not None:
        done = f"Put back, Node-RED restarted ({_seconds(restart_seconds)})."
        if logins_ended:
            done = f"Put back, restarted ({_seconds(restart_seconds)}), all logins ended."
    if findings and not any(finding.remedy is Remedy.RESTORE for finding in findings):
        return _restarted(host, instance, at, findings, restart_seconds)
    verb = "removed" if _all_gone(findings) else "changed"
    what = "them" if len(findings) > 1 else "it"
    todo = (f"Nothing to do, unless you {verb} {what}: {keep}", f"Was it you? {keep}")
    title = _title(findings, ": fixed")
    return _message(title, _worst(findings), _place(host, instance, at), _what(findings), (done,), todo)


def _restarted(host: str, instance: str, at: str, findings: Sequence[Finding], seconds: float | None) -> Message:
    """Return what is told where nothing had to be put back: a restart was all that was needed."""
    done = f"Node-RED was restarted ({_seconds(seconds)})." if seconds is not None else "Node-RED was restarted."
    place, title = _place(host, instance, at), _title(findings, ": fixed")
    return _message(title, _worst(findings), place, _what(findings), (done,), ("Nothing to do.",))


def opened(host: str, instance: str, at: str, findings: Sequence[Finding]) -> Message:
    """Return what is told about findings that are not repaired, or not yet."""
    severity = _worst(findings)
    title = _title(findings, ": still OPEN" if severity is Severity.CRITICAL else "")
    return _open(_message(title, severity, _place(host, instance, at), _what(findings), _todo(findings)))


def eased(host: str, instance: str, at: str, findings: Sequence[Finding], was: Severity) -> Message:
    """Return what is told when findings that were told are less bad than they were, and not gone.

    It is as severe as they were, so that whoever was told of them hears it too.
    """
    now = _worst(findings)
    change = (f"Was {was}, now {now}.",)
    todo = _todo(findings) if now > Severity.NOTE else ("Nothing to do.",)
    place = _place(host, instance, at)
    return _message(_title(findings, ": less urgent"), was, place, _what(findings), change, todo)


def closed(host: str, instance: str, at: str, findings: Sequence[Finding], since: str = "") -> Message:
    """Return what is told when findings that were told as open are gone. `since`: when they were opened."""
    was = f"Wrong from {plain(since, limit=20)} until now." if since else ""
    place = _place(host, instance, at)
    return _message(
        _title(findings, ": fine again"), _worst(findings), place, _fine(findings), (was,), ("Nothing to do.",)
    )


def failed(host: str, instance: str, at: str, findings: Sequence[Finding], why: str) -> Message:
    """Return what is told when a repair did not work. `why` is one clause, after the file's path or without it."""
    why = why.partition(": ")[2] or why if why.startswith("/") else why
    reason = (f"Putting it back failed: {plain(why, limit=60)}.", f"Failed: {plain(why, limit=30)}.")
    todo = ("It is still OPEN: sudo nrguard restore",)
    place = _place(host, instance, at)
    return _open(_message("FAILED to restore Node-RED", Severity.CRITICAL, place, _what(findings), reason, todo))


def restart_due(host: str, instance: str, at: str, findings: Sequence[Finding]) -> Message:
    """Return what is told when the file is right again and the owner has to restart Node-RED."""
    done = ("Put back, but nrguard can't restart Node-RED here.", "Put back, not restarted.")
    todo = ("Until you do, it may still be OPEN.",)
    place = _place(host, instance, at)
    said = _message("Node-RED needs a RESTART to be safe", _worst(findings), place, _what(findings), done, todo)
    return _open(said)


def reminder(host: str, instance: str, at: str, findings: Sequence[Finding], since: str) -> Message:
    """Return what is told again while findings stay open. `since`: when they were opened."""
    severity = _worst(findings)
    title = _title(findings, ": still OPEN" if severity is Severity.CRITICAL else ": not yet fixed")
    open_since = (f"Since {plain(since, limit=20)}.",)
    return _open(_message(title, severity, _place(host, instance, at), _what(findings), open_since, _todo(findings)))


def digest(host: str, said: Sequence[tuple[str, Message]], still_open: int = 0) -> Message:
    """Return one message in place of several, which came too fast, in quiet hours or while there was no network.

    `said`: each with its time, oldest first. They are listed in that order, the newest as far as there is room.
    """
    messages = [message for _, message in said]
    count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
    title = f"Node-RED: {count}, {still_open} still OPEN" if still_open else f"Node-RED: {count} in one"
    severity = max((message.severity for message in messages), default=Severity.NOTE)
    times = [plain(at, limit=14) for at, _ in said] or [""]
    span = times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"
    latest = (f"The last: {messages[-1].title}.",) if messages else ("",)
    summary = _message(title, severity, f"{plain(host, limit=16)}, {span}.", latest, ("All: sudo nrguard history",))
    listed = [f"{at} {message.title}" for at, message in zip(times, messages, strict=False)]
    body = "\n".join((summary.body, *_newest(listed, DIGEST_LIMIT - BODY_LIMIT))) if len(said) > 1 else summary.body
    is_open = bool(still_open) and any(message.open for message in messages)
    return replace(summary, body=body, open=is_open)


def returned(host: str, since: str, until: str, why: str, meanwhile: Sequence[Finding]) -> Message:
    """Return what is told when the guard is back after an end that nobody asked for. `why`: "a power cut", say."""
    times = f"{plain(since, limit=14)} to {plain(until, limit=14)}"
    away = (f"Nobody guarded from {times}.", f"Unguarded from {times}.")
    found: tuple[str, ...] = ("settings.js is as accepted. Nothing to do.",)
    if meanwhile:
        found = (f"Found: {_headline(meanwhile)}. See: sudo nrguard history", "See: sudo nrguard history")
    title = f"nrguard is back after {plain(why, limit=26)}"
    return _message(title, Severity.WARNING, f"{plain(host, limit=16)}.", away, found)


def unusable(host: str, at: str, label: str, why: str) -> Message:
    """Return what the other channels are told about one that can't work as it is set up."""
    place, said = _place(host, "", at), f"'{plain(label, limit=32)}' can't work: {plain(why, limit=80)}."
    todo = ("Mend it in the policy, then: sudo nrguard notify test", "Then: sudo nrguard notify test")
    return _message("nrguard: a channel for alerts is broken", Severity.WARNING, place, (said,), todo)


def well(host: str, at: str, since: str, repairs: int, findings: Sequence[Finding]) -> Message:
    """Return the sign of life that was asked for. `repairs`: since then; `findings`: what is open now."""
    done = {0: "nothing had to be put back", 1: "one repair"}.get(repairs, f"{repairs} repairs")
    since_then = (f"Since {plain(since, limit=14)}: {done}.",)
    place = _place(host, "", at)
    if not findings:
        fine = ("settings.js is as accepted.", "")
        return _message("nrguard: all is well", Severity.NOTE, place, fine, since_then, ("Nothing to do.",))
    still = "1 thing is" if len(findings) == 1 else f"{len(findings)} things are"
    todo = ("See: sudo nrguard status",)
    return _open(_message(f"nrguard: {still} open", _worst(findings), place, _what(findings), since_then, todo))


def test(host: str, at: str, label: str) -> Message:
    """Return the message of `nrguard notify test`."""
    works = (f"Alerts about Node-RED reach you through '{plain(label, limit=40)}'.",)
    return _message("nrguard test: this works", Severity.NOTE, _place(host, "", at), works, ("Nothing to do.",))


def _newest(lines: Sequence[str], room: int) -> list[str]:
    """Return the last of some lines that fit into `room` characters, in their order, and how many are left out."""
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 24:  # for the line that says so
            break
        kept.insert(0, line)
    left_out = len(lines) - len(kept)
    return [f"({left_out} earlier ones)", *kept] if left_out else kept


def _open(message: Message) -> Message:
    return replace(message, open=True)


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
    if instance and instance not in USUAL_INSTANCES:
        where += f"/{plain(instance, limit=12)}"
    return f"{where}, {plain(at, limit=16)}."


def _title(findings: Sequence[Finding], ending: str) -> str:
    """Return what became wrong, with the `ending` whole: "Node-RED login removed: fixed"."""
    return plain(_headline(findings), limit=TITLE_LIMIT - len(ending)) + ending


def _headline(findings: Sequence[Finding]) -> str:
    if not findings:
        return "Node-RED settings changed"
    first = findings[0]
    known = _HEADLINES.get((first.check, first.subject))
    if known or first.check != "setting":
        more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
        return (known or _saw_as_title(first)) + more
    nouns = [_NOUNS.get(finding.subject) or plain(finding.subject, limit=24) for finding in findings]
    named = nouns[0] if len(nouns) == 1 else f"{nouns[0]} and {len(nouns) - 1} more"
    return f"Node-RED {named} {'removed' if _all_gone(findings) else 'changed'}"


def _saw_as_title(finding: Finding) -> str:
    saw = _short(plain(finding.saw))
    return f"Node-RED settings.js: {saw}" if _unnamed(finding) else f"Node-RED: {saw}"


def _short(saw: str) -> str:
    """Return a saying up to its first colon: what follows explains."""
    return saw.partition(": ")[0]


def _all_gone(findings: Sequence[Finding]) -> bool:
    return bool(findings) and all(_gone(finding) for finding in findings)


def _gone(finding: Finding) -> bool:
    return not finding.saw or finding.saw.lower().startswith((*_GONE, f"no {finding.subject.lower()}"))


def _what(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the sentence about `findings`, from its longest wording to its shortest."""
    if not findings:
        return ("settings.js changed.",)
    names = _names([finding.subject for finding in findings])
    if all(finding.subject in PROTECTABLE + ADJACENT for finding in findings):
        if _all_gone(findings):
            return (f"{names} vanished from settings.js.", f"{names} vanished.")
        if len(findings) > 1:
            return (f"{names} changed in settings.js.", f"{names} changed.")
    first, more = findings[0], f", and {len(findings) - 1} more" if len(findings) > 1 else ""
    saw, want = plain(first.saw, limit=100), plain(first.want, limit=40)
    if first.check == "setting":
        subject = plain(first.subject, limit=24)
        return (f"{subject}: {saw} (wanted: {want}){more}.", f"{subject}: {saw}{more}.", f"{subject} changed{more}.")
    if _unnamed(first):
        return (f"settings.js: {saw}{more}.", f"settings.js: {_short(saw)}{more}.")
    return (f"{_sentence(saw)}{more}.", f"{_sentence(_short(saw))}{more}.")


def _unnamed(finding: Finding) -> bool:
    """Is it about the file, in words that leave its name out?"""
    return finding.subject == "settings.js" and finding.subject not in finding.saw


def _sentence(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is a name such as adminAuth or settings.js."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def _fine(findings: Sequence[Finding]) -> tuple[str, ...]:
    names = _names([finding.subject for finding in findings]) or "settings.js"
    many = len({finding.subject for finding in findings}) > 1
    return (f"{names} are as they should be again." if many else f"{names} is as it should be again.",)


def _names(subjects: Sequence[str]) -> str:
    """Return at most two names and the number of the rest: "adminAuth, https and 2 more"."""
    shown = [plain(subject, limit=24) for subject in dict.fromkeys(subjects)]
    if len(shown) <= 2:
        return " and ".join(shown)
    return f"{shown[0]}, {shown[1]} and {len(shown) - 2} more"


def _todo(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what the owner is asked to do about the first finding: its own hint, where no command says more."""
    look = ("Look: sudo nrguard check",)
    if not findings:
        return look
    first = findings[0]
    if first.remedy is Remedy.RESTORE:
        return (f"Put it back: sudo nrguard restore. Was it you? {KEEP}", "Put it back: sudo nrguard restore")
    if first.hint:
        return (_sentence(plain(first.hint.replace("`", ""), limit=90)), *look)
    command = {
        Remedy.RESTART: "Restart Node-RED.",
        Remedy.APPLY: "Put it right: sudo nrguard apply",
        Remedy.ACCEPT: f"Was it you? {KEEP}",
    }
    return (command[first.remedy],) if first.remedy in command else look


def _worst(findings: Sequence[Finding]) -> Severity:
    return max((finding.severity for finding in findings), default=Severity.NOTE)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"
