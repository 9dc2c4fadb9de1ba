"""Who holds a socket, since when, in which unit: the real /proc, pidfds and control groups."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrguard.host import cgroups, processes
from nrguard.model import Listener

pytestmark = pytest.mark.real

LISTENING = """
import socket, sys
with socket.create_server(("127.0.0.1", 0)) as one:
    print(one.getsockname()[1], __import__("os").fstat(one.fileno()).st_ino, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    """A process that listens, and prints its port and its socket's inode."""
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        yield one
        one.kill()


@pytest.fixture(autouse=True)
def fresh() -> None:
    processes.forget()


def listening(child: subprocess.Popen[str]) -> Listener:
    assert child.stdout is not None
    port, inode = child.stdout.readline().split()
    return Listener("127.0.0.1", int(port), os.geteuid(), int(inode))


def test_the_owner_of_a_socket_is_found(child: subprocess.Popen[str]) -> None:
    assert processes.owner_of(listening(child).inode) == child.pid


def test_the_oldest_of_several_holders_is_the_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        inode = os.fstat(one.fileno()).st_ino
        sleeper = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        with subprocess.Popen(sleeper, stdin=subprocess.PIPE, pass_fds=[one.fileno()]) as heir:
            assert processes.owner_of(inode) == os.getpid()
            heir.kill()


def test_an_owner_that_has_ended_is_not_remembered(child: subprocess.Popen[str]) -> None:
    inode = listening(child).inode
    assert processes.owner_of(inode) == child.pid
    child.kill()
    child.wait()
    assert processes.owner_of(inode) == 0


def test_a_socket_that_nobody_holds_has_no_owner() -> None:
    assert processes.owner_of(1) == 0


def test_a_start_is_between_before_and_after() -> None:
    before = processes.boottime()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as one:
        since = processes.started(one.pid)
        after = processes.boottime()
        one.kill()
    tick = 1 / os.sysconf("SC_CLK_TCK")
    assert before - tick <= since <= after + tick


def test_a_process_with_a_misleading_name_has_its_true_start(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 2 ("
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([str(program), "30"]) as one:
        assert abs(processes.started(one.pid) - processes.boottime()) < 5
        one.kill()


def test_a_process_that_is_gone_has_no_start() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as one:
        one.wait()
    assert processes.started(one.pid) == 0.0
    assert processes.unit_of(one.pid) == ""
    with pytest.raises(ProcessLookupError):
        processes.exit_fd(one.pid)


def test_an_exit_rings_at_once(child: subprocess.Popen[str]) -> None:
    bell = processes.exit_fd(child.pid)
    try:
        assert select.select([bell], [], [], 0)[0] == []
        child.kill()
        began = time.monotonic()
        assert select.select([bell], [], [], 10)[0] == [bell]
        assert time.monotonic() - began < 5
    finally:
        os.close(bell)


def test_a_listener_gets_its_process_and_start(child: subprocess.Popen[str]) -> None:
    owned = processes.with_owner(listening(child))
    assert (owned.pid, owned.started) == (child.pid, processes.started(child.pid))


def test_a_listener_of_nobody_we_can_see_stays_as_it_is() -> None:
    unseen = Listener("127.0.0.1", 1880, 0, 1)
    assert processes.with_owner(unseen) == unseen


def test_the_only_process_of_the_control_group_owns_what_we_may_not_look_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "processes_in", {77: (os.getpid(),), 78: (1, 2)}.__getitem__)
    assert processes.with_owner(Listener("127.0.0.1", 1880, 0, 1, cgroup=77)).pid == os.getpid()
    assert processes.with_owner(Listener("127.0.0.1", 1880, 0, 1, cgroup=78)).pid == 0


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/system.slice/nodered.service", "nodered.service"),
        ("/system.slice/nodered.service/worker", "nodered.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/node-red.service", "node-red.service"),
        ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        ("/", ""),
        ("", ""),
    ],
)
def test_the_innermost_unit_of_a_control_group_counts(path: str, unit: str) -> None:
    assert cgroups.unit_of_path(path) == unit


@pytest.fixture
def hierarchy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a control group hierarchy with one service."""
    service = tmp_path / "system.slice" / "nodered.service"
    service.mkdir(parents=True)
    (tmp_path / "cgroup.procs").write_text("")
    (service / "cgroup.procs").write_text("0\n4711\n")
    monkeypatch.setattr(cgroups, "_MOUNTS", (str(tmp_path),))
    monkeypatch.setattr(cgroups, "_paths", {})
    monkeypatch.setattr(cgroups, "_unknown", set())
    return service


def test_a_control_group_is_found_by_its_id(hierarchy: Path) -> None:
    cgroup = hierarchy.stat().st_ino
    assert cgroups.unit_of_id(cgroup) == "nodered.service"
    assert cgroups.processes_in(cgroup) == (4711,)


def test_a_control_group_that_was_made_again_is_found_under_its_new_id(hierarchy: Path) -> None:
    old = hierarchy.stat().st_ino
    assert cgroups.unit_of_id(old) == "nodered.service"
    hierarchy.rename(hierarchy.with_name("other.service"))
    hierarchy.mkdir()
    assert cgroups.unit_of_id(hierarchy.stat().st_ino) == "nodered.service"


def test_an_unknown_control_group_has_no_unit_and_no_processes(hierarchy: Path) -> None:
    assert cgroups.unit_of_id(hierarchy.stat().st_ino) == "nodered.service"
    assert cgroups.unit_of_id(1) == ""
    assert cgroups.processes_in(1) == ()


def test_an_unknown_control_group_is_searched_for_only_once(hierarchy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cgroups.unit_of_id(1) == ""
    monkeypatch.setattr(cgroups, "_MOUNTS", ())  # a second search would forget what the first has found
    assert cgroups.unit_of_id(1) == ""
    assert cgroups.unit_of_id(hierarchy.stat().st_ino) == "nodered.service"
