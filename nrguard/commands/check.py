"""`nrguard check`: one turn that may only look. Its exit status is the verdict."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass

from nrguard.codec import to_json
from nrguard.commands.context import add_instance, instances, load_policy, places_of
from nrguard.commands.show import finding_lines, view_lines
from nrguard.cycle import Report
from nrguard.judge import worst
from nrguard.model import Blind, Severity
from nrguard.policy import Instance
from nrguard.session import session

LIMIT = 20.0  # seconds for one instance
FINE, WARNING, CRITICAL, UNTOLD = 0, 1, 2, 3
_WORDS = {FINE: "fine", WARNING: "warning", CRITICAL: "critical", UNTOLD: "unknown"}
_ORDER = (CRITICAL, UNTOLD, WARNING, FINE)  # of several instances the worst


@dataclass(frozen=True, slots=True)
class _Checked:
    instance: Instance
    report: Report

    @property
    def status(self) -> int:
        severity = worst(self.report.findings)
        if severity is Severity.CRITICAL:
            return CRITICAL
        if self.report.observed is None or any(
            _is_blind(finding.check, finding.severity) for finding in self.report.findings
        ):
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
    add_instance(parser, "only this one (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check every instance. Return the worst verdict."""
    policy = load_policy(args)
    chosen = instances(policy, args.instance)
    with session(places_of(args), policy, readonly=True) as here:
        checked = [_Checked(one, here.settle(one.name, may_act=False, limit=LIMIT)) for one in chosen]
    status = next(status for status in _ORDER if any(one.status == status for one in checked))
    if args.json:
        print(json.dumps(_document(checked, status)))
    else:
        for one in checked:
            print("\n".join(_lines(one)))
    return status


def _is_blind(check: str, severity: Severity) -> bool:
    return check == "blind" and severity > Severity.NOTE


def _lines(checked: _Checked) -> list[str]:
    observed = checked.report.observed
    heading = f"{checked.instance.name}: {_WORDS[checked.status]}"
    if observed is None:
        return [heading, "  settings.js could not be read in time"]
    return [heading, *view_lines(observed.seen), *finding_lines(checked.report.findings)]


def _document(checked: list[_Checked], status: int) -> dict[str, object]:
    return {
        "schema": 1,
        "host": os.uname().nodename,
        "verdict": _WORDS[status],
        "instances": [_instance(one) for one in checked],
    }


def _instance(checked: _Checked) -> dict[str, object]:
    seen = checked.report.observed.seen if checked.report.observed else None
    parts = {"disk": seen.disk, "process": seen.process, "wire": seen.wire} if seen else {}
    return {
        "name": checked.instance.name,
        "settings": checked.instance.settings,
        "verdict": _WORDS[checked.status],
        "at": seen.now if seen else None,
        "baseline": to_json(seen.baseline) if seen else None,
        "views": {name: _part(part) for name, part in parts.items()},
        "findings": [{**to_json(finding), "severity": str(finding.severity)} for finding in checked.report.findings],
    }


def _part(part: object) -> object:
    return {"blind": part.reason} if isinstance(part, Blind) else to_json(part)
