"""Our reading of Node-RED's arguments against the parser that it uses itself, on made-up command lines."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

from nrguard.starting import Origin, Word
from nrguard.starting.arguments import read
from tests.nodered import VERSIONS, install, node_for

PIECES = (
    "-D", "-D=a=b", "--define", "--define=x=null", "--def", "-d", "a=b", "@f.json", "-s", "--settings", "--sett=/x.js",
    "-settings", "x.js", "/y.js", "~/z.js", "-u", "--userDir=/u", "/data", "-p", "--port", "--port=1881", "-p=1",
    "1880", "-v", "-vD", "-vp", "-Ds", "-sD", "--safe", "--no-safe", "--saf", "-safe", "true", "false", "--verbose",
    "--no-telemetry", "--title", "--title=x", "T", "--", "---", "-", "", "-x", "--unknown", "--unknown=1",
    "flows.json", "-t", "--no-no-safe",
)  # fmt: skip
LINES = 4000


def test_arguments_are_read_as_node_red_reads_them() -> None:
    chance = random.Random(20261124)
    lines = [chance.choices(PIECES, k=chance.randint(1, 6)) for _ in range(LINES)]
    pairs = zip(lines, _theirs(lines), strict=True)
    wrong = [(line, _ours(line), theirs) for line, theirs in pairs if not _ends(theirs) and _ours(line) != theirs]
    assert wrong[:5] == []


def _ends(theirs: dict[str, Any]) -> bool:
    """Tell whether Node-RED would end at once: a `-D` or a port without a value, which its parser takes for `true`."""
    return "true" in theirs["define"] or theirs["port"] == 1


def _theirs(lines: list[list[str]]) -> list[dict[str, Any]]:
    version = max(VERSIONS)
    oracle = Path(__file__).with_name("nopt_oracle.js")
    answer = subprocess.run(
        [node_for(version), str(oracle), str(install(version))],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True, text=True, check=True, cwd="/", env={"HOME": "/home/pi"}, timeout=60,
    )  # fmt: skip
    return [json.loads(line) for line in answer.stdout.splitlines()]


def _ours(line: list[str]) -> dict[str, Any]:
    made = read([Word(text, Origin("here")) for text in line])
    port = made.port.text if made.port else None
    return {
        "settings": _path(made.settings),
        "userDir": _path(made.user_dir),
        "port": None if port is None else _number(port),
        "define": [word.text for word in made.defines],
        "safe": made.safe,
    }


def _path(word: Word | None) -> str | None:
    if word is None:
        return None
    text = word.text
    return os.path.normpath(os.path.join("/", "/home/pi" + text[1:] if text.startswith("~/") else text))


def _number(text: str) -> float | None:
    try:
        return float(text or 0)
    except ValueError:
        return None
