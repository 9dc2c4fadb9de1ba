"""A look at an instance as values, for tests of checks: everything is fine but for what a test says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nrguard.checks import all_checks
from nrguard.model import FileState, Listener, Reading, Setting
from nrguard.policy import Instance, Service, ServiceKind
from nrguard.seen import Disk, Finding, Process, Sealed, Seen
from nrguard.settingsjs import read

NOW = 1_800_000_000.0
SETTINGS = "/home/pi/.node-red/settings.js"
LISTENER = Listener("0.0.0.0", 18880, 1000, 77, 4711, 50.0, "nodered.service")
HASH = "$2b$08$zZWtXTja0fB1pzD4sHCMyOCMYz2Z6dNbM6tl8sJogENOMcxWV9D1."


def looked(**changes: object) -> Seen:
    """Return a look in which Node-RED runs as user 1000 and the baseline knows nothing but that; then `changes`."""
    seen = Seen(
        Instance("main", SETTINGS, Service(ServiceKind.SYSTEMD, unit="nodered.service")),
        Disk(SETTINGS, "d1", None, Reading(FileState.SOUND)),
        Process((LISTENER,), 18880),
        None,
        Sealed(1, NOW - 1e6, "d1", port=18880, uid=1000),
        NOW,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]  # each test names fields of Seen


def sealed(**changes: object) -> Sealed:
    """Return the baseline of `looked` with `changes`."""
    baseline = looked().baseline
    assert baseline
    return replace(baseline, **changes)  # type: ignore[arg-type]


def reading(text: str) -> Disk:
    """Return the disk part of a settings.js with `text` for its exports."""
    return Disk(SETTINGS, "d1", None, read(f"module.exports = {{ {text} }}".encode()))


def settings(text: str) -> Mapping[str, Setting]:
    return reading(text).reading.settings


def found(check: str, seen: Seen) -> tuple[Finding, ...]:
    """Return what one check finds, under its default rule."""
    one = all_checks()[check]
    return tuple(one.ask(seen, one.rule()))
