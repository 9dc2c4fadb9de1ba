"""The command line: one subcommand, one file in commands/. Says mistakes in one line and keeps the exit codes."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from nrguard import __version__
from nrguard.errors import FAILED, INTERRUPTED, OURS, NrguardError

COMMANDS = {
    "check": "check",
    "apply": "apply",
    "run": "run",
    "status": "status",
    "doctor": "doctor",
    "accept": "accept",
    "restore": "restore",
    "history": "history",
    "inspect": "inspect",
    "hash-pw": "hash_pw",
    "notify": "notify",
    "explain": "explain",
}
"""Subcommand -> its module, in the order of `nrguard --help`. Only the one that is asked for is imported."""
PLACES = {
    "config": "the policy file (default: /etc/nrguard/nrguard.yaml, or in ~/.config)",
    "state-dir": "where baselines and history are kept (default: /var/lib/nrguard, or XDG's)",
    "run-dir": "where the running guard is spoken to (default: /run/nrguard, or XDG's)",
}
"""The options that every command takes, and what they name."""
VERDICTS = frozenset({"check", "inspect"})
"""Commands whose exit status is a verdict: there 2 means critical, so a typing mistake is 3."""

_EPILOG = """\
exit status:
  check, inspect   0 fine, 1 warning or changed, 2 critical, weakened or
                   broken, 3 could not tell, wrong usage, broken policy
  all others       0 done, 1 something failed, 2 usage or policy,
                   3 nrguard's own mistake, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """argparse that raises: its own exit status for a typing mistake would read as a verdict."""

    def error(self, message: str) -> NoReturn:
        raise NrguardError(message, f"try `{self.prog} --help`")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Return its exit status (see _EPILOG)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = _command(given)
    try:
        status = _run(given, command)
        sys.stdout.flush()  # here, where a closed pipe is still understood
    except NrguardError as error:
        prefix = "" if error.located else "nrguard: "
        print(f"{prefix}{error.message}", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        return error.status(verdict=command in VERDICTS)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `nrguard history | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains when it flushes at the end
        return OURS if command in VERDICTS else FAILED
    except Exception:  # noqa: BLE001 - our mistake: told in full, with an exit status of its own
        traceback.print_exc()
        print("nrguard: this is a mistake in nrguard, please report it", file=sys.stderr)
        return OURS
    return status


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser for one command, or with None for all of them."""
    top = _Parser(
        prog="nrguard",
        description="Keep a Node-RED secure while nobody is looking.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_places()],
    )
    top.add_argument("--version", action="version", version=f"nrguard {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for name, module in COMMANDS.items():
        if command in (None, name):
            importlib.import_module(f"nrguard.commands.{module}").add_parser(commands)
    for added in commands.choices.values():
        _add_places(added)
    return top


def _run(given: list[str], command: str | None) -> int:
    args = parser(command).parse_args(given)
    status: int = args.run(args)
    return status


def _command(given: Sequence[str]) -> str | None:
    """Return the subcommand, without parsing: the first word that is one, and no place's value."""
    places = {f"--{name}" for name in PLACES}
    before = ("", *given)
    return next(
        (word for last, word in zip(before, given, strict=False) if word in COMMANDS and last not in places), None
    )


def _places() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    _add_places(shared)
    return shared


def _add_places(to: argparse.ArgumentParser) -> None:
    """Add the options that every command takes, before its name or after it."""
    group = to.add_argument_group("places")
    for name, what in PLACES.items():
        group.add_argument(f"--{name}", metavar="PATH", default=argparse.SUPPRESS, help=what)


if __name__ == "__main__":
    sys.exit(main())
