"""Make one system call of file work fail, or end the process there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nrguard.host import syscalls

CALLS = (
    "openat2", "open", "reopen", "read_at", "read_link", "write", "write_at", "allocate", "fstat", "fsync", "fchown",
    "fchmod", "link", "unlink", "rename", "rename_with", "listxattr", "getxattr", "setxattr", "removexattr",
)  # fmt: skip
SURVIVED: list[tuple[str, str]] = []
"""Every (operation, fault) that a test has injected and seen survived; counted at the end of the run."""

Step = tuple[str, int]  # a call by its name, and which of its uses, from 0


@contextmanager
def calls_watched(meet: Callable[[Step], None]) -> Iterator[list[Step]]:
    """Within it, `meet` is told of each system call before it is made; give the list of all that were made."""
    made: list[Step] = []
    real = {name: getattr(syscalls, name) for name in CALLS}

    def watching(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **by_name: Any) -> Any:
            step = (name, sum(1 for earlier, _ in made if earlier == name))
            made.append(step)
            meet(step)
            return real[name](*arguments, **by_name)

        return call

    for name in CALLS:
        setattr(syscalls, name, watching(name))
    try:
        yield made
    finally:
        for name, call in real.items():
            setattr(syscalls, name, call)


def steps_of(work: Callable[[], object]) -> list[Step]:
    """Return every system call that `work` makes when nothing fails."""
    with calls_watched(lambda _: None) as made:
        work()
    return made


def failing(at: Step, number: int) -> Callable[[Step], None]:
    """Return what makes the one call `at` fail with the error `number`, once."""

    def meet(step: Step) -> None:
        if step == at:
            raise OSError(number, os.strerror(number))

    return meet


def killed(work: Callable[[], object], at: Step) -> None:
    """Do `work` in a child that dies, like at a power cut, just before the call `at`."""

    def meet(step: Step) -> None:
        if step == at:
            os._exit(9)

    child = os.fork()
    if child == 0:
        with calls_watched(meet):
            work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, 9}
