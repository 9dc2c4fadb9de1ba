"""Classes: always strict, with private names that must be declared."""

from __future__ import annotations

from nrguard.settingsjs.syntax import functions
from nrguard.settingsjs.syntax.cursor import NAME, PRIVATE, Cursor
from nrguard.settingsjs.syntax.errors import Refused
from nrguard.settingsjs.syntax.members import Head, head
from nrguard.settingsjs.syntax.scopes import Context
from nrguard.settingsjs.syntax.tree import Class, Literal, Node, Property


def class_(c: Cursor, start: int, *, declared: bool, heritage: object) -> Class:
    """Parse what follows the word `class`. `heritage` parses a left-hand-side expression."""
    c.enter()
    outer_strict, c.scopes.context.strict = c.scopes.strict, True
    name = ""
    if c.kind == NAME and not c.at("extends") and not c.at("{"):
        name = c.text
        c.scopes.check_binding(name, c.start)
        if declared:
            c.scopes.declare("class", name, c.start)
        c.advance()
    elif declared:
        raise c.unexpected("a class has a name")
    scope = c.scopes.open()
    if name:
        scope.params.add(name)
    base = heritage(c) if c.eat("extends") else None  # type: ignore[operator] # a parser, handed in to break a cycle
    members = _members(c, derived=base is not None)
    c.scopes.close()
    c.scopes.context.strict = outer_strict
    c.leave()
    return Class(start, c.last_end, name, base, members, declared)


def _members(c: Cursor, *, derived: bool) -> tuple[Property, ...]:
    c.expect("{")
    c.enter()
    outer_no_in, c.no_in = c.no_in, False
    c.scopes.privates.append({})
    members: list[Property] = []
    declared: dict[str, str] = {}
    constructed = False
    while not c.at("}"):
        if c.eat(";"):
            continue
        member = _member(c, derived=derived)
        if member.kind != "block":
            _note_private(member, declared)
        if _is_constructor(member):
            if constructed:
                raise Refused(member.start, "a class has one constructor")
            constructed = True
        members.append(member)
    c.advance()
    _resolve_privates(c, declared)
    c.no_in = outer_no_in
    c.leave()
    return tuple(members)


def _member(c: Cursor, *, derived: bool) -> Property:
    start = c.start
    if c.at("static") and c.peek()[1] == "{":
        c.advance()
        return _static_block(c, start)
    parts = head(c, in_class=True)
    name = parts.key.value if isinstance(parts.key, Literal) and not parts.computed else None
    constructor = name == "constructor" and not parts.static
    if c.at("("):
        if constructor and (parts.kind != "method" or parts.is_async or parts.generator):
            raise Refused(start, "a constructor can't be a getter, a setter, async or a generator")
        if name == "prototype" and parts.static:
            raise Refused(start, 'a static member can\'t be "prototype"')
        value = functions.method(
            c, start, parts.kind, is_async=parts.is_async, generator=parts.generator,
            constructor=constructor and derived,
        )  # fmt: skip
        return Property(start, c.last_end, parts.kind, parts.key, parts.computed, value, parts.static)
    return _field(c, start, parts, name)


def _field(c: Cursor, start: int, parts: Head, name: object) -> Property:
    if parts.kind != "method" or parts.is_async or parts.generator:
        raise c.unexpected()
    if name == "constructor" or (name == "prototype" and parts.static):
        raise Refused(start, f'a field can\'t be "{name}"')
    value: Node | None = None
    if c.eat("="):
        context = Context(strict=True, method=True, new_target=True, in_field=True)
        c.scopes.contexts.append(context)
        c.scopes.open(function=True)
        value = c.assignment(c, False)
        c.scopes.close()
        c.scopes.contexts.pop()
    c.semicolon()
    return Property(start, c.last_end, "field", parts.key, parts.computed, value, parts.static)


def _static_block(c: Cursor, start: int) -> Property:
    c.scopes.contexts.append(Context(strict=True, method=True, new_target=True, in_field=True, static_block=True))
    c.scopes.open(function=True)
    functions.braced_body(c)
    c.scopes.close()
    c.scopes.contexts.pop()
    return Property(start, c.last_end, "block", None, computed=False, value=None, static=True)


def _is_constructor(member: Property) -> bool:
    return (
        member.kind == "method"
        and not (member.static or member.computed)
        and isinstance(member.key, Literal)
        and member.key.value == "constructor"
    )


def _note_private(member: Property, declared: dict[str, str]) -> None:
    name = getattr(member.key, "what", "")
    if not name.startswith("#"):
        return
    kind = f"{'static ' if member.static else ''}{member.kind}"
    before = declared.get(name)
    pair = before is not None and {before, kind} in ({"get", "set"}, {"static get", "static set"})
    if name == "#constructor" or (before is not None and not pair):
        raise Refused(member.start, f'"{name[:40]}" can\'t be declared here')
    declared[name] = "both" if pair else kind


def _resolve_privates(c: Cursor, declared: dict[str, str]) -> None:
    """Hand the private names that are used and not declared here to the class around, or refuse them."""
    for name, at in c.scopes.privates.pop().items():
        if name in declared:
            continue
        if not c.scopes.privates:
            raise Refused(at, f'private "{name[:40]}" is not declared')
        c.scopes.privates[-1].setdefault(name, at)


def use_private(c: Cursor) -> str:
    """Take the private name that the cursor stands on."""
    if c.kind != PRIVATE:
        raise c.unexpected()
    if not c.scopes.privates:
        raise Refused(c.start, "a private name outside of a class")
    name = c.text
    c.scopes.privates[-1].setdefault(name, c.start)
    c.advance()
    return name
