"""What a function may read through `this` when it is called as a method of the object that holds it."""

from __future__ import annotations

from nrguard.settingsjs.meaning.digest import digest, hash_of
from nrguard.settingsjs.meaning.run import code_text
from nrguard.settingsjs.meaning.values import Func, Obj, Value
from nrguard.settingsjs.syntax.tree import Program


def receiver_digest(program: Program, function: Func, owner: Value) -> str:
    """Return the digest of the part of `owner` that `function` uses: members by name, else the whole of it."""
    if not function.node.own_this:
        return ""
    names = _members(code_text(program, function.node.start, function.node.end))
    if names is None or not isinstance(owner, Obj) or isinstance(owner.proto, Obj) or owner.over is not None:
        return digest(program, owner)
    used = sorted(names & owner.props.keys())
    return hash_of([text for name in used for text in (name, digest(program, owner.props[name]))])


def _members(tokens: list[str]) -> set[str] | None:
    """Return the names in `this.name`; None where `this` is used in another way."""
    names: set[str] = set()
    for index, token in enumerate(tokens):
        if token in ("super", "arguments", "eval"):
            return None
        if token == "this":  # noqa: S105 - the word of JavaScript
            if tokens[index + 1 : index + 2] != ["."] or index + 2 >= len(tokens):
                return None
            names.add(tokens[index + 2])
    return names
