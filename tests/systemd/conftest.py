"""A real systemd in a box: in namespaces of its own, over a copy-on-write view of this machine (systemd-facts)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("box.sh")
SYSTEMD = Path("/lib/systemd/systemd")
NEEDS = ("unshare", "nsenter", "setpriv", "ip", "dbus-daemon", "systemctl")
PATIENCE = 40.0  # seconds; half a second on an idle machine


@dataclass(frozen=True, slots=True)
class Box:
    """`folder` is /box inside. `leader` is the systemd, as this machine numbers it."""

    folder: Path
    leader: int

    def run(self, arguments: Sequence[str], *, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        """Run a program inside, as root."""
        return subprocess.run(
            ["nsenter", "-t", str(self.leader), "-a", "--", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, check=check, timeout=PATIENCE,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip

    def write_unit(self, name: str, text: str) -> None:
        """Write a unit, or a drop-in (`name` with a slash), and let systemd load it."""
        (self.folder / "text").write_text(text)
        path = Path("/etc/systemd/system", name)
        self.run(["mkdir", "-p", str(path.parent)])
        self.run(["cp", "/box/text", str(path)])
        self.run(["systemctl", "daemon-reload"])


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    missing = [name for name in NEEDS if shutil.which(name) is None]
    if os.geteuid() != 0 or missing or not SYSTEMD.exists():
        pytest.skip(f"a box needs root, systemd and {', '.join(missing or NEEDS)}")
    folder, state = tmp_path_factory.mktemp("box"), tmp_path_factory.mktemp("state")
    with (state.parent / "box.log").open("wb") as log:
        outer = subprocess.Popen(
            [str(SCRIPT), str(state), str(folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    leader = 0
    try:
        leader = _leader(outer, state.parent / "box.log")
        yield Box(folder, leader)
    finally:
        if leader:
            os.kill(leader, signal.SIGKILL)  # PID 1 of its namespace: the kernel ends all of them with it
        else:
            outer.kill()
        outer.wait(PATIENCE)


def _leader(outer: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the box's systemd runs; return its pid. Fail with the log if it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and outer.poll() is None:
        leader = _child(outer.pid)
        if leader and _is_up(leader):
            return leader
        time.sleep(0.05)
    pytest.fail(f"the box did not come up:\n{log.read_text(errors='replace')}")


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else 0


def _is_up(leader: int) -> bool:
    try:
        if Path(f"/proc/{leader}/comm").read_text() != "systemd\n":
            return False
    except FileNotFoundError:
        return False
    box = Box(Path("/"), leader)
    if box.run(["test", "-S", "/run/dbus/system_bus_socket"], check=False).returncode:
        return False
    return box.run(["systemctl", "is-system-running", "--wait"], check=False).stdout.strip() in (
        b"running",
        b"degraded",
    )
