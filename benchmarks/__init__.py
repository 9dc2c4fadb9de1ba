"""Measurements: each module has a `main()` that prints what it measured. See README.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))  # the stage: real Node-RED, a guard, a witness
