"""Where a house stands: what `nrguard status` shows and status.json holds. Pure values; nothing secret is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nrguard.certificates import Certificate, Certificates
from nrguard.model import Blind, Severity, Wire
from nrguard.policy import Mode
from nrguard.records import Incident, Reach
from nrguard.seen import Process, Seen

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class NodeRed:
    """The running Node-RED, as the newest look saw it. `unseen`: why it could not be seen."""

    listening: tuple[str, ...] = ()  # "0.0.0.0:18880"
    pid: int = 0
    version: str = ""
    admin: str = ""  # what a stranger gets: a member of model.Admin; "" where nobody has asked yet
    tls: bool | None = None
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """Something that is open. `saw` is left out where everybody may read it."""

    severity: Severity
    check: str
    subject: str
    since: float
    todo: str
    saw: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The baseline: its generation, and when and by which command it was sealed. Generation 0: there is none."""

    generation: int = 0
    at: float = 0.0
    by: str = ""


@dataclass(frozen=True, slots=True)
class InstanceStanding:
    """Where one instance stands. Times are seconds since the epoch; 0: never, or unknown."""

    name: str
    mode: Mode
    protected: bool
    since: float
    baseline: Sealed = Sealed()
    node_red: NodeRed | None = None  # None: nobody has looked yet
    open: tuple[Open, ...] = ()  # worst first; no notes
    notes: int = 0
    certificate_ends: float = 0.0
    self_signed: bool = False
    drift_at: float = 0.0
    drift: str = ""  # what became of it: "put back", "not put back"


@dataclass(frozen=True, slots=True)
class Guard:
    """The guarding process; `started` is in seconds of CLOCK_BOOTTIME, so that another one with its id is not it."""

    pid: int
    started: float
    since: float  # seconds since the epoch
    version: str


@dataclass(frozen=True, slots=True)
class House:
    """Everything: status.json is one of these."""

    schema: int
    guard: Guard | None
    checks: int
    instances: tuple[InstanceStanding, ...] = ()
    channels: tuple[Reach, ...] = ()
    heartbeat: str | None = None  # why it was not heard, "" where it was; None: there is none
    heartbeat_at: float = 0.0
    policy_problem: str = ""

    @property
    def protected(self) -> bool:
        return self.guard is not None and bool(self.instances) and all(each.protected for each in self.instances)

    def only(self, instances: Sequence[InstanceStanding]) -> House:
        """Return it with only some of its instances."""
        return replace(self, instances=tuple(instances))


def completed(house: House, alive: House | None) -> House:
    """Return `house`, out of the records, with what only the living guard has seen; None: nobody guards."""
    if alive is None:
        instances = tuple(replace(one, protected=False, node_red=None) for one in house.instances)
        return replace(house, guard=None, instances=instances)
    saw = {one.name: one for one in alive.instances}
    return replace(
        house,
        instances=tuple(
            replace(
                one,
                node_red=saw[one.name].node_red,
                certificate_ends=saw[one.name].certificate_ends,
                self_signed=saw[one.name].self_signed,
            )
            if one.name in saw
            else one
            for one in house.instances
        ),
    )


def instance_standing(
    name: str, mode: Mode, baseline: Sealed, incidents: Sequence[Incident], seen: Seen | None, since: float
) -> InstanceStanding:  # fmt: skip
    """Return where an instance stands. `since`: when it was last bad, sealed or without a guard."""
    serious = sorted(
        (one for one in incidents if one.finding.severity > Severity.NOTE), key=lambda one: -one.finding.severity
    )
    critical = [one.opened_at for one in serious if one.finding.severity is Severity.CRITICAL]
    leaf = _leaf(seen)
    return InstanceStanding(
        name=name,
        mode=mode,
        protected=bool(baseline.generation and not critical),
        since=min(critical) if critical else max(since, baseline.at),
        baseline=baseline,
        node_red=_node_red(seen) if seen else None,
        open=tuple(_open(one) for one in serious),
        notes=len(incidents) - len(serious),
        certificate_ends=leaf.ends if leaf else 0.0,
        self_signed=bool(leaf and leaf.self_signed),
    )


def public(house: House) -> House:
    """Return `house` without what helps whoever looks for a way in: what exactly is wrong."""
    instances = (replace(each, open=tuple(replace(one, saw="") for one in each.open)) for each in house.instances)
    return replace(house, instances=tuple(instances))


def _open(incident: Incident) -> Open:
    finding = incident.finding
    todo = finding.hint.replace("`", "") or "look: sudo nrguard check"
    return Open(finding.severity, finding.check, finding.subject, incident.opened_at, todo, finding.saw)


def _node_red(seen: Seen) -> NodeRed:
    if isinstance(seen.process, Blind):
        return NodeRed(unseen=seen.process.reason)
    process: Process = seen.process
    found = NodeRed(
        tuple(sorted({f"{_bracketed(one.address)}:{one.port}" for one in process.listeners})),
        process.listeners[0].pid if process.listeners else 0,
    )
    wire = seen.wire
    return replace(found, version=wire.version, admin=wire.admin, tls=wire.tls) if isinstance(wire, Wire) else found


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _leaf(seen: Seen | None) -> Certificate | None:
    parts: Mapping[str, object] = seen.parts if seen else {}
    part = parts.get("certificate")
    return (part.served or part.leaf) if isinstance(part, Certificates) else None
