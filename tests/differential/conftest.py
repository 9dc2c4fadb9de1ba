"""Node as the judge, one long-lived child of each kind for all tests of a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import node_oracle
from tests.differential.oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    """A locked-down Node that tells each setting of a file, also after its timers have run."""
    child = Oracle()
    yield child
    child.close()


@pytest.fixture(scope="session")
def node() -> Iterator[node_oracle.Oracle]:
    """A locked-down Node that gives all that a file exports, as JSON."""
    with node_oracle.Oracle() as child:
        yield child
