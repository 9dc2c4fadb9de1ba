"""Proof that an edit did what was asked and nothing else, by reading its result again. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from nrguard.model import (
    Comparison,
    Edit,
    FileState,
    Proposal,
    Reading,
    Reason,
    Refusal,
    Setting,
    SettingState,
    Span,
    Verdict,
)
from nrguard.settingsjs import compare, read
from nrguard.settingsjs.apart import stands_apart
from nrguard.settingsjs.document import Document, first_error, offset, parse, place
from nrguard.settingsjs.overrides import override
from nrguard.settingsjs.splice import origin


def refused(document: Document) -> Refusal | None:
    """Return why `document` can't be edited by key at all; None if it can."""
    error = first_error(document)
    if error is not None:
        return Refusal("the file does not parse", *place(document.source, error))
    if document.object is None:
        return Refusal("what is exported is not one plain object literal")
    return None


def in_source(refusal: Refusal, source: bytes, proposal: Proposal) -> Refusal:
    """Return a refusal that tells a place in the proposal's text with the place that people find in `source`."""
    if not refusal.line:
        return refusal
    at = offset(proposal.text, refusal.line, refusal.column)
    return Refusal(refusal.why, *place(source, origin(proposal.edits, at)))


def disturbed(before: Document, after: bytes, edits: Sequence[Edit], touched: Collection[str]) -> Refusal | None:
    """Return what else than the settings `touched` the edits changed in the file; None if nothing."""
    result = parse(after)
    if refusal := refused(result):
        return refusal
    if _others(before, touched) != _others(result, touched):
        return Refusal("the edit would change another setting")
    replaced, put_in = [edit.span for edit in edits], list(_places(edits))
    if list(_comments(before, replaced)) != list(_comments(result, put_in)):
        return Refusal("the edit would change a comment")
    return None


def meant(before: Document, proposal: Proposal, wanted: Mapping[str, bytes | None]) -> Refusal | None:
    """Return why the proposal does not give each wanted setting the meaning of its source text; None if it does."""
    old, new = read(before.source), read(proposal.text)
    if new.state is FileState.BROKEN:
        return _reason(new.reasons[0])
    result = parse(proposal.text)
    for name, value in wanted.items():
        if not _has_meaning(result, new, name, value):
            return override(result, name) or Refusal(f"{name} can't be proved to mean what was asked for")
    known = {reason.why for reason in old.reasons}
    others = (reason for reason in new.reasons if reason.why not in known and not _asked_for(proposal, reason))
    return next(map(_reason, others), None)


def restored(after: bytes, good: Reading, protected: Collection[str], env: Mapping[str, str] | None) -> Refusal | None:
    """Return why `after` is not as good as the accepted text; None if its protected settings mean the same.

    What else differs, in settings that are not protected, is the owner's: it stays, and is told. So does unproven
    code inside settings that decide no protection.
    """
    reading = read(after, env=env, accepted=good)
    apart = bool(reading.reasons) and stands_apart(parse(after), reading)
    for difference in compare(reading, good, protected).differences:
        refusal = Refusal(difference.saw, difference.line, difference.column)
        if difference.setting in protected:
            return override(parse(after), difference.setting) or refusal
        if difference.setting == "code" and difference.verdict is not Verdict.CHANGED and not apart:
            return refusal
    return None


def differing(comparison: Comparison, protected: Collection[str]) -> tuple[str, ...]:
    """Return the protected settings that are not as accepted, in the order of `protected`."""
    found = {difference.setting for difference in comparison.differences}
    return tuple(name for name in protected if name in found)


def _reason(reason: Reason) -> Refusal:
    return Refusal(reason.why, reason.line, reason.column)


def _asked_for(proposal: Proposal, reason: Reason) -> bool:
    """Tell whether a reason is about what the owner asked to be put in: that is not judged here."""
    at = offset(proposal.text, reason.line, reason.column)
    return any(span.start <= at < span.end for span in _places(proposal.edits))


def _others(document: Document, touched: Collection[str]) -> list[bytes]:
    return [member.span.of(document.source) for member in document.members if member.name not in touched]


def _comments(document: Document, apart_from: Sequence[Span]) -> Iterator[bytes]:
    """Yield the comments that are not inside one of the sorted spans."""
    spans = iter(apart_from)
    span = next(spans, None)
    for comment in document.comments:
        while span is not None and span.end <= comment.start:
            span = next(spans, None)
        if span is None or comment.start < span.start:
            yield comment.of(document.source)


def _places(edits: Sequence[Edit]) -> Iterator[Span]:
    """Yield where the texts of sorted edits stand in the result."""
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        yield Span(start, start + len(edit.text))
        shift += len(edit.text) - (edit.span.end - edit.span.start)


def _has_meaning(result: Document, reading: Reading, name: str, value: bytes | None) -> bool:
    setting = reading.settings.get(name)
    if setting is None:  # none of Node-RED's that nrguard understands: its text has to do
        return _text(result, name) == value and override(result, name) is None
    if value is None:
        return setting.state is SettingState.ABSENT
    alone = read(b"module.exports = {\n%s: %s\n};\n" % (name.encode(), value)).settings.get(name)
    return alone is not None and _meaning(alone) == _meaning(setting)


def _meaning(setting: Setting) -> tuple[object, ...]:
    return setting.state, setting.meaning, setting.on, setting.possible


def _text(document: Document, name: str) -> bytes | None:
    """Return the source of the value that the literal gives `name`."""
    own = [member for member in document.members if member.name == name]
    return own[-1].value.of(document.source) if own and own[-1].value else None
