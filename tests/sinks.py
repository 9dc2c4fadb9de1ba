"""Real servers on loopback that messages are delivered to. Each can be told to be slow, to hang, to refuse, to fail.

They bind free ports of 127.0.0.1 and end with their `with` block.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a sink treats a request. By default it takes it."""

    status: int = 200
    slow: float = 0.0  # seconds before the answer
    hang: bool = False  # take the request, never answer
    drip: bool = False  # answer a byte at a time, so that no read ever times out
    drop: bool = False  # close the connection instead of answering
    location: str = ""  # where a redirect leads


FINE = Behaviour()


class HttpSink:
    """Takes what is posted as JSON: `received` holds the documents that were answered with 200, in their order."""

    def __init__(self) -> None:
        self.behaviour = FINE
        self.received: list[dict[str, Any]] = []
        self.asked = 0  # requests that came, whatever became of them
        self._ended = threading.Event()
        self._server = _HttpServer(self)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    @property
    def url(self) -> str:
        """Its address as an Apprise URL."""
        return f"json://127.0.0.1:{self.port}/alerts"

    def unplug(self) -> None:
        """Stop listening: from now on connections are refused."""
        self._ended.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()

    def understand(self, path: str, data: bytes) -> dict[str, Any]:
        """Return what was posted to `path`."""
        document: dict[str, Any] = json.loads(data)
        return document

    def answer(self, document: Mapping[str, Any], status: int) -> bytes:
        """Return the body of an answer."""
        return b"{}"

    def wait(self, seconds: float) -> None:
        """Wait, but not past the end of the sink."""
        self._ended.wait(seconds)

    @property
    def ended(self) -> bool:
        return self._ended.is_set()


class NtfySink(HttpSink):
    """Speaks as an ntfy server does: JSON published to its root, errors with ntfy's own codes."""

    @property
    def url(self) -> str:
        return f"ntfy://127.0.0.1:{self.port}/house-alerts"

    def answer(self, document: Mapping[str, Any], status: int) -> bytes:
        if status == 200:
            return json.dumps({"id": "x1", "time": int(time.time()), "event": "message", **document}).encode()
        return json.dumps({"code": status * 100 + 1, "http": status, "error": "no, secret-in-the-answer"}).encode()


class MonitorSink(HttpSink):
    """Hears heartbeats as healthchecks does: `received` holds the paths and the texts that were posted."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ping/5e2c"

    def understand(self, path: str, data: bytes) -> dict[str, Any]:
        return {"path": path, "text": data.decode()}


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, sink: HttpSink) -> None:
        self.sink = sink
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer

    def do_POST(self) -> None:
        sink = self.server.sink
        document = sink.understand(self.path, self.rfile.read(int(self.headers["Content-Length"])))
        behaviour = sink.behaviour
        sink.asked += 1
        sink.wait(3600 if behaviour.hang else behaviour.slow)
        if behaviour.hang or behaviour.drop:
            self.close_connection = True
            return
        if behaviour.status == 200:
            sink.received.append(document)
        self._answer(behaviour, sink.answer(document, behaviour.status))

    def do_GET(self) -> None:
        """Answer where a redirect leads: the login page of a hotel."""
        self._answer(FINE, b"<html>Welcome</html>")

    def _answer(self, behaviour: Behaviour, body: bytes) -> None:
        body = body.ljust(1000) if behaviour.drip else body
        self.send_response(behaviour.status)
        if behaviour.location:
            self.send_header("Location", behaviour.location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if behaviour.drip:
            self._drip(body)
        else:
            self.wfile.write(body)

    def _drip(self, body: bytes) -> None:
        for byte in body:
            self.server.sink.wait(0.5)
            if self.server.sink.ended:
                return
            self.wfile.write(bytes([byte]))

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the child was killed while it was served
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Keep the test's output clean."""


@dataclass  # without slots: aiosmtpd asks its handler for every attribute, and Python 3.11.2 then fails on __weakref__
class SmtpSink:
    """A mail server. `refuse_login`, `refuse_mail` are SMTP answers ("535 no", "451 later"); `hang` never answers."""

    login: tuple[str, str] | None = None
    refuse_mail: str = ""
    hang: bool = False
    received: list[Mail] = field(default_factory=list)
    _controller: Controller | None = None

    def __enter__(self) -> Self:
        self._controller = _SmtpController(
            self, hostname="127.0.0.1", port=0, auth_require_tls=False, authenticator=self._check
        )
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._controller is not None
        self._controller.stop()

    @property
    def port(self) -> int:
        assert self._controller is not None
        assert isinstance(self._controller.server, asyncio.Server)
        port: int = self._controller.server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        user = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"mailto://{user}127.0.0.1:{self.port}/?mode=insecure&from=pi@house.example&to=me@house.example"

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=self.login == given, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.hang:
            await server.loop.create_future()
        if self.refuse_mail:
            return self.refuse_mail
        self.received.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 OK"


class _SmtpController(Controller):
    """aiosmtpd's own waits for an answer of the port that it was given, which is 0 here: ask the one it got."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        with socket.create_connection(self.server.sockets[0].getsockname(), 5) as ready:
            ready.recv(1)
