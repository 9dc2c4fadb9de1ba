"""`nrguard run`: the daemon, in the foreground."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from nrguard.commands.context import places_of


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `run` to the command line."""
    parser = subparsers.add_parser(
        "run",
        help="guard every instance until told to end (systemd runs this)",
        description=(
            "Guard every instance of the policy, in the foreground: watch, judge, put back, restart, prove, tell. "
            "SIGHUP reads the policy again; SIGTERM or Ctrl-C ends it within two seconds."
        ),
        epilog="exit status: 0 ended as told, 1 could not start, 2 no policy was ever valid, 3 nrguard's own mistake",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Guard until a signal ends it. Raise NrguardError where it can't start."""
    from nrguard.daemon import Daemon  # noqa: PLC0415 - `nrguard --help` needs none of it

    _log()
    places = places_of(args)
    places.make()
    return Daemon(places).run()


def _log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    plain = "JOURNAL_STREAM" in os.environ  # the journal adds its own time
    handler.setFormatter(_Levels() if plain else logging.Formatter("%(asctime)s.%(msecs)03d %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class _Levels(logging.Formatter):
    """Marks each line with the priority that the journal understands."""

    def format(self, record: logging.LogRecord) -> str:
        priority = 4 if record.levelno >= logging.WARNING else 6
        return f"<{priority}>{super().format(record)}"
