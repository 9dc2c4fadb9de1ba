"""Alerts through a real MQTT broker: Debian's mosquitto, where it is installed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from nrguard.deliver import Outcome
from tests.delivery import carry, parcels

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not MOSQUITTO or not find_spec("paho"),
        reason="MQTT IS NOT TESTED: apt install mosquitto, pip install nrguard[mqtt]",
    ),
]


class Broker:
    """A broker on loopback, and somebody who listens to it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._settings = folder / "mosquitto.conf"
        self._settings.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self.heard: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}/house/alerts?qos=1"

    @contextmanager
    def running(self) -> Iterator[None]:
        from paho.mqtt.client import Client  # noqa: PLC0415 - an extra
        from paho.mqtt.enums import CallbackAPIVersion  # noqa: PLC0415

        assert MOSQUITTO
        broker = subprocess.Popen([MOSQUITTO, "-c", str(self._settings)], stderr=subprocess.DEVNULL)
        listener = Client(CallbackAPIVersion.VERSION2)
        listener.on_message = lambda _client, _data, said: self.heard.append((said.topic, said.payload.decode()))
        try:
            self._connect(listener.connect)
            listener.subscribe("house/#", qos=1)
            listener.loop_start()
            yield
        finally:
            listener.loop_stop()
            listener.disconnect()
            broker.terminate()
            broker.wait()

    def _connect(self, connect: Callable[[str, int], object]) -> None:
        end = time.monotonic() + 10
        while True:
            try:
                connect("127.0.0.1", self.port)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return


def test_messages_reach_a_broker_in_their_order(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    with broker.running():
        ran = carry(broker.url, parcels(2))
        end = time.monotonic() + 10
        while len(broker.heard) < 2 and time.monotonic() < end:
            time.sleep(0.05)
    assert ran.outcomes == [Outcome.DELIVERED] * 2
    assert [topic for topic, _ in broker.heard] == ["house/alerts"] * 2
    assert "pi4-hall, 21:04. Put back." in broker.heard[0][1]


def test_a_broker_that_is_not_there_is_tried_again_and_taken_when_it_is(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    assert carry(broker.url, limit=10).outcomes == [Outcome.TRANSIENT]
    with broker.running():
        assert carry(broker.url).outcomes == [Outcome.DELIVERED]
