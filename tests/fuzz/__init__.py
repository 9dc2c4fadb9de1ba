"""Long runs with random input: each module is started by `python -m`. See `make fuzz`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))  # the stage: where the Node.js comes from
