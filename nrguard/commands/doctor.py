"""`nrguard doctor`: whether the guard itself can do its work, with the fix beside each thing that stands in its way."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from nrguard.codec import to_json
from nrguard.commands.context import places_of
from nrguard.commands.show import wrapped
from nrguard.diagnosis import Line, diagnose
from nrguard.errors import DONE, FAILED
from nrguard.escape import one_line

_MARKS = {True: "ok", False: "FAIL", None: "note"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `doctor` to the command line."""
    parser = subparsers.add_parser(
        "doctor",
        help="whether the guard itself is well, and how to mend it",
        description=(
            "Look at what the guard needs: rights, policy, state, channels, heartbeat, libraries, clock, disk. It "
            "fails while no channel has ever confirmed a message: silence is not health."
        ),
        epilog="exit status: 0 all is well (notes aside), 1 something is not",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a line for each thing that was looked at. Return FAILED where one is not as it must be."""
    found: list[Line] = []
    for line in diagnose(places_of(args)):
        found.append(line)
        if not args.json:
            print(*_shown(line), sep="\n", flush=True)
    if args.json:
        print(json.dumps({"schema": 1, "lines": [to_json(line) for line in found]}))
    return FAILED if any(line.ok is False for line in found) else DONE


def _shown(line: Line) -> Iterator[str]:
    yield from wrapped(f"{line.about}: {one_line(line.what)}", f"{_MARKS[line.ok]:5} ", " " * 6)
    if line.fix:
        yield from wrapped(f"-> {line.fix}", " " * 6, " " * 9)
