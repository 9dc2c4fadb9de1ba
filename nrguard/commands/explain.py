"""`nrguard explain ID`: what a check asks, why, and how to fix what it finds."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import fields

from nrguard.checks import all_checks
from nrguard.commands.show import WIDTH
from nrguard.errors import DONE, NrguardError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `explain` to the command line."""
    parser = subparsers.add_parser(
        "explain",
        help="what a check asks, why, and how to fix what it finds",
        description="Explain one check by its id, as it stands before the / in a finding. Without an id: list them.",
    )
    parser.add_argument("id", nargs="?", metavar="ID", help="a check's id, such as `login`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print one check, or all ids. Raise NrguardError for an id that is none."""
    checks = all_checks()
    if args.id is None:
        for check in checks.values():
            print(textwrap.fill(f"{check.id:14} {check.title}", WIDTH, subsequent_indent=" " * 15))
        return DONE
    check_id = args.id.partition("/")[0]
    if check_id not in checks:
        raise NrguardError(f"no check is called {check_id!r}", f"there are: {', '.join(checks)}")
    found = checks[check_id]
    paragraphs = (f"{found.id}: {found.title}", *found.explanation.split("\n\n"))
    print("\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs if paragraph))
    print(f"\nIn the policy:\n\nchecks:\n  {found.id}:")
    for field in fields(found.rule):
        print(f"    {field.name}: {field.default}")
    return DONE
