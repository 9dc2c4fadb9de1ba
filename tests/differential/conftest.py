"""Tests against Node: one long-lived child for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.node_oracle import Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    with Oracle() as child:
        yield child
