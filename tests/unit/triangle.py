"""What checks of certificates are asked about: a `Seen` with the part that a look would bring."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nrguard.certificates import Certificate, Certificates, PairFile
from nrguard.checks import all_checks
from nrguard.model import Admin, Clock, FileState, Listener, Reading, Setting, SettingState, View, Wire
from nrguard.policy import Instance, Service, ServiceKind
from nrguard.seen import Disk, Finding, Process, Seen

NOW = 1_800_000_000.0
DAY, HOUR = 86400.0, 3600.0
RIGHT = Clock(True, "a test says so")
UNKNOWN = Clock(False, "nobody has set it")


def lasting(days: float, left: float, **changes: Any) -> Certificate:
    """Return a certificate of an authority that lives for `days`, with `left` days to go."""
    ends = NOW + left * DAY
    made = Certificate(
        subject="CN=pi4-hall.local", issuer="CN=House", names=("pi4-hall.local",), begins=ends - days * DAY, ends=ends,
        key_type="EC", key_bits=256, signature="sha256", self_signed=False, fingerprint=f"{days}/{left}",
    )  # fmt: skip
    return replace(made, **changes)


def pair(*chain: Certificate, served: Certificate | None = None, **changes: Any) -> Certificates:
    """Return a working pair, written a day ago, on a computer that started ten days ago."""
    key, cert = (PairFile(f"/home/pi/{name}.pem", changed=NOW - DAY) for name in ("key", "cert"))
    part = Certificates(key, cert, chain, True, served, "", ("pi4-hall", "pi4-hall.local", "192.0.2.7"), NOW - 10 * DAY)
    return replace(part, **changes)


def seen(part: object = None, **changes: Any) -> Seen:
    """Return a Node-RED with TLS that started two days ago, under guard."""
    listener = Listener("0.0.0.0", 18880, 1000, 1, 4711, started=8 * DAY, unit="nodered.service")
    now = Seen(
        instance=Instance("main", "/home/pi/.node-red/settings.js", Service(ServiceKind.SYSTEMD, "nodered.service")),
        disk=disk(https={"kind": "object", "key": "/home/pi/key.pem", "cert": "/home/pi/cert.pem"}),
        process=Process((listener,), 18880),
        wire=Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True),
        baseline=None,
        now=NOW,
        parts={} if part is None else {"certificate": part},
        clock=RIGHT,
    )
    return replace(now, **changes)


def disk(**settings: View) -> Disk:
    known = {name: Setting(name, SettingState.KNOWN, value, line=7) for name, value in settings.items()}
    return Disk("/home/pi/.node-red/settings.js", "", None, Reading(FileState.SOUND, settings=known))


def asked(check: str, what: Seen, **rule: Any) -> list[Finding]:
    one = all_checks()[check]
    return list(one.ask(what, one.rule(**rule)))
