"""How long reading a settings.js takes, against starting Node once to load it; and a thousand files at once."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nrguard.settingsjs import compare, read
from stage.node import node_for
from stage.npm import stock_settings

VERSION = "5.0.7"
_LOADER = """
const source = require('fs').readFileSync(0, 'utf8');
new Function('module', 'require', source)({ exports: {} }, require);
"""
ROUNDS, STARTS, FILES = 200, 7, 1000


def main() -> int:
    """Print the figures. Return 1 where a budget of the design is missed."""
    source = stock_settings(VERSION)
    good = read(source)
    judged = _median(lambda: compare(read(source), good), ROUNDS)
    node = _median(lambda: _load(source), STARTS)
    print(f"read and compare the stock file of {VERSION}: {judged * 1e3:.2f} ms (budget 2)")
    print(f"start node once to load it: {node * 1e3:.0f} ms, {node / judged:.0f} times as long (wanted: 30)")
    seconds, megabytes = _inspect(source)
    print(f"inspect {FILES} files: {seconds:.2f} s (budget 2), {megabytes:.0f} MB (budget 40)")
    return int(judged > 2e-3 or node < 30 * judged or seconds > 2 or megabytes > 40)


def _median(call: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _load(source: bytes) -> None:
    subprocess.run([node_for(VERSION).node, "-e", _LOADER], input=source, check=True, env={})


def _inspect(source: bytes) -> tuple[float, float]:
    """Return the seconds and the peak memory of one `inspect` of many files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{index}.js" for index in range(FILES)]
        for file in files:
            file.write_bytes(source)
        begin = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-m", "nrguard", "inspect", *files], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"inspect ended with {child.returncode}")
    return seconds, usage.ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
