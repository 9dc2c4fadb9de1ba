"""Can nobody but its owner change settings.js, or put another one in its place?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, SettingState, Severity
from nrguard.probes.surroundings import Place, Surroundings
from nrguard.seen import Finding, Remedy, Seen

_HASHES = ("adminAuth", "httpNodeAuth", "httpStaticAuth")
_STICKY = 0o1000  # in a folder with it, only the owner of a file can rename or remove it


@dataclass(frozen=True, slots=True)
class PlaceRule:
    writable: Severity = Severity.WARNING
    owner: Severity = Severity.WARNING
    readable: Severity = Severity.NOTE


@check("place", rule=PlaceRule)
def place(seen: Seen, rule: PlaceRule) -> Iterator[Finding]:
    """Somebody beside its owner can change settings.js, put another one in its place, or read its password hashes.

    Whoever may write into the folder, or into one that it lies in, can exchange the file, whatever its own mode says.
    That settings.js is readable by all is how Node-RED makes it; it is noted only where other people have a login on
    this computer and can reach it.
    """
    part = seen.parts.get("surroundings")
    if not isinstance(part, Surroundings):
        return
    for one in (part.settings, *part.above[:1]):
        if one is not None and one.writers:
            yield _writable(one, rule.writable)
    for one in part.above[1:]:
        if one.writers and not one.mode & _STICKY:
            yield _writable(one, rule.writable)
        if one.foreign:
            yield _owned(one, rule.owner, "root, or the owner of the folder of settings.js")
    if part.settings is not None:
        yield from _settings(seen, part, part.settings, rule)
    if part.above and part.above[0].mount:
        yield Finding(
            "place", part.above[0].path, Severity.NOTE,
            saw="the folder is a mount of its own", want="", remedy=Remedy.NONE,
            hint="what it covers, and what changes without this mount, is not looked at",
        )  # fmt: skip


def _settings(seen: Seen, part: Surroundings, settings: Place, rule: PlaceRule) -> Iterator[Finding]:
    sealed = seen.baseline.uid if seen.baseline else -1
    if sealed >= 0 and settings.uid != sealed:
        yield _owned(settings, rule.owner, f"user {sealed}, as it was accepted")
    for folder in part.above[:1]:
        if sealed > 0 and folder.uid not in (0, sealed):
            yield _owned(folder, rule.owner, f"user {sealed}, whose settings.js was accepted")
    reachable = all(one.mode & 0o001 for one in part.above)
    if "everybody" in settings.readers and reachable and part.people and _holds_hashes(seen):
        yield Finding(
            "place", settings.path, rule.readable,
            saw=f"its password hashes can be read by {_few(part.people)}", want="readable by its owner alone",
            remedy=Remedy.OWNER, hint=f"chmod 600 {settings.path}",
        )  # fmt: skip


def _holds_hashes(seen: Seen) -> bool:
    if isinstance(seen.disk, Blind):
        return False
    settings = (seen.disk.reading.settings.get(name) for name in _HASHES)
    return any(one is not None and one.state is not SettingState.ABSENT for one in settings)


def _writable(one: Place, severity: Severity) -> Finding:
    return Finding(
        "place", one.path, severity,
        saw=f"can be changed by {_few(one.writers)} (mode {one.mode:04o})", want="only its owner can change it",
        remedy=Remedy.OWNER, hint=_closing(one),
    )  # fmt: skip


def _closing(one: Place) -> str:
    """Return the command that takes the right away: chmod's g-w takes it from an access list, too."""
    return f"chmod go-w {one.path}"


def _owned(one: Place, severity: Severity, want: str) -> Finding:
    return Finding(
        "place", one.path, severity,
        saw=f"belongs to {one.foreign or f'user {one.uid}'}", want=want, remedy=Remedy.OWNER,
        hint=f"find out who did that, then `chown` it back ({one.path})",
    )  # fmt: skip


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
