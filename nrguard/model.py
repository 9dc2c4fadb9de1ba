"""The nouns: plain frozen values that every other module speaks in. Pure: no I/O, imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

PROTECTABLE = (
    "adminAuth",
    "httpNodeAuth",
    "httpStaticAuth",
    "https",
    "requireHttps",
    "uiPort",
    "uiHost",
)
"""The settings that nrguard can put back, in the order in which people are told about them."""

ADJACENT = (
    "nodesDir", "userDir", "storageModule", "contextStorage", "logging", "editorTheme", "httpAdminMiddleware",
    "httpNodeMiddleware", "httpServerOptions", "httpNodeCors", "httpAdminCors", "httpStaticCors", "httpRoot",
    "httpAuth", "httpAdminAuth", "httpStatic", "httpStaticRoot", "httpAdminRoot", "httpNodeRoot", "disableEditor",
    "credentialSecret", "httpAdminCookieOptions", "webSocketNodeVerifyClient", "externalModules",
    "functionExternalModules", "runtimeState", "diagnostics", "httpsRefreshInterval", "ui",
)  # fmt: skip
"""Settings that load code or move trust: a change of one is a finding, though nrguard does not put it back."""


class Severity(IntEnum):
    """How bad a finding is; larger is worse. A note never changes a verdict or an exit status."""

    NOTE = 0
    WARNING = 1
    CRITICAL = 2

    def __str__(self) -> str:
        return self.name.lower()


class FileState(StrEnum):
    """What a settings.js is as a whole."""

    SOUND = "sound"  # every byte is accounted for
    UNPROVEN = "unproven"  # some code could change a protected setting
    BROKEN = "broken"  # Node itself refuses it
    MISSING = "missing"


class SettingState(StrEnum):
    """What reading one setting statically gives."""

    KNOWN = "known"
    ABSENT = "absent"
    DEPENDS = "depends"  # on environment variables, or on what a local module exports
    UNPROVEN = "unproven"


class Verdict(StrEnum):
    """What a settings.js is worth against an accepted one, best first."""

    EQUAL = "equal"
    CHANGED = "changed"
    WEAKENED = "weakened"
    UNPROVEN = "unproven"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of byte offsets into one source text."""

    start: int
    end: int

    def of(self, source: bytes) -> bytes:
        return source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file is not sound. Line and column count from 1; the column counts characters."""

    line: int
    column: int
    why: str
    code: str = ""  # the fingerprint, among those of Reading.code, of the code that it is about


View = None | bool | int | float | str | list["View"] | dict[str, "View"]
"""A setting's value as people and JSON may see it: no secret is ever in it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One property of settings.js, as reading it statically gives it.

    `meaning` is a digest of the whole value, secrets included: two settings with the same digest mean the same to
    Node-RED. `value` is the redacted view. `span` covers the member that decides the value, where one does.
    """

    name: str
    state: SettingState
    value: View = None
    meaning: str = ""
    line: int = 0
    on: tuple[str, ...] = ()
    possible: tuple[View, ...] = ()
    span: Span | None = None
    detail: View = None  # what judging needs beyond the view: one entry for each possible value, digests for secrets


@dataclass(frozen=True, slots=True)
class Weakness:
    """A value that is there and still protects badly: the sample hash, MD5, a shared password, an empty user list."""

    setting: str
    kind: str  # stable, kebab-case: "sample-hash", "md5", "plain-text", …
    severity: Severity
    what: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A settings.js, understood. `code` fingerprints everything in it that is not inert.

    `requires` names the local files that it loads with `require`, as written.
    """

    state: FileState
    reasons: tuple[Reason, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    weaknesses: tuple[Weakness, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a settings.js departs from the accepted one."""

    setting: str  # its Node-RED name, or "code"
    verdict: Verdict
    severity: Severity
    saw: str
    want: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict over a whole file and what it rests on, worst first."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `span`, in the present source, by `text`.

    `sealed` names the bytes of the accepted copy that `text` carries: `text` is exactly those bytes with nothing but
    white space, line ends and commas around them. None: `text` holds only white space and commas (a removal), or comes
    from the owner's own command (`apply`).
    """

    span: Span
    text: bytes
    sealed: Span | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new text for settings.js, proved by reading it again, and the edits that lead to it, sorted and disjoint."""

    text: bytes
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Keyed editing can't be done safely here, and why, where."""

    why: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Blind:
    """A probe could not see. `note` is True where this identity never can, so that it has no effect on a verdict."""

    reason: str
    note: bool = False


class Admin(StrEnum):
    """What a stranger gets from Node-RED's admin API (node-red-facts.md, section 2.2)."""

    OPEN = "open"  # everybody is administrator
    ANONYMOUS = "anonymous"  # a default user with some permissions, see Wire.permissions
    LOGIN = "login"  # adminAuth asks for a token
    BASIC = "basic"  # legacy httpAdminAuth
    OFF = "off"  # httpAdminRoot: false, or another root
    STARTING = "starting"  # answers, but the runtime is not up yet
    SILENT = "silent"  # nothing listens, or nothing answers
    UNKNOWN = "unknown"  # something answers that is no Node-RED


class Door(StrEnum):
    """What a stranger gets at the HTTP-in root, the static content or the editor's websocket."""

    OPEN = "open"  # nobody is asked for a login, whether there is something behind or not
    BASIC = "basic"  # user and password are asked for
    LOGIN = "login"  # a token is asked for
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Wire:
    """What a stranger gets at one address and port. `evidence` holds the requests and the answers that decided."""

    address: str
    port: int
    admin: Admin
    tls: bool | None = None  # None: nothing answered
    nodes: Door = Door.UNKNOWN
    static: Door = Door.UNKNOWN
    permissions: View = None  # of the anonymous user; None: can't be told without writing
    https_required: bool = False  # plain HTTP is redirected; the rest was seen through the redirect
    version: str = ""
    certificate: bytes = b""  # DER of the served leaf
    evidence: tuple[str, ...] = ()
    comms: Door = Door.UNKNOWN  # the editor's websocket
    dashboards: tuple[str, ...] = ()  # paths whose socket.io a stranger reaches


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens on the guarded port. `started` is in seconds of CLOCK_BOOTTIME; 0 and "" are unseen."""

    address: str
    port: int
    uid: int
    inode: int
    pid: int = 0
    started: float = 0.0
    unit: str = ""
    cgroup: int = 0  # the id of its control group


@dataclass(frozen=True, slots=True)
class FileIdentity:
    """Which file was read. Two equal values are the same file with the same content as far as a stat can tell."""

    device: int
    inode: int
    uid: int
    gid: int
    mode: int  # permission bits
    links: int
    size: int
    mtime_ns: int
    ctime_ns: int


@dataclass(frozen=True, slots=True)
class Clock:
    """Whether this computer's clock can be believed: a Pi has none of its own that runs while it is off.

    `floor` is a moment that is surely past, in seconds since the epoch; 0: none is known.
    """

    right: bool = False
    why: str = "nobody has looked at the clock"
    floor: float = 0.0
    refused: bool = False  # we may not ask the kernel, and somebody else has to
