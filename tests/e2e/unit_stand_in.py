"""A unit and its environment file for a Node-RED that no systemd keeps, as a stand-in for one that systemd would keep.

The files are real: a shell starts Node-RED by them as systemd would, through node-red-pi, and nrguard reads them. Only
`systemctl` is a stand-in: a program that prints what `systemctl show` prints of such a unit. tests/systemd asks the
real one.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from stage import service
from tests.nodered import install, node_for

UNIT = "nodered.service"
_SYSTEMCTL = """#!/bin/sh
# Stands in for systemctl: prints what the real one prints of one unit; knows no other verb than `show`.
case "$*" in
*show-environment*) printf 'LANG=C.UTF-8\\nPATH=/usr/bin:/bin\\n';;
*show*) printf 'Id={unit}\\nLoadState=loaded\\nFragmentPath={fragment}\\nDropInPaths=\\nNeedDaemonReload=no\\n';;
*) exit 1;;
esac
"""
_UNIT = """[Unit]
Description=Node-RED

[Service]
Type=simple
User=root
WorkingDirectory={home}
Environment="NODE_OPTIONS=--max_old_space_size=512" HOME={home}
EnvironmentFile=-{environment}
ExecStart=/usr/bin/env node-red-pi $NODE_OPTIONS -- $NODE_RED_OPTIONS
"""
_LAUNCH = """cd {home} && set -a && . {environment} && \
exec /bin/sh {pi} $NODE_OPTIONS -- $NODE_RED_OPTIONS"""


class StandIn:
    """The files in `folder`: home/.node-red with settings.js and environment file, the unit, and `bin/systemctl`."""

    def __init__(self, version: str, folder: Path, settings: str, port: int) -> None:
        self.home = folder / "home"
        self.user_dir = self.home / ".node-red"
        self.settings = self.user_dir / "settings.js"
        self.environment = self.user_dir / "environment"
        self.service = folder / "service"
        self.bin = folder / "bin"
        self.unit = folder / UNIT
        self.user_dir.mkdir(parents=True)
        self.bin.mkdir()
        self.settings.write_text(settings)
        self._version, self._port = version, port
        self._write_unit()

    def _write_unit(self) -> None:
        self.unit.write_text(_UNIT.format(home=self.home, environment=self.environment))
        systemctl = self.bin / "systemctl"
        systemctl.write_text(_SYSTEMCTL.format(unit=UNIT, fragment=self.unit))
        systemctl.chmod(0o755)

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Write the environment file, as an owner and an intruder do; its first two lines are the owner's."""
        lines = ["# options for Node-RED", f"PORT={self._port}"]
        lines += [f'{name}="{value}"' for name, value in variables.items()]
        self.environment.write_text("\n".join(lines) + "\n")
        node = node_for(self._version)
        pi = install(self._version).parent / "bin" / "node-red-pi"
        launch = _LAUNCH.format(
            home=shlex.quote(str(self.home)),
            environment=shlex.quote(str(self.environment)),
            pi=shlex.quote(str(pi)),
        )
        path = f"{Path(node).parent}:/usr/bin:/bin"
        own = {"PATH": path, "HOME": str(self.home), "NODE_OPTIONS": "--max_old_space_size=512", "LANG": "C.UTF-8"}
        program = ["/bin/sh", "-c", launch]
        service.define(self.service, service.Program(program, program, own, str(self.home)))

    def policy(self) -> str:
        return f"instances:\n  main:\n    settings: {self.settings}\n    service: {{systemd: {UNIT}}}\n"
