"""A real Node-RED in a scratch folder: started, waited for, restarted as a service would, and always ended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from stage import service
from stage.node import node_for
from stage.npm import install, stock_settings
from stage.stranger import Answer, ask, free_port


def on_loopback(settings: bytes) -> bytes:
    """Return a stock settings.js that listens on 127.0.0.1 only: its own commented line, made live."""
    changed = settings.replace(b'//uiHost: "127.0.0.1",', b'uiHost: "127.0.0.1",', 1)
    if changed == settings:
        raise ValueError("this settings.js has no commented uiHost line")
    return changed


GONE = 5.0
"""Seconds without a process after which a Node-RED counts as ended."""


class Running:
    """A Node-RED as a context manager: it answers inside the block and is gone after it.

    `settings` is the text of its settings.js; without one it is the stock file, open, on loopback. The stock file takes
    its port from the environment, where `port` (a free one by default) stands.
    """

    def __init__(
        self,
        version: str,
        folder: Path,
        *,
        settings: str | bytes | None = None,
        port: int = 0,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.version = version
        self.port = port or free_port()
        self.user_dir = folder / "user"
        self.settings = self.user_dir / "settings.js"
        self.service = folder / "service"
        self.user_dir.mkdir(parents=True, exist_ok=True)
        text = on_loopback(stock_settings(version)) if settings is None else settings
        self.settings.write_bytes(text.encode() if isinstance(text, str) else text)
        service.define(self.service, self._program(options, environment or {}))

    def _program(self, options: Sequence[str], environment: Mapping[str, str]) -> service.Program:
        node = node_for(self.version).node
        argv = [node, str(install(self.version)), "--userDir", str(self.user_dir), *options]
        own = {
            "PATH": f"{Path(node).parent}:/usr/bin:/bin",
            "HOME": str(self.user_dir),
            "PORT": str(self.port),
            "NODE_RED_DISABLE_TELEMETRY": "true",  # asks a server on the internet for updates
            "LANG": os.environ.get("LANG", "C.UTF-8"),
        }
        return service.Program(argv, [*argv, "-D", "uiHost=127.0.0.1"], own | dict(environment), str(self.user_dir))

    @property
    def pid(self) -> int:
        """The pid of the Node-RED that runs now; 0 without one."""
        return service.running(self.service)

    @property
    def log(self) -> str:
        """All that it printed, over all its starts."""
        return (self.service / "log").read_text(errors="replace")

    def start(self, *, wait: bool = True) -> None:
        """Start it; by default return when it answers."""
        self._carry_out("start")
        if wait:
            self.wait_until_answers()

    def restart(self, *, wait: bool = True) -> None:
        """Restart it, as its service would; by default return when it answers."""
        self._carry_out("restart")
        if wait:
            self.wait_until_answers()

    def stop(self) -> None:
        """End it. Does nothing if it does not run."""
        self._carry_out("stop")

    def command(self, verb: str) -> list[str]:
        """Return the argument list with which a policy's command service does `verb` (restart, stop, contain)."""
        return service.command(self.service, verb)

    def ask(self, path: str = "/flows", *, tls: bool | None = None, token: str = "") -> Answer:
        """Return what a stranger (or the holder of `token`) gets at its port."""
        return ask(self.port, path, tls=tls, token=token)

    def wait_until_answers(self, port: int = 0, *, limit: float = 60.0) -> Answer:
        """Return the first answer of a started Node-RED, whatever it is. A given `port` is where it is from now on.

        Raise `TimeoutError` with the end of its log if it ends or stays silent.
        """
        self.port = port or self.port
        deadline = time.monotonic() + limit
        seen = time.monotonic()  # a guard may be restarting it: then it is gone for a moment
        while time.monotonic() < min(deadline, seen + GONE):
            seen = time.monotonic() if self.pid else seen
            answer = ask(self.port)
            # 400 and 503 come for some milliseconds from a server that listens and whose runtime is not up yet
            if answer.status not in {0, 400, 503}:
                return answer
            time.sleep(0.05)
        raise TimeoutError(f"Node-RED {self.version} does not answer on port {self.port}:\n{self.log[-2000:]}")

    def _carry_out(self, verb: str) -> None:
        # By a process of its own, as nrguard does it: Node-RED is then nobody's child here and leaves no zombie.
        subprocess.run(self.command(verb), check=True, timeout=service.PATIENCE + 15)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # whatever ended the wait, an interrupt included: nothing stays behind
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
