"""Put the accepted source text of lost or changed settings back into a settings.js. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nrguard.model import Edit, FileState, Proposal, Reading, Refusal, SettingState
from nrguard.settingsjs import compare, read
from nrguard.settingsjs.document import Document, parse
from nrguard.settingsjs.edit import remove
from nrguard.settingsjs.homecoming import home
from nrguard.settingsjs.members import replacement
from nrguard.settingsjs.proof import differing, disturbed, in_source, refused, restored
from nrguard.settingsjs.splice import Draft, Overlap


@dataclass(frozen=True, slots=True)
class Known:
    """The readings of the accepted and of the present text, where somebody has them already."""

    accepted: Reading
    present: Reading


def restore(
    present: bytes, good: bytes, protected: Collection[str], *, env: Mapping[str, str] | None = None,
    known: Known | None = None,
) -> Proposal | Refusal:  # fmt: skip
    """Return `present` with each protected setting meaning what it means in the accepted text `good`.

    Only the accepted source text of settings that differ is put in; settings that the accepted text has not are taken
    out. The result is read again: a Refusal says why and where it can't be proved as good as the accepted text.
    """
    now, then = parse(present), parse(good)
    if refusal := refused(now) or refused(then):
        return refusal
    accepted = known.accepted if known else read(good, env=env)
    reading = known.present if known else read(present, env=env, accepted=accepted)
    if reading.state is FileState.BROKEN:  # then no setting means anything: whatever is written otherwise may be why
        lost = tuple(name for name in protected if _texts(now, name) != _texts(then, name))
    else:
        lost = differing(compare(reading, accepted, protected), protected)
    draft = Draft(present)
    try:
        for name in sorted(lost, key=lambda name: _first(then, name)):  # in their accepted order: neighbours first
            setting = accepted.settings.get(name)
            if setting is not None and setting.state is SettingState.ABSENT:
                remove(draft, name)
            else:
                _put_back(draft, then, name)
    except Overlap as overlap:
        return Refusal(str(overlap))
    proposal = Proposal(draft.text, draft.edits())
    refusal = disturbed(now, proposal.text, proposal.edits, lost) or restored(proposal.text, accepted, protected, env)
    return in_source(refusal, present, proposal) if refusal else proposal


def _first(document: Document, name: str) -> int:
    return next(iter(document.indices(name)), len(document.members))


def _texts(document: Document, name: str) -> list[bytes]:
    return [document.members[index].span.of(document.source) for index in document.indices(name)]


def _put_back(draft: Draft, good: Document, name: str) -> None:
    """Give `name` its accepted source text in the draft, where the accepted text says it by a member."""
    document = parse(draft.text)
    here, there = document.indices(name), good.indices(name)
    if not there:
        return  # only the whole copy has it
    if not here:
        draft.make(home(document, good, there[-1]))
    elif len(here) == len(there):
        draft.make(
            [edit for mine, wanted in zip(here, there, strict=True) for edit in _made(document, mine, good, wanted)]
        )
    else:
        kept = _kept(document, here, good.members[there[-1]].span.of(good.source))
        draft.make(_made(document, here[kept], good, there[-1]))
        remove(draft, name, keep=kept + 1)


def _kept(document: Document, here: list[int], wanted: bytes) -> int:
    """Return which of the members of one name stays: the last one that is as accepted, else the last one."""
    same = [nth for nth, index in enumerate(here) if document.members[index].span.of(document.source) == wanted]
    return same[-1] if same else len(here) - 1


def _made(document: Document, index: int, good: Document, wanted: int) -> tuple[Edit, ...]:
    """Return the edit that makes a live member say what was accepted; of a pair only the value is touched."""
    mine, accepted = document.members[index], good.members[wanted]
    old, new = (mine.value, accepted.value) if mine.value and accepted.value else (mine.span, accepted.span)
    if old.of(document.source) == new.of(good.source):
        return ()
    return replacement(old, new.of(good.source), new)
