"""Both dashboards beside a real Node-RED: their pages ask for a login, and their data does not."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from nrguard.model import Wire
from nrguard.probes.wire import Request, command, parse
from tests.nodered import VERSIONS, Running, dashboards

# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
SETTINGS = f"""module.exports = {{
    uiHost: '127.0.0.1', uiPort: process.env.PORT, flowFile: 'flows.json',
    httpNodeAuth: {{user: 'anna', pass: '{HASH}'}},
}};
"""
FLOW = (
    {"id": "t1", "type": "tab", "label": "Flow"},
    {"id": "b1", "type": "ui-base", "name": "House", "path": "/dashboard", "includeClientData": True},
    {"id": "c1", "type": "ui_ui_control", "z": "t1", "events": "all", "wires": [["f1"]]},
    {
        "id": "f1",
        "type": "file",
        "z": "t1",
        "filename": "clients.txt",
        "filenameType": "str",
        "overwriteFile": "false",
        "wires": [[]],
    },
)
"""Its file is written as soon as somebody becomes a client of the older dashboard."""
PATIENCE = 30.0


@pytest.fixture(scope="module", params=VERSIONS)
def node_red(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(request.param, tmp_path_factory.mktemp("house"), settings=SETTINGS)
    (running.user_dir / "flows.json").write_text(json.dumps(FLOW))
    (running.user_dir / "node_modules").symlink_to(dashboards())
    with running:
        yield running


def seen(port: int) -> Wire:
    said = subprocess.run(command(Request("127.0.0.1", port)), capture_output=True, check=True, timeout=60)
    wire = parse(said.stdout)
    assert isinstance(wire, Wire)
    return wire


def test_both_are_reached_although_their_pages_ask_for_a_login(node_red: Running) -> None:
    deadline = time.monotonic() + PATIENCE  # the newer one comes with its flow
    while len((wire := seen(node_red.port)).dashboards) < 2 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert wire.dashboards == ("/ui", "/dashboard")
    for page in ("/ui/", "/dashboard"):
        assert node_red.ask(page).status == 401
        assert joined(node_red.port, page.rstrip("/")), "what nrguard says of it is true"


def test_looking_makes_nobody_a_client_of_whom_a_flow_hears(node_red: Running) -> None:
    clients = node_red.user_dir / "clients.txt"
    clients.unlink(missing_ok=True)
    seen(node_red.port)
    time.sleep(0.5)
    assert not clients.exists()
    assert joined(node_red.port, "/ui")
    deadline = time.monotonic() + PATIENCE
    while not clients.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert clients.exists(), "a flow does hear of a client"


def joined(port: int, path: str) -> bool:
    """Tell whether a stranger becomes a client of a dashboard, as a browser does without its page."""
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    base = f"{path}/socket.io/?EIO=4&transport=polling"
    line.request("GET", base)
    session = re.search(r'"sid":"([^"]+)"', line.getresponse().read().decode())
    assert session
    line.request("POST", f"{base}&sid={session[1]}", "40")
    line.getresponse().read()
    line.request("GET", f"{base}&sid={session[1]}")
    said = line.getresponse().read().decode()
    line.close()
    return said.startswith('40{"sid"')


def test_a_node_red_without_a_dashboard_has_none(tmp_path: Path) -> None:
    with Running(VERSIONS[0], tmp_path) as running:
        assert seen(running.port).dashboards == ()
