"""What is agreed with the delivering child: the request that it reads, the receipts that it prints, how it is started.

The child is a short-lived process, `python -m nrguard.deliver`, and alone imports Apprise: neither its memory nor its
plug-ins nor a hanging connection live in the daemon. It reads one JSON document and prints one line per message.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from nrguard.escape import one_line
from nrguard.policy import Channel, Heartbeat
from nrguard.records import Parcel

MESSAGE_SECONDS = 20  # that a channel may take for one message
RUN_SECONDS = 120  # that one run of the child may take, whatever hangs
_DETAIL_LIMIT = 160


class Outcome(StrEnum):
    """What became of a message, or of looking at a channel."""

    DELIVERED = "delivered"
    TRANSIENT = "transient"  # worth another try
    PERMANENT = "permanent"  # it will fail again until somebody changes the channel
    USABLE = "usable"  # of a channel looked at: nothing stands against it, nothing was sent


@dataclass(frozen=True, slots=True)
class Receipt:
    """One line of the child. `detail` is for people, and never holds an address or a secret."""

    id: int  # of the parcel; 0 for a channel that was looked at
    label: str
    outcome: Outcome
    detail: str = ""


def command() -> tuple[str, ...]:
    """Return the argument list that starts the child: isolated from the environment's and the folder's Python code."""
    return sys.executable, "-I", "-m", "nrguard.deliver"


def request(
    channels: Sequence[Channel], parcels: Sequence[Parcel], *, limit: float = RUN_SECONDS, noted: int | None = None
) -> bytes:
    """Return what the child reads to send `parcels`, in their order, within `limit` seconds.

    A parcel without a receipt was not tried, or was in flight when the child ended: it is to be sent again. `noted` is
    a descriptor that the child inherits: after each receipt it waits there for a byte, which says that the receipt is
    durable, and ends where nobody is left to send one. So a death of either costs at most the one in flight.
    """
    messages = [
        {
            "id": parcel.id,
            "label": parcel.channel,
            "title": parcel.message.title,
            "body": parcel.message.body,
            "severity": str(parcel.message.severity),
        }
        for parcel in parcels
    ]
    told = {} if noted is None else {"noted": noted}
    channels_ = [address_fields(each) | {"label": each.label} for each in channels]
    return document({"limit": limit, "channels": channels_, "messages": messages, **told})


def look_request(channels: Sequence[Channel], *, limit: float = RUN_SECONDS) -> bytes:
    """Return what the child reads to say of each channel whether it can work at all; nothing is sent."""
    return document({"limit": limit, "verify": [address_fields(each) | {"label": each.label} for each in channels]})


def parse_receipts(output: bytes) -> tuple[Receipt, ...]:
    """Return the receipts in what a child printed. A line that it was killed in, or that is no receipt, is none."""
    *lines, _unfinished = output.split(b"\n")
    return tuple(receipt for line in lines if (receipt := _receipt(line)) is not None)


def line(receipt: Receipt) -> bytes:
    """Return `receipt` as the line that the child prints."""
    fields = {"id": receipt.id, "label": receipt.label, "outcome": receipt.outcome, "detail": receipt.detail}
    return document(fields) + b"\n"


def _receipt(text: bytes) -> Receipt | None:
    try:
        match json.loads(text):
            case {"id": int(id_), "label": str(label), "outcome": str(outcome), "detail": str(detail)}:
                return Receipt(id_, label, Outcome(outcome), one_line(detail, limit=_DETAIL_LIMIT))
    except (ValueError, RecursionError):  # no JSON, or no outcome
        return None
    return None


def address_fields(channel: Channel | Heartbeat) -> dict[str, str]:
    """Return where the address stands, as a child is told it."""
    found = {name: getattr(channel, name) for name in ("url", "url_file", "url_env", "credential")}
    return {key: value for key, value in found.items() if value}


def document(fields: Mapping[str, object]) -> bytes:
    """Return a JSON document as children read it."""
    return json.dumps(fields, separators=(",", ":")).encode("ascii")
