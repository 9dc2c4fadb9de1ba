"""Where relative paths of settings.js count from: the folder that Node-RED was, or will be, started in."""

from __future__ import annotations

import os
import subprocess
from typing import Any

_HERE = "__dirname"  # how the reader names the folder of settings.js
_PATIENCE = 5.0  # seconds


def resolved(path: str, request: dict[str, Any]) -> str:
    """Return the absolute path that settings.js means by `path` (node-red-facts.md, section 1)."""
    if path == _HERE or path.startswith(f"{_HERE}/"):
        return os.path.normpath(str(request["folder"]) + path.removeprefix(_HERE))
    whole = path if path.startswith("/") else os.path.join(_workplace(request), path)
    return os.path.normpath(whole)


def _workplace(request: dict[str, Any]) -> str:
    """Return the working directory: as the policy says, as the process has it, as its unit will set it."""
    told = request["working_directory"] or _of_process(request["pid"]) or _of_unit(request["unit"])
    return told or str(request["folder"])


def _of_process(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/cwd") if pid else ""
    except OSError:  # ended, or another user's
        return ""


def _of_unit(unit: str) -> str:
    if not unit:
        return ""
    show = ("systemctl", "show", "--property=WorkingDirectory", "--value", "--", unit)
    try:
        said = subprocess.run(show, capture_output=True, text=True, timeout=_PATIENCE, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    folder = said.removeprefix("!")  # "!": it may be missing
    return folder if folder.startswith("/") else ""
