"""`nrguard apply`: write the secure settings that the policy wants, seal them, restart, and prove it at the socket."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time

from nrguard.applying import Change, fresh_password, remember, work_out, write
from nrguard.commands.context import add_instance, load_policy, places_of, the_instance
from nrguard.commands.show import WIDTH, finding_lines, view_lines
from nrguard.cycle import Report
from nrguard.errors import DONE, FAILED
from nrguard.judge import worst
from nrguard.model import Severity
from nrguard.places import wake
from nrguard.policy import Instance, ServiceKind
from nrguard.redact import difference
from nrguard.session import Session, session

COST = 12


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `apply` to the command line."""
    parser = subparsers.add_parser(
        "apply",
        help="write the secure settings that the policy wants, and seal them",
        description=(
            "Put the settings under `want` in the policy into settings.js, keeping every comment and every other "
            "setting; seal the result as the baseline; restart Node-RED; ask as a stranger whether it is closed. "
            "A second run changes nothing. Passwords that the policy leaves to nrguard are printed once."
        ),
        epilog="exit status: 0 done and proved, 1 something failed, 2 usage or policy",
    )
    add_instance(parser, "the instance to change (must be named where there are several)")
    parser.add_argument("--dry-run", action="store_true", help="show the difference without secrets, write nothing")
    parser.add_argument("--json", action="store_true", help="print one JSON document (schema 1)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Apply the policy to one instance. Raise Failed where it can't be done; then nothing was changed."""
    policy = load_policy(args)
    instance = the_instance(policy, args.instance)
    with session(places_of(args), policy, readonly=args.dry_run) as here:
        change = work_out(here, instance, _hashed)
        if args.dry_run:
            return _show(args, instance, change)
        sealed = here.store.baseline(instance.name)
        if not change.names and sealed is not None and sealed.whole == change.text:
            return _say(args, instance, change, here.settle(instance.name, may_act=False, limit=20.0), changed=False)
        write(here, instance, change, "apply")
        if not args.json:
            _tell_passwords(change)  # before anything that can fail or be interrupted: they are nowhere else
        report = _restarted(here, instance) if change.names else here.settle(instance.name, may_act=False, limit=20.0)
        remember(here, instance, report)
        wake(places_of(args))
        return _say(args, instance, change, report, changed=True)


def _hashed() -> tuple[str, str]:
    import bcrypt  # noqa: PLC0415 - only where a password is made

    password = fresh_password()
    return password, bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST, prefix=b"2b")).decode("ascii")


def _restarted(here: Session, instance: Instance) -> Report:
    """Restart Node-RED, wait until it answers, and return what a look at it says, which is also why it did not."""
    if instance.service.kind is ServiceKind.NONE:
        return here.settle(instance.name, may_act=False, limit=20.0)
    here.world.restart(instance, "new settings", kind="restart by apply")
    end = time.monotonic() + instance.start_limit
    while here.world.flights(instance.name).restart and time.monotonic() < end:
        here.wait(0.25)
    return here.settle(instance.name, may_act=False, limit=instance.start_limit)


def _tell_passwords(change: Change) -> None:
    for what, user, password in change.passwords:
        print(f"password for {what}, user {user}: {password}   (shown only now)", flush=True)


def _show(args: argparse.Namespace, instance: Instance, change: Change) -> int:
    lines = difference(change.before.data, change.text, instance.settings)
    if args.json:
        print(json.dumps({"schema": 1, "changed": False, "would_change": list(change.names), "diff": lines}))
    else:
        print("\n".join(lines) if lines else _line(instance, "nothing to change"))
    return DONE


def _line(instance: Instance, text: str) -> str:
    return textwrap.fill(f"{instance.settings}: {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _say(args: argparse.Namespace, instance: Instance, change: Change, report: Report, *, changed: bool) -> int:
    observed = report.observed
    status = FAILED if observed is None or worst(report.findings) is Severity.CRITICAL else DONE
    if args.json:
        passwords = [{"for": what, "user": user, "password": password} for what, user, password in change.passwords]
        names = list(change.names) if changed else []
        document = {
            "schema": 1,
            "changed": bool(names),
            "settings": names,
            "passwords": passwords,
            "proved": status == DONE,
        }
        print(json.dumps(document))
        return status
    print(_line(instance, ", ".join(change.names) or "nothing to change"))
    if observed is not None:
        print("\n".join([*view_lines(observed.seen), *finding_lines(report.findings)]))
    if instance.service.kind is ServiceKind.NONE and change.names:
        print("  nrguard can't restart this Node-RED: restart it, then run `nrguard check`", file=sys.stderr)
    return status
