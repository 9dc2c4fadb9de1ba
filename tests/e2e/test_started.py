"""How the running Node-RED was started, where no systemd can tell: from its own environment, and from the time."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stage.guard import Guard
from tests.nodered import Running, free_port

VERSION = "5.0.7"
# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
SECURED = """module.exports = {
    uiPort: %d,
    uiHost: "127.0.0.1",
    adminAuth: {type: "credentials", users: [{username: "anna", password: "%s", permissions: "*"}]},
};
"""
HOOK = """const Module = require('module'), load = Module._load;
Module._load = function (name) {
    const loaded = load.apply(this, arguments);
    if (String(name).endsWith('/settings.js')) { loaded.adminAuth = null; }
    return loaded;
};
"""
INSPECTOR = ("127.0.0.1", 9229)


def _secured(folder: Path, options: Sequence[str] = (), **environment: str) -> Running:
    port = free_port()
    return Running(
        VERSION, folder, settings=SECURED % (port, HASH), port=port, options=options, environment=environment
    )  # fmt: skip


def _guard(folder: Path, server: Running) -> Guard:
    verbs = {verb: server.command(verb) for verb in ("restart", "stop", "contain")}
    policy = f"instances:\n  main:\n    settings: {server.settings}\n    service: {{command: {json.dumps(verbs)}}}\n"
    guard = Guard(folder / "guard", policy)
    sealed = guard.call("accept", "--yes")
    assert sealed.status == 0, sealed
    return guard


def _findings(guard: Guard) -> dict[tuple[str, str], dict[str, Any]]:
    found = json.loads(guard.call("check", "--json").out)["instances"][0]["findings"]
    return {(one["check"], one["subject"]): one for one in found}


def test_code_from_the_environment_is_found_in_the_running_process(tmp_path: Path) -> None:
    hook = tmp_path / "hook.js"
    hook.write_text(HOOK)
    with _secured(tmp_path, NODE_OPTIONS=f"--require {hook}") as server:
        assert server.ask().open
        findings = _findings(_guard(tmp_path, server))
        preload = findings["preload", "--require"]
        assert f"{hook} in the environment of process {server.pid}" in preload["saw"]
        assert preload["remedy"] == "owner", "what starts it would set it again"
        assert preload["saw"] in findings["stranger", "editor"]["saw"]


def test_an_override_that_left_no_trace_is_told_as_such(tmp_path: Path) -> None:
    with _secured(tmp_path, ("-D", "adminAuth=null")) as server:
        assert server.ask().open
        stranger = _findings(_guard(tmp_path, server))["stranger", "editor"]
        assert "the file was right already when the process started" in stranger["saw"]


def test_a_process_that_is_older_than_the_file_is_told_with_its_time(tmp_path: Path) -> None:
    port, before = free_port(), time.time()
    with Running(VERSION, tmp_path, port=port) as server:
        started = {time.strftime("%H:%M", time.localtime(at)) for at in (before, time.time())}
        server.settings.write_text(SECURED % (port, HASH))
        stranger = _findings(_guard(tmp_path, server))["stranger", "editor"]
        assert "the file is right; the process still runs the settings of" in stranger["saw"]
        assert stranger["saw"][-5:] in started
        assert stranger["remedy"] == "restart"


def test_an_inspector_that_a_signal_opened_is_found(tmp_path: Path) -> None:
    with socket.socket() as taken:
        if taken.connect_ex(INSPECTOR) == 0:
            pytest.skip("another program has the inspector's port")
    with _secured(tmp_path) as server:
        guard = _guard(tmp_path, server)
        assert ("inspector", "inspector") not in _findings(guard)
        os.kill(server.pid, signal.SIGUSR1)
        _await_inspector()
        inspector = _findings(guard)["inspector", "inspector"]
        assert "it listens on 127.0.0.1:9229" in inspector["saw"]
        assert inspector["severity"] == "warning"


def _await_inspector() -> None:
    deadline = time.monotonic() + 20.0
    while time.monotonic() < deadline:
        with socket.socket() as asking:
            if asking.connect_ex(INSPECTOR) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the inspector did not open")
