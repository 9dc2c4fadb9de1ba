"""What is under way for each instance: restarts and wire looks, as children that ring when they are done."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from nrguard.children import Children, Done, Ended
from nrguard.escape import visible
from nrguard.host import processes, sockets
from nrguard.model import Admin, Blind, Wire
from nrguard.policy import Instance, ServiceKind
from nrguard.probes import Probe
from nrguard.probes.agreement import WINDOW, believed
from nrguard.probes.roots import Roots
from nrguard.probes.wire import Request, command, parse
from nrguard.seen import Process
from nrguard.world import Between, Flights, PartSeen, WireSeen

RESTART_LIMIT = 90.0  # seconds for the restart command itself; systemd gives a stop that long
LOADING_PATIENCE = 10.0  # seconds for a Node-RED that listens and has not loaded its flows yet
EXIT_PATIENCE = 60.0  # seconds for which a Node-RED that ended by itself is waited for


@dataclass(slots=True)
class _State:
    """Of one instance. Times are of CLOCK_BOOTTIME; 0: not."""

    flights: Flights = field(default_factory=Flights)
    wire: WireSeen | None = None
    looks: tuple[Wire | Blind, ...] = ()  # over the network, at the socket of `wire`, the newest first
    parts: dict[str, PartSeen] = field(default_factory=dict)
    ordered_at: float = 0.0  # when a restart was ordered that Node-RED has not yet answered after
    restarted_at: float = 0.0  # when the last restart command ended well
    expected_until: float = 0.0  # a start is under way, and this long it is waited for

    def believe(self, wire: Wire | Blind, inode: int) -> None:
        """Take in a look at a socket. The first answer after a restart of our own is believed as it is."""
        known = self.looks if self.wire and self.wire.inode == inode else ()
        self.looks = (wire, *known)[:WINDOW]
        ours = self.ordered_at and not known
        worth, again = (wire, False) if ours else believed(self.looks)
        self.wire = WireSeen(worth, inode, processes.boottime(), again)


class Launcher:
    """Starts restarts and wire looks. `ring` is called with the instance's name when one has ended."""

    def __init__(self, children: Children, ring: Callable[[str], None]) -> None:
        self._children = children
        self._ring = ring
        self._states: dict[str, _State] = {}

    def flights(self, name: str) -> Flights:
        state = self._state(name)
        return replace(state.flights, starting=processes.boottime() < state.expected_until)

    def wire(self, name: str) -> WireSeen | None:
        return self._state(name).wire

    def restarted_at(self, name: str) -> float:
        """Return when the last restart command ended well, in seconds of CLOCK_BOOTTIME; 0: never."""
        return self._state(name).restarted_at

    def expect_start(self, name: str) -> None:
        """Note that Node-RED has just ended by itself: it may be starting again."""
        self._state(name).expected_until = processes.boottime() + EXIT_PATIENCE

    def restart(self, instance: Instance, *, between: Between | None = None) -> None:
        """Run the service's restart command. `between`: after the service was stopped, where it can be."""
        state = self._state(instance.name)
        state.flights = replace(
            state.flights, restart=True, restart_failed="", restart_seconds=None, logins_ended=between is not None
        )
        state.ordered_at = processes.boottime()
        if between is None:
            self._run(restart_command(instance), lambda ended: self._restarted(instance, ended))
        elif stop := stop_command(instance):
            self._run(stop, lambda ended: self._stopped(instance, ended, between))
        else:
            between()
            self._run(restart_command(instance), lambda ended: self._restarted(instance, ended))

    def _stopped(self, instance: Instance, ended: Ended, between: Between) -> None:
        """Go on with the restart, also where the stop failed: the restart command may do better, or says why not."""
        del ended
        between()
        self._run(restart_command(instance), lambda ended: self._restarted(instance, ended))

    def _run(self, command_: tuple[str, ...], done: Done) -> None:
        self._children.start(command_, limit=RESTART_LIMIT, merge_errors=True, environment=_environment(), done=done)

    def ask_wire(self, instance: Instance, process: Process, roots: Roots) -> None:
        """Send a stranger: at once where something listens, and else as long as a start is under way."""
        state = self._state(instance.name)
        left = state.expected_until - processes.boottime()
        patience = LOADING_PATIENCE if process.listeners else max(0.0, left)
        address = process.listeners[0].address if process.listeners else ""
        kind, deadline = ("await", patience) if patience else ("look", 0.0)
        state.flights = replace(state.flights, wire=True)
        request = Request(
            address, process.port, kind=kind, deadline=deadline,
            admin_root=roots.admin, node_root=roots.nodes, static_roots=roots.static, dashboards=roots.dashboards,
        )  # fmt: skip
        self._children.start(
            command(request), limit=deadline + 15.0, environment={},
            done=lambda ended: self._wired(instance, process, ended),
        )  # fmt: skip

    def parts(self, name: str) -> Mapping[str, PartSeen]:
        return self._state(name).parts

    def start_look(self, instance: Instance, probe: Probe, about: str, command_: tuple[str, ...]) -> None:
        """Start the child of a probe."""
        state = self._state(instance.name)
        state.flights = replace(state.flights, looks=state.flights.looks | {probe.name})
        self._children.start(
            command_, limit=probe.limit, environment=_search_path(),
            done=lambda ended: self._looked(instance, probe, about, ended),
        )  # fmt: skip

    def _looked(self, instance: Instance, probe: Probe, about: str, ended: Ended) -> None:
        state = self._state(instance.name)
        part = Blind(ended.problem) if ended.problem else probe.parse(ended.output)
        state.parts[probe.name] = PartSeen(part, about, processes.boottime())
        state.flights = replace(state.flights, looks=state.flights.looks - {probe.name})
        self._ring(instance.name)

    def _state(self, name: str) -> _State:
        return self._states.setdefault(name, _State())

    def _restarted(self, instance: Instance, ended: Ended) -> None:
        state = self._state(instance.name)
        failed = "" if ended.status == 0 else _why(ended)
        state.flights = replace(state.flights, restart=False, restart_failed=failed)
        if not failed:
            state.restarted_at = processes.boottime()
            state.expected_until = state.restarted_at + instance.start_limit
        self._ring(instance.name)

    def _wired(self, instance: Instance, process: Process, ended: Ended) -> None:
        state = self._state(instance.name)
        wire = parse(ended.output)
        # a socket that has gone meanwhile was asked, in part at least: the one in its place is asked afresh
        asked = process.listeners[0].inode if process.listeners else _inode(process.port)
        state.believe(wire, asked)
        state.flights = replace(state.flights, wire=False)
        if state.flights.restart:
            pass  # who answered is the Node-RED that is being stopped
        elif isinstance(wire, Wire) and wire.admin not in (Admin.SILENT, Admin.STARTING):
            if state.ordered_at:
                seconds = processes.boottime() - state.ordered_at
                state.flights = replace(state.flights, restart_seconds=seconds, restart_failed="")
            state.ordered_at = state.expected_until = 0.0
        elif state.ordered_at and processes.boottime() >= state.expected_until:
            problem = f"nothing answers on port {process.port} {instance.start_limit:.0f} s after the restart"
            known = state.flights.restart_failed  # what the restart command itself said tells more
            state.flights = replace(state.flights, restart_failed=known or problem)
            state.ordered_at = 0.0
        self._ring(instance.name)


def restart_command(instance: Instance) -> tuple[str, ...]:
    """Return the argument list that restarts an instance."""
    service = instance.service
    if service.kind is ServiceKind.SYSTEMD:
        return ("systemctl", "restart", "--", service.unit)
    return service.restart


def stop_command(instance: Instance) -> tuple[str, ...]:
    """Return the argument list that stops an instance; () where the policy has none."""
    service = instance.service
    if service.kind is ServiceKind.SYSTEMD:
        return ("systemctl", "stop", "--", service.unit)
    return service.stop


def _inode(port: int) -> int:
    found = sockets.listeners(port)
    return 0 if isinstance(found, Blind) or not found else min(found, key=lambda one: ":" in one.address).inode


def _why(ended: Ended) -> str:
    if ended.status is None or ended.problem:
        return f"the restart command failed: {ended.problem}"
    said = ended.output.decode(errors="replace").strip().rpartition("\n")[2]
    return f"the restart command ended with status {ended.status}: {visible(said, limit=120)}"


def _environment() -> dict[str, str]:
    """Return our environment less what systemd means for us alone."""
    ours = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _search_path() -> dict[str, str]:
    """Return what a look may know of our environment: where programs such as systemctl are."""
    return {"PATH": os.environ["PATH"]} if "PATH" in os.environ else {}


def boot_id() -> str:
    """Return the id of this boot."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()
