"""Findings and views as people read them: at most 80 columns, nothing of the guarded file unescaped. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from nrguard.escape import one_line
from nrguard.model import Admin, Blind, Wire
from nrguard.seen import Disk, Finding, Process, Seen

WIDTH = 80
_WIRE = {
    Admin.OPEN: "OPEN: everybody is administrator",
    Admin.ANONYMOUS: "a stranger may",
    Admin.LOGIN: "login required",
    Admin.BASIC: "login required (httpAdminAuth)",
    Admin.OFF: "no editor here",
    Admin.STARTING: "starting",
    Admin.SILENT: "nothing answers",
    Admin.UNKNOWN: "something answers that is no Node-RED",
}


def view_lines(seen: Seen) -> list[str]:
    """Return the three views, a line or more each."""
    return [
        *_row("disk", _disk(seen.disk)),
        *_row("process", _process(seen.process)),
        *_row("wire", _wire(seen.wire)),
        *_row("baseline", _baseline(seen)),
    ]


def wire_lines(seen: Seen) -> list[str]:
    """Return the one view that there is of another computer."""
    return _row("wire", _wire(seen.wire))


def finding_lines(findings: Iterable[Finding]) -> list[str]:
    """Return each finding with what to do about it."""
    lines: list[str] = []
    for finding in findings:
        head = f"{finding.severity}: {one_line(finding.saw)}"
        lines += ["", *wrapped(head, "  ", "    ")]
        lines += wrapped(
            f"{finding.check}/{one_line(finding.subject)}; wanted: {one_line(finding.want)}", "    ", "    "
        )
        for evidence in finding.evidence[:3]:
            lines += wrapped(one_line(evidence), "    ", "      ")
        if finding.hint:
            lines += wrapped(f"-> {one_line(finding.hint)}", "    ", "       ")
    return lines


def _row(name: str, text: str) -> list[str]:
    return wrapped(one_line(text), f"  {name:9} ", " " * 12)


def wrapped(text: str, first: str, rest: str) -> list[str]:
    """Return `text` in lines of at most WIDTH, with these indents."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False) or [first]


def _disk(disk: Disk | Blind) -> str:
    if isinstance(disk, Blind):
        return f"not seen: {disk.reason}"
    if disk.odd:
        return f"{disk.path}: {disk.odd}"
    against = f", {disk.comparison.verdict} to the baseline" if disk.comparison else ""
    return f"{disk.path}: {disk.reading.state}{against}"


def _process(process: Process | Blind) -> str:
    if isinstance(process, Blind):
        return f"not seen: {process.reason}"
    if not process.listeners:
        return f"nothing listens on port {process.port}"
    return ", ".join(
        f"{one.address}:{one.port}" + (f" (process {one.pid})" if one.pid else "") for one in process.listeners
    )


def _wire(wire: Wire | Blind | None) -> str:
    if wire is None:
        return "not asked"
    if isinstance(wire, Blind):
        return f"not seen: {wire.reason}"
    what = _WIRE[wire.admin] + (f" {wire.permissions}" if wire.admin is Admin.ANONYMOUS else "")
    over = {True: ", over HTTPS", False: ", over plain HTTP", None: ""}[wire.tls]
    return f"{wire.address}:{wire.port}: {what}{over}"


def _baseline(seen: Seen) -> str:
    return f"generation {seen.baseline.generation}" if seen.baseline else "none: nothing was accepted yet"


def table(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Return rows of two columns, the second wrapped."""
    return [line for name, text in rows for line in _row(name, text)]
