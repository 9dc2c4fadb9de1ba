"""Carries rows of the attack table out, one after another, on one Node-RED in a network of its own.

    python -m tests.attacks.ground VERSION FOLDER ROW…     prints a JSON line for each row

Some of these Node-REDs listen on all addresses, and on 1880: nobody else is ever in this network.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import re
import shlex
import shutil
import socket
import struct
import sys
import time
from pathlib import Path

from stage import service
from stage.guard import Guard
from stage.node import node_for
from stage.npm import install
from tests.attacks.row import ANNA, OTTO, Fifo, File, Gone, Link, Mode, Moved, Row, Step, settings_js
from tests.attacks.rows import ROWS
from tests.attacks.witness import LAN, listens, log_in_at, opened, settle
from tests.certificates import self_signed

START_LIMIT = 60.0
UNIT = "nodered.service"
UNIT_FILE = """[Service]
User={user}
WorkingDirectory={house}
Environment=HOME={house}
EnvironmentFile=-{environment}
ExecStart=/usr/bin/env node {program} $NODE_RED_OPTIONS
"""
SYSTEMCTL = """#!/bin/sh
# Stands in for systemctl: prints what the real one prints of this one unit.
case "$*" in
*show-environment*) printf 'LANG=C.UTF-8\\nPATH=/usr/bin:/bin\\n';;
*show*) printf 'Id={name}\\nLoadState=loaded\\nFragmentPath={path}\\nDropInPaths=\\nNeedDaemonReload=no\\n';;
*) exit 1;;
esac
"""
GIVEN_UP = ("Failed to start server", "Failed to get https settings", "Unable to listen", "Server now running")
FLOWS = (
    {"id": "t1", "type": "tab", "label": "Flow"},
    {"id": "n1", "type": "http in", "z": "t1", "url": "/hello", "method": "get", "wires": [["n3"]]},
    {"id": "n3", "type": "template", "z": "t1", "field": "payload", "template": "hello", "wires": [["n2"]]},
    {"id": "n2", "type": "http response", "z": "t1", "wires": []},
)
_QUOTED, _ESCAPE = re.compile(r'["\\\\$`]'), r"\\\g<0>"
ACCEPTED = {tls: Row(id="accepted", does="", tls=tls) for tls in (False, True)}


class Ground:
    """One Node-RED of `version`, which `accept` has sealed once with TLS and once without."""

    def __init__(self, version: str, folder: Path) -> None:
        self.version = version
        self.folder = folder
        self.house, self.away, self.service = folder / "house", folder / "away", folder / "service"
        self.home = self.house / ".node-red"
        self._write_unit()
        self.pair = self_signed("localhost")
        self.guards = {tls: Guard(folder / f"guard-{tls}", self._policy()) for tls in (False, True)}
        for tls, row in ACCEPTED.items():
            self.lay(row)
            self.start(row)
            sealed = self.guards[tls].call("accept", "--yes")
            assert sealed.status == 0, sealed
            self.stop()

    def _write_unit(self) -> None:
        """Write the unit that would start Node-RED here, and a stand-in for systemctl that knows it."""
        names, path, bin_ = {"user": getpass.getuser(), "house": self.house}, self.folder / UNIT, self.folder / "bin"
        names |= {"environment": self.home / "environment", "program": install(self.version)}
        path.write_text(UNIT_FILE.format(**names))
        bin_.mkdir()
        (bin_ / "systemctl").write_text(SYSTEMCTL.format(name=UNIT, path=path))
        (bin_ / "systemctl").chmod(0o755)
        os.environ["PATH"] = f"{bin_}:{os.environ['PATH']}"

    def _policy(self) -> str:
        settings = json.dumps(str(self.home / "settings.js"))
        # whoever runs these tests may be root, and then Node-RED is root here: no part of any attack
        own = "checks:\n  process_user: {severity: note}\n"
        return f"instances:\n  main:\n    settings: {settings}\n    service: {{systemd: {UNIT}}}\n{own}"

    def carry_out(self, row: Row) -> dict[str, object]:
        """Return what the attack opened, and what `nrguard check` said of it."""
        began = time.monotonic()
        self.lay(row)
        held = self._before(row)
        self.attack(row)
        if not row.live:
            self.start(row)
        if row.put_back:
            self.attack(ACCEPTED[row.tls])
        try:
            up = bool(service.running(self.service)) and listens(row.port)
            if up:
                settle(row.port, row.root)
            found = opened(row, held) if up else frozenset({"down"})
            said = self.guards[row.tls].call("check", "--json")
        finally:
            self.stop()
        instance = json.loads(said.out)["instances"][0] if said.out else {"findings": []}
        return {
            "row": row.id,
            "open": sorted(found),
            "status": said.status,
            "findings": [
                {key: finding[key] for key in ("check", "subject", "severity", "saw")}
                for finding in instance["findings"]
            ],
            "error": said.err,
            "log": (self.service / "log").read_text(errors="replace")[-1500:],
            "seconds": round(time.monotonic() - began, 2),
        }

    def _before(self, row: Row) -> str:
        """Let Node-RED run as it was accepted, where the attack needs that. Return the token of who logged in."""
        if not (row.live or row.held):
            return ""
        accepted = ACCEPTED[row.tls]
        self.start(accepted)
        settle(accepted.port, "")
        held = log_in_at(accepted, {"anna": ANNA, "otto": OTTO}[row.held]) if row.held else ""
        if not row.live:
            self.stop()
        return held

    # -- the folder

    def lay(self, row: Row) -> None:
        """Put the user directory back to what was accepted."""
        for folder in (self.home, self.away):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
            for entry in folder.iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        (self.home / "public").mkdir()
        self._write(self.home / "environment", "# options for Node-RED\n")
        (self.home / "public" / "hello.txt").write_text("hello")
        (self.home / "flows.json").write_text(json.dumps(FLOWS))
        for name, content in zip(("key.pem", "cert.pem"), self.pair, strict=True):
            (self.home / name).write_bytes(content)
        (self.home / "key.pem").chmod(0o600)
        self._write(self.home / "settings.js", settings_js(row, attacked=False))

    def attack(self, row: Row) -> None:
        text = settings_js(row, attacked=True)
        if (self.home / "settings.js").read_text() != self._real(text):
            self._write(self.home / "settings.js", text)
        variables = self._variables(row)
        lines = [f'{name}="{_QUOTED.sub(_ESCAPE, value)}"' for name, value in variables.items()]
        self._write(self.home / "environment", "\n".join(["# options for Node-RED", *lines, ""]))
        for step in row.steps:
            self._take(step)

    def _take(self, step: Step) -> None:
        path = self._path(step.path)
        match step:
            case File(text=text, mode=mode):
                path.parent.mkdir(parents=True, exist_ok=True)
                self._write(path, text)
                path.chmod(mode)
            case Gone():
                path.unlink()
            case Link(to=to, hard=False):
                path.unlink(missing_ok=True)
                path.symlink_to(self._real(to))
            case Link(to=to):
                path.hardlink_to(self._path(to))
            case Moved(to=to):
                path.rename(self._path(to))
            case Fifo():
                os.mkfifo(path)
            case Mode(mode=mode):
                path.chmod(mode)

    def _write(self, path: Path, text: str) -> None:
        path.write_bytes(self._real(text).encode())

    def _path(self, name: str) -> Path:
        return self.home / self._real(name)

    def _real(self, text: str) -> str:
        return text.replace("@HOME@", str(self.home)).replace("@AWAY@", str(self.away))

    # -- the process

    def start(self, row: Row) -> None:
        """Start Node-RED as the row says, and return when it listens or it is clear that it never will."""
        node = node_for(self.version).node
        argv = [node, str(install(self.version)), *map(self._real, row.options)]
        own = {"PATH": f"{Path(node).parent}:/usr/bin:/bin", "HOME": str(self.house), "LANG": "C.UTF-8"}
        environment = own | {"NODE_RED_DISABLE_TELEMETRY": "true"} | self._variables(row)
        self.service.mkdir(exist_ok=True)
        (self.service / "log").write_text("")
        service.define(self.service, service.Program(argv, argv, environment, str(self.house)))
        service.start(self.service)
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end and service.running(self.service) and not listens(row.port):
            if any(words in (self.service / "log").read_text(errors="replace") for words in GIVEN_UP):
                end = min(end, time.monotonic() + 1.0)
            if any(isinstance(step, Fifo) for step in row.steps):
                end = min(end, time.monotonic() + 2.0)
            time.sleep(0.03)

    def _variables(self, row: Row) -> dict[str, str]:
        """Return what the intruder has written into the environment file."""
        options = {"NODE_RED_OPTIONS": shlex.join(row.options)} if row.options else {}
        return {name: self._real(value) for name, value in {**options, **row.environment}.items()}

    def stop(self) -> None:
        service.stop(self.service)


def make_network() -> None:
    """Switch the one interface of a fresh network on, and give it an address that is not loopback."""
    up, get_flags, set_flags, set_address = 1, 0x8913, 0x8914, 0x8916
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(control, get_flags, request))[1]
        fcntl.ioctl(control, set_flags, struct.pack("16sh14x", b"lo", flags | up))
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(LAN))
        fcntl.ioctl(control, set_address, struct.pack("16s16s", b"lo:1", address))


def main(version: str, folder: str, names: list[str]) -> None:
    make_network()
    ground = Ground(version, Path(folder))
    for name in names:
        result = ground.carry_out(ROWS[name])
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
