"""What could override a member of the exported literal after it was made: said for people, with its place. Pure.

This explains a refusal; it is not what decides one. Whether a setting has its meaning is always read (evaluate).
"""

from __future__ import annotations

from tree_sitter import Node

from nrguard.model import Refusal
from nrguard.settingsjs.document import Document, Member, nodes_of, place
from nrguard.settingsjs.exported import is_export, text_of
from nrguard.settingsjs.names import constant_of

_WRITES = {"assignment_expression": "left", "augmented_assignment_expression": "left", "unary_expression": "argument"}
_BRANCHES = {
    "if_statement",
    "switch_statement",
    "try_statement",
    "for_statement",
    "while_statement",
    "ternary_expression",
}
_HOPS = 64


def override(document: Document, name: str) -> Refusal | None:
    """Return what could override `name` as the literal says it, as the reason of a refusal; None if nothing is seen."""
    own = [member for member in document.members if member.name == name]
    later = document.members[document.members.index(own[-1]) + 1 :] if own else document.members
    unclear = next((member for member in later if member.name is None), None)
    if unclear is not None:
        return Refusal(f"{_called(unclear)} could override {name}", unclear.line, unclear.column)
    for node in nodes_of(document):
        if why := _touches(document, node, name):
            return Refusal(f"{why} {name}", *place(document.source, node.start_byte))
    return None


def _called(member: Member) -> str:
    return "a later spread" if member.kind == "spread" else "a later computed key"


def _touches(document: Document, node: Node, name: str) -> str:
    """Return how `node` could change `name`, as the start of a sentence; "" if it does not touch it."""
    if node.type == "call_expression":
        arguments = node.child_by_field_name("arguments")
        handed = arguments is not None and any(_is_exported(document, given) for given in arguments.named_children)
        return "a later call could override" if handed else ""
    target = node.child_by_field_name(_WRITES.get(node.type, "left")) if node.type in _WRITES else None
    if target is None or target.type not in {"member_expression", "subscript_expression"}:
        return ""
    owner = target.child_by_field_name("object")
    if owner is None or not _is_exported(document, owner) or _property(target) not in {name, None}:
        return ""
    if node.type == "unary_expression":
        return "a later delete removes" if node.children[0].type == "delete" else ""
    return "a branch could override" if _in_branch(node) else "a later assignment overrides"


def _is_exported(document: Document, node: Node) -> bool:
    return is_export(node) or (node.type == "identifier" and text_of(node) in document.aliases)


def _property(target: Node) -> str | None:
    if (named := target.child_by_field_name("property")) is not None:
        return text_of(named)
    index = target.child_by_field_name("index")
    return None if index is None else constant_of(index)


def _in_branch(node: Node) -> bool:
    above = node.parent
    for _ in range(_HOPS):
        if above is None or above.type in _BRANCHES:
            break
        above = above.parent
    return above is not None and above.type in _BRANCHES
