"""One Node for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """A locked-down Node that loads settings files."""
    child = Oracle()
    yield child
    child.close()
