"""The child that gives the sign of life: one POST to a web address, or to its `/fail`, and a receipt.

`python -m nrguard.deliver.heartbeat` reads one JSON document: where the address stands, `ok`, `body`. Its receipt never
holds the address: whoever knows it can pass for this guard.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from nrguard import __version__
from nrguard.deliver import Outcome, Receipt, line
from nrguard.deliver.address import Unusable, address
from nrguard.errors import DONE
from nrguard.policy import Heartbeat

SECONDS = 15
LABEL = "heartbeat"


def main() -> int:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the daemon may have blocked some for itself
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(2 * SECONDS)  # a server may drip for ever
    document = json.load(sys.stdin.buffer)
    outcome, detail = beat(document, os.environ)
    sys.stdout.buffer.write(line(Receipt(0, LABEL, outcome, detail)))
    return DONE


def beat(document: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[Outcome, str]:
    """Give the sign of life that `document` describes. Return what became of it, and why it did not arrive."""
    where = {key: document[key] for key in ("url", "url_file", "url_env", "credential") if key in document}
    url = address(Heartbeat(**where), environment)
    if isinstance(url, Unusable):
        return Outcome.PERMANENT, url.why
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Outcome.PERMANENT, "the address is no web address"
    try:
        status = _post(parts, "" if document["ok"] else "/fail", document["body"])
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome.TRANSIENT, _why(error)
    if 200 <= status < 300:
        return Outcome.DELIVERED, ""
    # a redirect is not followed: the login page of a hotel would pass for a monitor
    return (Outcome.PERMANENT if 300 <= status < 500 and status != 429 else Outcome.TRANSIENT), f"it answers {status}"


def _post(parts: SplitResult, ending: str, body: str) -> int:
    """Post `body`, and return the status of the answer; what it says is not read."""
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, parts.port, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    target = parts.path.rstrip("/") + ending + (f"?{parts.query}" if parts.query else "")
    headers = {"User-Agent": f"nrguard/{__version__}", "Content-Type": "text/plain; charset=utf-8"}
    try:
        connection.request("POST", target or "/", body.encode(), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _why(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return "its TLS certificate is not trusted"
        case ssl.SSLError():
            return "it does not speak TLS"
        case socket.gaierror():
            return "its host name is unknown"
        case TimeoutError():
            return "no answer in time"
        case OSError():
            return os.strerror(error.errno) if error.errno else "the connection broke off"
    return "its answer is no HTTP"


if __name__ == "__main__":
    sys.exit(main())
