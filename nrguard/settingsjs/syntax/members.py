"""The head of a member of an object or a class: `static`, `async`, `*`, `get`, `set` and the key."""

from __future__ import annotations

from dataclasses import dataclass

from nrguard.settingsjs.syntax import lexis
from nrguard.settingsjs.syntax.cursor import NAME, NUMBER, PRIVATE, STRING, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.tree import BigInt, Literal, Node, Opaque

_ENDS_KEY = frozenset({"(", ",", "}", ":", "=", ";"})


@dataclass(frozen=True, slots=True)
class Head:
    """`kind` is "get", "set" or "method"; whether a method really follows, the next token tells."""

    kind: str
    key: Node
    computed: bool
    static: bool
    is_async: bool
    generator: bool
    name: str  # the identifier that the key is, as a shorthand may use it; "" for other keys


def head(c: Cursor, *, in_class: bool) -> Head:
    """Parse up to and with the key."""
    static = in_class and _modifier(c, "static", in_class=True)
    is_async = _async(c, in_class=in_class)
    generator = c.eat("*")
    kind = "method"
    if not (is_async or generator):
        for word in ("get", "set"):
            if _modifier(c, word, in_class=in_class):
                kind = word
                break
    computed = c.at("[")
    name = c.text if c.kind == NAME else ""
    key = _key(c, private=in_class)
    return Head(kind, key, computed, static, is_async, generator, "" if computed else name)


def _modifier(c: Cursor, word: str, *, in_class: bool) -> bool:
    """Take `word` unless it is itself the key."""
    if not c.at(word):
        return False
    kind, text, newline = c.peek()
    if kind == lexis.END or (kind == lexis.PUNCTUATOR and text in _ENDS_KEY):
        return False
    if word != "static" and text == "*" and kind == lexis.PUNCTUATOR and not (in_class and newline):
        raise Refused(c.start, "a getter or setter can't be a generator")
    if text == "*" and word != "static":
        return False
    c.advance()
    return True


def _async(c: Cursor, *, in_class: bool) -> bool:
    if not c.at("async"):
        return False
    kind, text, newline = c.peek()
    if kind == lexis.END or (kind == lexis.PUNCTUATOR and text in _ENDS_KEY):
        return False
    if newline:
        if in_class:
            return False
        raise Refused(c.start, '"async" and its method must stand in one line')
    c.advance()
    return True


def _key(c: Cursor, *, private: bool) -> Node:
    start, end, text = c.start, c.end, c.text
    if c.kind == NAME:
        c.advance()
        return Literal(start, end, text)
    if c.kind == STRING:
        return string(c)
    if c.kind == NUMBER:
        return number(c)
    if c.kind == PRIVATE and private:
        c.advance()
        return Opaque(start, end, text)
    if not c.eat("["):
        raise c.unexpected()
    outer_no_in, c.no_in = c.no_in, False
    key = c.assignment(c, False)
    c.no_in = outer_no_in
    c.expect("]")
    return key


def string(c: Cursor) -> Literal:
    """Take the string literal that the cursor stands on."""
    raw = c.text[1:-1]
    if c.scopes.strict and "\\" in raw and lexis.has_octal(raw):
        raise Refused(c.start, "strict code can't hold an octal escape")
    try:
        value = lexis.cook(raw, octal=True)
    except lexis.BadEscape as error:
        raise Refused(c.start, "a bad escape in a string") from error
    node = Literal(c.start, c.end, value)
    c.advance()
    return node


def number(c: Cursor) -> Node:
    """Take the number literal that the cursor stands on."""
    text, start, end = c.text, c.start, c.end
    if c.scopes.strict and len(text) > 1 and text[0] == "0" and text[1].isdigit():
        raise Refused(start, "strict code can't hold an octal number")
    c.advance()
    if text[-1] == "n":
        return BigInt(start, end, text)
    return Literal(start, end, lexis.number(text))
