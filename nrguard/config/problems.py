"""What is wrong with a policy file, and where: collected, sorted, and free of secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from nrguard.errors import NrguardError

LIMIT = 50  # nobody mends more in one go, and each did-you-mean costs time
_SHOWABLE = re.compile(r"[A-Za-z0-9_.@/-]{1,60}")


class Place(Protocol):
    """Anything that knows where in the file it stands, counted from 1; the column counts characters."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. It prints as `nrguard.yaml:7:3: what is wrong (what to do)`."""

    line: int
    column: int
    what: str
    hint: str = ""
    name: str = "nrguard.yaml"

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.name}:{self.line}:{self.column}: {self.what}{hint}"


class PolicyError(NrguardError):
    """The policy file can't be used; `problems` holds every reason, in the order of the file."""

    located = True

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Wrong(Exception):
    """A value that can't be used. Raised by readers."""

    def __init__(self, place: Place, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.place = place
        self.what = what
        self.hint = hint


class Problems:
    """The mistakes found so far, at most one for each place: what follows from the first would only confuse."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._at: dict[tuple[int, int], Problem] = {}

    def add(self, place: Place, what: str, hint: str = "") -> None:
        if not self.full:
            at = (place.line, place.column)
            self._at.setdefault(at, Problem(*at, what, hint, self._name))

    @property
    def full(self) -> bool:
        return len(self._at) >= LIMIT

    @property
    def found(self) -> bool:
        return bool(self._at)

    def error(self) -> PolicyError:
        """Return all problems as one error, in the order of the file."""
        return PolicyError(tuple(sorted(self._at.values())))


def shown(text: str) -> str:
    """Return `text` in quotes if it is a word or a path, and "this" if it could be a secret, an URL or an attack."""
    return f"'{text}'" if _SHOWABLE.fullmatch(text) and "//" not in text else "this"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown word: the nearest known one, else all of them."""
    options = list(known)
    lowered = {option.lower(): option for option in options}
    near = get_close_matches(word[:40].lower(), lowered, n=1)
    if near:
        return f"did you mean '{lowered[near[0]]}'?"
    return f"known: {', '.join(options)}" if options else ""
