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
    """One HTTP answer; `status` 0 means that nothing answered, and `body` then says why."""

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
    if tls is None:
        both = (ask(port, path, tls=way, token=token, form=form, address=address, timeout=timeout) for way in (True, False))
        return next((answer for answer in both if answer.status), Answer(0, False, {}, b"nothing answers"))
    connection = _connection(address, port, tls, timeout)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = urlencode(form) if form else None
    if form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("POST" if form else "GET", path, body, headers)
        answer = connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, tls, fields, answer.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, tls, {}, f"{type(error).__name__}: {error}".encode())
    finally:
        connection.close()


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
