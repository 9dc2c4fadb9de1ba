"""What a constant key or string of JavaScript says, quotes and escapes undone. Pure: no I/O."""

from __future__ import annotations

import re

from tree_sitter import Node

_ESCAPE = re.compile(
    r"\\(?:u\{(?P<point>[0-9A-Fa-f]+)\}|u(?P<unit>[0-9A-Fa-f]{4})|x(?P<byte>[0-9A-Fa-f]{2})"
    r"|(?P<octal>[0-3][0-7]{0,2}|[4-7][0-7]?)|(?P<line>\r\n|[\n\r\u2028\u2029])|(?P<other>.))",
    re.DOTALL,
)
_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NAMED = {"pair": "key", "method_definition": "name"}
_PARTS = 64  # of one computed key: more is nobody's spelling of a name


def key_of(member: Node) -> str | None:
    """Return the name of an object's member; None for a spread and for a key that is not constant."""
    if member.type == "shorthand_property_identifier":
        return unescaped(_text(member))
    field = _NAMED.get(member.type)
    key = member.child_by_field_name(field) if field else None
    if key is None:
        return None
    match key.type:
        case "property_identifier":
            return unescaped(_text(key))
        case "computed_property_name":
            return constant_of(key)
        case _:
            return literal_of(key)


def constant_of(node: Node) -> str | None:
    """Return the text of a parenthesised or added-up constant string; None for everything else."""
    said: list[tuple[str, str]] = []
    waiting = [node]
    while waiting and len(said) < _PARTS:
        part = waiting.pop()
        if part.type in {"computed_property_name", "parenthesized_expression"} or _is_addition(part):
            waiting += [child for child in reversed(part.named_children) if child.type != "comment"]
        elif (text := literal_of(part)) is not None:
            said.append((part.type, text))
        else:
            return None
    if waiting or (len(said) > 1 and any(kind == "number" for kind, _ in said)):
        return None  # `1 + 2 + 'a'` is no concatenation of its parts
    return "".join(text for _, text in said)


def literal_of(node: Node) -> str | None:
    """Return what a literal string, template without substitutions, or number says as a key."""
    match node.type:
        case "string":
            return unescaped(_text(node)[1:-1])
        case "template_string" if all(child.type != "template_substitution" for child in node.named_children):
            return unescaped(_text(node)[1:-1].replace("\r\n", "\n").replace("\r", "\n"))
        case "number":
            return _number(_text(node))
    return None


def unescaped(text: str) -> str:
    """Return the text that `text`, the inside of a string literal or an identifier, stands for."""
    if "\\" not in text:
        return text
    return _PAIR.sub(_joined, _ESCAPE.sub(_meant, text))


def _is_addition(node: Node) -> bool:
    return node.type == "binary_expression" and node.children[1].type == "+"


def _meant(escape: re.Match[str]) -> str:
    if digits := escape["point"] or escape["unit"] or escape["byte"]:
        return chr(min(int(digits, 16), 0x10FFFF))
    if escape["octal"]:
        return chr(int(escape["octal"], 8))
    return "" if escape["line"] else _SINGLE.get(escape["other"], escape["other"])


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _number(text: str) -> str | None:
    digits = text.replace("_", "").removesuffix("n")
    try:
        value = float(digits) if re.fullmatch(r"[0-9.]+(?:[eE][+-]?[0-9]+)?", digits) else int(digits, 0)
        return str(int(value)) if value == int(value) and value < 1e21 else repr(value)
    except (ValueError, OverflowError):
        return None


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")
