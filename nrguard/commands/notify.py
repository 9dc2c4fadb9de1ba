"""`nrguard notify test`: a test message through each channel, and what to do where it does not arrive."""

from __future__ import annotations

import argparse
import os
import subprocess
import time
from collections.abc import Iterator, Sequence

from nrguard import deliver, tell
from nrguard.commands.context import load_policy, places_of
from nrguard.deliver import Outcome, Receipt
from nrguard.errors import DONE, FAILED, Failed, NrguardError
from nrguard.escape import one_line
from nrguard.places import Places, wake
from nrguard.policy import Channel, Policy
from nrguard.records import Parcel
from nrguard.session import open_store

_TODO = {
    Outcome.PERMANENT: "It fails until you change this channel in the policy.",
    Outcome.TRANSIENT: "Alerts wait and are tried again. Does the network reach it?",
}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `notify` to the command line."""
    parser = subparsers.add_parser(
        "notify",
        help="send a test message through each channel",
        description="Send a test message through each channel of the policy, and say whether it was taken.",
    )
    parser.add_argument("what", choices=["test"], help="what to send")
    parser.add_argument("--channel", metavar="LABEL", help="only this one (default: all)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Send the messages. Print a line for each channel as soon as it is known. Return 0 only if all arrived."""
    channels = _channels(load_policy(args), args.channel)
    places = places_of(args)
    outcomes = []
    for receipt in _receipts(channels):
        print(*_lines(receipt), sep="\n", flush=True)
        _note(places, receipt)
        outcomes.append(receipt.outcome)
    return DONE if set(outcomes) == {Outcome.DELIVERED} else FAILED


def _channels(policy: Policy, label: str | None) -> tuple[Channel, ...]:
    """Return the channels that are meant. Raise NrguardError where there are none."""
    if not policy.channels:
        raise NrguardError("the policy has no channels: nobody would be told of anything", "add one under `channels:`")
    chosen = tuple(channel for channel in policy.channels if label in (None, channel.label))
    if not chosen:
        labels = ", ".join(channel.label for channel in policy.channels)
        raise NrguardError(f"no channel is named {label!r}", f"the policy has: {labels}")
    return chosen


def _receipts(channels: Sequence[Channel]) -> Iterator[Receipt]:
    """Yield a receipt for each channel, also for one that the child ended over."""
    host, at = os.uname().nodename.partition(".")[0], time.strftime("%H:%M")
    parcels = [
        Parcel(number, time.time(), channel.label, tell.test(host, at, channel.label))
        for number, channel in enumerate(channels)
    ]
    request = deliver.request(channels, parcels, limit=deliver.MESSAGE_SECONDS * (len(channels) + 1))
    waiting = {parcel.id: parcel.channel for parcel in parcels}
    with subprocess.Popen(deliver.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None  # noqa: PT018, S101 - pipes: for the type checker
        child.stdin.write(request)
        child.stdin.close()
        for line in child.stdout:
            for receipt in deliver.parse_receipts(line):
                waiting.pop(receipt.id, None)
                yield receipt
    for id_, label in waiting.items():
        yield Receipt(id_, label, Outcome.TRANSIENT, f"the sending process ended early (status {child.returncode})")


def _note(places: Places, receipt: Receipt) -> None:
    """Remember what became of it, where there is a state: `status` and `doctor` show it, and alerts that wait go."""
    try:
        if not (places.state / "guard.db").exists():
            return
        store = open_store(places, readonly=False)
    except (OSError, Failed):  # not ours to write: the test told what it had to
        return
    if receipt.outcome is Outcome.DELIVERED:
        store.outbox.confirm(receipt.label, (), time.time())
    else:
        lasting = receipt.outcome is Outcome.PERMANENT
        store.outbox.tried(receipt.label, receipt.detail, time.time(), lasting=lasting)
    store.close()
    wake(places)


def _lines(receipt: Receipt) -> list[str]:
    label = one_line(receipt.label)
    if receipt.outcome is Outcome.DELIVERED:
        return [f"{label}: delivered"]
    return [f"{label}: NOT delivered: {one_line(receipt.detail)}", f"  {_TODO[receipt.outcome]}"]
