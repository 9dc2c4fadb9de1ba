"""Node as the judge of what a settings.js means: one locked-down child, asked about many files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nrguard.settingsjs import NAMES
from tests.nodered import node_for

_SCRIPT = Path(__file__).with_name("oracle.js")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What Node made of a file. `settings` are source texts, None where no text means the same; `error` its refusal."""

    settings: Mapping[str, str | None] = field(default_factory=dict)
    later: Mapping[str, str | None] = field(default_factory=dict)  # after every timer and handler has run
    error: str = ""
    what: str = ""


class Oracle:
    """A child of node that loads files; its environment is empty. Close it when done."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [node_for("4.1.15"), "--stack-size=500", str(_SCRIPT), json.dumps(NAMES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={"NODE_OPTIONS": ""},
        )  # fmt: skip

    def load(self, source: str, env: Mapping[str, str] | None = None) -> Loaded:
        """Return what loading `source` gives."""
        stdin, stdout = self._child.stdin, self._child.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the child has no pipes")
        stdin.write(json.dumps({"source": source, "env": dict(env or {})}) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return Loaded(
            answer.get("settings", {}), answer.get("later", {}), answer.get("error", ""), answer.get("what", "")
        )

    def close(self) -> None:
        if self._child.stdin is not None:
            self._child.stdin.close()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._child.wait(10)
