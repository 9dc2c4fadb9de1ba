"""Set, replace or remove settings in the text of a settings.js without touching another byte. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping

from nrguard.model import Edit, Proposal, Refusal
from nrguard.settingsjs.document import Document, parse
from nrguard.settingsjs.fit import fit, is_expression, key
from nrguard.settingsjs.gaps import after_member
from nrguard.settingsjs.layout import layout
from nrguard.settingsjs.members import insertion, removal, replacement
from nrguard.settingsjs.proof import disturbed, in_source, meant, refused
from nrguard.settingsjs.splice import Draft, Overlap
from nrguard.settingsjs.templates import below_template

_MANY = 16  # members of one name: more is nobody's settings file


def change(source: bytes, wanted: Mapping[str, str | None]) -> Proposal | Refusal:
    """Return `source` with each wanted setting given its value, JavaScript source text, or removed (None).

    A live value is replaced in place; a new setting goes under its commented template, else behind the last member.
    The result is read again: a Refusal says why and where it can't be proved to mean what was asked for.
    """
    before = parse(source)
    if refusal := refused(before):
        return refusal
    values = {name: None if value is None else value.strip().encode() for name, value in wanted.items()}
    if bad := [name for name, value in values.items() if value is not None and not is_expression(value)]:
        return Refusal(f"the value for {bad[0]} is not one JavaScript expression")
    draft = Draft(source)
    written: dict[str, bytes | None] = {}
    try:
        for name, value in values.items():
            written[name] = _write(draft, name, value)
    except Overlap as overlap:
        return Refusal(str(overlap))
    proposal = Proposal(draft.text, draft.edits())
    refusal = disturbed(before, proposal.text, proposal.edits, values) or meant(before, proposal, written)
    return in_source(refusal, source, proposal) if refusal else proposal


def remove(draft: Draft, name: str, keep: int = 0) -> None:
    """Take the members `name` out of the draft, all but the first `keep`. Raise `Overlap` where that can't be done."""
    while len(own := (document := parse(draft.text)).indices(name)) > keep:
        if len(own) > _MANY:
            raise Overlap(f"{name} stands there {len(own)} times")
        draft.make(removal(document, own[-1]))


def _write(draft: Draft, name: str, value: bytes | None) -> bytes | None:
    """Set or remove one setting in the draft. Return the value as it was written."""
    if value is None:
        remove(draft, name)
        return None
    document = parse(draft.text)
    written = fit(value, layout(document))
    draft.make(_set(document, name, written))
    return written


def _set(document: Document, name: str, value: bytes) -> tuple[Edit, ...]:
    style = layout(document)
    text = key(name, style) + b":" + style.space_after_colon + value
    if own := document.indices(name):
        old = document.members[own[-1]]  # of several, the last one counts
        return replacement(old.span, text) if old.value is None else replacement(old.value, value)
    last = len(document.members)
    index, at = below_template(document, name) or (last, after_member(document, last - 1))
    return insertion(document, index, at, text)
