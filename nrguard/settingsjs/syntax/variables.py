"""Declarations by var, let and const."""

from __future__ import annotations

from nrguard.settingsjs.syntax.cursor import NAME, PUNCTUATOR, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.literals import array, object_
from nrguard.settingsjs.syntax.patterns import bound_names
from nrguard.settingsjs.syntax.scopes import RESERVED
from nrguard.settingsjs.syntax.tree import Name, Node, Variables


def begins_let(c: Cursor, *, declarations: bool) -> bool:
    """Does the word `let` begin a declaration here, or is it a name?"""
    kind, text, newline = c.peek()
    if kind == PUNCTUATOR:
        return text == "[" or (text == "{" and (declarations or not newline))
    return kind == NAME and text not in RESERVED and (declarations or not newline)


def variables(c: Cursor, kind: str, *, in_for: bool = False) -> Variables:
    """Parse from the word `kind` on, without the semicolon."""
    start = c.start
    c.advance()
    bindings: list[tuple[Node, Node | None]] = []
    while True:
        target = _target(c, kind)
        init = c.assignment(c, False) if c.eat("=") else None
        if init is None and not (in_for and (c.at("of") or c.at("in"))):
            _needs_value(kind, target)
        bindings.append((target, init))
        if not c.eat(","):
            return Variables(start, c.last_end, kind, tuple(bindings))


def _target(c: Cursor, kind: str) -> Node:
    if c.at("[") or c.at("{"):
        outer = c.cover
        node: Node = array(c) if c.at("[") else object_(c)
        c.cover = outer
    elif c.kind == NAME:
        node = Name(c.start, c.end, c.text)
        c.advance()
    else:
        raise c.unexpected("a name is missing")
    for name in bound_names(c, node):
        c.scopes.declare(kind, name.name, name.start)
    return node


def _needs_value(kind: str, target: Node) -> None:
    if kind == "const" or not isinstance(target, Name):
        raise Refused(target.start, "this declaration needs a value")
