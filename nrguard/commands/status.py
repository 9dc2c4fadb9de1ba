"""`nrguard status`: protected or not, since when, and what to do."""

from __future__ import annotations

import argparse
import json
import time

from nrguard.commands.context import instances, load_policy, places_of
from nrguard.commands.show import table
from nrguard.errors import DONE, FAILED
from nrguard.model import Severity
from nrguard.policy import Instance
from nrguard.records import Incident
from nrguard.session import guard_pid, open_store
from nrguard.store import Store


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `status` to the command line."""
    parser = subparsers.add_parser(
        "status",
        help="protected or not, and what to do",
        description="Say from the guard's own records whether each Node-RED is protected. `check` looks afresh.",
        epilog="exit status: 0 protected, 1 not protected, or nobody guards; 2 usage or policy",
    )
    parser.add_argument("--instance", metavar="NAME", help="only this one (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON document (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print where each instance stands. Return FAILED where one is not protected."""
    places = places_of(args)
    chosen = instances(load_policy(args), args.instance)
    pid = guard_pid(places)
    store = open_store(places, readonly=True)
    rows = [_standing(store, instance, pid) for instance in chosen]
    channels = store.outbox.reaches()
    store.close()
    if args.json:
        waiting = [
            {"label": c.label, "waiting": c.waiting, "confirmed": c.confirmed, "error": c.detail} for c in channels
        ]
        print(json.dumps({"schema": 1, "guard": pid or None, "instances": rows, "channels": waiting}))
    else:
        for row in rows:
            print(f"{row['name']}: {'protected' if row['protected'] else 'NOT PROTECTED'}")
            print("\n".join(table([(key, str(row[key])) for key in ("guard", "baseline", "open")])))
        for channel in channels:
            state = f"{channel.waiting} waiting"
            print("\n".join(table([(channel.label, f"{state} ({channel.detail})" if channel.detail else state)])))
    return DONE if all(row["protected"] for row in rows) else FAILED


def _standing(store: Store, instance: Instance, pid: int) -> dict[str, object]:
    baseline = store.baseline(instance.name)
    incidents = [i for i in store.incidents(instance.name) if i.finding.severity > Severity.NOTE]
    critical = any(i.finding.severity is Severity.CRITICAL for i in incidents)
    return {
        "name": instance.name,
        "protected": bool(pid and baseline and not critical),
        "guard": f"running (process {pid})" if pid else "not running: start it with `nrguard run`",
        "baseline": f"generation {baseline.generation}" if baseline else "none: run `nrguard apply`",
        "open": "; ".join(_incident(i) for i in incidents) or "nothing",
    }


def _incident(incident: Incident) -> str:
    since = time.strftime("%H:%M", time.localtime(incident.opened_at))
    return f"{incident.finding.severity} since {since}: {incident.finding.saw}"
