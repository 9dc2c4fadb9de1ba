"""The stranger: a short-lived child that asks a server what anybody may ask, and prints the raw answers.

Run as a program with one JSON request (`nrguard.probes.exchanges.Request`) as its argument. It imports nothing of ours,
opens no file, judges nothing, changes nothing (GET only), and ends by itself whatever the server does.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import signal
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Exchange = dict[str, Any]

HEAD_LIMIT = 16 * 1024
BODY_LIMIT = 64 * 1024
KEPT = {"settings": BODY_LIMIT}  # of what was read, so much is reported; flows may hold what is nobody's business
KEPT_ELSE = 512
KEPT_HEADERS = ("www-authenticate", "location", "content-type")
OTHER_ROOTS = ("/", "/admin/", "/red/", "/editor/", "/nodered/", "/node-red/")  # where people move the editor to
POLL = 0.015  # seconds between two attempts to connect to a server that is starting
COMMS_PATIENCE = 0.25  # seconds for a websocket answer, which Node-RED gives at once or never
STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")


class Cut(Exception):
    """The server broke off, or what it sends is no HTTP."""


@dataclass(slots=True)
class Server:
    """Whom we ask, until when, and the one connection kept open from question to question."""

    address: str
    port: int
    end: float  # of time.monotonic
    tls: bool | None = None
    certificate: bytes = b""
    line: socket.socket | None = None
    asked: list[Exchange] = field(default_factory=list)

    def left(self) -> float:
        """Return the seconds left. Raise TimeoutError when there are none."""
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("timed out")
        return seconds

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def main() -> None:
    request = json.loads(sys.argv[1])
    limit = request["timeout"] + request["deadline"]
    signal.setitimer(signal.ITIMER_REAL, limit + 2)  # for what no deadline reaches, such as a slow name server
    for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))
    seen = wait(request) if request["kind"] == "await" else look(request)
    report(seen)


def report(value: object) -> None:
    print(json.dumps(value), flush=True)


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Return what the server answers to a stranger, within the request's timeout."""
    server = Server(request["address"], request["port"], time.monotonic() + request["timeout"])
    error = ""
    try:
        choose_language(server)
        question(server, request)
    except (OSError, Cut) as problem:
        error = in_words(problem)
    finally:
        server.close()
    return {
        "address": server.address,
        "port": server.port,
        "tls": server.tls,
        "certificate": base64.b64encode(server.certificate).decode("ascii"),
        "exchanges": server.asked,
        "static_roots": request["static_roots"],
        "error": error,
    }


def wait(request: dict[str, Any]) -> dict[str, Any]:
    """Look again and again until a server answers that is not still starting, or until the request's deadline."""
    began = time.monotonic()
    connected = False
    while True:
        if not connected and listens(request):
            connected = True
            report({"progress": "connected", "after": round(time.monotonic() - began, 3)})
        seen = look(request) if connected else {}
        late = time.monotonic() - began > request["deadline"]
        if seen and (late or settled(seen)):
            return seen
        if late:
            return look(request)
        time.sleep(POLL)


def listens(request: dict[str, Any]) -> bool:
    try:
        socket.create_connection((request["address"], request["port"]), request["timeout"]).close()
    except OSError:
        return False
    return True


def settled(seen: dict[str, Any]) -> bool:
    """Tell whether the admin API has said something that more waiting would not change."""
    flows = [exchange["status"] for exchange in seen["exchanges"] if exchange["ask"] == "flows"]
    return bool(flows) and flows[-1] not in (0, 400, 503)


def choose_language(server: Server) -> None:
    """Find out whether the server speaks TLS, and keep its certificate. A server that does not gets plain HTTP."""
    line = connect(server)
    line.settimeout(server.left() / 2)  # a server that never answers a handshake may still answer plain HTTP
    try:
        server.line = context().wrap_socket(line, server_hostname=name_of(server))
    except (ssl.SSLError, OSError) as problem:
        line.close()
        server.asked.append(exchange("handshake", "", error=in_words(problem)))
        server.tls = False
        return
    server.tls = True
    server.certificate = server.line.getpeercert(binary_form=True) or b""


def context() -> ssl.SSLContext:
    """Return a context that accepts whatever the server offers: it is judged elsewhere, not trusted here."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 4)  # by name since Python 3.12
    return tls


def name_of(server: Server) -> str | None:
    """Return the name to ask a certificate for; an address is none."""
    return None if re.fullmatch(r"[\d.]+|.*:.*", server.address) else server.address


def connect(server: Server) -> socket.socket:
    return socket.create_connection((server.address, server.port), server.left())


def reach(server: Server) -> socket.socket:
    """Return a new connection in the language that was chosen."""
    line = connect(server)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context().wrap_socket(line, server_hostname=name_of(server)) if server.tls else line


def question(server: Server, request: dict[str, Any]) -> None:
    """Ask everything that a stranger may ask; the answers are in `server.asked`."""
    root = admin_api(server, request["admin_root"])
    if server.asked[-1]["status"] == 0:
        return
    front = ask(server, "front", root)
    ask(server, "login", f"{root}auth/login")
    ask(server, "about", f"{root}red/about")  # names the version even where the rest is closed
    nowhere = f"nrguard-{os.urandom(6).hex()}"
    for place in dict.fromkeys((request["node_root"], *request["static_roots"])):
        ask(server, "nowhere", place + nowhere, under=place)
    for path in request["known"]:
        ask(server, "known", path)
    if front["status"] != 404:  # without an editor nobody answers there, not even with a refusal
        comms(server, f"{root}comms")


def admin_api(server: Server, root: str) -> str:
    """Ask for the admin API where it should be, and if it is not there, where people move it to. Return its root."""
    for place in dict.fromkeys((root, *OTHER_ROOTS)):
        settings = ask(server, "settings", f"{place}settings", under=place)
        flows = ask(server, "flows", f"{place}flows", under=place)
        if settings["status"] == 0 and flows["status"] == 0:
            return place
        if not (is_elsewhere(settings) and is_elsewhere(flows)):
            return place
    return root


def is_elsewhere(answer: Exchange) -> bool:
    """Tell whether the answer could come from something before or behind an admin API that lies under another root."""
    return answer["status"] == 404 or "basic" in answer["headers"].get("www-authenticate", "").lower()


def ask(server: Server, what: str, path: str, under: str = "") -> Exchange:
    """GET `path`; where plain HTTP is sent to HTTPS, again as if a proxy had brought it from there."""
    answer = get(server, what, path, under, ())
    location = answer["headers"].get("location", "").lower()
    if answer["status"] in (301, 302, 303, 307, 308) and location.startswith("https:") and not server.tls:
        return get(server, what, path, under, ("X-Forwarded-Proto: https",))
    return answer


def get(server: Server, what: str, path: str, under: str, extra: tuple[str, ...]) -> Exchange:
    """Return one exchange, on the kept connection if it is still good, else on a new one."""
    kept = server.line is not None
    answer = attempt(server, what, path, extra)
    if answer["error"] and kept:
        answer = attempt(server, what, path, extra)
    answer["under"] = under
    server.asked.append(answer)
    return answer


def attempt(server: Server, what: str, path: str, extra: tuple[str, ...]) -> Exchange:
    try:
        server.line = server.line or reach(server)
        server.line.settimeout(server.left())
        server.line.sendall(head_of(server, path, "Connection: keep-alive", *extra))
        status, headers, rest = read_head(server, server.line)
        body, whole = read_body(server, server.line, status, headers, rest)
    except (OSError, Cut) as problem:
        server.close()
        return exchange(what, path, bool(extra), error=in_words(problem))
    if not whole or headers.get("connection", "").lower() == "close":
        server.close()
    return exchange(what, path, bool(extra), status, headers, body)


def exchange(
    what: str, path: str, through: bool = False, status: int = 0, headers: dict[str, str] | None = None,
    body: bytes = b"", error: str = "",
) -> Exchange:  # fmt: skip
    """Return an exchange as it is reported: only the headers that tell something, and a bounded part of the body."""
    return {
        "ask": what,
        "path": path,
        "through": through,
        "status": status,
        "headers": {name: value for name, value in (headers or {}).items() if name in KEPT_HEADERS},
        "body": body[: KEPT.get(what, KEPT_ELSE)].decode("utf-8", "replace"),
        "error": error,
        "under": "",
    }


def head_of(server: Server, path: str, *lines: str) -> bytes:
    """Return a request. What a path from somebody's settings.js holds can't get out of its line."""
    host = f"[{server.address}]" if ":" in server.address else server.address
    target = "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in path.encode("utf-8", "replace"))
    head = (f"GET {target} HTTP/1.1", f"Host: {host}:{server.port}", "User-Agent: nrguard", "Accept: */*", *lines)
    return ("\r\n".join(head) + "\r\n\r\n").encode("ascii")


def receive(server: Server, line: socket.socket) -> bytes:
    line.settimeout(server.left())
    return line.recv(16384)


def read_head(server: Server, line: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers by their lower-case names, and what came of the body. Raise Cut if that is no answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = receive(server, line)
        data += more
        if not more or len(data) > HEAD_LIMIT:
            raise Cut("no answer" if not data else "no HTTP answer")
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    status = STATUS_LINE.match(first)
    if status is None:
        raise Cut("no HTTP answer")
    headers: dict[str, str] = {}
    for text in (line.decode("latin-1") for line in lines):
        name, _, value = text.partition(":")
        earlier = headers.get(name.lower())
        headers[name.lower()] = f"{earlier}, {value.strip()}" if earlier else value.strip()
    return int(status[1]), headers, rest


def read_body(
    server: Server, line: socket.socket, status: int, headers: dict[str, str], data: bytes
) -> tuple[bytes, bool]:
    """Return the body, at most BODY_LIMIT of it, and whether the connection is at the end of the answer."""
    if status in (204, 304):
        return b"", True
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    length = headers.get("content-length", "")
    announced = int(length) if length.isdecimal() and len(length) < 12 and not chunked else BODY_LIMIT + 1
    while len(data) < min(announced, BODY_LIMIT) and not (chunked and data.endswith(b"0\r\n\r\n")):
        more = receive(server, line)
        if not more:
            break
        data += more
    return (unchunk(data), False) if chunked else (data[:announced], len(data) == announced)


def unchunk(data: bytes) -> bytes:
    """Return what the chunks hold, as far as they go."""
    parts = []
    while data:
        size, _, data = data.partition(b"\r\n")
        digits = size.split(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", digits) or int(digits, 16) == 0:
            break
        parts.append(data[: int(digits, 16)])
        data = data[int(digits, 16) + 2 :]
    return b"".join(parts)


def comms(server: Server, path: str) -> None:
    """Knock at the editor's websocket: an empty message, which a guarded one refuses, and a ping, to know when."""
    server.close()
    server.end = min(server.end, time.monotonic() + COMMS_PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}")
    answer = exchange("comms", path)
    server.asked.append(answer)
    try:
        server.line = reach(server)
        server.line.sendall(head_of(server, path, *upgrade))
        answer["status"], _, rest = read_head(server, server.line)
        if answer["status"] == 101:
            server.line.sendall(b"\x81\x82\0\0\0\0{}" + b"\x89\x80\0\0\0\0")
            answer["body"] = " ".join(frames(server, server.line, rest))
    except (OSError, Cut) as problem:
        answer["error"] = in_words(problem)


def frames(server: Server, line: socket.socket, data: bytes) -> Iterator[str]:
    """Yield the texts of the frames, "pong" and "close", up to the first of these two."""
    while True:
        while len(data) < 2 or len(data) < 2 + (data[1] & 0x7F):
            more = receive(server, line)
            if not more:
                yield "close"
                return
            data += more
        kind, size = data[0] & 0x0F, data[1] & 0x7F
        if kind in (8, 10) or size > 125:
            yield "close" if kind == 8 else "pong"
            return
        yield data[2 : 2 + size].decode("utf-8", "replace")
        data = data[2 + size :]


def in_words(problem: Exception) -> str:
    if isinstance(problem, ssl.SSLError):
        return (problem.reason or "TLS failed").replace("_", " ").lower()
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror.lower()
    return str(problem) or type(problem).__name__


if __name__ == "__main__":
    main()
