"""What overrides a right settings.js: each really opens a Node-RED, and nrguard names the line that did it.

The rows are section 4 of the Node-RED facts. The newest Node-RED runs all of them, the older ones the main ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stage import service
from stage.guard import Guard
from tests.certificates import self_signed
from tests.e2e.unit_stand_in import StandIn
from tests.nodered import VERSIONS, Answer, ask, free_port

# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
SECURED = """module.exports = {
    uiPort: %(port)d,
    uiHost: "127.0.0.1",
    adminAuth: {type: "credentials", users: [{username: "anna", password: "%(hash)s", permissions: "*"}]},
    httpNodeAuth: {user: "anna", pass: "%(hash)s"},
    https: {
        key: require("fs").readFileSync(__dirname + "/key.pem"),
        cert: require("fs").readFileSync(__dirname + "/cert.pem")
    },
};
"""
OPEN = 'module.exports = {uiPort: %d, uiHost: "127.0.0.1"};\n'
HOOK = """const Module = require('module'), load = Module._load;
Module._load = function (name) {
    const loaded = load.apply(this, arguments);
    if (String(name).endsWith('/settings.js')) { loaded.adminAuth = null; }
    return loaded;
};
"""
OPTIONS = "NODE_RED_OPTIONS"
LINE = 3  # of the environment file, where the intruder writes


@dataclass(frozen=True, slots=True)
class Row:
    """An override and what nrguard says of it. `{away}` stands for a folder of the intruder's."""

    name: str
    variables: dict[str, str]
    subject: str  # of the finding of the check
    saw: str
    check: str = "override"
    door: str = "editor"  # what the stranger finds open
    everywhere: bool = False  # also on the older Node-REDs


ROWS = (
    Row("-D null", {OPTIONS: "-D adminAuth=null"}, "adminAuth", "-D adminAuth=null", everywhere=True),
    Row("-D false", {OPTIONS: "-v -D adminAuth=false"}, "adminAuth", "-D adminAuth=false"),
    Row("joined", {OPTIONS: "-vD adminAuth=null"}, "adminAuth", "-D adminAuth=null"),
    Row("a property", {OPTIONS: "-D adminAuth.default.permissions=*"}, "adminAuth", "permissions=*"),
    Row("-D @file", {OPTIONS: "-D @{away}/over.json"}, "adminAuth", "over.json (adminAuth=null)", everywhere=True),
    Row("httpNodeAuth", {OPTIONS: "-D httpNodeAuth=null"}, "httpNodeAuth", "httpNodeAuth=null", door="endpoints"),
    Row("https", {OPTIONS: "-D https=null"}, "https", "-D https=null", door="https"),
    Row("-s", {OPTIONS: "-s {away}/settings.js"}, "settings.js", "away/settings.js", "settings_file", everywhere=True),
    Row("--settings", {OPTIONS: "--settings {away}/settings.js"}, "settings.js", "away/settings.js", "settings_file"),
    Row("-u", {OPTIONS: "-u {away}"}, "settings.js", "away/settings.js", "settings_file"),
    Row("NODE_RED_HOME", {"NODE_RED_HOME": "{away}"}, "settings.js", "away/settings.js", "settings_file"),
    Row("HOMEPATH", {"HOMEPATH": "{away}/home"}, "settings.js", "away/home/.node-red", "settings_file"),
    Row("HOME", {"HOME": "{away}/home"}, "settings.js", "away/home/.node-red/settings.js", "settings_file"),
    Row(
        "NODE_OPTIONS", {"NODE_OPTIONS": "--require={away}/hook.js"}, "--require", "away/hook.js", "preload",
        everywhere=True,
    ),
)  # fmt: skip
CASES = [(row, version) for version in VERSIONS for row in ROWS if row.everywhere or version == max(VERSIONS)]


@dataclass(frozen=True, slots=True)
class Scene:
    """A house whose settings are accepted, its guard, and a folder of the intruder's."""

    house: StandIn
    guard: Guard
    away: Path
    port: int


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scene]:
    """Give the scene of a version, made at the first call."""
    return cache(lambda version: _scene(version, tmp_path_factory.mktemp("overrides")))


def _scene(version: str, folder: Path) -> Scene:
    port = free_port()
    house = StandIn(version, folder, SECURED % {"port": port, "hash": HASH}, port)
    key, cert = self_signed("localhost")
    (house.user_dir / "key.pem").write_bytes(key)
    (house.user_dir / "cert.pem").write_bytes(cert)
    house.write_environment({})
    guard = Guard(folder / "guard", house.policy())
    sealed = guard.call("accept", "--yes")
    assert sealed.status == 0, sealed
    return Scene(house, guard, _away(folder / "away", port), port)


def _away(folder: Path, port: int) -> Path:
    """Make the intruder's folder: settings of his own, a file for -D, code to be preloaded."""
    for place in (folder, folder / "home" / ".node-red"):
        place.mkdir(parents=True)
        (place / ".config.json").write_text("{}")
        (place / "settings.js").write_text(OPEN % port)
    (folder / "over.json").write_text('{"adminAuth": null, "httpNodeAuth": null}')
    (folder / "hook.js").write_text(HOOK)
    return folder


@pytest.mark.parametrize(("row", "version"), CASES, ids=[f"{version} {row.name}" for row, version in CASES])
def test_an_override_opens_node_red_and_is_named(
    row: Row, version: str, scenes: Callable[[str], Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scenes(version)
    house, variables = scene.house, row.variables
    monkeypatch.setenv("PATH", f"{house.bin}:{os.environ['PATH']}")  # where the stand-in for systemctl is
    house.write_environment({name: value.replace("{away}", str(scene.away)) for name, value in variables.items()})
    _carry_out(house, "start")
    try:
        _wait(house, scene.port, row.door)
        findings = _findings(scene.guard)
    finally:
        _carry_out(house, "stop")
    named = findings[row.check, row.subject]
    where = f"{house.environment} line {LINE}"
    assert named["severity"] == "critical"
    assert row.saw in named["saw"]
    assert where in named["saw"]
    assert str(LINE) in named["hint"]
    assert named["remedy"] == "owner", "a restart would bring it back"
    wire = findings["stranger", row.door]
    assert where in wire["saw"]
    assert wire["remedy"] == "owner"


def _findings(guard: Guard) -> dict[tuple[str, str], dict[str, Any]]:
    said = guard.call("check", "--json")
    assert said.status == 2, said
    found = json.loads(said.out)["instances"][0]["findings"]
    return {(one["check"], one["subject"]): one for one in found}


def _carry_out(house: StandIn, verb: str) -> None:
    subprocess.run(service.command(house.service, verb), check=True, timeout=service.PATIENCE + 15)


def _wait(house: StandIn, port: int, door: str) -> None:
    """Wait until a stranger finds the door open. Fail with the end of Node-RED's log if he does not."""
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline and service.running(house.service):
        if _open(ask(port, "/nowhere" if door == "endpoints" else "/flows"), door):
            return
        time.sleep(0.05)
    pytest.fail((house.service / "log").read_text(errors="replace")[-2000:])


def _open(answer: Answer, door: str) -> bool:
    match door:
        case "https":
            return answer.status != 0 and not answer.tls
        case "endpoints":
            return answer.status == 404
        case _:
            return answer.open
