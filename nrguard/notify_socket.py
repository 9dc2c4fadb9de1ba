"""sd_notify: tell systemd that we are ready, what we do, and that the loop is alive. Silent without systemd."""

from __future__ import annotations

import os
import socket


class Systemd:
    """The socket that systemd gave us; taken out of the environment, so that no child speaks in our name."""

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        usec, pid = os.environ.pop("WATCHDOG_USEC", ""), os.environ.pop("WATCHDOG_PID", "")
        mine = not pid or pid == str(os.getpid())
        self.ping_every = int(usec) / 2_000_000 if usec.isdecimal() and mine else 0.0  # seconds; 0: no watchdog

    def tell(self, **fields: object) -> None:
        """Send fields like READY="1". Never raises: a lost note must not stop the guard."""
        if not self._address:
            return
        message = "\n".join(f"{name}={value}" for name, value in fields.items()).encode()
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as wire:
            try:
                wire.sendto(message, address)
            except OSError:
                pass  # systemd is being re-executed; the next ping tells
