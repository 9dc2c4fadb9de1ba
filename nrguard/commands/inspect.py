"""`nrguard inspect`: what a settings.js means, without running it. Needs no privileges, no state and no Node.js."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nrguard.commands.inspect_files import Given, look
from nrguard.commands.inspect_view import print_view
from nrguard.errors import NrguardError
from nrguard.model import Comparison, Difference, FileState, Reading, Setting, SettingState, Severity, Verdict, View
from nrguard.settingsjs import compare, extended, read

SOUND, CHANGED, BAD, UNPROVEN = 0, 1, 2, 3
_WORST_FIRST = (BAD, UNPROVEN, CHANGED, SOUND)
_BY_STATE = {
    FileState.SOUND: SOUND, FileState.UNPROVEN: UNPROVEN, FileState.BROKEN: BAD, FileState.MISSING: BAD
}  # fmt: skip
_BY_VERDICT = {
    Verdict.EQUAL: SOUND, Verdict.CHANGED: CHANGED, Verdict.WEAKENED: BAD, Verdict.BROKEN: BAD,
    Verdict.UNPROVEN: UNPROVEN,
}  # fmt: skip
_DESCRIPTION = """\
Say what a settings.js means: each setting that matters, what makes the file
unproven, and which credentials are weak. The file is read, never run.
"""
_EXAMPLES = """\
examples:
  nrguard inspect ~/.node-red/settings.js
  nrguard inspect settings.js --against good.js     is it still as good?
  nrguard inspect --json */settings.js | jq .state  one JSON object a line

exit status:
  0 sound, 2 broken or missing, 3 unproven
  with --against: 0 equal, 1 changed, 2 weakened or broken, 3 unproven
  several files: the worst, in the order 2, 3, 1, 0
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `inspect` to the command line."""
    parser = subparsers.add_parser(
        "inspect",
        help="say what a settings.js means, without running it",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a settings.js")
    parser.add_argument("--against", metavar="GOOD.js", help="compare with this file, which is taken for good")
    parser.add_argument("--json", action="store_true", help="one JSON object a line; also with several files")
    parser.add_argument(
        "--env", action="append", metavar="NAME=VALUE", type=_variable,
        help="take this for the environment of Node-RED (repeatable); else it counts as unknown",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Inspect every file. Return the worst exit status."""
    env = dict(args.env) if args.env else None
    good = _good(args.against, env) if args.against else None
    worst = len(_WORST_FIRST) - 1
    for path in args.files:
        inspected = _inspect(path, good, env)
        if args.json or len(args.files) > 1:
            print(json.dumps(to_json(inspected)))
        else:
            print_view(inspected.given, inspected.reading, inspected.comparison)
        worst = min(worst, _WORST_FIRST.index(_status(inspected)))
    return _WORST_FIRST[worst]


@dataclass(frozen=True, slots=True)
class Inspected:
    """One file, understood."""

    given: Given
    reading: Reading
    comparison: Comparison | None


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


@dataclass(frozen=True, slots=True)
class _Good:
    given: Given
    reading: Reading


def _good(path: str, env: Mapping[str, str] | None) -> _Good:
    given = look(path)
    if given.data is None:
        raise NrguardError(f"{path}: {given.problem or 'no such file'}", "--against takes a file known to be good")
    reading = read(given.data, env=env)
    if reading.state is FileState.BROKEN:
        raise NrguardError(f"{path}: Node-RED does not load it: {reading.reasons[0].why}")
    return _Good(given, reading)


def _inspect(path: str, good: _Good | None, env: Mapping[str, str] | None) -> Inspected:
    given = look(path)
    reading = given.unread() or read(given.data, env=env, accepted=good.reading if good else None)
    if good is None:
        return Inspected(given, reading, None)
    comparison = compare(reading, good.reading)
    return Inspected(given, reading, extended(comparison, list(_required(given, reading, good))))


def _required(given: Given, reading: Reading, good: _Good) -> Iterator[Difference]:
    """Compare the local files that both require: what stands in them is code, too."""
    for name in reading.requires:
        if name not in good.reading.requires or given.required(name) == good.given.required(name):
            continue
        saw = f"the required file {name[:80]} differs"
        yield Difference("code", Verdict.UNPROVEN, Severity.CRITICAL, saw, "the file that stands beside the good one")


def _status(inspected: Inspected) -> int:
    if inspected.comparison is not None:
        return _BY_VERDICT[inspected.comparison.verdict]
    return _BY_STATE[inspected.reading.state]


def to_json(inspected: Inspected) -> dict[str, View]:
    """Return the object that --json prints."""
    reading, comparison = inspected.reading, inspected.comparison
    return {
        "schema": 1,
        "file": os.fsencode(inspected.given.path).decode("utf-8", "replace"),
        "state": reading.state.value,
        "reasons": [{"line": one.line, "column": one.column, "why": one.why} for one in reading.reasons],
        "settings": {name: _setting(setting) for name, setting in reading.settings.items()},
        "requires": list(reading.requires),
        "verdict": comparison.verdict.value if comparison else None,
        "findings": [*_differences(comparison), *_weaknesses(reading)],
    }


def _setting(setting: Setting) -> View:
    known = setting.state is SettingState.KNOWN
    return {
        "state": setting.state.value,
        "value": setting.value if known else None,
        "line": setting.line or None,
        "on": list(setting.on),
        "possible": list(setting.possible),
    }


def _differences(comparison: Comparison | None) -> Iterator[View]:
    for one in comparison.differences if comparison else ():
        yield {
            "setting": one.setting, "kind": one.verdict.value, "severity": str(one.severity), "saw": one.saw,
            "want": one.want, "line": one.line or None, "column": one.column or None,
        }  # fmt: skip


def _weaknesses(reading: Reading) -> Iterator[View]:
    for weak in reading.weaknesses:
        yield {
            "setting": weak.setting, "kind": weak.kind, "severity": str(weak.severity), "saw": weak.what, "want": None,
            "line": weak.line or None, "column": weak.column or None,
        }  # fmt: skip
