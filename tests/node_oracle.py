"""Node as the oracle: what a settings.js really gives when it is loaded, from one long-lived, locked-down child."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stage.node import node_for

_SCRIPT = Path(__file__).with_name("node_oracle.js")


class NotLoaded(Exception):
    """Node refuses the file, or the file throws."""


class Oracle:
    """Loads settings files in a Node.js without environment, JIT, or real modules. Use it as a context manager."""

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [node_for("4.1.15").node, "--jitless", "--no-warnings", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it says that it does without WebAssembly
            env={},
            cwd="/",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.communicate(timeout=10)

    def load(self, source: bytes, env: Mapping[str, str] | None = None) -> dict[str, Any]:  # Any: JSON
        """Return the exported settings; functions as their source, modules as what was asked of them.

        Raise `NotLoaded` where Node would not start from this file.
        """
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        question = json.dumps({"source": source.decode(), "env": dict(env or {})}) + "\n"
        self._child.stdin.write(question.encode())
        self._child.stdin.flush()
        answer = json.loads(self._child.stdout.readline())
        if "error" in answer:
            raise NotLoaded(answer["error"])
        return answer["loaded"]  # type: ignore[no-any-return]
