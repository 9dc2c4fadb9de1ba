"""`nrguard check`: one turn that may only look, or a look at what a URL names. Its exit status is the verdict."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from typing import Any

from nrguard.codec import to_json
from nrguard.commands.context import add_instance, instances, load_policy, places_of
from nrguard.commands.show import finding_lines, view_lines, wire_lines
from nrguard.errors import NrguardError
from nrguard.escape import one_line
from nrguard.judge import worst
from nrguard.model import Blind, Severity
from nrguard.remote import judged, look, target
from nrguard.seen import Finding, Seen
from nrguard.session import session

LIMIT = 20.0  # seconds for one instance
FINE, WARNING, CRITICAL, UNTOLD = 0, 1, 2, 3
_UNSHOWN = ("meaning", "detail")
_WORDS = {FINE: "fine", WARNING: "warning", CRITICAL: "critical", UNTOLD: "unknown"}
_ORDER = (CRITICAL, UNTOLD, WARNING, FINE)  # of several instances the worst


@dataclass(frozen=True, slots=True)
class _Checked:
    """One Node-RED: a policy's, or one named by its URL, of which nobody sees the settings.

    `seen` is None where it could not be looked at in time.
    """

    name: str
    settings: str | None
    seen: Seen | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> int:
        severity = worst(self.findings)
        if severity is Severity.CRITICAL:
            return CRITICAL
        if self.seen is None or any(_is_blind(finding.check, finding.severity) for finding in self.findings):
            return UNTOLD
        return WARNING if severity is Severity.WARNING else FINE


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check` to the command line."""
    parser = subparsers.add_parser(
        "check",
        help="look once, change nothing, say what is wrong",
        description=(
            "Look at settings.js, at the process that listens, and, as a stranger, at what the socket gives away. "
            "Changes nothing and tells nobody."
        ),
        epilog="exit status: 0 fine, 1 warnings, 2 critical, 3 could not tell, wrong usage or a broken policy",
    )
    parser.add_argument(
        "url", nargs="?", metavar="URL",
        help="look instead, as a stranger, at the Node-RED with this address, on any computer; needs no policy",
    )  # fmt: skip
    add_instance(parser, "only this one (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check every instance, or what is at the URL. Return the worst verdict."""
    checked = _there(args) if args.url is not None else _here(args)
    status = next(status for status in _ORDER if any(one.status == status for one in checked))
    if args.json:
        print(json.dumps(_document(checked, status)))
    else:
        for one in checked:
            print("\n".join(_lines(one)))
    return status


def _here(args: argparse.Namespace) -> list[_Checked]:
    policy = load_policy(args)
    chosen = instances(policy, args.instance)
    with session(places_of(args), policy, readonly=True) as here:
        reports = [(one, here.settle(one.name, may_act=False, limit=LIMIT)) for one in chosen]
    return [
        _Checked(one.name, one.settings, report.observed.seen if report.observed else None, report.findings)
        for one, report in reports
    ]


def _there(args: argparse.Namespace) -> list[_Checked]:
    if args.instance is not None:
        raise NrguardError("an instance and a URL are not looked at together", "leave one of them out")
    there = target(args.url)
    return [_Checked(there.url, None, *judged(there, look(there)))]


def _is_blind(check: str, severity: Severity) -> bool:
    return check == "blind" and severity > Severity.NOTE


def _lines(checked: _Checked) -> list[str]:
    heading = f"{one_line(checked.name)}: {_WORDS[checked.status]}"
    if checked.seen is None:
        return [heading, "  settings.js could not be read in time"]
    views = wire_lines(checked.seen) if checked.settings is None else view_lines(checked.seen)
    return [heading, *views, *finding_lines(checked.findings)]


def _document(checked: list[_Checked], status: int) -> dict[str, object]:
    return {
        "schema": 1,
        "host": os.uname().nodename,
        "verdict": _WORDS[status],
        "instances": [_instance(one) for one in checked],
    }


def _instance(checked: _Checked) -> dict[str, object]:
    seen = checked.seen
    parts = {"disk": seen.disk, "process": seen.process, "wire": seen.wire} if seen else {}
    if checked.settings is None:
        parts = {"wire": parts["wire"]}
    return {
        "name": checked.name,
        "settings": checked.settings,
        "verdict": _WORDS[checked.status],
        "at": seen.now if seen else None,
        "baseline": _shown(to_json(seen.baseline)) if seen else None,
        "views": {name: _part(part) for name, part in parts.items()},
        "findings": [{**to_json(finding), "severity": str(finding.severity)} for finding in checked.findings],
    }


def _part(part: object) -> object:
    return {"blind": part.reason} if isinstance(part, Blind) else _shown(to_json(part))


def _shown(value: Any) -> Any:
    """Return JSON without digests of settings: those of a short secret could be guessed."""
    if isinstance(value, dict):
        return {key: _shown(item) for key, item in value.items() if key not in _UNSHOWN}
    return [_shown(item) for item in value] if isinstance(value, list) else value
