"""The `heartbeat` section: which web address is told that the guard lives, and how often."""

from __future__ import annotations

import re

from nrguard.config.address import ADDRESS_KEYS, read_address
from nrguard.config.problems import Problems, Wrong
from nrguard.config.scalars import duration, text
from nrguard.config.section import Section
from nrguard.config.tree import Node, Scalar
from nrguard.policy import Heartbeat

KEYS = (*ADDRESS_KEYS, "every")
_URL = re.compile(r"https?://[^\s/]\S*")


def read_heartbeat(node: Node, problems: Problems) -> Heartbeat:
    """Return the heartbeat, from once a minute to once a day."""
    if isinstance(node, Scalar):
        raise Wrong(node, "keys with values are wanted here", "{url_file: /etc/nrguard/heartbeat.url, every: 15m}")
    section = Section.open(node, KEYS, problems)
    address = read_address(section, node, "the heartbeat", _url)
    return Heartbeat(**address, every=section.read("every", duration(60, 86400), Heartbeat().every))


def _url(node: Node) -> str:
    """Read a web address; whoever knows it can pass for this guard, so it is never shown."""
    found = text(node)
    if not _URL.fullmatch(found):
        raise Wrong(node, "this is no web address", "it begins with https:// or http://, and has no spaces")
    return found
