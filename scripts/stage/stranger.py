"""What somebody without a password gets from a Node-RED on this machine, asked over HTTP or HTTPS."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `status` 0 means that nothing answered."""

    status: int
    tls: bool
    headers: dict[str, str]
    body: bytes

    @property
    def open(self) -> bool:
        return self.status == 200

    @property
    def login_required(self) -> bool:
        return self.status == 401


def ask(
    port: int,
    path: str = "/flows",
    *,
    tls: bool | None = None,
    token: str = "",
    form: dict[str, str] | None = None,
    address: str = "127.0.0.1",
    timeout: float = 5.0,
) -> Answer:
    """Return the answer to one request: GET, or POST of `form`. `tls` None tries HTTPS first, then plain HTTP."""
    ways = (True, False) if tls is None else (tls,)
    answers = (_exchange(_connection(address, port, way, timeout), path, token, form, tls=way) for way in ways)
    return next((answer for answer in answers if answer.status), Answer(0, False, {}, b""))


def log_in(port: int, username: str, password: str, *, tls: bool | None = None) -> str:
    """Return the access token that Node-RED gives for a login; "" if it refuses.

    Node-RED answers at most five wrong tries per user in ten minutes.
    """
    form = {
        "client_id": "node-red-admin",
        "grant_type": "password",
        "scope": "*",
        "username": username,
        "password": password,
    }
    answer = ask(port, "/auth/token", form=form, tls=tls)
    return str(json.loads(answer.body)["access_token"]) if answer.open else ""


def free_port(address: str = "127.0.0.1") -> int:
    """Return a port on which nothing listens now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def _connection(address: str, port: int, tls: bool, timeout: float) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(address, port, timeout=timeout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # a stranger's question needs no trust: the certificate is self-signed
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(address, port, timeout=timeout, context=context)


def _exchange(
    connection: http.client.HTTPConnection, path: str, token: str, form: dict[str, str] | None, *, tls: bool
) -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, tls, fields, answer.read())
    except (OSError, http.client.HTTPException):
        return Answer(0, tls, {}, b"")
    finally:
        connection.close()
