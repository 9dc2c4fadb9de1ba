"""The owner's mistakes and failed requests: what a command says in one line, and the exit status it ends with."""

from __future__ import annotations

from typing import ClassVar

DONE = 0
FAILED = 1  # something is wrong, or could not be done
USAGE = 2  # a typing mistake, or a broken policy
OURS = 3  # our own mistake; commands that give a verdict end so with any error, since 1 and 2 are verdicts there
INTERRUPTED = 130


class NrguardError(Exception):
    """The owner's mistake: usage or policy. `hint` is one sentence that says what to do."""

    exit_status: ClassVar[int] = USAGE
    located: ClassVar[bool] = False  # each line of the message begins with file:line:column

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def status(self, *, verdict: bool = False) -> int:
        """Return the exit status of a command that ends with this error; `verdict`: it is one like `check`."""
        return OURS if verdict else self.exit_status


class Failed(NrguardError):
    """Understood, and it could not be done."""

    exit_status = FAILED
