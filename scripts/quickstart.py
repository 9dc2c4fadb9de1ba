"""The program behind scripts/quickstart: plays the demo, and cleans up however it ends."""

from __future__ import annotations

import io
import signal
import sys

from demo.play import main


def ended(number: int, frame: object) -> None:
    """Leave through every `finally`: a scratch Node-RED must not outlive a closed terminal."""
    del frame
    sys.exit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, ended)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a timeline is looked at while it grows, through a pipe too
    sys.exit(main())
