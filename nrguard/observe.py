"""The parts of one instance, gathered from the world as it is now. No change is made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nrguard.baseline import Baseline
from nrguard.decide import inode_of, owed
from nrguard.model import Blind, Clock, Comparison, FileIdentity, FileState, Listener, Reading, SettingState, Verdict
from nrguard.policy import Instance
from nrguard.probes import all_probes
from nrguard.probes.roots import Roots, roots
from nrguard.probes.unit import next_environment
from nrguard.records import Debt
from nrguard.seen import Disk, Process, Seen
from nrguard.starting import Start
from nrguard.starting.unforeseen import UNFORESEEN
from nrguard.understanding import Question, Understanding
from nrguard.world import Content, Look, Missing, Odd, Pending, World

DEFAULT_PORT = 1880  # Node-RED's own, where settings.js does not say


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen, and what acting on it needs: the look itself, the baseline's bytes, the reader's answer."""

    seen: Seen
    look: Look
    baseline: Baseline | None
    understanding: Understanding | None


def observe(world: World, instance: Instance) -> Observed | Pending:
    """Look at everything of one instance. Pending: the reader has not answered yet."""
    baseline = world.baseline(instance.name)
    look = world.look(instance.settings)
    understanding = _understand(world, instance, look, baseline)
    if isinstance(understanding, Pending):
        return understanding
    disk = _disk(instance, look, baseline, understanding)
    process = _found(world, instance, (port_of(disk, baseline), _overriding_port(world, instance)))
    wire = world.wire(instance.name)
    seen = Seen(
        instance=instance,
        disk=disk,
        process=process,
        wire=wire.wire if wire and wire.inode == inode_of(process) else None,  # else it was another Node-RED
        baseline=baseline.sealed() if baseline else None,
        now=world.now(),
        policy_error=world.policy_error(),
        clock=world.clock(),
    )
    parts = _parts(world, seen)
    seen = replace(seen, parts=parts, clock=_clock(seen.clock, parts.get("clock")))
    return Observed(seen, look, baseline, understanding if isinstance(understanding, Understanding) else None)


def _parts(world: World, seen: Seen) -> Mapping[str, object]:
    """Return the newest part of each probe, where it is about what there is now."""
    newest, probes = world.parts(seen.instance.name), all_probes()
    return {name: one.part for name, one in newest.items() if _same(one.about, probes[name].about(seen))}


def _same(about: str, now: str) -> bool:
    """Compare first lines: what stands below only makes the look be taken again."""
    return about.partition("\n")[0] == now.partition("\n")[0]


def _clock(clock: Clock, asked: object) -> Clock:
    """Believe the one that was asked in our place, where we may not ask the kernel ourselves."""
    return replace(clock, right=True, why=asked.why) if isinstance(asked, Clock) and asked.right else clock


def port_of(disk: Disk | Blind, baseline: Baseline | None) -> int:
    """Return the port to look at: what settings.js says, else where it listened when sealed, else Node-RED's own.

    0 where nobody can know it: code that can't be followed decides, and nothing was seen when it was sealed.
    """
    setting = disk.reading.settings.get("uiPort") if isinstance(disk, Disk) else None
    if setting is not None and setting.state is SettingState.KNOWN:
        return _port(setting.value) or DEFAULT_PORT
    if baseline is not None and baseline.facts.port:
        return baseline.facts.port
    if setting is not None and setting.state is SettingState.UNPROVEN:
        return 0
    possible = setting.possible if setting is not None else ()
    return next((port for port in map(_port, reversed(possible)) if port), DEFAULT_PORT)


def roots_of(disk: Disk | Blind) -> Roots:
    """Return where a stranger should ask, as far as settings.js tells."""
    return roots(disk.reading.settings) if isinstance(disk, Disk) else Roots()


def _port(value: object) -> int:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536 else 0


def _understand(
    world: World, instance: Instance, look: Look, baseline: Baseline | None
) -> Understanding | Blind | Pending | None:
    if isinstance(look, Blind):
        return None
    question = Question(
        present=look.data if isinstance(look, Content) else None,
        good=baseline.whole if baseline else None,
        protected=instance.protect,
        propose=baseline is not None,
    )
    understanding, environment = world.understand(question), _environment(world, instance)
    if environment is None or not isinstance(understanding, Understanding):
        return understanding
    if not _depends_on(understanding) or _depends_on(understanding) & UNFORESEEN:
        return understanding
    return world.understand(replace(question, environment=environment))


def _depends_on(understanding: Understanding) -> frozenset[str]:
    """Return the environment variables that either text asks for."""
    readings = (understanding.reading, understanding.good)
    return frozenset(name for reading in readings if reading for one in reading.settings.values() for name in one.on)


def _environment(world: World, instance: Instance) -> Mapping[str, str] | None:
    """Return the environment of the next start: as the policy says, else as its unit does; None where unknown."""
    if instance.environment is not None:
        return instance.environment
    return next_environment(_next_start(world, instance))


def _next_start(world: World, instance: Instance) -> object:
    """Return the newest part of the probe `unit`, which is about nothing that the file says."""
    newest = world.parts(instance.name).get("unit")
    return newest.part if newest is not None else None


def _overriding_port(world: World, instance: Instance) -> int:
    start = _next_start(world, instance)
    return start.port if isinstance(start, Start) else 0


def _disk(
    instance: Instance, look: Look, baseline: Baseline | None, understanding: Understanding | Blind | None
) -> Disk | Blind:
    if isinstance(look, Blind):
        return look
    identity: FileIdentity | None = None if isinstance(look, Missing) else look.identity
    digest = look.digest if isinstance(look, Content) else ""
    odd = look.what if isinstance(look, Odd) else ""
    if not isinstance(understanding, Understanding):
        # bytes that break their reader are treated as code that nobody can prove: never as "fine"
        why = understanding.reason if understanding else "not read"
        against = Comparison(Verdict.UNPROVEN) if baseline else None
        return Disk(instance.settings, digest, identity, Reading(FileState.UNPROVEN, ()), against, odd or why)
    return Disk(
        instance.settings, digest, identity, understanding.reading, understanding.comparison, odd, understanding.apart
    )


def _found(world: World, instance: Instance, ports: tuple[int, int]) -> Process | Blind:
    """Look at the first port, and at the second, where it is one, if nothing listens on the first."""
    process = _process(world, instance, ports[0])
    if (
        not ports[1]
        or (isinstance(process, Blind) and ports[0])
        or (isinstance(process, Process) and process.listeners)
    ):
        return process
    other = _process(world, instance, ports[1])
    return other if isinstance(other, Process) and other.listeners else process


def _process(world: World, instance: Instance, port: int) -> Process | Blind:
    if not port:
        return Blind("settings.js does not tell the port: code that nrguard can't follow decides it")
    listeners = world.listeners(port)
    if isinstance(listeners, Blind):
        return listeners
    debt, failed = world.debt(instance.name), world.flights(instance.name).restart_failed
    process = Process(tuple(sorted(listeners, key=_order)), port, _elsewhere(world, debt, port), restart_failed=failed)
    return replace(process, restart_owed=owed(debt, process, world.boot()))


def _elsewhere(world: World, debt: Debt | None, port: int) -> tuple[Listener, ...]:
    if debt is None or debt.port in (0, port):
        return ()
    listeners = world.listeners(debt.port)
    return () if isinstance(listeners, Blind) else tuple(one for one in listeners if one.uid == debt.uid)


def _order(listener: Listener) -> tuple[bool, str]:
    return ":" in listener.address, listener.address
