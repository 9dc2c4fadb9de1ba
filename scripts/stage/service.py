"""A service without an init system: start, stop, restart and contain one program, known by a pid file.

This is what a policy's `service: {command: …}` calls for a Node-RED that no systemd keeps:

    python service.py FOLDER start|stop|restart|contain

FOLDER holds service.json (argv, contained_argv, environment, folder), and gets `pid`, `log` and `lock`. Only the
program that was started from here is ever ended: the pid file holds its start time too.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE = 20.0
"""Seconds that a stop may take; Node-RED gives its nodes 15 s to close."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, and where. `contained_argv` runs the same on loopback only."""

    argv: list[str]
    contained_argv: list[str]
    environment: dict[str, str]
    folder: str


def define(folder: Path, program: Program) -> None:
    """Write the definition that the verbs read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "service.json").write_text(json.dumps(asdict(program), indent=1))


def command(folder: Path, verb: str) -> list[str]:
    """Return the argument list that carries out `verb`, for a policy or for subprocess."""
    return [sys.executable, str(Path(__file__).resolve()), str(folder), verb]


def running(folder: Path) -> int:
    """Return the pid of the service's program; 0 if it does not run."""
    try:
        pid, started = (folder / "pid").read_text().split()
    except (FileNotFoundError, ValueError):
        return 0
    return int(pid) if _start_time(int(pid)) == started else 0


def start(folder: Path, *, contained: bool = False) -> int:
    """Start the program in a session of its own and return its pid; if it runs already, just that."""
    if pid := running(folder):
        return pid
    program = Program(**json.loads((folder / "service.json").read_text()))
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            program.contained_argv if contained else program.argv,
            cwd=program.folder,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    (folder / "pid").write_text(f"{process.pid} {_start_time(process.pid)}\n")
    return process.pid


def stop(folder: Path) -> None:
    """End the program: ask, wait, then insist."""
    for ask, patience in ((signal.SIGTERM, PATIENCE), (signal.SIGKILL, 5.0)):
        if not _end(folder, ask, patience):
            return


def _end(folder: Path, ask: signal.Signals, patience: float) -> bool:
    """Send one signal and wait; tell whether the program still runs."""
    pid = running(folder)
    if not pid:
        return False
    os.kill(pid, ask)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not running(folder):
            return False
        time.sleep(0.01)
    return True


def _start_time(pid: int) -> str:
    """Return when `pid` was started, in ticks since boot; "" if it is gone or only waits to be reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def main(folder: Path, verb: str) -> int:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two restarts at once are one after the other
        if verb in {"stop", "restart", "contain"}:
            stop(folder)
        if verb in {"start", "restart", "contain"}:
            start(folder, contained=verb == "contain")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in {"start", "stop", "restart", "contain"}:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
