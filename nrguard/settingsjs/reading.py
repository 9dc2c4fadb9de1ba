"""Bytes to a Reading: what a settings.js is as a whole, and what each setting means. Nothing of it is run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from nrguard.model import FileState, Reading, Reason, Setting, SettingState
from nrguard.settingsjs.gate import LARGEST, Text, decode
from nrguard.settingsjs.held import held
from nrguard.settingsjs.meaning.run import Effect
from nrguard.settingsjs.meaning.values import UNDEFINED, Lost
from nrguard.settingsjs.meaning.walk import Walks, walk
from nrguard.settingsjs.places import Places
from nrguard.settingsjs.settings import NAMES, settings_of, unproven
from nrguard.settingsjs.syntax.errors import Refused, Unsure
from nrguard.settingsjs.syntax.parse import parse
from nrguard.settingsjs.weaknesses import find_weaknesses

_MOST_REASONS = 200


def read(source: bytes | None, *, env: Mapping[str, str] | None = None, accepted: Reading | None = None) -> Reading:
    """Return what `source` means, None being a missing file.

    `env` is the environment of the next start; where it is None, settings depend on it, with their possible values.
    Code that `accepted` holds as well, meaning the same there, does not make the file unproven.
    """
    if source is None:
        return Reading(FileState.MISSING, settings=_all_absent())
    whole = f"text:{hashlib.sha256(source).hexdigest()[:32]}"
    if len(source) > LARGEST:
        too_large = f"larger than {LARGEST >> 20} MiB: nrguard does not read it"
        return _unknown(whole, Reason(1, 1, too_large, whole), accepted)
    text = decode(source)
    places = Places(text.text, text.bom)
    try:
        program = parse(text.text)
    except Refused as refused:
        return _refused(Reason(*places.line_and_column(refused.at), refused.why), whole)
    except Unsure as unsure:
        return _unknown(whole, Reason(*places.line_and_column(unsure.at), unsure.why, whole), accepted)
    walks = walk(program, env, NAMES)
    broken = _broken(walks, places)
    if broken is not None:
        return _refused(broken, whole)
    return _reading(walks, text, places, whole, accepted)


def _reading(walks: Walks, text: Text, places: Places, whole: str, accepted: Reading | None) -> Reading:
    effects = [Effect(whole, oddity.at, oddity.why) for oddity in (*text.oddities, *walks.program.oddities)]
    effects += [*walks.effects, *_lost(walks), *_held(walks)]
    settings, values = settings_of(walks, places)
    codes = tuple(dict.fromkeys(effect.code for effect in effects))
    reasons = _reasons(effects, places, frozenset(accepted.code) if accepted else frozenset())
    state = FileState.UNPROVEN if reasons else FileState.SOUND
    return Reading(state, reasons, settings, codes, walks.requires, find_weaknesses(values, settings))


def _broken(walks: Walks, places: Places) -> Reason | None:
    """Return why Node-RED can't start from the file, if it can't on any way."""
    why: Reason | None = None
    for leaf in walks.leaves:
        if leaf.failure is not None:
            why = Reason(*places.line_and_column(leaf.failure.at), leaf.failure.what)
        elif leaf.lost is None and (leaf.exported is None or leaf.exported is UNDEFINED):
            why = Reason(1, 1, "exports nothing: Node-RED does not start from that")
        else:
            return None
    return why


def _lost(walks: Walks) -> Iterable[Effect]:
    for leaf in walks.leaves:
        if leaf.lost is not None:
            yield Effect(f"load:{leaf.run.everything()}", leaf.lost.at, leaf.lost.why)


def _held(walks: Walks) -> Iterable[Effect]:
    for leaf in walks.leaves:
        if leaf.lost is not None or leaf.failure is not None:
            continue
        try:
            yield from list(held(walks.program, leaf))
        except Lost as lost:
            yield Effect(f"load:{leaf.run.everything()}", lost.at, lost.why)


def _reasons(effects: Iterable[Effect], places: Places, accepted: frozenset[str]) -> tuple[Reason, ...]:
    found = {(effect.at, effect.why): effect.code for effect in effects if effect.code not in accepted}
    first = sorted(found)[:_MOST_REASONS]
    return tuple(Reason(*places.line_and_column(at), why, found[at, why]) for at, why in first)


def _refused(reason: Reason, whole: str) -> Reading:
    return Reading(FileState.BROKEN, (reason,), _none_known(whole))


def _all_absent() -> dict[str, Setting]:
    return {name: Setting(name, SettingState.ABSENT, detail=None) for name in NAMES}


def _none_known(whole: str) -> dict[str, Setting]:
    return {name: unproven(name, whole) for name in NAMES}


def _unknown(whole: str, reason: Reason, accepted: Reading | None) -> Reading:
    if accepted is not None and whole in accepted.code:
        return Reading(FileState.SOUND, (), _none_known(whole), (whole,))
    return Reading(FileState.UNPROVEN, (reason,), _none_known(whole), (whole,))
