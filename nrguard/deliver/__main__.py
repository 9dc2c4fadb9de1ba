"""The delivering child: read a request from standard input, send, print each receipt as soon as it is known.

Exit status 0: every message has a receipt or ran out of time. 3: the request was none, or our own mistake. Killed by
SIGALRM: something hung past every limit; the receipts printed until then stand.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from io import RawIOBase
from types import TracebackType
from typing import Any

from nrguard.deliver import MESSAGE_SECONDS, RUN_SECONDS, Outcome, Receipt, line
from nrguard.errors import DONE, OURS
from nrguard.policy import Channel

_REQUEST_LIMIT = 4 << 20  # bytes
_GRACE = 10  # seconds after a limit until the kernel ends the process: a Pi loads Apprise in some of them


def main() -> int:
    _unblock_signals()
    signal.alarm(RUN_SECONDS)  # a request that never comes ends too
    receipts, reports = _own_outputs()
    sys.excepthook = _reporter(reports)
    document = _document(sys.stdin.buffer.read(_REQUEST_LIMIT))
    if document is None:
        reports.write(b"nrguard.deliver: the request is no JSON object\n")
        return OURS
    noted = document.get("noted")
    try:
        for receipt in _receipts(document):
            receipts.write(line(receipt))
            if noted is not None and not os.read(int(noted), 1):
                return DONE  # whoever noted the receipts is gone: nothing more is sent without one
    except BrokenPipeError:  # nobody waits for receipts any more: what is not receipted is sent again, so stop here
        return DONE
    return DONE


def _receipts(document: dict[str, Any]) -> Iterator[Receipt]:  # Any: a JSON document
    limit = float(document.get("limit", RUN_SECONDS))
    signal.alarm(int(limit) + _GRACE)
    if "verify" in document:
        return _looked_at([_channel(each) for each in document["verify"]])
    channels = {each["label"]: _channel(each) for each in document.get("channels", ())}
    return _sent(channels, document.get("messages", ()), time.monotonic() + limit)


def _looked_at(channels: list[Channel]) -> Iterator[Receipt]:
    from nrguard.deliver.service import check_channel  # noqa: PLC0415 - Apprise takes long to load: under the alarm

    for channel in channels:
        why = check_channel(channel)
        yield Receipt(0, channel.label, Outcome.USABLE if why is None else Outcome.PERMANENT, why or "")


def _sent(channels: dict[str, Channel], messages: list[dict[str, Any]], deadline: float) -> Iterator[Receipt]:
    """Send in order. A message that may still arrive holds back the later ones of its channel: none overtakes it."""
    from nrguard.deliver.post import Post  # noqa: PLC0415 - Apprise takes long to load: under the alarm

    post = Post(channels)
    for message in messages:
        left = deadline - time.monotonic()
        if left < 1:
            return
        signal.alarm(int(min(left, MESSAGE_SECONDS)) + _GRACE)
        yield post.send(message, min(left, MESSAGE_SECONDS))


def _channel(fields: dict[str, str]) -> Channel:
    return Channel(
        label=fields["label"],
        url=fields.get("url", ""),
        url_file=fields.get("url_file", ""),
        url_env=fields.get("url_env", ""),
        credential=fields.get("credential", ""),
    )


def _document(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _unblock_signals() -> None:
    """A daemon that waits for its signals in a poll set starts its children with the same ones blocked."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _own_outputs() -> tuple[RawIOBase, RawIOBase]:
    """Return standard output and error, unbuffered, for this module alone.

    Whatever a plug-in prints goes nowhere: it could pass for a receipt, or show an address.
    """
    receipts, reports = (os.fdopen(os.dup(number), "wb", buffering=0) for number in (1, 2))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
    return receipts, reports


def _reporter(reports: RawIOBase) -> Any:  # Any: sys.excepthook's own odd type
    def report(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
        """Say which mistake happened where, but not its text: that may hold an address."""
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
        reports.write(f"nrguard.deliver: our own mistake: {kind.__name__} at {where}\n".encode())
        os._exit(OURS)

    return report


if __name__ == "__main__":
    status = main()
    os._exit(status)  # not sys.exit: that waits for the threads of connections that hang
