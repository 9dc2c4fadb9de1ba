"""A real guard in a process of its own; the network of its messages is cut, its processes are killed."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nrguard import courier, outbox
from nrguard.model import Severity
from nrguard.places import Places, wake
from nrguard.policy import Channel
from nrguard.records import Changes, Message
from nrguard.seen import Finding, Remedy
from nrguard.standing import House
from nrguard.statusfile import read
from nrguard.store import Store
from tests.fake_world import GOOD
from tests.sinks import HttpSink

_HURRIED = """
import sys
from nrguard.cli import main
from tests.faults.delivery_house import hurry
hurry()
sys.exit(main(sys.argv[1:]))
"""
ROOT = Path(__file__).resolve().parents[2]
_DIGEST = re.compile(r"Node-RED: (\d+) messages")
_NUMBER = re.compile(r"incident (\d+)\b")


def hurry() -> None:
    """Make what takes minutes in a house take tenths of seconds in this process; nothing else is changed."""
    courier.FIRST_RETRY, courier.LAST_RETRY = 0.1, 0.4
    outbox.STORM_SECONDS, outbox.FLOOD = 0.3, 10**9


class GuardedHouse:
    """One guard, one channel; incidents that a test puts into the records, as gate and commands do."""

    def __init__(self, folder: Path, sink: HttpSink, least: str = "critical", more: str = "") -> None:
        """`least`: from which severity on the channel is told; `more`: further lines of the policy."""
        self.sink = sink
        self._places = Places(folder / "nrguard.yaml", folder / "state", folder / "run")
        self._places.make()
        (folder / "settings.js").write_bytes(GOOD)
        self._places.config.write_text(
            f"instances:\n  main: {{settings: {folder}/settings.js, service: none, mode: observe}}\n"
            f'channels:\n  phone: {{url: "{sink.url}", from: {least}}}\n{more}'
        )
        self._log = folder / "log"
        self._guard: subprocess.Popen[bytes] | None = None
        self._store = Store(self._places.state)

    def close(self) -> None:
        self.kill()
        self._store.close()

    @property
    def pid(self) -> int:
        assert self._guard is not None
        return self._guard.pid

    def start(self) -> None:
        named = {"config": self._places.config, "state-dir": self._places.state, "run-dir": self._places.run}
        arguments = [f"--{name}={path}" for name, path in named.items()]
        with self._log.open("ab") as log:
            self._guard = subprocess.Popen([sys.executable, "-c", _HURRIED, "run", *arguments], stderr=log, cwd=ROOT)

    def kill(self) -> None:
        """SIGKILL, in whatever it does."""
        if self._guard is not None:
            self._guard.kill()
            self._guard.wait()
            self._guard = None

    def end(self) -> int:
        """End it as systemd does. Return its exit status."""
        assert self._guard is not None
        self._guard.terminate()
        return self._guard.wait(20)

    def status(self) -> House | None:
        """Return what status.json says."""
        return read(self._places)

    def kill_child(self) -> bool:
        """SIGKILL the delivering child, if one is under way. Return whether there was one."""
        for child in children_of(self.pid):
            if b"nrguard.deliver" in command_of(child):
                os.kill(child, signal.SIGKILL)
                return True
        return False

    def memory(self) -> int:
        """Return the resident memory of the guard, in KiB."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1])  # type: ignore[index] # the kernel always writes it

    def open_incident(self, number: int) -> None:
        found = Finding("a test", f"incident {number}", Severity.CRITICAL, "bad", "good", Remedy.OWNER)
        message = Message(f"incident {number}", "a test", Severity.CRITICAL, open=True)
        changes = Changes(opened=(found,), told=((found.check, found.subject),), messages=(message,))
        self._store.finish("elsewhere", changes, time.time(), (Channel("phone", least=Severity.CRITICAL),))
        wake(self._places)

    def settle(self, number: int) -> int:
        """Open incidents from `number` on, each taking along what waits, until nothing does. Return the last one."""
        for last in range(number, number + 20):
            self.open_incident(last)
            if until(lambda: not self.waiting(), 3.0):
                return last
        raise AssertionError(f"{self.waiting()} still wait")

    def waiting(self) -> int:
        return sum(reach.waiting for reach in self._store.outbox.reaches())

    def confirmed(self) -> dict[int, float]:
        """Return when each incident's message was noted as delivered."""
        with closing(sqlite3.connect(self._places.state / "guard.db")) as db:
            rows = db.execute("SELECT message, next_try FROM outbox WHERE state = 'delivered'").fetchall()
        found = ((_NUMBER.search(json.loads(message)["title"]), at) for message, at in rows)
        return {int(number[1]): at for number, at in found if number}

    def told(self) -> list[range]:
        """Return what each arrived message told: one incident, or all in a span of them."""
        spans = []
        for document in list(self.sink.received):
            last = _NUMBER.search(document["message"] if _DIGEST.match(document["title"]) else document["title"])
            if last is None:
                continue  # the guard's own
            count = int(found[1]) if (found := _DIGEST.match(document["title"])) else 1
            listed = [int(number) for number in _NUMBER.findall(document["message"])] or [int(last[1])]
            spans.append(range(max(listed) - count + 1, max(listed) + 1))
        return spans


@contextmanager
def guarded(folder: Path, sink: HttpSink, least: str = "critical", more: str = "") -> Iterator[GuardedHouse]:
    """Run a house within it. Nothing of the hurry stays in this process."""
    usual = courier.FIRST_RETRY, courier.LAST_RETRY, outbox.STORM_SECONDS, outbox.FLOOD
    hurry()
    try:
        with closing(GuardedHouse(folder, sink, least, more)) as house:
            yield house
    finally:
        courier.FIRST_RETRY, courier.LAST_RETRY, outbox.STORM_SECONDS, outbox.FLOOD = usual


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Wait until it is true. Return whether it was in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
