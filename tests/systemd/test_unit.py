"""Our reading of units and environment files against a real systemd: what it says, and what it really starts."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

import pytest

from nrguard.probes.child import command
from nrguard.probes.unit import Request
from nrguard.starting import commandline, envfile, unitfile
from tests.envfiles import ENVIRONMENT_FILES
from tests.systemd.conftest import Box

pytestmark = pytest.mark.usefixtures("box")

DUMP = """[Service]
Type=oneshot
EnvironmentFile=/box/env/%i
ExecStart=/usr/bin/env -0
StandardOutput=truncate:/box/out/%i
"""
PI = """[Unit]
Description=Node-RED
[Service]
Type=oneshot
User=nobody
WorkingDirectory=/
Environment="NODE_OPTIONS=--max_old_space_size=512" 'A=one two'
EnvironmentFile=-/box/environment
ExecStartPre=/usr/bin/env -0
ExecStart=/usr/bin/env node-red-pi $NODE_OPTIONS -- $NODE_RED_OPTIONS
RemainAfterExit=yes
StandardOutput=file:/box/out/pi
"""
ARGUMENTS = (
    "$NODE_OPTIONS -- $NODE_RED_OPTIONS",
    "'a b' \"c $NODE_OPTIONS\" ${A} x${A}y $$A",
    r"a\x20b \s '' --x=\"y\"",
    "%n %% \\; $NONE ${NONE} end",
    "$A\\\n   'next line'",
)
PER_START = {"INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"}


@pytest.fixture(autouse=True)
def folders(box: Box) -> None:
    for name in ("env", "out"):
        (box.folder / name).mkdir(exist_ok=True)
    box.folder.chmod(0o755)


def test_environment_files_are_read_as_this_systemd_reads_them(box: Box) -> None:
    texts = ("", *(text for text, _ in ENVIRONMENT_FILES))
    for number, text in enumerate(texts):
        (box.folder / "env" / str(number)).write_bytes(text.encode())
    box.write_unit("dump@.service", DUMP)
    box.run(["systemctl", "start", *(f"dump@{number}.service" for number in range(len(texts)))])
    base = set(_environment(box, "0")) | PER_START
    for number, (text, meant) in enumerate(ENVIRONMENT_FILES, 1):
        got = {name: value for name, value in _environment(box, str(number)).items() if name not in base}
        assert got == meant, repr(text)


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_arguments_are_made_as_this_systemd_makes_them(box: Box, arguments: str) -> None:
    (box.folder / "environment").write_text("NODE_RED_OPTIONS=-v -D 'adminAuth=null'\n")
    program = box.folder / "arguments"
    program.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    program.chmod(0o755)
    text = re.sub(r"ExecStart\w*=.*\n", "", PI) + f"ExecStart=/box/arguments {arguments}\n"
    (box.folder / "out" / "pi").write_text("")
    box.write_unit("arguments.service", text)
    box.run(["systemctl", "restart", "arguments.service"])
    theirs = (box.folder / "out" / "pi").read_text().split("\0")[:-1]
    unit = unitfile.read([("/u", text)], {"n": "arguments.service"})
    file = envfile.variables((box.folder / "environment").read_text(), "/box/environment")
    ours = commandline.expanded(unit.command, unitfile.folded([*unit.environment, *file]))
    assert [word.text for word in ours[1:]] == theirs


@pytest.mark.parametrize("user", ["root", "daemon", "nobody"])
def test_the_look_tells_what_the_next_start_gets(box: Box, user: str) -> None:
    (box.folder / "environment").write_text("# mine\nNODE_RED_OPTIONS=-D adminAuth=null\n")
    box.run(["ln", "-sf", "/bin/true", "/usr/bin/node-red-pi"])
    (box.folder / "out" / "pi").write_text("")
    box.write_unit("nodered.service", PI.replace("nobody", user))
    box.write_unit("nodered.service.d/10-port.conf", "[Service]\nEnvironment=PORT=1881\n")
    start = _look(box, "nodered.service")
    assert [(one["saw"], one["origin"]) for one in start["deviations"]] == [
        ("-D adminAuth=null", {"path": "/box/environment", "line": 2})
    ]
    assert start["unseen"] == []
    box.run(["systemctl", "restart", "nodered.service"])
    got = _environment(box, "pi")
    assert {name: value for name, value in got.items() if name not in PER_START} == start["environment"]


def test_a_unit_that_is_not_there_is_blindness(box: Box) -> None:
    assert _look(box, "none.service")["reason"] == "systemd has no file for none.service (not-found)"


def test_files_that_systemd_has_not_loaded_are_told(box: Box) -> None:
    box.write_unit("stale.service", PI)
    box.run(["systemctl", "start", "stale.service"])  # one that does not run is loaded anew at each question
    assert not _look(box, "stale.service")["stale"]
    box.run(["sh", "-c", "sleep 0.01; echo '# later' >> /etc/systemd/system/stale.service"])
    assert _look(box, "stale.service")["stale"]


def _look(box: Box, unit: str) -> dict[str, Any]:
    """Take the look of the probe inside; by the real Python, since a virtual environment may lie under /tmp."""
    arguments = list(command("unit", Request(unit, "/home/pi/.node-red/settings.js")))
    arguments[0] = os.path.realpath(sys.executable)
    made: dict[str, Any] = json.loads(box.run(arguments).stdout)
    return made


def _environment(box: Box, name: str) -> dict[str, str]:
    entries = (box.folder / "out" / name).read_text().split("\0")
    return dict(entry.partition("=")[::2] for entry in entries if entry)
