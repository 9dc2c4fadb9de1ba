"""What is locked up stays locked up: the kernel refuses, whatever the process tries."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from nrguard import sandbox
from nrguard.sandbox import confine, drop_identity

pytestmark = pytest.mark.real
MEMORY = 256 << 20
NUMBERS = {  # of calls that Python has no function for, or that it would not make as they are
    "x86_64": {"openat": 257, "socket": 41, "kill": 62, "ptrace": 101, "clone": 56, "execve": 59, "io_uring_setup": 425,
               "prctl": 157, "bpf": 321, "mprotect": 10, "process_vm_readv": 310, "ioctl": 16},
    "aarch64": {"openat": 56, "socket": 198, "kill": 129, "ptrace": 117, "clone": 220, "execve": 221,
                "io_uring_setup": 425, "prctl": 167, "bpf": 280, "mprotect": 226, "process_vm_readv": 270, "ioctl": 29},
}  # fmt: skip


def in_child(work: Callable[[], object]) -> tuple[int, str]:
    """Do `work` in a process of its own. Return its exit status (negative: the signal), and what `work` returned."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write_end, repr(work()).encode())
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a child of pytest must never go on as pytest
            traceback.print_exc()
        finally:
            os._exit(99)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as answer:
        said = answer.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def confined(work: Callable[[], object]) -> tuple[int, str]:
    def locked() -> object:
        assert confine(memory=MEMORY, cpu_seconds=2, wall_seconds=10)
        return work()

    return in_child(locked)


def refused(work: Callable[[], object]) -> str:
    try:
        work()
    except OSError as error:
        return f"errno {error.errno}"
    return "done"


def raw(number: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return ctypes.get_errno() if libc.syscall(number, 0, 0, 0, 0, 0, 0) == -1 else 0


@pytest.mark.parametrize(
    "work",
    [
        lambda: os.open("/etc/hostname", os.O_RDONLY), lambda: os.open("/tmp/written", os.O_CREAT | os.O_WRONLY),
        socket.socket, os.fork, lambda: os.kill(os.getppid(), 0),
        lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os.unlink("/etc/hostname"), lambda: os.listdir("/"),
        os.pipe, lambda: os.memfd_create("x"), lambda: os.dup(1), lambda: os.stat("/"),
        lambda: os.execv("/bin/true", ["true"]), lambda: os.setuid(0), lambda: os.chdir("/"),
    ],
)  # fmt: skip
def test_a_locked_up_process_gets_eperm(work: Callable[[], object]) -> None:
    assert confined(lambda: refused(work)) == (0, "'errno 1'")


@pytest.mark.parametrize("call", sorted(NUMBERS["x86_64"]))
def test_a_raw_system_call_is_refused_too(call: str) -> None:
    number = NUMBERS[platform.machine()][call]
    assert confined(lambda: raw(number)) == (0, "1")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a second set of numbers on x86-64 only")
def test_the_other_numbers_of_the_same_machine_are_refused() -> None:
    assert confined(lambda: raw(0x40000000 | 257)) == (0, "1")


def test_an_open_descriptor_can_still_be_read_and_written() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"question")
    assert confined(lambda: (os.read(read_end, 99), os.write(write_end, b"answer"))) == (0, "(b'question', 6)")
    for fd in (read_end, write_end):
        os.close(fd)


def test_an_open_file_cannot_be_written(tmp_path: Path) -> None:
    with (tmp_path / "guard.db").open("w+b") as file:
        file.write(b"sealed")
        file.flush()
        status, _ = confined(
            lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN), os.write(file.fileno(), b"open"))[1]
        )
        assert status != 0
    assert (tmp_path / "guard.db").read_bytes() == b"sealed"


def test_too_much_memory_ends_in_a_memory_error() -> None:
    def swallow() -> str:
        try:
            return f"{len(bytearray(MEMORY))}"
        except MemoryError:
            return "refused"

    assert confined(swallow) == (0, "'refused'")


def test_an_endless_loop_is_ended_by_the_kernel() -> None:
    def endless() -> None:
        assert confine(memory=MEMORY, cpu_seconds=1, wall_seconds=10)
        while True:
            pass

    status, _ = in_child(endless)
    assert -status in (signal.SIGXCPU, signal.SIGKILL)


def test_one_that_waits_for_ever_is_ended_by_the_kernel() -> None:
    read_end, write_end = os.pipe()

    def waiting() -> object:
        confine(memory=MEMORY, cpu_seconds=1, wall_seconds=1)
        return os.read(read_end, 1)

    status, _ = in_child(waiting)
    assert status == -signal.SIGALRM
    for fd in (read_end, write_end):
        os.close(fd)


def test_a_lock_that_was_inherited_as_ignored_still_ends_one_that_waits() -> None:
    read_end, write_end = os.pipe()

    def waiting() -> object:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        confine(memory=MEMORY, cpu_seconds=1, wall_seconds=1)
        return os.read(read_end, 1)

    assert in_child(waiting)[0] == -signal.SIGALRM
    for fd in (read_end, write_end):
        os.close(fd)


def test_it_says_so_where_the_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    work = lambda: (confine(memory=MEMORY, cpu_seconds=1, wall_seconds=5), resource.getrlimit(resource.RLIMIT_FSIZE))  # noqa: E731
    assert in_child(work) == (0, "(False, (0, 0))")


def test_both_machines_name_the_same_calls() -> None:
    allowed = sandbox._ALLOWED  # noqa: SLF001 - the table is what is asked about
    assert allowed["x86_64"].keys() == allowed["aarch64"].keys()
    assert not {"open", "openat", "socket", "kill", "clone", "execve", "ptrace", "mprotect"} & allowed["x86_64"].keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to have an identity to give up")
def test_root_becomes_nobody_without_any_capability() -> None:
    def identity() -> tuple[object, ...]:
        drop_identity()
        status = Path("/proc/self/status").read_text() if os.access("/proc/self/status", os.R_OK) else ""
        effective = [line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapPrm"))]
        return os.getresuid(), os.getresgid(), os.getgroups(), effective

    nobody = (65534, 65534, 65534)
    assert in_child(identity) == (0, repr((nobody, nobody, [], ["0000000000000000"] * 2)))


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to have an identity to give up")
def test_a_process_that_gave_its_identity_up_cannot_take_it_back() -> None:
    def back() -> str:
        drop_identity()
        return refused(lambda: os.setuid(0))

    assert in_child(back) == (0, "'errno 1'")
