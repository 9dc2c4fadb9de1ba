"""The state of one run: which services are open, and which channels wait for an earlier message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apprise import NotifyBase

from nrguard.deliver import Outcome, Receipt
from nrguard.deliver.address import Unusable
from nrguard.deliver.send import send
from nrguard.deliver.service import service
from nrguard.policy import Channel

HELD_BACK = "held back behind an earlier message"


class Post:
    """Sends messages one by one. One that may still arrive holds back the later ones of its channel."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._services: dict[str, NotifyBase | Unusable] = {}
        self._stuck: set[str] = set()

    def send(self, message: Mapping[str, Any], seconds: float) -> Receipt:  # Any: from JSON
        """Return the receipt of `message`, which may take `seconds`."""
        id_, label = message["id"], message["label"]
        if label in self._stuck:
            return Receipt(id_, label, Outcome.TRANSIENT, HELD_BACK)
        found = self._service(label)
        if isinstance(found, Unusable):
            return Receipt(id_, label, Outcome.PERMANENT, found.why)
        outcome, detail = send(found, message["title"], message["body"], message["severity"], seconds)
        if outcome is Outcome.TRANSIENT:
            self._stuck.add(label)
        return Receipt(id_, label, outcome, detail)

    def _service(self, label: str) -> NotifyBase | Unusable:
        if label not in self._services:
            channel = self._channels.get(label)
            self._services[label] = service(channel) if channel else Unusable("the policy names no such channel")
        return self._services[label]
