"""The program: one JSON request (`nrguard.probes.exchanges.Request`) as its argument, JSON lines on its output."""

from __future__ import annotations

import json
import resource
import signal
import socket
import sys
import time
from typing import Any

from nrguard.stranger.questions import look

_POLL = 0.015  # seconds between two attempts to reach a server that is starting
_GRACE = 2.0


def main() -> None:
    request = json.loads(sys.argv[1])
    # For what no deadline of ours reaches, such as a slow name server: the kernel ends us.
    signal.setitimer(signal.ITIMER_REAL, request["timeout"] + request["deadline"] + _GRACE)
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))
    _report(_wait(request) if request["kind"] == "await" else look(request))


def _report(value: object) -> None:
    print(json.dumps(value), flush=True)


def _wait(request: dict[str, Any]) -> dict[str, Any]:
    """Look again and again until the server answers and is not still starting, at most until the deadline.

    HTTP-in nodes come some milliseconds after that: until then static content may answer in their place.
    """
    request = request | {"known": []}
    end = time.monotonic() + request["deadline"]
    while not _listens(request) and time.monotonic() < end:
        time.sleep(_POLL)
    _report({"progress": "connected" if time.monotonic() < end else "late"})
    seen = look(request)
    while not _settled(seen) and time.monotonic() < end:
        time.sleep(_POLL)
        seen = look(request)
    return seen


def _listens(request: dict[str, Any]) -> bool:
    try:
        socket.create_connection((request["address"], request["port"]), request["timeout"]).close()
    except OSError:
        return False
    return True


def _settled(seen: dict[str, Any]) -> bool:
    """Tell whether the admin API has said something that waiting would not change (node-red-facts.md, section 2.2)."""
    flows = [exchange["status"] for exchange in seen["exchanges"] if exchange["ask"] == "flows"]
    return bool(flows) and flows[-1] not in (0, 400, 503)


if __name__ == "__main__":
    main()
