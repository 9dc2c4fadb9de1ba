"""Run every benchmark of this folder, one after the other, each in a process of its own."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import benchmarks


def main() -> int:
    """Return 1 if one of them failed."""
    worst = 0
    for name in sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name[0] != "_"):
        print(f"== {name}", flush=True)
        worst |= subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return worst


if __name__ == "__main__":
    sys.exit(main())
