"""The probes: one file per way to look. Pure: what they judge was gathered elsewhere.

A look that takes time is a `Probe`: a module of this folder with one called PROBE. A child does the looking; the newest
part that it brought stands in `Seen.parts` under the probe's name. Nothing else has to know it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from nrguard.policy import Intervals
from nrguard.seen import Seen


@dataclass(frozen=True, slots=True)
class Probe:
    """One way to look by a child process.

    `about` names what is looked at (a digest, a socket): when it changes, the look is taken again at once, and the old
    part no longer counts. Further lines of it only make the look be taken again: the old part counts until then.
    `command` returns the child's argument list; None: there is nothing to look at now. `parse` makes the part, or a
    Blind, of what the child printed.
    """

    name: str
    every: Callable[[Intervals], float]  # seconds
    about: Callable[[Seen], str]
    command: Callable[[Seen], tuple[str, ...] | None]
    parse: Callable[[bytes], object]
    limit: float = 20.0  # seconds
    rare: bool = False  # it costs something: only who guards takes it, and when it was taken outlasts a restart


@cache
def all_probes() -> Mapping[str, Probe]:
    """Return every probe by its name."""
    modules = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    found = (getattr(module, "PROBE", None) for module in modules)
    return {probe.name: probe for probe in found if isinstance(probe, Probe)}
