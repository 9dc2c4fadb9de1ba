"""The scratch house of the quickstart: a Node-RED or just its settings.js, an inbox, an owner's policy, a guard."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stage.guard import Guard
from stage.inbox import Inbox
from stage.nodered import Running
from stage.stranger import free_port

SETTINGS_ALONE = """\
// A settings.js without a Node-RED: the quickstart could not get one.
module.exports = {
    uiPort: process.env.PORT || 1880,
    uiHost: "127.0.0.1",

    /** Shown in the editor's title. */
    editorTheme: { page: { title: "House" } },
}
"""


@dataclass(frozen=True, slots=True)
class House:
    """All that a scene plays with. `server` is None where no Node-RED could be had."""

    folder: Path
    settings: Path
    server: Running | None
    inbox: Inbox
    guard: Guard
    port: int
    """Where Node-RED listens once `nrguard apply` has run."""
    logins: dict[str, str] = field(default_factory=dict)
    """User -> password, from the moment on when `nrguard apply` has said them."""

    def processes(self) -> dict[str, int]:
        """Return the pids of what runs, the guard first: it would put the others back."""
        guard = self.guard.process.pid if self.guard.process else 0
        server = self.server.pid if self.server else 0
        return {"nrguard": guard, "Node-RED": server, "inbox": self.inbox.process.pid}


@contextmanager
def house(version: str | None, *, keep: bool) -> Iterator[House]:
    """Build the house; take it down at the end of the block unless `keep` and nothing went wrong."""
    folder = Path(tempfile.mkdtemp(prefix="nrguard-quickstart-")).resolve()
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        inbox = ending.enter_context(Inbox(folder))
        server = ending.enter_context(Running(version, folder)) if version else None
        settings = server.settings if server else folder / "settings.js"
        if not server:
            settings.write_text(SETTINGS_ALONE)
        port = free_port()
        guard = ending.enter_context(Guard(folder / "guard", _policy(settings, server, inbox, port)))
        yield House(folder, settings, server, inbox, guard, port)
        if keep:
            inbox.keep = True
            ending.pop_all()


def _policy(settings: Path, server: Running | None, inbox: Inbox, port: int) -> str:
    """Return the owner's policy. What JSON quotes, YAML understands."""
    lines = ["instances:", "  demo:", f"    settings: {json.dumps(str(settings))}"]
    if server:
        verbs = {verb: server.command(verb) for verb in ("restart", "stop", "contain")}
        lines += [f"    service: {{command: {json.dumps(verbs)}}}", f'    environment: {{PORT: "{server.port}"}}']
    lines += [
        "    want:",
        '      adminAuth: [{username: admin, password: generate, permissions: "*"}]',
        "      httpNodeAuth: {user: house, pass: generate}",
    ]
    if server:
        lines += ["      https: self-signed", "      requireHttps: true", f"      uiPort: {port}"]
    lines += ["channels:", f"  inbox: {{url: {json.dumps(inbox.url)}, from: note}}"]
    return "\n".join(lines) + "\n"
