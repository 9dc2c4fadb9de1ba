"""The logins of a real Node-RED: its own are no finding, planted ones work and are found, revoking ends them all."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bcrypt
import pytest

from nrguard.actions.sessions import revocation
from nrguard.host.removal import remove
from nrguard.model import Severity
from nrguard.policy import Instance
from nrguard.probes.surroundings import PROBE, Sessions, Surroundings, parse
from nrguard.seen import Seen
from tests.looked import found, looked, reading
from tests.nodered import VERSIONS, Running, ask, free_port, log_in

PASSWORD = "correct horse"
NEVER = 4_102_444_800_000  # milliseconds: the year 2100
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(8, prefix=b"2b")).decode()
ADMIN_AUTH = f"""adminAuth: {{ type: "credentials", users: [
    {{ username: "admin", password: "{HASH}", permissions: "*" }},
    {{ username: "guest", password: "{HASH}", permissions: "read" }},
    {{ username: "nothing", password: "{HASH}" }},
] }}"""


@dataclass(frozen=True, slots=True)
class House:
    """A Node-RED with a login, and what nrguard's probe and check say about the logins that it keeps."""

    server: Running

    @property
    def kept(self) -> Path:
        return self.server.user_dir / ".sessions.json"

    def plant(self, content: object) -> None:
        """Write other logins while Node-RED does not run, as it would write them."""
        self.server.stop()
        self.kept.write_text(json.dumps(content))
        self.server.start()

    def status(self, token: str) -> int:
        return self.server.ask("/flows", token=token).status

    def seen(self) -> Seen:
        instance = Instance("main", str(self.server.settings))
        command = PROBE.command(looked(instance=instance))
        assert command
        part = parse(subprocess.run(command, capture_output=True, env={}, timeout=60, check=True).stdout)
        assert isinstance(part, Surroundings), part
        assert part.sessions is not None, "there is a file of logins"
        settings = reading(ADMIN_AUTH)
        return looked(instance=instance, disk=settings, parts={"surroundings": part}, baseline=None, now=time.time())

    def found(self) -> list[tuple[str, Severity]]:
        return [(finding.subject, finding.severity) for finding in found("sessions", self.seen())]


@pytest.fixture(scope="module", params=VERSIONS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    port = free_port()
    text = f'module.exports = {{ uiPort: {port}, uiHost: "127.0.0.1", {ADMIN_AUTH} }}'
    folder = tmp_path_factory.mktemp("sessions")
    folder.chmod(0o755)
    with Running(request.param, folder, settings=text, port=port) as server:
        yield House(server)


def test_what_node_red_keeps_itself_is_no_finding(house: House) -> None:
    assert log_in(house.server.port, "admin", PASSWORD)
    for user, scope in (("admin", ""), ("guest", "read"), ("guest", ""), ("nothing", "")):
        form = {"client_id": "node-red-editor", "grant_type": "password", "username": user, "password": PASSWORD}
        assert ask(house.server.port, "/auth/token", form={**form, "scope": scope}).open, (user, scope)
    part = house.seen().parts["surroundings"]
    assert isinstance(part, Surroundings)
    assert isinstance(part.sessions, Sessions)
    assert [login.user for login in part.sessions.logins] == ["admin", "admin", "guest", "guest", "nothing"]
    assert house.found() == []


def test_planted_logins_work_and_are_found(house: House) -> None:
    made_well = base64.b64encode(os.urandom(128)).decode()
    wider = {"user": "guest", "client": "node-red-editor", "scope": "*", "accessToken": made_well}
    house.plant(
        {
            "open-sesame": {"user": "admin", "scope": "*", "expires": NEVER},
            "endless": {"user": "admin", "scope": "*", "expires": "never"},
            "nobody": {"user": "gone", "scope": "*", "expires": NEVER},
            made_well: {**wider, "expires": int((time.time() + 3600) * 1000)},
        }
    )
    statuses = [house.status(token) for token in ("open-sesame", "endless", made_well, "nobody")]
    assert statuses == [200, 200, 200, 401], "ways in, without any password"
    assert house.found() == [("forged login", Severity.CRITICAL), ("wider login", Severity.WARNING)]


def test_revoking_between_stop_and_start_ends_planted_and_honest_logins(house: House) -> None:
    house.plant([{"user": "admin", "scope": "*", "expires": NEVER}])  # an array is a table of tokens, too
    token = log_in(house.server.port, "admin", PASSWORD)
    assert (house.status("0"), house.status(token)) == (200, 200)
    house.kept.write_text(json.dumps([{"user": "admin", "scope": "*", "expires": NEVER}]))
    assert house.found() == [("forged login", Severity.CRITICAL)]
    assert revocation(house.seen())
    house.server.stop()
    assert remove(str(house.kept)) == ""
    house.server.start()
    assert (house.status("0"), house.status(token)) == (401, 401)
    assert log_in(house.server.port, "admin", PASSWORD), "the owner gets in again"
