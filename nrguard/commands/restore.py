"""`nrguard restore`: put the protected settings back now, without a running guard."""

from __future__ import annotations

import argparse

from nrguard.commands.context import add_instance, load_policy, places_of, the_instance
from nrguard.commands.show import finding_lines, view_lines
from nrguard.errors import DONE, FAILED, Failed
from nrguard.judge import worst
from nrguard.model import Blind, Severity
from nrguard.session import session


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `restore` to the command line."""
    parser = subparsers.add_parser(
        "restore",
        help="put the protected settings back now",
        description="Put the accepted settings back, restart Node-RED if it may run others, and prove it closed.",
        epilog="exit status: 0 all is well now, 1 something is still wrong, 2 usage or policy",
    )
    add_instance(parser, "the instance to restore (must be named where there are several)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore one instance. Raise Failed where nothing was ever accepted."""
    policy = load_policy(args)
    instance = the_instance(policy, args.instance)
    with session(places_of(args), policy, readonly=False) as here:
        if here.store.baseline(instance.name) is None:
            raise Failed(
                f"{instance.name}: no accepted settings to put back", "run `nrguard apply` or `nrguard accept`"
            )
        report = here.settle(instance.name, may_act=True, limit=instance.start_limit)
        here.deliver(30.0)
    if report.observed is not None:
        print("\n".join([*view_lines(report.observed.seen), *finding_lines(report.findings)]))
    unseen = report.observed is None or isinstance(report.observed.seen.disk, Blind)
    return FAILED if unseen or worst(report.findings) is Severity.CRITICAL else DONE
