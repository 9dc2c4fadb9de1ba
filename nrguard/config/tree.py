"""YAML text as a small tree in which every node knows its place.

What YAML can do and a policy has no use for is refused by name: aliases and anchors (bombs), tags, merge keys,
directives, several documents, keys given twice, deep nesting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from nrguard.config.problems import Problems, shown
from nrguard.config.text import Spot, decode, syntax_problem

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the pure one reads the same, slower
DEPTH = 12


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it is written. `plain`: without quotes, so that YAML may take it for something else."""

    line: int
    column: int
    text: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    column: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """Keys with their values. No key occurs twice."""

    line: int
    column: int
    members: tuple[tuple[Scalar, Node], ...]


Node = Scalar | Items | Members


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; in a mapping, keys and values take turns in `children`."""

    line: int
    column: int
    mapping: bool
    children: list[Node] = field(default_factory=list)


def is_null(node: Node) -> bool:
    """Whether nothing stands here: no value, `~` or `null` without quotes."""
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null", "Null", "NULL")


def plant(data: bytes, problems: Problems) -> Node:
    """Return the tree of the one document in `data`; raise `PolicyError` if it can't be understood at all."""
    text = decode(data, problems)
    if problems.found:
        raise problems.error()
    try:
        root = _grow(text, problems)
    except yaml.MarkedYAMLError as error:
        problems.add(*syntax_problem(error, text))
        root = None
    except (ValueError, OverflowError):
        # what chr() and int() say to an escape like \UFFFFFFFF: the pure loader lets it out
        problems.add(Spot(1, 1), "not YAML: an escape or a version that can't be", "is there a stray backslash?")
        root = None
    else:
        if root is None:
            problems.add(Spot(1, 1), "the policy is empty", "config/nrguard.yaml is a sample to start from")
    if root is None:
        raise problems.error()
    return root


def _grow(text: str, problems: Problems) -> Node | None:
    root: Node | None = None
    stack: list[_Open] = []
    for event in yaml.parse(text, Loader=_LOADER):
        mark = event.start_mark
        spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)  # every event has one; the types don't know
        _refuse(event, spot, problems)
        node: Node | None = None
        match event:
            case yaml.DocumentStartEvent() if root is not None:
                problems.add(spot, "a second document begins here", "a policy is one document: remove the '---'")
                return root
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                stack.append(_Open(spot.line, spot.column, isinstance(event, yaml.MappingStartEvent)))
                if len(stack) > DEPTH:
                    problems.add(spot, "nested too deeply", f"a policy has at most {DEPTH} levels")
                    raise problems.error()
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                node = _close(stack.pop(), problems)
            case yaml.ScalarEvent():
                node = Scalar(spot.line, spot.column, event.value, plain=not event.style)
            case yaml.AliasEvent():
                node = Scalar(spot.line, spot.column, "")  # _refuse has said what is wrong with this place
        if node is not None and stack:
            stack[-1].children.append(node)
        elif node is not None:
            root = node
    return root


def _refuse(event: yaml.Event, spot: Spot, problems: Problems) -> None:
    match event:
        case yaml.DocumentStartEvent() if event.version or event.tags:
            problems.add(spot, "a YAML directive has no use here", "remove the line that begins with '%'")
        case yaml.AliasEvent():
            problems.add(spot, "an alias (*name) is not accepted", 'write the value out; a star needs quotes: "*"')
        case yaml.NodeEvent() if event.anchor is not None:
            problems.add(spot, "an anchor (&name) is not accepted", "write each value out; quote a text with '&'")
        case yaml.ScalarEvent() | yaml.CollectionStartEvent() if event.tag is not None:
            problems.add(spot, "a tag (!name) is not accepted", "write the plain value; quote a text that begins '!'")


def _close(opened: _Open, problems: Problems) -> Node:
    if not opened.mapping:
        return Items(opened.line, opened.column, tuple(opened.children))
    members: dict[str, tuple[Scalar, Node]] = {}
    for key, value in zip(opened.children[::2], opened.children[1::2], strict=True):
        if not isinstance(key, Scalar):
            problems.add(key, "a key must be a word", "quote it if it begins with a bracket")
        elif key.plain and key.text == "<<":
            problems.add(key, "a merge key (<<) is not accepted", "write the values out")
        elif key.text in members:
            first = members[key.text][0].line
            problems.add(key, f"{shown(key.text)} is given twice", f"first in line {first}; keep one of them")
        else:
            members[key.text] = (key, value)
    return Members(opened.line, opened.column, tuple(members.values()))
