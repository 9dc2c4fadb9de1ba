"""The stranger against servers that answer as no Node-RED would: scripted, on loopback."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nrguard.model import Admin, Door, Wire
from nrguard.probes.wire import Request, command, judge_exchanges, parse
from nrguard.stranger.questions import look
from tests.certificates import self_signed

pytestmark = pytest.mark.real

SERVER = "127.0.0.1"
OPEN = {
    "/settings": '{"httpNodeRoot":"/","version":"5.0.7"}',
    "/flows": "[]",
    "/": "<html>",
}
Serve = Callable[[socket.socket], None]


@contextmanager
def serving(serve: Serve, address: str = SERVER, port: int = 0) -> Iterator[int]:
    """Yield the port of a server that hands each connection to `serve`, one after the other."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, port), family=family)
    thread = threading.Thread(target=serve_all, args=(listener, serve))
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread up
        listener.close()
        thread.join(timeout=10)


def serve_all(listener: socket.socket, serve: Serve) -> None:
    while True:
        try:
            line, _ = listener.accept()
        except OSError:  # the test is over
            return
        with line, suppress(OSError):  # the stranger may hang up
            line.settimeout(5)
            serve(line)


def questions(line: socket.socket) -> Iterator[tuple[str, str]]:
    """Yield the path and the whole head of each request on the connection."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            more = line.recv(4096)
            if not more:
                return
            data += more
            if data.startswith(b"\x16"):  # a TLS handshake, to which Node.js answers in plain HTTP
                line.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                return
        head, _, data = data.partition(b"\r\n\r\n")
        yield head.split(b" ")[1].decode(), head.decode()


def answering(answers: dict[str, str], asked: list[str] | None = None, head: str = "") -> Serve:
    """Return a server of `answers` by path, 404 for the others, that keeps connections open as Node-RED does."""

    def serve(line: socket.socket) -> None:
        for path, request in questions(line):
            if asked is not None:
                asked.append(request)
            body = answers.get(path, "Cannot GET")
            status = 200 if path in answers else 404
            line.sendall(f"HTTP/1.1 {status} X\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    return serve


def saying(data: bytes) -> Serve:
    """Return a server that gives the same bytes to every first request, and hangs up."""

    def serve(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(data)

    return serve


def request(port: int, **changes: Any) -> dict[str, Any]:
    """Return what the child is told, as it is told it."""
    told: dict[str, Any] = json.loads(command(replace(Request(SERVER, port, timeout=2.0), **changes))[-1])
    return told


def seen(port: int, **changes: Any) -> Wire:
    return judge_exchanges(look(request(port, **changes)))


def test_an_open_server_is_seen_open() -> None:
    with serving(answering(OPEN)) as port:
        wire = seen(port)
    assert (wire.admin, wire.tls, wire.version, wire.nodes) == (Admin.OPEN, False, "5.0.7", Door.OPEN)


def test_the_child_sees_what_the_functions_see() -> None:
    with serving(answering(OPEN)) as port:
        child = subprocess.run(command(Request(SERVER, port)), capture_output=True, check=True, timeout=20, env={})
    wire = parse(child.stdout)
    assert isinstance(wire, Wire)
    assert (wire.admin, child.stderr) == (Admin.OPEN, b"")


def test_it_only_ever_asks_to_get() -> None:
    asked: list[str] = []
    with serving(answering(OPEN, asked)) as port:
        seen(port, known=("/hello",))
    assert asked
    assert {head.split(" ")[0] for head in asked} == {"GET"}
    assert not [head for head in asked if "content-length" in head.lower() or "authorization" in head.lower()]


def test_one_connection_serves_many_questions() -> None:
    lines: list[socket.socket] = []
    serve = answering(OPEN)

    def counted(line: socket.socket) -> None:
        lines.append(line)
        serve(line)

    with serving(counted) as port:
        seen(port)
    assert len(lines) == 3  # the handshake that failed, all questions, the websocket


def test_a_server_that_hangs_up_after_each_answer_is_asked_again() -> None:
    def serve(line: socket.socket) -> None:
        for path, _ in questions(line):
            body = OPEN.get(path, "")
            line.sendall(f"HTTP/1.1 {200 if body else 404} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            return

    with serving(serve) as port:
        assert seen(port).admin is Admin.OPEN


def test_chunks_are_put_together() -> None:
    def serve(line: socket.socket) -> None:
        for path, _ in questions(line):
            body = OPEN.get(path, "x")
            chunks = "".join(f"{len(part):x};note\r\n{part}\r\n" for part in (body[:5], body[5:]) if part)
            line.sendall(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n".encode())
            return

    with serving(serve) as port:
        assert seen(port).version == "5.0.7"


def test_a_server_sent_to_https_is_asked_as_by_a_proxy() -> None:
    def serve(line: socket.socket) -> None:
        for path, head in questions(line):
            body = OPEN.get(path, "")
            if "X-Forwarded-Proto: https" in head:
                line.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
            else:
                line.sendall(b"HTTP/1.1 302 Found\r\nLocation: https://x/\r\nContent-Length: 0\r\n\r\n")

    with serving(serve) as port:
        wire = seen(port)
    assert (wire.admin, wire.https_required) == (Admin.OPEN, True)


def test_an_admin_api_that_was_moved_is_found() -> None:
    moved = {f"/admin{path}": body for path, body in OPEN.items()}
    with serving(answering(moved)) as port:
        assert seen(port).admin is Admin.OPEN


def test_a_root_from_somebodys_settings_stays_in_its_line() -> None:
    asked: list[str] = []
    with serving(answering({}, asked)) as port:
        look(request(port, admin_root="/a b\r\nX-Evil: 1\r\n\u00e9/"))
    assert not [head for head in asked if "\r\nX-Evil" in head]
    assert any(head.startswith("GET /a%20b%0D%0AX-Evil:%201%0D%0A%C3%A9/settings HTTP/1.1") for head in asked)


def test_nobody_there_is_silent() -> None:
    with socket.socket() as bound:
        bound.bind((SERVER, 0))
        wire = seen(bound.getsockname()[1])
    assert (wire.admin, wire.tls, wire.evidence) == (Admin.SILENT, None, ("connection -> connection refused",))


@pytest.mark.parametrize(
    ("said", "admin"),
    [
        (b"", Admin.SILENT),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Admin.UNKNOWN),
        (b"HTTP/1.1 999999\r\n\r\n", Admin.UNKNOWN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n[]", Admin.OPEN),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]", Admin.OPEN),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n[]", Admin.OPEN),
        (b"HTTP/1.1 401 No\r\nwww-authenticate: \xff\r\n\xff\xfe: \xff\r\n\r\n", Admin.UNKNOWN),
    ],
)
def test_odd_answers_are_judged_for_what_they_are(said: bytes, admin: Admin) -> None:
    with serving(saying(said)) as port:
        assert seen(port).admin is admin


def endless(first: bytes, more: bytes, pause: float) -> Serve:
    def serve(line: socket.socket) -> None:
        line.recv(4096)
        line.sendall(first)
        until = time.monotonic() + 2
        while time.monotonic() < until:
            line.sendall(more)
            time.sleep(pause)

    return serve


@pytest.mark.parametrize(
    "serve",
    [
        endless(b"", b"", 0.05),  # never a byte
        endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.0),  # endless headers
        endless(b"HTTP/1.1 200 OK\r\n", b"X", 0.05),  # a header that drips
        endless(b"HTTP/1.1 200 OK\r\n\r\n[", b" " * 4096, 0.0),  # an endless body
        endless(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n[", b" ", 0.05),  # a body that drips
    ],
)
def test_no_server_holds_a_look_up_for_longer_than_its_timeout(serve: Serve) -> None:
    with serving(serve) as port:
        began = time.monotonic()
        said = look(request(port, timeout=0.5))
        took = time.monotonic() - began
    assert took < 1.5
    assert len(json.dumps(said)) < 200_000


@contextmanager
def serving_tls(serve: Serve, folder: Path, change: Callable[[ssl.SSLContext], None]) -> Iterator[tuple[int, bytes]]:
    """Yield the port and the certificate (DER) of a server that speaks TLS."""
    key, certificate = self_signed("pi.local")
    (folder / "pair.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair.pem")
    change(context)

    def wrapped(line: socket.socket) -> None:
        with context.wrap_socket(line, server_side=True) as guarded:
            serve(guarded)

    with serving(wrapped) as port:
        yield port, ssl.PEM_cert_to_DER_cert(certificate.decode())


def test_over_tls_the_served_certificate_comes_along(tmp_path: Path) -> None:
    with serving_tls(answering(OPEN), tmp_path, lambda _: None) as (port, certificate):
        wire = seen(port)
    assert (wire.admin, wire.tls, wire.certificate) == (Admin.OPEN, True, certificate)


def ask_for_a_certificate(context: ssl.SSLContext) -> None:
    context.verify_mode = ssl.CERT_REQUIRED


def only_tls_1_2(context: ssl.SSLContext) -> None:
    ask_for_a_certificate(context)
    context.maximum_version = ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("change", [ask_for_a_certificate, only_tls_1_2])
def test_a_server_that_wants_a_client_certificate_is_tls_and_unknown(
    tmp_path: Path, change: Callable[[ssl.SSLContext], None]
) -> None:
    with serving_tls(answering(OPEN), tmp_path, change) as (port, _):
        wire = seen(port)
    assert (wire.admin, wire.tls) == (Admin.UNKNOWN, True)


def test_ipv6_is_asked_by_its_address() -> None:
    asked: list[str] = []
    with serving(answering(OPEN, asked), "::1") as port:
        wire = seen(port, address="::1")
    assert (wire.admin, wire.address) == (Admin.OPEN, "::1")
    assert all(f"\r\nHost: [::1]:{port}\r\n" in head for head in asked)


def test_waiting_sees_a_server_that_comes_later_and_is_first_still_loading() -> None:
    loading = iter([True, True])

    def serve(line: socket.socket) -> None:
        for path, _ in questions(line):
            if path == "/flows" and next(loading, False):
                line.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
                continue
            body = OPEN.get(path, "")
            line.sendall(f"HTTP/1.1 {200 if body else 404} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    with socket.socket() as bound:
        bound.bind((SERVER, 0))
        port = bound.getsockname()[1]
    asked = command(Request(SERVER, port, kind="await", deadline=20))
    with subprocess.Popen(asked, stdout=subprocess.PIPE, env={}) as child:
        time.sleep(0.3)
        assert child.poll() is None
        with serving(serve, port=port):
            output, _ = child.communicate(timeout=20)
    assert output.startswith(b'{"progress": "connected"}\n')
    wire = parse(output)
    assert isinstance(wire, Wire)
    assert wire.admin is Admin.OPEN


def test_waiting_ends_at_its_deadline() -> None:
    with socket.socket() as bound:
        bound.bind((SERVER, 0))
        asked = command(Request(SERVER, bound.getsockname()[1], kind="await", deadline=0.3))
        child = subprocess.run(asked, capture_output=True, check=True, timeout=20, env={})
    wire = parse(child.stdout)
    assert isinstance(wire, Wire)
    assert wire.admin is Admin.SILENT
