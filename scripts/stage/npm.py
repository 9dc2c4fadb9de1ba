"""Node-RED from npm, kept in `.cache/node-red/VERSION` and reused. Nothing is installed outside the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from stage import CACHE
from stage.node import Unavailable, node_for
from stage.once import once, say

VERSION = re.compile(r"\d+\.\d+\.\d+(-[A-Za-z0-9.]+)?")
DEFAULT_VERSION = "5.0.7"
VERSIONS = ("5.0.7", "4.1.15", "3.1.15")
"""The Node-REDs that the end-to-end tests run against."""

OLD_VERSIONS = ("2.2.3", "1.3.7", "0.20.8")
"""Node-REDs of which only the stock settings.js is used: they need a Node.js that nobody should run any more."""

DASHBOARDS = ("node-red-dashboard@3.6.6", "@flowfuse/node-red-dashboard@1.31.0")
"""Both generations of dashboards, which tests put beside a Node-RED."""

QUIET = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
# A package's install script is somebody's program. Node-RED needs none: without native bcrypt it takes bcryptjs.
CAREFUL = ("--ignore-scripts", "--omit=dev", "--prefer-offline")
IMPATIENT = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=60000")


def install(version: str) -> Path:
    """Return the red.js of Node-RED `version`, from npm at the first call. Raise `Unavailable` if it can't be had."""
    if not VERSION.fullmatch(version):  # it becomes a folder's name and an argument of npm
        raise ValueError(f"'{version}' is no version of Node-RED")
    folder = once(CACHE / "node-red" / version, lambda target: _npm_install(version, target))
    return folder / "node_modules" / "node-red" / "red.js"


def stock_settings(version: str) -> bytes:
    """Return the settings.js that Node-RED `version` ships, byte for byte. Raise `Unavailable` if it can't be had."""
    if version in OLD_VERSIONS:
        return (once(CACHE / "stock" / version, lambda target: _npm_pack(version, target)) / "settings.js").read_bytes()
    return install(version).with_name("settings.js").read_bytes()


def dashboards() -> Path:
    """Return a node_modules with both dashboards, from npm at the first call. Raise `Unavailable` as `install` does."""
    arguments = ["install", *DASHBOARDS, "--no-save", *CAREFUL]
    folder = once(CACHE / "dashboards", lambda target: _npm(DEFAULT_VERSION, arguments, target))
    return folder / "node_modules"


def _npm_install(version: str, target: Path) -> None:
    (target / "package.json").write_text('{"private": true}\n')
    arguments = ["install", f"node-red@{version}", "--no-save", *CAREFUL]
    _npm(version, arguments, target)
    if not (target / "node_modules" / "node-red" / "red.js").is_file():
        raise Unavailable(f"npm installed Node-RED {version} without its red.js")


def _npm_pack(version: str, target: Path) -> None:
    _npm(DEFAULT_VERSION, ["pack", f"node-red@{version}", "--prefer-offline"], target)
    archive = target / f"node-red-{version}.tgz"
    with tarfile.open(archive) as packed:
        member = packed.extractfile("package/settings.js")
        if member is None:
            raise Unavailable(f"the package of Node-RED {version} has no settings.js")
        (target / "settings.js").write_bytes(member.read())
    archive.unlink()


def _npm(version: str, arguments: list[str], target: Path) -> None:
    """Run npm in `target` with the Node.js for `version`, showing progress; its cache and logs stay in `.cache`."""
    node = node_for(version)
    environment = os.environ | {
        "npm_config_cache": str(CACHE / "npm"),
        "HOME": str(target),  # the real one may not be writable, and its .npmrc may ask for other things
        "PATH": f"{Path(node.node).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
    }
    say(f"npm {' '.join(arguments[:2])}")
    with (target / "npm.log").open("w+b") as log:
        npm = subprocess.Popen(
            [*node.npm, *arguments, *QUIET, *IMPATIENT],
            cwd=target,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _show_progress(npm, target)
        finally:
            if npm.poll() is None:  # interrupted: npm would go on writing into a folder that is given up
                npm.terminate()
                npm.wait()
        log.seek(0)
        _refuse_failure(npm.returncode, arguments, log.read().decode(errors="replace"))


def _refuse_failure(status: int, arguments: list[str], output: str) -> None:
    if status == 0:
        return
    code = re.search(r"^npm (?:error|ERR!) code (\S+)", output, re.MULTILINE)
    last = (output.strip().splitlines() or ["no output"])[-1]
    raise Unavailable(f"{arguments[1]} can't be had from npm ({code[1] if code else last})")


def _show_progress(npm: subprocess.Popen[bytes], target: Path) -> None:
    """Wait for npm; say how far it is, each second on a terminal, every ten seconds in a log."""
    live = sys.stderr.isatty()
    started = time.monotonic()
    while True:
        try:
            npm.wait(timeout=1 if live else 10)
            break
        except subprocess.TimeoutExpired:
            packages = sum(1 for _ in target.glob("node_modules/**/package.json"))
            line = f"  {time.monotonic() - started:4.0f} s, {packages} package files"
            print(f"\r{line}" if live else line, end="" if live else "\n", file=sys.stderr, flush=True)
    if live:
        print(file=sys.stderr)
