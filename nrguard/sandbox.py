"""Lock this very process up: no new files, sockets, processes or signals; only reading and writing what is open.

A seccomp allow-list for x86-64 and aarch64 (systemd knows the same numbers). Where the kernel or the machine has no
seccomp, the resource limits still hold, and `confine` says so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
SECCOMP_MODE_FILTER = 2
ALLOW, KILL_PROCESS, EPERM = 0x7FFF0000, 0x80000000, 0x00050001
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# What CPython, malloc and tree-sitter need between reading one request and writing one answer.
_ALLOWED = {
    "x86_64": {
        "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "mmap": 9, "munmap": 11, "brk": 12,
        "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "mremap": 25, "madvise": 28, "exit": 60,
        "futex": 202, "clock_gettime": 228, "exit_group": 231, "getrandom": 318,
    },
    "aarch64": {
        "close": 57, "lseek": 62, "read": 63, "write": 64, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98,
        "clock_gettime": 113, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "brk": 214,
        "munmap": 215, "mremap": 216, "mmap": 222, "madvise": 233, "getrandom": 278,
    },
}  # fmt: skip


def confine(*, memory: int, cpu_seconds: int, wall_seconds: int) -> bool:
    """Confine this process for good. Return False where there is no seccomp and only the limits hold.

    `memory` is in bytes of address space. Past any limit the kernel ends the process.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(wall_seconds)
    return _seccomp()


def drop_identity() -> None:
    """Become nobody where this process is root; give up every capability where it is not."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("=Ii", 0x20080522, 0)  # version 3, this thread
    libc.capset(header, bytes(24))  # refused only where there was nothing to give up
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # no ptrace by processes of the same user


def _seccomp() -> bool:
    numbers = _ALLOWED.get(platform.machine())
    if numbers is None:
        return False
    program = _program(AUDIT_ARCH[platform.machine()], sorted(numbers.values()))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    code = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, fprog, 0, 0) == 0)


def _program(arch: int, allowed: list[int]) -> bytes:
    """Return the BPF program: another architecture dies, an allowed call passes, any other gets EPERM."""
    load, jump_equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K

    def step(code: int, yes: int, no: int, value: int) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    steps = [step(load, 0, 0, 4), step(jump_equal, 1, 0, arch), step(give, 0, 0, KILL_PROCESS), step(load, 0, 0, 0)]
    for position, number in enumerate(allowed):
        steps.append(step(jump_equal, len(allowed) - position, 0, number))
    return b"".join([*steps, step(give, 0, 0, EPERM), step(give, 0, 0, ALLOW)])
