"""Put the accepted source text of lost or changed settings back into a settings.js. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nrguard.model import Edit, Proposal, Refusal, SettingState
from nrguard.settingsjs import compare, read
from nrguard.settingsjs.document import Document, Member, parse
from nrguard.settingsjs.edit import remove
from nrguard.settingsjs.homecoming import home
from nrguard.settingsjs.members import removal, replacement
from nrguard.settingsjs.proof import differing, disturbed, in_source, refused, restored
from nrguard.settingsjs.splice import Draft, Overlap


def restore(
    present: bytes, good: bytes, protected: Collection[str], *, env: Mapping[str, str] | None = None
) -> Proposal | Refusal:
    """Return `present` with each protected setting meaning what it means in the accepted text `good`.

    Only the accepted source text of settings that differ is put in; settings that the accepted text has not are taken
    out. The result is read again: a Refusal says why and where it can't be proved as good as the accepted text.
    """
    now, then = parse(present), parse(good)
    if refusal := refused(now) or refused(then):
        return refusal
    accepted = read(good, env=env)
    lost = differing(compare(read(present, env=env, accepted=accepted), accepted, protected), protected)
    absent = {name for name in lost if accepted.settings[name].state is SettingState.ABSENT}
    draft = Draft(present)
    try:
        for name in sorted(lost, key=lambda name: _first(then, name)):  # in their accepted order: neighbours first
            document = parse(draft.text)
            draft.make(remove(document, name) if name in absent else _put_back(document, then, name))
    except Overlap:
        return Refusal("the lost settings can't be put back apart from each other")
    proposal = Proposal(draft.text, draft.edits())
    refusal = disturbed(now, proposal.text, proposal.edits, lost) or restored(proposal.text, accepted, protected, env)
    return in_source(refusal, present, proposal) if refusal else proposal


def _first(document: Document, name: str) -> int:
    return next((member.span.start for member in document.members if member.name == name), len(document.source))


def _put_back(document: Document, good: Document, name: str) -> tuple[Edit, ...]:
    """Return the edits that give `name` its accepted source text."""
    here, there = _own(document, name), _own(good, name)
    if not there:
        return ()  # the accepted text says it otherwise than by a member: only the whole copy has it
    if not here:
        return home(document, good, there[-1])
    if len(here) == len(there):
        return tuple(
            edit
            for mine, wanted in zip(here, there, strict=True)
            for edit in _replaced(document, document.members[mine], good, good.members[wanted])
        )
    wanted = good.members[there[-1]]
    same = [i for i in here if document.members[i].span.of(document.source) == wanted.span.of(good.source)]
    kept = same[-1] if same else here[-1]
    later = tuple(edit for i in here if i > kept for edit in removal(document, i))
    return (*_replaced(document, document.members[kept], good, wanted), *later)


def _own(document: Document, name: str) -> list[int]:
    return [index for index, member in enumerate(document.members) if member.name == name]


def _replaced(document: Document, mine: Member, good: Document, wanted: Member) -> tuple[Edit, ...]:
    """Return the edit that makes a live member say what it said; of a pair only the value is touched."""
    old, new = (mine.value, wanted.value) if mine.value and wanted.value else (mine.span, wanted.span)
    if old.of(document.source) == new.of(good.source):
        return ()
    return replacement(old, new.of(good.source), new)
