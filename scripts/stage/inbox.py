"""The owner's inbox: a small HTTP server on loopback that keeps what Apprise's json:// delivers, with the time.

python inbox.py FILE     print the port, then append each message to FILE as one line of JSON
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message as it arrived; `at` is in seconds since the epoch."""

    at: float
    title: str
    body: str


class Inbox:
    """The server in a process of its own, as a context manager; `keep` lets it outlive the block."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "inbox.jsonl"
        self.file.touch()
        self.keep = False
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), str(self.file)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a kept inbox must not hold the terminal or a pipe open
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    @property
    def url(self) -> str:
        """The Apprise URL that delivers here."""
        return f"json://127.0.0.1:{self.port}/"

    def messages(self, since: float = 0.0) -> tuple[Delivered, ...]:
        """Return what has arrived at or after `since` (seconds since the epoch), oldest first."""
        lines = self.file.read_text().splitlines(keepends=True)
        whole = (Delivered(**json.loads(line)) for line in lines if line.endswith("\n"))
        return tuple(message for message in whole if message.at >= since)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        if not self.keep:
            self.process.terminate()
            self.process.wait()


def serve(file: Path) -> None:
    """Answer until terminated."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            at = time.time()
            posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            line = json.dumps({"at": at, "title": posted.get("title", ""), "body": posted.get("message", "")})
            with file.open("a") as kept:
                kept.write(line + "\n")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing: the file is the log."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
