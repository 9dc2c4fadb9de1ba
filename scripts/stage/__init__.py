"""The stage for tests, benchmarks and the quickstart: a real Node-RED, its service, a stranger and an inbox."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
