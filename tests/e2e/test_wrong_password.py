"""One wrong password at a real Node-RED, whole and with code in it that makes every password right."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from nrguard.looks.attempt import tried
from stage.guard import Guard
from tests.attacks.rows.around import ANY_PASSWORD
from tests.nodered import VERSIONS, Running, free_port

# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
SETTINGS = f"""module.exports = {{
    uiHost: '127.0.0.1', uiPort: %d, httpAdminRoot: '/admin',
    adminAuth: {{type: 'credentials', users: [{{username: 'anna', password: '{HASH}', permissions: '*'}}]}},
}};
"""
PATIENCE = 60.0


def house(version: str, folder: Path, port: int, *, patched: bool) -> Running:
    running = Running(version, folder, settings=SETTINGS % port, port=port)
    if patched:
        (running.user_dir / "nodes").mkdir()
        (running.user_dir / "nodes" / "any.js").write_text(ANY_PASSWORD)
        (running.user_dir / "nodes" / "any.html").write_text("")
    return running


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("patched", [False, True], ids=["whole", "patched"])
def test_a_wrong_password_is_refused_but_by_a_patched_node_red(version: str, patched: bool, tmp_path: Path) -> None:
    port = free_port()
    with house(version, tmp_path, port, patched=patched) as running:
        attempt = {"address": "127.0.0.1", "port": port, "path": "/admin/auth/token", "user": "anna"}
        said = tried(attempt)
        assert (said["status"], said["token"]) == ((200, True) if patched else (403, False)), said
        assert running.ask("/admin/flows").status == 401, "it runs on, and asks for a login"


def test_the_guard_tries_once_for_each_start_and_tells(tmp_path: Path) -> None:
    with house(VERSIONS[0], tmp_path / "house", free_port(), patched=True) as running:
        policy = f"instances:\n  main:\n    settings: {running.settings}\n    probe_login: true\n"
        guard = Guard(tmp_path / "guard", policy)
        assert guard.call("accept", "--yes").status == 0
        assert not named(guard), "a check alone never tries"
        for _ in range(2):  # a guard that starts again has not forgotten
            guard.start()
            _wait_for_the_finding(guard)
            assert guard.stop() == 0
        assert attempts(guard) == 1


def _wait_for_the_finding(guard: Guard) -> None:
    deadline = time.monotonic() + PATIENCE
    while "any_password" not in named(guard):
        assert time.monotonic() < deadline, guard.log_end()
        time.sleep(0.5)


def named(guard: Guard) -> set[str]:
    findings = json.loads(guard.call("check", "--json").out)["instances"][0]["findings"]
    return {one["check"] for one in findings if one["severity"] == "critical"}


def attempts(guard: Guard) -> int:
    """Return how often the guard has begun to try."""
    lines = guard.call("history", "--json").out.splitlines()
    return sum('"asked"' in line and '"part"' not in line for line in lines)
