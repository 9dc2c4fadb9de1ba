"""Run the delivering child as the daemon does, and read what it printed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nrguard import deliver
from nrguard.deliver import Outcome, Receipt
from nrguard.model import Severity
from nrguard.policy import Channel
from nrguard.records import Message, Parcel


@dataclass(frozen=True, slots=True)
class Ran:
    """What a child printed, and how long it took."""

    receipts: tuple[Receipt, ...]
    status: int
    stdout: bytes
    stderr: bytes
    seconds: float

    @property
    def outcomes(self) -> list[Outcome]:
        return [receipt.outcome for receipt in self.receipts]


def parcels(count: int, label: str = "phone") -> list[Parcel]:
    """Return parcels with the ids from 1 on, all with the same message."""
    message = Message("Node-RED login removed: fixed", "pi4-hall, 21:04. Put back.", Severity.CRITICAL)
    return [Parcel(number, 0.0, label, message) for number in range(1, count + 1)]


def run(request: bytes, environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Ran:
    """Start the child in `folder` and with `environment` (as this process, where None) and wait for its end."""
    began = time.monotonic()
    ran = subprocess.run(
        deliver.command(), input=request, capture_output=True, timeout=60, check=False, env=environment, cwd=folder
    )
    took = time.monotonic() - began
    return Ran(deliver.parse_receipts(ran.stdout), ran.returncode, ran.stdout, ran.stderr, took)


def carry(url: str, sent: Sequence[Parcel] | None = None, limit: float = 30) -> Ran:
    """Send to one channel named phone; one parcel, where `sent` names no others."""
    return run(deliver.request([Channel("phone", url)], sent or parcels(1), limit=limit))
