"""What one look at an instance gives, and what judging it says. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nrguard.model import Blind, Clock, Comparison, FileIdentity, Listener, Reading, Setting, Severity, Wire
from nrguard.policy import Instance


class Remedy(StrEnum):
    """The action that would put a finding right."""

    RESTORE = "restore"  # put the protected settings back
    RESTART = "restart"  # the process runs older settings than the file
    APPLY = "apply"  # owner: write what the policy wants
    ACCEPT = "accept"  # owner: seal the present file
    OWNER = "owner"  # something only the owner can do; the finding says what
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what would put it right. (check, subject) is its identity."""

    check: str
    subject: str
    severity: Severity
    saw: str
    want: str
    remedy: Remedy
    hint: str = ""  # one sentence for the owner: what to do
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk part: which file was read, what it means, and what it is worth against the baseline."""

    path: str
    digest: str  # SHA-256 of the content; "" when missing
    identity: FileIdentity | None
    reading: Reading
    comparison: Comparison | None = None  # None: no baseline to compare with
    odd: str = ""  # what stands there instead of a regular file: a link, a directory, a FIFO
    apart: bool = False  # all unproven code stands inside settings that decide no protection


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens on the guarded port."""

    uid: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The baseline as checks see it: what the owner accepted, without its bytes."""

    generation: int
    sealed_at: float  # seconds since the epoch
    digest: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()  # where it listened when it was sealed
    port: int = 0
    uid: int = -1  # whose settings.js was; -1: unknown
    holder: Holder | None = None  # who held the port when it was sealed
    credentials_at: Mapping[str, float] = field(default_factory=dict)  # user -> when the password changed, if known
    inventory: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what else there was, by kind


@dataclass(frozen=True, slots=True)
class Process:
    """The process part: who listens on the guarded port, and whether it may run settings that are gone."""

    listeners: tuple[Listener, ...]
    port: int
    elsewhere: tuple[Listener, ...] = ()  # on the port that a weak settings.js named
    restart_owed: str = ""  # why, when a restart is owed
    restart_failed: str = ""  # why Node-RED did not come back after the last restart


@dataclass(frozen=True, slots=True)
class Seen:
    """All parts of one instance, as one cycle looks at them."""

    instance: Instance
    disk: Disk | Blind
    process: Process | Blind
    wire: Wire | Blind | None  # None: not asked yet
    baseline: Sealed | None
    now: float  # seconds since the epoch
    policy_error: str = ""  # the file on disk is broken; the sealed policy is in force
    parts: Mapping[str, object] = field(default_factory=dict)  # probe name -> its newest part, or Blind
    clock: Clock = field(default_factory=Clock)
