"""`nrguard status`: protected or not, since when, how it looks, and what to do."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time

from nrguard.codec import to_json
from nrguard.commands.context import places_of
from nrguard.commands.status_view import lines
from nrguard.errors import DONE, FAILED, NrguardError
from nrguard.places import Places, places
from nrguard.policy import Policy
from nrguard.policyfile import parse
from nrguard.policyfile import read as policy_text
from nrguard.recount import recount
from nrguard.session import open_store
from nrguard.standing import House, InstanceStanding, completed
from nrguard.statusfile import lives, read


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `status` to the command line."""
    parser = subparsers.add_parser(
        "status",
        help="protected or not, and what to do",
        description=(
            "Say whether each Node-RED is protected, as the running guard last saw it. It needs no rights; as root it "
            "says more about what is open. `check` looks afresh."
        ),
        epilog="exit status: 0 protected, 1 not protected, or nobody guards; 2 usage or policy",
    )
    parser.add_argument("--instance", metavar="NAME", help="only this one (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON document (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print where the house stands. Return FAILED where an instance is not protected."""
    house = _chosen(_house(args), args.instance)
    if args.json:
        print(json.dumps({**to_json(house), "protected": house.protected}))
    else:
        print("\n".join(lines(house, time.time(), colour=_colour())))
    return DONE if house.protected else FAILED


def _house(args: argparse.Namespace) -> House:
    """Return what the records say where they can be read, completed by what the guard saw; else only the latter."""
    where = _places(args)
    told = read(where)
    alive = told if told is not None and lives(told.guard) else None
    try:
        house = _recounted(where, parse(policy_text(where.config), where.config.name), alive)
    except NrguardError:
        if told is None:  # neither is to be had: say why
            raise
        return told if alive else completed(told, None)
    return completed(house, alive)


def _places(args: argparse.Namespace) -> Places:
    """Return the places that are meant: for somebody without a guard of his own, the system's."""
    own = places_of(args)
    named = any(hasattr(args, name) for name in ("config", "state_dir", "run_dir"))
    if named or os.geteuid() == 0 or os.path.exists(own.config):
        return own
    return places(None, None, None, {}, root=True)


def _recounted(where: Places, policy: Policy, alive: House | None) -> House:
    store = open_store(where, readonly=True)
    try:
        return recount(store, policy, alive.guard if alive else None, {}, alive.policy_problem if alive else "")
    finally:
        store.close()


def _chosen(house: House, name: str | None) -> House:
    """Return the house with only the instance that is meant. Raise NrguardError where there is none of that name."""
    chosen: tuple[InstanceStanding, ...] = tuple(one for one in house.instances if name in (None, one.name))
    if not chosen:
        names = ", ".join(one.name for one in house.instances)
        raise NrguardError(f"no instance is named {name!r}", f"there are: {names}")
    return house.only(chosen)


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
