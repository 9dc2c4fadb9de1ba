"""How a Node-RED is started, and what of that has more say than its settings.js. Pure.

systemd's files and a process's environment come in as text; `Start` is what Node-RED makes of them, each deviation with
the line that did it. The rules are Node-RED's, Node's and systemd's own (node-red-facts.md, sections 4 and 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nrguard.model import View


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something was written: a file and its line, or (line 0) what else it came from."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path} line {self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Word:
    """One argument of a command line."""

    text: str = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable."""

    name: str
    value: str = field(repr=False)
    origin: Origin


class Bearing(StrEnum):
    """What a deviation bears on."""

    SETTING = "setting"  # a setting has another value than settings.js gives it
    CODE = "code"  # code is loaded that could change every setting
    INSPECTOR = "inspector"  # whoever reaches it runs code inside Node-RED


@dataclass(frozen=True, slots=True)
class Deviation:
    """One way in which the start overrides settings.js. `saw` and `value` hold no secret.

    `subject` is the setting's name, the option or the variable. `trusted`: what is loaded belongs to root alone.
    """

    bearing: Bearing
    subject: str
    saw: str
    origin: Origin
    value: View = None  # of uiPort, uiHost and requireHttps as a whole
    trusted: bool = False


COMMAND_LINE_GONE = "its command line, which is gone once it listens"
"""What can't be seen of a running Node-RED; where its unit says it all, nothing is missing."""


@dataclass(frozen=True, slots=True)
class Start:
    """How one Node-RED is started: the next time (the probe `unit`), or how the running one was (`running`).

    `settings` is the file that it reads, "" where that can't be told; `elsewhere` that it is not the guarded one.
    `unseen` says what could not be looked at, and why.
    """

    looked_at: float  # seconds since the epoch
    settings: str = ""
    settings_origin: Origin | None = None
    elsewhere: bool = False
    port: int = 0  # that has more say than uiPort; 0: none
    deviations: tuple[Deviation, ...] = ()
    environment: Mapping[str, str] | None = field(default=None, repr=False)  # may hold secrets
    uid: int | None = None
    user_origin: Origin | None = None
    started_at: float = 0.0  # seconds since the epoch; 0: unknown, or not yet
    stale: bool = False  # the unit's files changed, and systemd has not loaded them
    unseen: tuple[str, ...] = ()
