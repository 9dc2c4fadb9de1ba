"""The `checks` section: each check's rule, a frozen dataclass of its own, with its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import partial
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from nrguard.config.problems import Problems, Wrong, did_you_mean, shown
from nrguard.config.scalars import boolean, choice, duration, integer, severity, text
from nrguard.config.section import PartReader, Reader, Section, attempt, each, entries, leaf
from nrguard.config.tree import Node, Scalar, is_null
from nrguard.model import Severity

_LEAVES: Mapping[object, Reader[Any]] = {
    bool: boolean,
    int: integer(),
    float: duration(),  # a plain number is a duration in seconds, and a share of something reads alike
    str: text,
    Severity: severity,
}


def default_rules(rules: Mapping[str, type]) -> dict[str, object]:
    """Return each check's rule as it is without a section in the policy."""
    return {id_: kind() for id_, kind in rules.items()}


def read_rules(rules: Mapping[str, type], node: Node, problems: Problems) -> dict[str, object]:
    """Return each check's rule by its id; what the policy does not say is the default."""
    read = default_rules(rules)
    for key, value in entries(node):
        kind = rules.get(key.text)
        if kind is not None:
            read[key.text] = attempt(partial(_rule, kind), value, None, problems)
        elif not problems.full:
            problems.add(key, f"unknown check {shown(key.text)}", did_you_mean(key.text, rules))
    return read


def _rule(kind: type, node: Node, problems: Problems) -> object:
    if isinstance(node, Scalar) and not is_null(node):
        example = next((f"{field.name}: ..." for field in fields(kind)), "")
        raise Wrong(node, "keys with values are wanted here", f"{{{example}}}" if example else "")
    types = get_type_hints(kind)
    section = Section.open(node, types, problems)
    values = {name: section.part(name, _reader(types[name]), MISSING) for name in section.found}
    if MISSING in values.values():
        return None  # reported; a rule must not see a value that could not be read
    try:
        return kind(**values)
    except ValueError as error:  # a rule may refuse what its types allow
        raise Wrong(node, str(error)) from None


def _reader(annotation: object) -> PartReader[Any]:
    """Return the reader for a field's type. Raise `TypeError` for one that a rule can't have: a bug in the check."""
    if annotation in _LEAVES:
        return leaf(_LEAVES[annotation])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return leaf(choice(annotation))
    arguments = get_args(annotation)
    if get_origin(annotation) is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _reader(arguments[0])
        return lambda node, problems: each(item, node, problems)
    if isinstance(annotation, UnionType) and len(arguments) == 2 and arguments[1] is NoneType:
        inner = _reader(arguments[0])
        return lambda node, problems: None if is_null(node) else inner(node, problems)
    raise TypeError(f"a rule can't have a field of the type {annotation}")
