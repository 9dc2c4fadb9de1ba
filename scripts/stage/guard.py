"""nrguard itself, run as an owner runs it: its commands one by one, and `nrguard run` as a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Said:
    """What one command answered."""

    status: int
    out: str
    err: str


class Guard:
    """An nrguard with a policy, a state and a run folder of its own under `folder`."""

    def __init__(self, folder: Path, policy: str) -> None:
        self.folder = folder
        self.policy = folder / "nrguard.yaml"
        self.log = folder / "nrguard.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.policy.write_text(policy)
        self.policy.chmod(0o600)  # channel addresses are secrets
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        """Return the argument list of an nrguard command with this policy and these folders."""
        program = str(Path(sys.executable).with_name("nrguard"))
        places = ("--config", str(self.policy), "--state-dir", str(self.folder / "state"))
        return [program, *places, "--run-dir", str(self.folder / "run"), *arguments]

    def call(self, *arguments: str, limit: float = 120.0) -> Said:
        """Run one command to its end."""
        answer = subprocess.run(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
        return Said(answer.returncode, answer.stdout, answer.stderr)

    def start(self, *, limit: float = 30.0) -> None:
        """Start `nrguard run` and return when it says that it is ready, as it says to systemd.

        Raise `TimeoutError` with the end of its log if it does not.
        """
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready, self.log.open("ab") as log:
            ready.bind("")  # the kernel picks an abstract name
            ready.settimeout(0.1)
            self.process = subprocess.Popen(
                self.command("run"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"NOTIFY_SOCKET": "@" + ready.getsockname()[1:].decode()},
                start_new_session=True,
            )
            self._wait_until_ready(ready, self.process, time.monotonic() + limit)

    def _wait_until_ready(self, ready: socket.socket, process: subprocess.Popen[bytes], deadline: float) -> None:
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in ready.recv(4096).splitlines():
                    return
        self.stop()
        raise TimeoutError(f"nrguard run did not get ready:\n{self.log_end()}")

    def log_end(self) -> str:
        """Return the last lines that `nrguard run` wrote; "" if it never ran."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def stop(self, *, limit: float = 10.0) -> int:
        """Send SIGTERM and return the exit status; kill it if it is not gone after `limit` seconds."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
