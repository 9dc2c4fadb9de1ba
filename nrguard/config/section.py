"""Reading one mapping: unknown keys are reported, each value is read on its own, so that every mistake is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from nrguard.config.problems import Place, Problems, Wrong, did_you_mean
from nrguard.config.tree import Items, Members, Node, Scalar, is_null

T = TypeVar("T")
D = TypeVar("D")
Reader = Callable[[Node], T]
"""Returns a value or raises `Wrong`."""
PartReader = Callable[[Node, Problems], T]
"""Reads a value with several parts: reports each part that is wrong, and raises `Wrong` for the whole."""


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping with a fixed set of keys, being read."""

    at: Place  # where missing keys are reported
    found: Mapping[str, Node]
    problems: Problems

    @classmethod
    def open(cls, node: Node, known: Iterable[str], problems: Problems, at: Place | None = None) -> Section:
        """Return the section in `node`, having reported unknown keys."""
        known = tuple(known)
        found: dict[str, Node] = {}
        for key, value in entries(node):
            if key.text in known:
                found[key.text] = value
            elif not problems.full:
                # the key is not shown: a slip may put a secret in its place
                problems.add(key, "unknown key", did_you_mean(key.text, known))
        return cls(at or node, found, problems)

    def read(self, key: str, reader: Reader[T], default: D, *, required: bool = False) -> T | D:
        """Return what `reader` makes of the key's value; report what is wrong with it and return `default`."""
        return self.part(key, leaf(reader), default, required=required)

    def part(self, key: str, reader: PartReader[T], default: D, *, required: bool = False) -> T | D:
        """Do as `read` does, for a value with several parts."""
        node = self.found.get(key)
        if node is None:
            if required:
                self.problems.add(self.at, f"{key} is missing")
            return default
        return attempt(reader, node, default, self.problems, prefix=f"{key}: ")


def leaf(reader: Reader[T]) -> PartReader[T]:
    """Return `reader` in the shape of one that reports for itself; a single value has nothing to report."""
    return lambda node, _: reader(node)


def attempt(reader: PartReader[T], node: Node, default: D, problems: Problems, prefix: str = "") -> T | D:
    """Return what `reader` makes of the node; report what is wrong with it and return `default`."""
    try:
        return reader(node, problems)
    except Wrong as wrong:
        problems.add(wrong.place, prefix + wrong.what, wrong.hint)
        return default


def entries(node: Node) -> tuple[tuple[Scalar, Node], ...]:
    """Return keys and values; none for an empty value, since all of its lines may be commented out."""
    if isinstance(node, Members):
        return node.members
    if is_null(node):
        return ()
    raise Wrong(node, "keys with values are wanted here", "one a line, indented: 'key: value'")


def each(reader: PartReader[T], node: Node, problems: Problems) -> tuple[T, ...]:
    """Return what `reader` makes of each item of a list, without those that it could not read and reported."""
    if not isinstance(node, Items):
        raise Wrong(node, "a list is wanted here", "[one, two]")
    read: list[T] = []
    for item in node.items:
        try:
            read.append(reader(item, problems))
        except Wrong as wrong:
            problems.add(wrong.place, wrong.what, wrong.hint)
    return tuple(read)
