"""Writing the owner's will: secure settings into settings.js, sealed in the same breath, so that no guard undoes it."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from nrguard.baseline import Baseline, Facts, digest
from nrguard.cycle import Report
from nrguard.errors import Failed
from nrguard.escape import one_line
from nrguard.model import Blind, FileIdentity, FileState, Proposal, Reading, Refusal, SettingState, Severity
from nrguard.observe import port_of
from nrguard.policy import Instance, Tls
from nrguard.records import Event
from nrguard.remember import credentials_at, remembered
from nrguard.seen import Disk
from nrguard.session import Session
from nrguard.understanding import Question, Understanding
from nrguard.wanted import Passwords, sources, standing
from nrguard.world import ChangedSince, Content, Missing, Replaced

ALPHABET = string.ascii_letters + string.digits
LENGTH = 20  # characters of a generated password: 119 bits
READER_LIMIT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Change:
    """What `apply` would do: the file as it was read, the proved new text, and what it changes."""

    before: Content
    text: bytes
    names: tuple[str, ...]  # settings that change
    reading: Reading  # of the new text
    passwords: tuple[tuple[str, str, str], ...]  # (what for, user, password), to be shown once


def work_out(here: Session, instance: Instance, make_password: Callable[[], tuple[str, str]]) -> Change:
    """Return the change that brings settings.js to what the policy wants. Raise Failed where that can't be done."""
    look = here.world.look(instance.settings)
    if not isinstance(look, Content):
        raise Failed(f"{instance.settings}: {_not_there(look)}", "start Node-RED once: it makes the file")
    sealed = here.store.baseline(instance.name)
    question = Question(look.data, sealed.whole if sealed else None, instance.protect, instance.environment)
    understood = ask(here, question)
    reading = understood.reading
    if reading.state is FileState.BROKEN:
        raise Failed(f"{instance.settings}: {_first(reading)}", "mend it first: Node-RED does not start with it either")
    _refuse_strange(instance, understood)
    passwords = Passwords(make_password)
    wanted = sources(instance.want, passwords, standing(instance.want, reading))
    missing = {name: text for name, text in wanted.items() if not _means_same(here, instance, reading, name, text)}
    if not missing:
        return Change(look, look.data, (), reading, ())
    answer = ask(here, Question(look.data, None, instance.protect, instance.environment, change=missing))
    if not isinstance(answer.proposal, Proposal) or answer.changed is None:
        why = answer.proposal.why if isinstance(answer.proposal, Refusal) else "no proof that it would be right"
        line = f":{answer.proposal.line}" if isinstance(answer.proposal, Refusal) and answer.proposal.line else ""
        raise Failed(f"{instance.settings}{line}: {why}", "edit it by hand, then run `nrguard accept`")
    return Change(look, answer.proposal.text, tuple(missing), answer.changed, tuple(passwords.made))


def _refuse_strange(instance: Instance, understood: Understanding) -> None:
    """Raise Failed where the file holds a change that is not the policy's: it would be sealed without being shown."""
    for difference in understood.comparison.differences if understood.comparison else ():
        mine = getattr(instance.want, difference.setting, None) is not None
        if not mine and difference.severity > Severity.NOTE:
            line = f":{difference.line}" if difference.line else ""
            what = f"{difference.setting} is not as you accepted it: {one_line(difference.saw)}"
            raise Failed(
                f"{instance.settings}{line}: {what}",
                "if it is yours, `nrguard accept` it first; if not, `nrguard restore`",
            )


def write(here: Session, instance: Instance, change: Change, by: str) -> Baseline:
    """Seal the new text and put it in place, certificate first. Raise Failed where the file was changed meanwhile."""
    made = _certificate(here, instance, change.before.identity)
    owner = change.before.identity
    with here.world.exclusive() as alone:
        if not alone:
            raise Failed("the guard is busy with this file", "try again in a moment")
        sealed = facts(instance, change.reading, change.text, owner, by)
        baseline = here.store.seal(instance.name, change.text, _since(here, instance, change, sealed))
        if change.text != change.before.data:
            outcome = here.world.replace(instance.settings, change.before, change.text, owner)
            if not isinstance(outcome, Replaced):
                here.store.unseal(instance.name, baseline.generation)
                what = outcome.what if isinstance(outcome, ChangedSince) else outcome.why
                raise Failed(f"{instance.settings}: {what}", "nothing was changed; try again")
    text = ", ".join(change.names) or "nothing to change"
    here.store.record(instance.name, Event(time.time(), by, f"{text}{made}", {"generation": baseline.generation}))
    return baseline


def facts(instance: Instance, reading: Reading, text: bytes, owner: FileIdentity, by: str) -> Facts:
    """Return what is remembered with a baseline."""
    disk = Disk(instance.settings, "", None, reading)
    host = reading.settings.get("uiHost")
    known = host is not None and host.state is SettingState.KNOWN and isinstance(host.value, str) and host.value
    return Facts(
        sealed_at=time.time(),
        by=by,
        digest=digest(text),
        uid=owner.uid,
        gid=owner.gid,
        mode=owner.mode,
        port=port_of(disk, None),
        addresses=(str(host.value),) if host is not None and known else (),
        settings=reading.settings,
    )


def remember(here: Session, instance: Instance, report: Report) -> None:
    """Complete the newest baseline by what was seen: who listens where, and what else there is around Node-RED."""
    baseline = here.store.baseline(instance.name)
    if baseline is None or report.observed is None:
        return
    facts = remembered(baseline.facts, report.observed.seen)
    if facts != baseline.facts:
        here.store.amend(instance.name, baseline.generation, facts)


def _since(here: Session, instance: Instance, change: Change, facts: Facts) -> Facts:
    before = here.store.baseline(instance.name)
    since = credentials_at(
        facts.settings.get("adminAuth"), before.facts if before else None, facts.sealed_at,
        wrote="adminAuth" in change.names,
    )  # fmt: skip
    return replace(facts, credentials_at=since)


def ask(here: Session, question: Question) -> Understanding:
    """Ask the reader and wait. Raise Failed where it gives no answer."""
    end = time.monotonic() + READER_LIMIT
    while True:
        answer = here.world.understand(question)
        if isinstance(answer, Understanding):
            return answer
        if isinstance(answer, Blind):
            raise Failed(answer.reason)
        if time.monotonic() > end:
            raise Failed("settings.js takes too long to read")


def fresh_password() -> str:
    """Return a password of letters and digits that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _means_same(here: Session, instance: Instance, reading: Reading, name: str, text: str) -> bool:
    present = reading.settings.get(name)
    if present is None or present.state is not SettingState.KNOWN:
        return False
    alone = f"module.exports = {{ {name}: {text} }}".encode()
    wanted = ask(here, Question(alone, None, instance.protect, instance.environment)).reading.settings.get(name)
    return wanted is not None and wanted.meaning == present.meaning


def _certificate(here: Session, instance: Instance, owner: FileIdentity) -> str:
    """Make the self-signed pair that the policy asks for, where it is not there. Return what to note of it."""
    tls = instance.want.https
    if tls is None or not tls.self_signed or all(isinstance(here.world.look(p), Content) for p in (tls.key, tls.cert)):
        return ""
    from nrguard.selfsigned import host_names, make  # noqa: PLC0415 - cryptography is heavy, and seldom needed

    names, addresses = host_names()
    key, certificate = make(names, addresses, now=datetime.now(UTC))
    _put(here, tls, {tls.key: key, tls.cert: certificate}, owner)
    return "; self-signed certificate made"


def _put(here: Session, tls: Tls, files: Mapping[str, bytes], owner: FileIdentity) -> None:
    for path, data in files.items():
        mode = 0o600 if path == tls.key else 0o644
        look = here.world.look(path)
        if isinstance(look, Blind):
            raise Failed(f"{path}: {look.reason}")
        outcome = here.world.replace(path, look, data, FileIdentity(0, 0, owner.uid, owner.gid, mode, 1, 0, 0, 0))
        if not isinstance(outcome, Replaced):
            raise Failed(f"{path}: {outcome.what if isinstance(outcome, ChangedSince) else outcome.why}")


def _not_there(look: object) -> str:
    if isinstance(look, Missing):
        return "there is no such file"
    return str(getattr(look, "reason", "") or getattr(look, "what", "not a file"))


def _first(reading: Reading) -> str:
    return f"line {reading.reasons[0].line}: {reading.reasons[0].why}" if reading.reasons else "it does not load"
