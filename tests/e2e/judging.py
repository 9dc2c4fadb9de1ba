"""nrguard's own turn over a real server, with a clock that the test sets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nrguard.model import Clock
from nrguard.places import Places
from nrguard.policy import Instance, Policy, Service, ServiceKind
from nrguard.seen import Finding
from nrguard.session import Session, session

NAME = "house"
LIMIT = 30.0  # seconds for one turn with its looks
RIGHT = Clock(True, "a test says so")


@dataclass
class Judge:
    """Takes turns at `now` (seconds since the epoch), which is real time by default, by a clock that is right."""

    here: Session
    monkeypatch: pytest.MonkeyPatch

    def look(self, now: float | None = None, *, clock: Clock = RIGHT, act: bool = False) -> dict[str, Finding]:
        """Return what one turn finds, by "check/subject"."""
        world = self.here.world
        with self.monkeypatch.context() as patch:
            patch.setattr(world, "now", lambda: time.time() if now is None else now)
            patch.setattr(world, "clock", lambda: clock)
            report = self.here.settle(NAME, may_act=act, limit=LIMIT)
        return {f"{finding.check}/{finding.subject}": finding for finding in report.findings}


@contextmanager
def judge(
    folder: Path,
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    restart: tuple[str, ...] = (),
    act: bool = False,
    working_directory: str | None = None,
    **rules: object,
) -> Iterator[Judge]:
    """Judge one instance. Each of `rules` is the rule of a check. A new judge takes all looks anew."""
    service = Service(ServiceKind.COMMAND, restart=restart) if restart else Service()
    workplace = str(settings.parent) if working_directory is None else working_directory
    instance = Instance(NAME, str(settings), service, working_directory=workplace)
    policy = Policy((instance,), rules=rules)
    places = Places(folder / "nrguard.yaml", folder / "state", folder / "run")
    with session(places, policy, readonly=not act) as here:
        yield Judge(here, monkeypatch)
