"""Is settings.js a file that Node-RED reads as written, and nrguard can prove?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nrguard.checks import check
from nrguard.model import Blind, FileState, Severity
from nrguard.seen import Disk, Finding, Remedy, Seen


@dataclass(frozen=True, slots=True)
class FileRule:
    unproven: Severity = Severity.CRITICAL
    beside: Severity = Severity.WARNING  # unproven code inside settings that decide no protection


@check("file", rule=FileRule)
def file(seen: Seen, rule: FileRule) -> Iterator[Finding]:
    """settings.js is missing, is no regular file, does not load, or holds code that nrguard can't prove harmless.

    A missing settings.js makes Node-RED copy its stock file at the next start and run open to everybody. Unproven code
    could change a setting after it was read; the finding names the line. If it is yours, `nrguard accept` it. Where it
    stands inside a setting that decides no protection (a module in functionGlobalContext), it is told and left there.
    """
    if isinstance(seen.disk, Blind):
        return
    disk = seen.disk
    remedy = Remedy.RESTORE if seen.baseline else Remedy.OWNER
    state, want = disk.reading.state, "a settings.js that nrguard can read"
    if disk.odd:
        yield _finding(disk, Severity.CRITICAL, disk.odd, "a regular file", remedy)
    elif state is FileState.MISSING:
        saw = "no settings.js: Node-RED would start open, on its own defaults"
        yield _finding(disk, Severity.CRITICAL, saw, "settings.js in its place", remedy)
    elif state is FileState.BROKEN:
        yield _finding(disk, Severity.CRITICAL, f"does not load: {_first(disk)}", "a file that Node-RED loads", remedy)
    elif state is FileState.UNPROVEN and _only_beside(disk):
        yield _finding(disk, rule.beside, _first(disk), "code that you accepted", Remedy.ACCEPT)
    elif state is FileState.UNPROVEN:
        yield _finding(disk, rule.unproven, _first(disk), want, remedy)


def _only_beside(disk: Disk) -> bool:
    """Tell whether unproven code stands only where it decides nothing, and all that matters is as accepted."""
    differences = disk.comparison.differences if disk.comparison else ()
    return disk.apart and all(one.setting == "code" or one.severity is Severity.NOTE for one in differences)


def _first(disk: Disk) -> str:
    reasons = disk.reading.reasons
    return f"{reasons[0].why} (line {reasons[0].line})" if reasons else "no reason given"


def _finding(disk: Disk, severity: Severity, saw: str, want: str, remedy: Remedy) -> Finding:
    reasons = disk.reading.reasons
    where = tuple(f"{disk.path}:{reason.line}:{reason.column}" for reason in reasons[:3])
    hint = "if it is yours: `nrguard accept`" if remedy is Remedy.ACCEPT else ""
    return Finding("file", "settings.js", severity, saw, want, remedy, hint, where or (disk.path,))
