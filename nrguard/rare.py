"""Looks that are taken rarely, because they cost something: when each was last taken outlasts the guard."""

from __future__ import annotations

import json
from collections.abc import Mapping

from nrguard.codec import to_json
from nrguard.probes import Probe, all_probes
from nrguard.records import Event
from nrguard.store import Store
from nrguard.world import PartSeen

KIND = "asked"  # of the events that remember it
_LAST_EVENTS = 2000


class RareLooks:
    """What the history says of rare looks. `parts` is asked at each turn, the history once for each instance."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, dict[str, PartSeen]] = {}

    def start(self, instance: str, probe: Probe, about: str, now: float) -> None:
        """Remember that a look is taken now, before it is: a guard that dies in it does not take it again at once."""
        self._store.record(instance, Event(now, KIND, probe.name, {"about": about}))

    def parts(
        self, instance: str, newest: Mapping[str, PartSeen], now: float, boottime: float
    ) -> Mapping[str, PartSeen]:
        """Return the newest parts and, of rare looks that this process has not taken, what is remembered."""
        known = self._known.get(instance)
        if known is None:
            known = self._known[instance] = self._remembered(instance, boottime - now)
        for name, seen in newest.items():
            if all_probes()[name].rare and known.get(name) != seen:
                known[name] = seen
                facts = {"about": seen.about, "part": to_json(seen.part)}
                self._store.record(instance, Event(now, KIND, name, facts))
        return {**known, **newest}

    def _remembered(self, instance: str, to_boottime: float) -> dict[str, PartSeen]:
        rare = {name: probe for name, probe in all_probes().items() if probe.rare}
        found: dict[str, PartSeen] = {}
        for _, _, event in self._store.events(instance, _LAST_EVENTS):
            if event.kind == KIND and event.text in rare:
                about, part = event.facts.get("about"), event.facts.get("part")
                was = rare[event.text].parse(json.dumps(part).encode()) if part is not None else None
                found[event.text] = PartSeen(was, str(about), event.at + to_boottime)
        return found
