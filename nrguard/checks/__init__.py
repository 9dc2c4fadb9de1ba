"""The checks: one file per question. A file in this folder registers itself; nothing else has to know it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import Any

from nrguard.seen import Finding, Seen

Ask = Callable[[Seen, Any], Iterator[Finding]]  # Any: each check has a rule type of its own, structured from YAML


@dataclass(frozen=True, slots=True)
class Check:
    """One question. `title` is its first docstring line; `explanation` the rest: why it matters and how to fix it."""

    id: str
    rule: type
    ask: Ask
    title: str
    explanation: str


_registered: dict[str, Check] = {}


def check(id_: str, *, rule: type) -> Callable[[Ask], Ask]:
    """Register the decorated question as the check `id_`, whose section in the policy has the fields of `rule`."""

    def register(ask: Ask) -> Ask:
        title, _, rest = (ask.__doc__ or "").strip().partition("\n")
        _registered[id_] = Check(id_, rule, ask, title, dedent(rest).strip())
        return ask

    return register


@cache
def all_checks() -> Mapping[str, Check]:
    """Return every check by its id, in the order of the ids."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_registered.items()))
