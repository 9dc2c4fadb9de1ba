"""Two readings to a verdict: what the present file is worth against the accepted one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nrguard.model import (
    ADJACENT,
    PROTECTABLE,
    Comparison,
    Difference,
    FileState,
    Reading,
    Setting,
    SettingState,
    Severity,
    Verdict,
)
from nrguard.settingsjs.adjacent import adjacent_change
from nrguard.settingsjs.judging import judge
from nrguard.settingsjs.verdicts import Finding
from nrguard.settingsjs.wording import told

_ORDER = (Verdict.BROKEN, Verdict.WEAKENED, Verdict.UNPROVEN, Verdict.CHANGED, Verdict.EQUAL)
"""A setting that is weaker is certain, and so worse than code that may do something (design decision 8: 2, 3, 1, 0)."""

_CODE_WANTED = "code that changes nothing, or that was accepted"


def compare(present: Reading, good: Reading, protected: Collection[str] = PROTECTABLE) -> Comparison:
    """Return what `present` is worth against `good`, and every difference, worst first."""
    if present.state is FileState.BROKEN:
        reason = present.reasons[0]
        saw = f"Node-RED does not load it: {reason.why}"
        wanted = "a file that Node-RED loads"
        broken = Difference("code", Verdict.BROKEN, Severity.CRITICAL, saw, wanted, reason.line, reason.column)
        return Comparison(Verdict.BROKEN, (broken,))
    differences = [*_whole(present, good), *_code(present, good), *_gone(present, good)]
    for name in PROTECTABLE:
        if name in protected:
            differences += _protected(name, present, good)
        else:
            differences += _adjacent(name, present, good)
    for name in ADJACENT:
        differences += _adjacent(name, present, good)
    differences.sort(key=lambda one: (_ORDER.index(one.verdict), -one.severity))
    return Comparison(differences[0].verdict if differences else Verdict.EQUAL, tuple(differences))


def _setting(reading: Reading, name: str) -> Setting:
    return reading.settings.get(name) or Setting(name, SettingState.ABSENT)


def _same(now: Setting, before: Setting) -> bool:
    return now.state is before.state and (now.state is SettingState.ABSENT or now.meaning == before.meaning)


def _whole(present: Reading, good: Reading) -> Iterator[Difference]:
    """Find a file that is gone, or that exports no setting any more."""
    if good.state is FileState.MISSING or not _some(good):
        return
    want = "the accepted settings"
    if present.state is FileState.MISSING:
        saw = "no settings.js: Node-RED starts with its own defaults, open"
        yield Difference("code", Verdict.WEAKENED, Severity.CRITICAL, saw, want)
    elif not _some(present):
        saw = "no setting is exported: Node-RED starts with its own defaults, open"
        yield Difference("code", Verdict.WEAKENED, Severity.CRITICAL, saw, want, 1, 1)


def _some(reading: Reading) -> bool:
    return any(setting.state is not SettingState.ABSENT for setting in reading.settings.values())


def _code(present: Reading, good: Reading) -> Iterator[Difference]:
    """Find code that is neither inert nor accepted."""
    accepted = frozenset(good.code)
    told_of = set()
    for reason in present.reasons:
        if reason.code in accepted:
            continue
        told_of.add(reason.code)
        yield Difference(
            "code", Verdict.UNPROVEN, Severity.CRITICAL, reason.why, _CODE_WANTED, reason.line, reason.column
        )
    if not told_of and set(present.code) - accepted:
        yield Difference("code", Verdict.UNPROVEN, Severity.CRITICAL, "code that was not accepted", _CODE_WANTED)


def _gone(present: Reading, good: Reading) -> Iterator[Difference]:
    gone = [code for code in good.code if code.startswith("load:") and code not in present.code]
    if gone:
        saw = "code that was accepted is gone"
        yield Difference("code", Verdict.CHANGED, Severity.WARNING, saw, "the accepted code, or an `nrguard accept`")


def _protected(name: str, present: Reading, good: Reading) -> Iterator[Difference]:
    now, before = _setting(present, name), _setting(good, name)
    if _same(now, before):
        return
    found = judge(name, now, before)
    if before.state is not SettingState.ABSENT:  # else there was nothing to weaken
        found += _new_weaknesses(name, present, good)
    if not found:
        found = [Finding(Verdict.CHANGED, Severity.CRITICAL)]
    worst = min(found, key=lambda one: (_ORDER.index(one.verdict), -one.severity))
    if worst.verdict is Verdict.EQUAL:
        return
    saw = told(name, now) + (f": {worst.what}" if worst.what else "")
    yield Difference(name, worst.verdict, worst.severity, saw, told(name, before), now.line, 1 if now.line else 0)


def _new_weaknesses(name: str, present: Reading, good: Reading) -> list[Finding]:
    known = {(weak.setting, weak.kind) for weak in good.weaknesses}
    return [
        Finding(Verdict.WEAKENED, Severity.CRITICAL, weak.what)
        for weak in present.weaknesses
        if weak.setting == name and weak.severity > Severity.NOTE and (name, weak.kind) not in known
    ]


def _adjacent(name: str, present: Reading, good: Reading) -> Iterator[Difference]:
    now, before = _setting(present, name), _setting(good, name)
    if _same(now, before):
        return
    found = adjacent_change(name, now, before)
    saw = told(name, now) + (f": {found.what}" if found.what else "")
    yield Difference(name, found.verdict, found.severity, saw, told(name, before), now.line, 1 if now.line else 0)


def extended(comparison: Comparison, more: Collection[Difference]) -> Comparison:
    """Return `comparison` with the differences `more`, found elsewhere than in the text itself."""
    differences = sorted((*comparison.differences, *more), key=lambda one: (_ORDER.index(one.verdict), -one.severity))
    verdicts = (comparison.verdict, *(one.verdict for one in more))
    return Comparison(min(verdicts, key=_ORDER.index), tuple(differences))
