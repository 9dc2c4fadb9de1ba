"""What is kept between cycles: incidents, debts, events, messages. Plain values; store.py makes them durable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nrguard.model import Severity, View
from nrguard.seen import Finding


@dataclass(frozen=True, slots=True)
class Incident:
    """A finding's life. (check, subject) of its finding is its identity within an instance."""

    id: int
    opened_at: float  # seconds since the epoch
    finding: Finding
    told: bool = False  # a message said that it is open
    told_at: float = 0.0  # when that was last said, in seconds since the epoch
    reminders: int = 0  # how often it was said again

    @property
    def key(self) -> tuple[str, str]:
        return self.finding.check, self.finding.subject


@dataclass(frozen=True, slots=True)
class Debt:
    """A restart that is owed, because Node-RED may have read a weak settings.js.

    Times are seconds of CLOCK_BOOTTIME, valid within `boot` only: after a reboot every process is a new one.
    A process that started between `weak_from` and `weak_until` may have read it.
    """

    boot: str
    weak_from: float
    weak_until: float
    why: str
    port: int = 0  # the port that the weak file named, where that was another one
    uid: int = -1  # of the file's owner: who else listens there is not ours
    restarted_at: float = 0.0  # when the last restart was done; 0: none yet
    revoke: str = ""  # why the logins that Node-RED keeps have to end with it
    begun: bool = False  # a restart that stops Node-RED first was ordered: we owe its start, whoever dies in between


@dataclass(frozen=True, slots=True)
class Event:
    """One line of history. `kind` is one word of: drift, restored, restart, restarted, secured, closed, failed, …"""

    at: float  # seconds since the epoch
    kind: str
    text: str
    facts: Mapping[str, View] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """What is said to the owner: title at most 50 characters, body at most 180; no secret in either."""

    title: str
    body: str
    severity: Severity
    open: bool = False  # it is about something that is open


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way to one channel. Delivered only after its receipt."""

    id: int
    at: float
    channel: str
    message: Message
    tries: int = 0
    held: bool = False  # it had to wait: for the end of a storm or of quiet hours


@dataclass(frozen=True, slots=True)
class Reach:
    """How one channel stands. `confirmed`: when it last took a message; 0: never. `unusable`: why it can't work."""

    label: str
    waiting: int = 0
    confirmed: float = 0.0  # seconds since the epoch
    failed: float = 0.0  # when a try last failed, if none has worked since
    lasting: bool = False  # it fails until the owner changes something
    detail: str = ""
    unusable: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """All that one cycle changes in the records of an instance; written in one transaction."""

    opened: tuple[Finding, ...] = ()
    updated: tuple[Finding, ...] = ()  # the same incident with another severity or text
    told: tuple[tuple[str, str], ...] = ()  # keys of incidents that a message has now told
    reminded: tuple[tuple[str, str], ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    messages: tuple[Message, ...] = ()
    events: tuple[Event, ...] = ()
