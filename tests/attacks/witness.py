"""What an attack has opened, seen by other means than nrguard's: requests of its own, and /proc/net."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

from stage.stranger import log_in
from tests.attacks.row import Row

# Node-RED answers 409 where the writer may write, and writes nothing: no flows have this revision.
WRITE = '{"flows": [], "rev": "bogus"}'
PERMITTED = (200, 204, 409)
LOADING = (400, 503)
HELLO = b"hello"
LAN = "192.0.2.7"  # an address of the network in which the attacks happen


def opened(row: Row, held: str) -> frozenset[str]:
    """Return what stands open of a running Node-RED (the words of `Row.open`). `held`: a token from before."""
    found = set(_without_login(row))
    if _listens_to_all(row.port):
        found.add("network")
    if row.login[0] and _may_write(row, log_in_at(row)):
        found.add("login")
    if any(token and _may_write(row, token) for token in (held, row.token)):
        found.add("token")
    return frozenset(found)


def log_in_at(row: Row, login: tuple[str, str] | None = None) -> str:
    """Return a token for a login, the intruder's if none is given; "" if it is refused."""
    return log_in(row.port, *(login or row.login))


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 5.0).close()
    except OSError:
        return False
    return True


def settle(port: int, root: str) -> None:
    """Wait, for some seconds at the most, until a Node-RED that listens has loaded its flows."""
    end = time.monotonic() + 8.0
    while time.monotonic() < end and ask(port, f"{root}/flows")[0] in (0, *LOADING):
        time.sleep(0.05)
    time.sleep(0.25)  # endpoints come some milliseconds after the admin API


def _without_login(row: Row) -> Iterator[str]:
    if ask(row.port, f"{row.root}/flows")[0] == 200:
        yield "read"
    elif ask(row.port, f"{row.root}/flows", address=LAN)[0] == 200:
        yield "lan"
    if _may_write(row, ""):
        yield "write"
    if any(ask(row.port, path) == (200, HELLO) for path in ("/api/hello", "/hello")):
        yield "endpoints"
    if ask(row.port, "/files/hello.txt") == (200, HELLO):
        yield "static"
    if row.tls and ask(row.port, "/flows", tls=False)[0]:
        yield "plain"
    if row.route and ask(row.port, row.route) == (200, b"backdoor"):
        yield "route"


def _may_write(row: Row, token: str) -> bool:
    return ask(row.port, f"{row.root}/flows", body=WRITE, token=token)[0] in PERMITTED


def ask(
    port: int, path: str, *, body: str = "", token: str = "", tls: bool | None = None, address: str = "127.0.0.1"
) -> tuple[int, bytes]:
    """Return status and body of one answer, over TLS if that works and else in the clear; (0, b"") without one."""
    for way in (True, False) if tls is None else (tls,):
        answer = _exchange(_connection(address, port, tls=way), path, body, token)
        if answer[0]:
            return answer
    return 0, b""


def _connection(address: str, port: int, *, tls: bool) -> http.client.HTTPConnection:
    if tls:
        return http.client.HTTPSConnection(address, port, timeout=5, context=_trusting())
    return http.client.HTTPConnection(address, port, timeout=5)


def _exchange(connection: http.client.HTTPConnection, path: str, body: str, token: str) -> tuple[int, bytes]:
    headers = {"Node-RED-API-Version": "v2", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request("POST" if body else "GET", path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _listens_to_all(port: int) -> bool:
    # now and then the kernel leaves a socket out of a table that changes while it is read
    return any(set(address) == {"0"} for _ in range(3) for address in _listeners(port))


def _listeners(port: int) -> Iterator[str]:
    """Yield the addresses, in hex as the kernel writes them, at which something listens on `port`."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            address, _, number = fields[1].partition(":")
            if fields[3] == "0A" and int(number, 16) == port:
                yield address
