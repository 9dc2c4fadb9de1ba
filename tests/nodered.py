"""The real Node-REDs that end-to-end tests run against; from npm at the first use, from `.cache` afterwards."""

from __future__ import annotations

from stage.node import node_for as _node_for
from stage.nodered import Running, on_loopback
from stage.npm import OLD_VERSIONS, VERSIONS, dashboards, install, stock_settings
from stage.stranger import Answer, ask, free_port, log_in

__all__ = [
    "OLD_VERSIONS",
    "VERSIONS",
    "Answer",
    "Running",
    "ask",
    "dashboards",
    "free_port",
    "install",
    "log_in",
    "node_for",
    "on_loopback",
    "stock_settings",
]


def node_for(version: str) -> str:
    """Return the path of a Node.js that can run Node-RED `version`."""
    return _node_for(version).node
