"""Runs the rows that were selected: one Node-RED of each version at a time, each in a network of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stage import CACHE
from tests.attacks.rows import ROWS, row_fingerprint
from tests.nodered import VERSIONS, install

ROOT = Path(__file__).resolve().parents[2]
RESULTS = CACHE / "attacks.json"
LIMIT = 1800.0  # seconds for all rows of one version

Result = Mapping[str, Any]  # as the ground prints it


@pytest.fixture(scope="session")
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[tuple[str, str], Result]:
    """What became of each selected row; it is kept, since the table in docs/ is made of the newest of each."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    cases: list[tuple[str, str]] = [
        item.callspec.params["case"]  # type: ignore[misc]  # of what test_attacks.py parametrizes
        for item in items
        if "results" in item.fixturenames
    ]
    chosen = {version: [row for of, row in cases if of == version] for version in VERSIONS}
    for version in VERSIONS:
        install(version)  # before the clock runs, and where there is a network
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        folders = {version: tmp_path_factory.mktemp(f"ground-{version}") for version in VERSIONS}
        ran = pool.map(lambda version: list(_ran(version, folders[version], chosen[version])), VERSIONS)
        found = {(version, one["row"]): one for version, all_ in zip(VERSIONS, ran, strict=True) for one in all_}
    _keep(found)
    return found


def _keep(found: Mapping[tuple[str, str], Result]) -> None:
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    of = {row: row_fingerprint(ROWS[row]) for _, row in found}
    known |= {" ".join(case): {**result, "of": of[case[1]]} for case, result in found.items()}
    RESULTS.write_text(json.dumps(known))


def _ran(version: str, folder: Path, rows: list[str]) -> Iterator[Result]:
    """Yield the result of each row, carried out in a network in which there is nobody else."""
    if not rows:
        return
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    command = [*alone, sys.executable, "-m", "tests.attacks.ground", version, str(folder), *rows]
    path = os.pathsep.join((str(ROOT), str(ROOT / "scripts")))
    ground = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, timeout=LIMIT,
        check=False,
    )  # fmt: skip
    assert ground.returncode == 0, f"{' '.join(command[:6])}: {ground.stderr[-2000:]}"
    yield from map(json.loads, ground.stdout.splitlines())
