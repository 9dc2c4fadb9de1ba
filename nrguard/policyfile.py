"""The policy in force: the file where it reads, else the last one that did, sealed in the state."""

from __future__ import annotations

import os
import time
from pathlib import Path

from nrguard.checks import all_checks
from nrguard.config import PolicyError, parse_policy
from nrguard.errors import NrguardError
from nrguard.policy import Policy
from nrguard.store import Store

LIMIT = 256 * 1024  # bytes


class PolicyFile:
    """Loads the policy again and again. `problem` is the first mistake of the file on disk, "" where there is none."""

    def __init__(self, path: Path, store: Store) -> None:
        self._path = path
        self._store = store
        self.problem = ""

    def load(self) -> Policy:
        """Return the policy in force. Raise NrguardError (all mistakes) only where no policy was ever valid."""
        try:
            data = read(self._path)
            policy = parse(data, self._path.name)
        except NrguardError as error:
            sealed = self._store.policy()
            if sealed is None:
                raise
            self.problem = error.message.splitlines()[0]
            return parse(sealed, self._path.name)
        self.problem = ""
        if data != self._store.policy():
            self._store.seal_policy(data, time.time())
        return policy


def read(path: Path) -> bytes:
    """Return the bytes of a policy file. Raise NrguardError where it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        hint = "write one (config/nrguard.yaml is a sample), or name another with --config"
        raise NrguardError(f"{path}: {os.strerror(error.errno or 0)}", hint) from error


def parse(data: bytes, name: str) -> Policy:
    """Return the policy that `data` spells. Raise PolicyError with every mistake in it."""
    return parse_policy(data, name, rules={check.id: check.rule for check in all_checks().values()})


__all__ = ["PolicyError", "PolicyFile", "parse", "read"]
