"""`nrguard history`: what happened, oldest first."""

from __future__ import annotations

import argparse
import json
import textwrap
import time

from nrguard.codec import to_json
from nrguard.commands.context import places_of
from nrguard.commands.show import WIDTH
from nrguard.errors import DONE
from nrguard.escape import one_line
from nrguard.session import open_store


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `history` to the command line."""
    parser = subparsers.add_parser(
        "history",
        help="what happened, and what was done about it",
        description="Print the newest events, oldest first: drift, what was put back, restarts, what was sealed.",
    )
    parser.add_argument("--instance", metavar="NAME", help="only this one (default: all)")
    parser.add_argument("--limit", type=int, default=40, metavar="N", help="how many events (default: 40)")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the history."""
    store = open_store(places_of(args), readonly=True)
    for id_, instance, event in store.events(args.instance, max(1, args.limit)):
        if args.json:
            print(json.dumps({"schema": 1, "id": id_, "instance": instance, **to_json(event)}))
        else:
            at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event.at))
            text = f"{id_:5} {at} {instance} {event.kind}: {one_line(event.text)}"
            print(textwrap.fill(text, WIDTH, subsequent_indent=" " * 6, break_on_hyphens=False))
    store.close()
    return DONE
