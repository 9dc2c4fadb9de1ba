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
    for name, value in values.items():
        document = parse(draft.text)
        written[name] = None if value is None else fit(value, layout(document))
        try:
            draft.make(remove(document, name) if value is None else _set(document, name, written[name] or b""))
        except Overlap:
            return Refusal(f"{name} can't be changed apart from what stands around it")
    proposal = Proposal(draft.text, draft.edits())
    refusal = disturbed(before, proposal.text, proposal.edits, values) or meant(before, proposal.text, written)
    return in_source(refusal, source, proposal) if refusal else proposal


def remove(document: Document, name: str) -> tuple[Edit, ...]:
    """Return the edits that take every member `name` out."""
    own = [index for index, member in enumerate(document.members) if member.name == name]
    return tuple(edit for index in own for edit in removal(document, index))


def _set(document: Document, name: str, value: bytes) -> tuple[Edit, ...]:
    own = [member for member in document.members if member.name == name]  # of several, the last one counts
    style = layout(document)
    text = key(name, style) + b":" + style.space_after_colon + value
    if own:
        old = own[-1]
        return replacement(old.span, text) if old.value is None else replacement(old.value, value)
    last = len(document.members)
    index, at = below_template(document, name) or (last, after_member(document, last - 1))
    return insertion(document, index, at, text)
