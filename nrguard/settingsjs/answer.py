"""The reader's whole work: one question in, one understanding out. Pure."""

from __future__ import annotations

from nrguard.model import Proposal, Reading, Refusal
from nrguard.settingsjs import compare, read
from nrguard.settingsjs.apart import stands_apart
from nrguard.settingsjs.document import parse
from nrguard.settingsjs.edit import change
from nrguard.settingsjs.restore import Known, restore
from nrguard.understanding import Question, Understanding


def answer(question: Question) -> Understanding:
    """Read the present text, compare it with the accepted one, and work out what was asked for."""
    good = read(question.good, env=question.environment) if question.good is not None else None
    reading = read(question.present, env=question.environment, accepted=good)
    if question.change is not None:
        return _changed(question, reading, good)
    if good is None:
        return Understanding(reading)
    proposal = _restore(question, Known(good, reading))
    apart = question.present is not None and stands_apart(parse(question.present), reading)
    return Understanding(reading, compare(reading, good, question.protected), good, proposal, apart=apart)


def _restore(question: Question, known: Known) -> Proposal | Refusal | None:
    if not question.propose or question.present is None or question.good is None or question.present == question.good:
        return None
    return restore(question.present, question.good, question.protected, env=question.environment, known=known)


def _changed(question: Question, reading: Reading, good: Reading | None) -> Understanding:
    assert question.change is not None  # noqa: S101 - the caller has looked: for the type checker
    proposal = change(question.present or b"", question.change)
    text = proposal.text if isinstance(proposal, Proposal) else None
    changed = read(text, env=question.environment, accepted=good) if text is not None else None
    return Understanding(reading, good=good, proposal=proposal, changed=changed)
