"""The last line of a fault run says how many faults were injected and survived."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.injection import SURVIVED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: Any) -> None:
    injected = len(set(SURVIVED))
    if injected:
        terminalreporter.write_line(f"{injected} faults injected, {injected} survived")
