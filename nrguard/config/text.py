"""The policy file as text: what no editor shows alike is refused, and YAML's complaints become ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from nrguard.config.problems import Problems

SIZE_LIMIT = 256 * 1024
_ODD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]|\r(?!\n)"
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the text, counted from 1; the column counts characters."""

    line: int
    column: int


def decode(data: bytes, problems: Problems) -> str:
    """Return the text of `data`, "" if it has none that could be read; a byte-order mark is left out."""
    if len(data) > SIZE_LIMIT:
        problems.add(Spot(1, 1), f"larger than {SIZE_LIMIT // 1024} KiB", "is this the policy file?")
        return ""
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        spot = _spot(data[: error.start].decode("utf-8"))
        problems.add(spot, "not UTF-8 text", "save the file as UTF-8")
        return ""
    for odd in _ODD.finditer(text):
        hint = "remove it; an editor may not show it"
        problems.add(_spot(text[: odd.start()]), f"the character U+{ord(odd.group()):04X} is not accepted", hint)
        if problems.full:
            break
    return text


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> tuple[Spot, str, str]:
    """Return place, message and hint for a text that is no YAML."""
    problem, context = error.problem or "unreadable", error.context or ""
    mark = error.problem_mark
    if "quoted scalar" in context and "end of stream" in problem:
        mark, problem = error.context_mark, "a quotation mark is never closed"
    spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
    return spot, f"not YAML: {_plain(problem)}", _hint(problem, context, _character(text, spot))


def _hint(problem: str, context: str, character: str) -> str:
    if "alias" in context:
        return 'a star needs quotes: "*"'
    if character == "\t":
        return "indent with spaces, not with a tab"
    if "cannot start any token" in problem:
        return "put the value in quotes"
    if "mapping values are not allowed" in problem:
        return "is the line indented as its neighbours? a value with a colon needs quotes"
    if "flow" in context:
        return "is a bracket not closed, or a comma missing?"
    return "is the line indented as its neighbours?" if "block" in context else ""


def _plain(problem: str) -> str:
    """Leave out what the pure loader quotes from the file: it might be part of a secret."""
    return problem.partition(", but found")[0] if problem.isprintable() else "unexpected character"


def _character(text: str, spot: Spot) -> str:
    lines = text.split("\n")
    line = lines[spot.line - 1] if spot.line <= len(lines) else ""
    return line[spot.column - 1 : spot.column]


def _spot(before: str) -> Spot:
    return Spot(before.count("\n") + 1, len(before) - before.rfind("\n"))
