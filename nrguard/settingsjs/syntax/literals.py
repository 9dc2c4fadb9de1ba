"""Arrays, objects, templates and regular expressions."""

from __future__ import annotations

from nrguard.settingsjs.syntax import functions, lexis
from nrguard.settingsjs.syntax.cursor import REGEX, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.members import Head, head
from nrguard.settingsjs.syntax.regex import check_regex
from nrguard.settingsjs.syntax.tree import Array, Assign, Literal, Name, Node, Object, Property, Regex, Spread, Template


def array(c: Cursor) -> Array:
    start = c.start
    c.advance()
    outer_no_in, c.no_in = c.no_in, False
    items: list[Node | None] = []
    trailing = False
    while not c.at("]"):
        if c.eat(","):
            items.append(None)
            continue
        items.append(spread(c) if c.at("...") else c.assignment(c, True))
        if c.at("]"):
            break
        c.expect(",")
        trailing = c.at("]")
    c.no_in = outer_no_in
    c.expect("]")
    node = Array(start, c.last_end, tuple(items))
    if trailing:
        c.trailing[id(node)] = node
    return node


def spread(c: Cursor) -> Spread:
    start = c.start
    c.advance()
    operand = c.assignment(c, True)
    return Spread(start, c.last_end, operand)


def object_(c: Cursor) -> Object:
    start = c.start
    c.advance()
    outer_no_in, c.no_in = c.no_in, False
    members: list[Property] = []
    protos = 0
    trailing = False
    while not c.at("}"):
        member = _member(c)
        members.append(member)
        protos += _sets_proto(member)
        if protos == 2 and c.cover < 0:
            c.cover = member.start  # allowed in a pattern only
        if not c.eat(","):
            break
        trailing = c.at("}")
    c.no_in = outer_no_in
    c.expect("}")
    node = Object(start, c.last_end, tuple(members))
    if trailing:
        c.trailing[id(node)] = node
    return node


def _member(c: Cursor) -> Property:
    start = c.start
    if c.at("..."):
        inner = spread(c)
        return Property(start, c.last_end, "spread", None, computed=False, value=inner.operand)
    escaped = c.escaped
    parts = head(c, in_class=False)
    if c.at("("):
        value: Node = functions.method(c, start, parts.kind, is_async=parts.is_async, generator=parts.generator)
        return Property(start, c.last_end, parts.kind, parts.key, parts.computed, value)
    if parts.kind != "method" or parts.is_async or parts.generator:
        raise c.unexpected()
    if c.eat(":"):
        value = c.assignment(c, True)
        return Property(start, c.last_end, "value", parts.key, parts.computed, value)
    return _shorthand(c, start, parts, escaped=escaped)


def _shorthand(c: Cursor, start: int, parts: Head, *, escaped: bool) -> Property:
    if not parts.name:
        raise c.unexpected()
    c.scopes.check_name(parts.name, start)
    if escaped and parts.name in ("await", "yield"):
        raise Refused(start, "a keyword can't hold an escape")
    use_name(c, parts.name)
    name = Name(start, parts.key.end, parts.name)
    if c.at("="):
        if c.cover < 0:
            c.cover = c.start
        c.advance()
        default = c.assignment(c, False)
        value = Assign(start, c.last_end, "=", name, default)
        return Property(start, c.last_end, "cover", parts.key, computed=False, value=value)
    return Property(start, c.last_end, "short", parts.key, computed=False, value=name)


def use_name(c: Cursor, name: str) -> None:
    """Note that the code uses `name`."""
    c.scopes.use(name)
    if name == "arguments":
        c.scopes.uses_this()


def _sets_proto(member: Property) -> bool:
    key = member.key
    return member.kind == "value" and not member.computed and isinstance(key, Literal) and key.value == "__proto__"


def template(c: Cursor, *, tagged: bool) -> Template:
    """Parse a template from its first "`" on. A tagged one may hold bad escapes."""
    c.enter()
    start = c.start
    chunks: list[str | None] = []
    parts: list[Node] = []
    begin = c.end
    while True:
        raw, last, end = c.template_chunk(begin)
        chunks.append(_cook(raw, begin, tagged=tagged))
        c.continue_at(end)
        if last:
            c.leave()
            return Template(start, end, tuple(chunks), tuple(parts))
        outer_no_in, c.no_in = c.no_in, False
        parts.append(c.expression(c, False))
        c.no_in = outer_no_in
        if not c.at("}"):
            raise c.unexpected('"}" is missing')
        begin = c.end


def _cook(raw: str, at: int, *, tagged: bool) -> str | None:
    try:
        return lexis.cook(raw.replace("\r\n", "\n").replace("\r", "\n"), octal=False)  # a template knows one line end
    except lexis.BadEscape as error:
        if tagged:
            return None
        raise Refused(at, "a bad escape in a template") from error


def regex(c: Cursor) -> Regex:
    c.rescan_regex()
    if c.kind != REGEX:
        raise AssertionError(c.kind)
    check_regex(c.text, c.start)
    node = Regex(c.start, c.end, c.text)
    c.advance()
    return node
