"""The owner's policy as values: what secure must mean, and what may be done about it. Pure; config/ reads the YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nrguard.model import PROTECTABLE, Severity


class Mode(StrEnum):
    """What nrguard may do about an instance."""

    GUARD = "guard"  # put back, restart, tell
    OBSERVE = "observe"  # only tell


class Response(StrEnum):
    """What a finding of one check leads to, apart from being told."""

    RESTORE = "restore"  # put the protected settings back and restart if needed
    RESTART = "restart"
    TELL = "tell"
    IGNORE = "ignore"  # recorded, never told


class ServiceKind(StrEnum):
    SYSTEMD = "systemd"
    COMMAND = "command"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Service:
    """How an instance is restarted. Commands are argument lists: no shell ever sees them."""

    kind: ServiceKind = ServiceKind.NONE
    unit: str = ""
    restart: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    contain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class User:
    """A login of the editor that `apply` writes. `password` is a bcrypt hash, or "generate"."""

    username: str
    password: str = field(repr=False)
    permissions: str | tuple[str, ...] = "*"


@dataclass(frozen=True, slots=True)
class Login:
    """A Basic login (httpNodeAuth, httpStaticAuth) that `apply` writes. `pass_` is a bcrypt hash, or "generate"."""

    user: str
    pass_: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tls:
    """The key pair that `apply` writes into `https`. Both paths absolute. `self_signed`: made if they do not exist."""

    key: str
    cert: str
    self_signed: bool = False


@dataclass(frozen=True, slots=True)
class Want:
    """The settings that `apply` writes; None leaves a setting as it stands in the file."""

    adminAuth: tuple[User, ...] | None = None  # noqa: N815 - Node-RED's own names
    httpNodeAuth: Login | None = None  # noqa: N815
    httpStaticAuth: Login | None = None  # noqa: N815
    https: Tls | None = None
    requireHttps: bool | None = None  # noqa: N815
    uiPort: int | None = None  # noqa: N815
    uiHost: str | None = None  # noqa: N815


@dataclass(frozen=True, slots=True)
class Instance:
    """One Node-RED on this host."""

    name: str
    settings: str  # absolute path of its settings.js
    service: Service = Service()
    mode: Mode = Mode.GUARD
    protect: tuple[str, ...] = PROTECTABLE
    want: Want = Want()
    environment: Mapping[str, str] | None = None  # of the next start, where nrguard can't look it up; None: unknown
    working_directory: str = ""  # what relative certificate paths count from; "": the folder of settings.js
    probe_login: bool = False  # try one wrong password after each start and once a day
    start_limit: float = 180.0  # seconds that a start may take before it counts as failed


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of each day, local time, in minutes since midnight. They go over midnight where `ends` is the smaller."""

    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Escalation:
    """The channel that is told too where the first fails, or has not confirmed within `after` seconds."""

    to: str
    after: float = 900.0


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go: an Apprise URL, given in one of four ways, for findings of at least `least`."""

    label: str
    url: str = field(default="", repr=False)
    url_file: str = ""
    url_env: str = ""
    credential: str = ""  # of systemd: the name of a file in $CREDENTIALS_DIRECTORY
    least: Severity = Severity.WARNING  # `from` in the YAML
    quiet: Quiet | None = None  # never for what is still open and critical
    escalate: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A web address that is asked every so often, with the verdict, and that misses it when the guard is dead.

    It is as secret as a channel's, and given in the same four ways.
    """

    url: str = field(default="", repr=False)
    url_file: str = ""
    url_env: str = ""
    credential: str = ""
    every: float = 900.0  # seconds


class AllIsWell(StrEnum):
    """How often the guard says that nothing is wrong."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often each look is taken although nothing rang, in seconds (design decision: one coalesced tick)."""

    content: float = 30.0
    port: float = 60.0
    wire: float = 300.0
    certificate: float = 21600.0


@dataclass(frozen=True, slots=True)
class Policy:
    instances: tuple[Instance, ...]
    channels: tuple[Channel, ...] = ()
    intervals: Intervals = Intervals()
    heartbeat: Heartbeat | None = None
    all_is_well: AllIsWell = AllIsWell.NEVER
    rules: Mapping[str, object] = field(default_factory=dict)  # check id -> its rule, defaults filled in
