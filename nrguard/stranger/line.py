"""The line to a server: TLS or plain, and HTTP/1.1 read with bounds that no server can talk us out of."""

from __future__ import annotations

import base64
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator

HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")
_ADDRESS = re.compile(r"[\d.]+|.*:.*")


class Cut(Exception):
    """The server broke off, or what it sends is no HTTP."""


class Answer:
    """One HTTP answer: status, headers by their lower-case names, and the beginning of the body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, headers, body


class Line:
    """The way to one server. A connection is kept from question to question; every wait ends at `end`."""

    def __init__(self, address: str, port: int, seconds: float) -> None:
        self.address, self.port = address, port
        self.end = time.monotonic() + seconds
        self.tls: bool | None = None  # not known yet
        self.certificate = b""
        self._socket: socket.socket | None = None
        self._context = _context()

    def choose(self) -> str:
        """Find out whether the server speaks TLS, and keep its certificate. Return why not; else ""."""
        plain = socket.create_connection((self.address, self.port), self._left())
        plain.settimeout(self._left() / 2)  # a server that never answers a handshake may still answer plain HTTP
        try:
            guarded = self._wrap(plain)
        except OSError as problem:
            plain.close()
            self.tls = "ALERT" in (getattr(problem, "reason", None) or "")  # refused us, but in TLS
            return in_words(problem)
        self.tls, self._socket = True, guarded
        self.certificate = guarded.getpeercert(binary_form=True) or b""
        return ""

    def get(self, path: str, *lines: str) -> Answer:
        """Return the answer to GET `path`. Raise Cut or OSError where there is none."""
        kept = self._socket is not None
        try:
            return self._get(path, lines)
        except (OSError, Cut):
            self.close()
            if not kept:
                raise
        try:  # it was the kept connection that had ended
            return self._get(path, lines)
        except (OSError, Cut):
            self.close()
            raise

    def post(self, path: str, body: bytes) -> Answer:
        """Return the answer to a POST of JSON, over a connection of its own. Raise Cut or OSError where there is none.

        For the one login that the owner asks for; a stranger has nothing to post.
        """
        self.close()
        told = ("Content-Type: application/json", f"Content-Length: {len(body)}", "Connection: close")
        self._reach().sendall(self._head(path, *told, method="POST") + body)
        answer, rest = self._read_head()
        self._read_body(answer, rest)
        self.close()
        return answer

    def upgrade(self, path: str, frames: bytes, seconds: float) -> tuple[Answer, Iterator[str]]:
        """Return the answer to a websocket handshake, and what then comes back to `frames`, for at most `seconds`."""
        self.close()
        self.end = min(self.end, time.monotonic() + seconds)
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        head = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}")
        line = self._reach()
        line.sendall(self._head(path, *head))
        answer, rest = self._read_head()
        if answer.status != 101:
            return answer, iter(())
        line.sendall(frames)
        return answer, self._frames(rest)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _left(self) -> float:
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def _reach(self) -> socket.socket:
        """Return the kept connection, or a new one in the language that was chosen."""
        if self._socket is None:
            plain = socket.create_connection((self.address, self.port), self._left())
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = self._wrap(plain) if self.tls else plain
        self._socket.settimeout(self._left())
        return self._socket

    def _wrap(self, plain: socket.socket) -> ssl.SSLSocket:
        name = None if _ADDRESS.fullmatch(self.address) else self.address
        return self._context.wrap_socket(plain, server_hostname=name)

    def _head(self, path: str, *lines: str, method: str = "GET") -> bytes:
        """Return a request. What a path from somebody's settings.js holds can't get out of its line."""
        host = f"[{self.address.partition('%')[0]}]" if ":" in self.address else self.address
        target = "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in path.encode(errors="replace"))
        head = (
            f"{method} {target} HTTP/1.1",
            f"Host: {host}:{self.port}",
            "User-Agent: nrguard",
            "Accept: */*",
            *lines,
        )
        return ("\r\n".join(head) + "\r\n\r\n").encode("ascii")

    def _get(self, path: str, lines: tuple[str, ...]) -> Answer:
        self._reach().sendall(self._head(path, "Connection: keep-alive", *lines))
        answer, rest = self._read_head()
        if not self._read_body(answer, rest) or answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def _receive(self) -> bytes:
        return self._reach().recv(16384)

    def _read_head(self) -> tuple[Answer, bytes]:
        """Return the answer without its body, and what came of that. Raise Cut if there is no HTTP answer."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self._receive()
            data += more
            if not more or len(data) > HEAD_LIMIT:
                raise Cut("not HTTP" if data else "closed without an answer")
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        status = _STATUS_LINE.match(first)
        if status is None:
            raise Cut("not HTTP")
        return Answer(int(status[1]), _headers(lines)), rest

    def _read_body(self, answer: Answer, data: bytes) -> bool:
        """Fill in the body, at most BODY_LIMIT of it; tell whether the connection stands at the end of the answer."""
        if answer.status in (204, 304):
            return True
        chunked = "chunked" in answer.headers.get("transfer-encoding", "").lower()
        length = answer.headers.get("content-length", "")
        announced = int(length) if not chunked and re.fullmatch("[0-9]{1,12}", length) else BODY_LIMIT + 1
        while len(data) < min(announced, BODY_LIMIT) and not (chunked and data.endswith(b"\r\n0\r\n\r\n")):
            more = self._receive()
            if not more:
                break
            data += more
        answer.body = _unchunked(data) if chunked else data[:announced]
        return len(data) == announced

    def _frames(self, data: bytes) -> Iterator[str]:
        """Yield the texts of websocket frames, and "pong" or "close" as the last."""
        while True:
            while len(data) < 2 or len(data) < 2 + (data[1] & 0x7F):
                more = self._receive()
                if not more:
                    yield "close"
                    return
                data += more
            kind, size = data[0] & 0x0F, data[1] & 0x7F
            if kind in (8, 10):
                yield "close" if kind == 8 else "pong"
                return
            if size > 125:
                raise Cut("a long message")  # the editor's first words are short
            yield data[2 : 2 + size].decode("utf-8", "replace")
            data = data[2 + size :]


def in_words(problem: Exception) -> str:
    """Return what went wrong, without numbers and places in OpenSSL's source."""
    if isinstance(problem, ssl.SSLError):
        return (problem.reason or "TLS failed").replace("_", " ").lower()
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror.lower()
    return str(problem) or type(problem).__name__


def _context() -> ssl.SSLContext:
    """Return a context that accepts whatever the server offers: it is judged elsewhere, not trusted here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)  # has its name since Python 3.12
    return context


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, _, value in (line.decode("latin-1").partition(":") for line in lines):
        earlier = headers.get(name.lower())
        headers[name.lower()] = f"{earlier}, {value.strip()}" if earlier else value.strip()
    return headers


def _unchunked(data: bytes) -> bytes:
    """Return what the chunks hold, as far as they go."""
    parts = []
    while size := re.match(rb"([0-9a-fA-F]{1,8})[^\r\n]*\r\n", data):
        length = int(size[1], 16)
        parts.append(data[size.end() : size.end() + length])
        data = data[size.end() + length + 2 :]
    return b"".join(parts)
