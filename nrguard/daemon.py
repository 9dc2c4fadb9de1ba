"""The daemon: one thread, one poll set, turn after turn. What rings says only "look"; the truth is looked up again.

Owns the host and the database. Wakes for inotify, for the exit of a watched Node-RED, for a timer, for a signal, for a
child that has ended and for the `wake` file; and takes a turn of each instance that any of them concerns.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import time
from contextlib import ExitStack
from types import FrameType

from nrguard.children import Children
from nrguard.cycle import Report, cycle
from nrguard.errors import Failed
from nrguard.escape import one_line
from nrguard.host import processes
from nrguard.host.private import Held, lock
from nrguard.judge import worst
from nrguard.model import Severity
from nrguard.notify_socket import Systemd
from nrguard.outward import Outward
from nrguard.places import Places
from nrguard.policy import Policy
from nrguard.policyfile import PolicyFile
from nrguard.reader import Reader
from nrguard.realworld import RealWorld
from nrguard.seen import Process
from nrguard.store import Store
from nrguard.watch import Bell, Watched

SETTLE = 0.004  # seconds between two looks at a file that somebody is still writing
SETTLE_LIMIT = 0.1  # and for so long at the most
LATE = 0.05  # seconds until a reader is asked again that has not answered within a turn's patience
log = logging.getLogger("nrguard")


class Daemon:
    """Guards every instance of the policy until SIGTERM or SIGINT. Raise NrguardError where it can't even start."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._systemd = Systemd()
        self._watched: dict[str, Watched] = {}
        self._policy_watch = Watched(str(places.config.absolute()))
        self._wake_watch = Watched(str((places.run / "wake").absolute()))
        self._due: dict[str, float] = {}  # instance -> when its next turn is due, of time.monotonic
        self._exits: dict[int, str] = {}  # pidfd -> instance
        self._watched_pids: dict[str, int] = {}
        self._said: dict[str, tuple[str, ...]] = {}
        with ExitStack() as undo:
            self._open(undo)
            self._undo = undo.pop_all()  # from here on `run` undoes it

    def _open(self, undo: ExitStack) -> None:
        _lock(self._places, undo)
        self._store = Store(self._places.state)
        undo.callback(self._store.close)
        self._policy_file = PolicyFile(self._places.config, self._store)
        self._policy = self._policy_file.load()
        reader = Reader()  # before any thread
        undo.callback(reader.close)
        self._selector = selectors.DefaultSelector()
        undo.callback(self._selector.close)
        self._children = Children(self._selector)
        undo.callback(self._children.close)
        self._outward = Outward(self._places, self._store, self._children)
        self._world = RealWorld(self._store, self._places.state, reader, self._children, self._ring)
        self._bell = Bell()
        undo.callback(self._bell.close)
        self._selector.register(self._bell.fd, selectors.EVENT_READ)
        self._signals = _Signals(self._selector)
        undo.callback(self._signals.close)

    def run(self) -> int:
        """Guard until told to end. Return the exit status."""
        with self._undo:
            self._adopt(self._policy)
            self._turns()
            self._systemd.tell(READY=1, STATUS=self._status())
            log.info("guarding %s", ", ".join(instance.name for instance in self._policy.instances))
            while not self._ended():
                if self._signals.reload or self._policy_watch.rang:
                    self._reload()
                self._turns()
                self._outward.go()
            self._world.note_all_good()
            self._outward.leave()
            self._systemd.tell(STOPPING=1)
        log.info("ended")
        return 0

    def _ended(self) -> bool:
        """Wait for something to do. Return whether that is to end: then nothing new is begun."""
        self._wait()
        self._signals.take()
        return self._signals.ending

    def _ring(self, name: str) -> None:
        if name in self._watched:  # else the policy names it no longer, and a child or a process of it has ended
            self._due[name] = 0.0

    # -- waiting

    def _wait(self) -> None:
        """Sleep until something rings or is due; then take in what happened, without acting on it."""
        for watched in (self._policy_watch, self._wake_watch):
            if not watched.armed:  # at first, or since their folder was moved away
                self._bell.watch(watched)
        for key, _ in self._selector.select(self._timeout()):
            if key.fd in self._exits:
                self._node_red_ended(key.fd)
        self._bell.clear()
        self._children.poll()
        for name, watched in self._watched.items():
            if watched.rang:
                self._ring(name)
        if self._wake_watch.rang:
            self._wake_watch.rang = False
            for name in self._watched:
                self._ring(name)
        self._systemd.tell(WATCHDOG=1)

    def _timeout(self) -> float:
        now = time.monotonic()
        times = [due - now for due in self._due.values()]
        deadline, sending = self._children.next_deadline(), self._outward.next_due()
        times += [] if deadline is None else [deadline - now]
        times += [sending]
        times += [self._systemd.ping_every] if self._systemd.ping_every else []
        return max(0.0, min(times, default=60.0))

    def _node_red_ended(self, fd: int) -> None:
        name = self._exits.pop(fd)
        self._selector.unregister(fd)
        os.close(fd)
        self._watched_pids.pop(name, None)
        self._world.node_red_ended(name)
        self._ring(name)

    # -- turns

    def _turns(self) -> None:
        """Take a turn of every instance that is due."""
        now = time.monotonic()
        for name in [name for name, due in self._due.items() if due <= now]:
            self._settle(self._watched[name])
            self._note(name, cycle(self._world, self._policy, name, may_act=True))

    def _settle(self, watched: Watched) -> None:
        """Wait, for milliseconds, until the file is quiet; see that it is watched."""
        watched.rang = False
        if not watched.armed:
            problem = self._bell.watch(watched)
            if problem:
                log.warning("%s can't be watched: %s", watched.path, problem)
        if watched.is_quiet():
            return
        end = time.monotonic() + SETTLE_LIMIT
        before = _stamp(watched.path)
        while time.monotonic() < end:
            time.sleep(SETTLE)
            after = _stamp(watched.path)
            if watched.is_quiet() or after == before:
                return
            before = after

    def _note(self, name: str, report: Report) -> None:
        """Plan the next turn, watch the process that was seen, and tell and log what is new."""
        self._outward.heard(name, report)
        pause = report.wait or self._policy.intervals.content
        if report.observed is None:  # one that reads is asked again soon; one that died may have met a full memory
            pause = LATE if report.pending == ("reader",) else 1.0
        self._due[name] = time.monotonic() + pause
        if report.observed is not None and isinstance(report.observed.seen.process, Process):
            self._watch_exit(name, report.observed.seen.process)
        for event in report.events:
            log.warning("%s: %s: %s", name, event.kind, one_line(event.text))
            if event.kind == "restored":
                log.warning("%s: if the change was yours: sudo nrguard accept", name)
        lines = tuple(one_line(f"{f.severity} {f.check}/{f.subject}: {f.saw}") for f in report.findings if f.severity)
        if report.observed is not None and lines != self._said.get(name):
            self._said[name] = lines
            for line in lines or ("all is well",):
                log.warning("%s: %s", name, line) if lines else log.info("%s: %s", name, line)
            self._systemd.tell(STATUS=self._status(report))

    def _watch_exit(self, name: str, process: Process) -> None:
        pid = process.listeners[0].pid if process.listeners else 0
        if not pid or self._watched_pids.get(name) == pid:
            return
        try:
            fd = processes.exit_fd(pid)
        except OSError:  # ended in between, or hidden from us: the port poll sees it
            return
        self._watched_pids[name] = pid
        self._exits[fd] = name
        self._selector.register(fd, selectors.EVENT_READ)

    def _status(self, report: Report | None = None) -> str:
        if report is None:
            return f"guarding {len(self._policy.instances)} Node-RED"
        return "protected" if worst(report.findings) < Severity.CRITICAL else "NOT protected: see nrguard check"

    # -- policy

    def _reload(self) -> None:
        self._signals.reload = False
        self._policy_watch.rang = False
        end = time.monotonic() + SETTLE_LIMIT
        while not self._policy_watch.is_quiet() and time.monotonic() < end:
            time.sleep(SETTLE)  # an editor may have emptied it, and not yet written it: there is no hurry here
        self._adopt(self._policy_file.load())

    def _adopt(self, policy: Policy) -> None:
        """Put a policy in force: the instances that it names are guarded, others no longer."""
        self._policy = policy
        self._world.problem = self._policy_file.problem
        self._world.channels = policy.channels
        self._outward.adopt(policy, self._policy_file.problem)
        kept = {instance.name: instance.settings for instance in policy.instances}
        for name in [name for name, watched in self._watched.items() if kept.get(name) != watched.path]:
            self._bell.forget(self._watched.pop(name))
            del self._due[name]
        for name, path in kept.items():
            if name not in self._watched:
                self._watched[name] = Watched(path)
            self._ring(name)
        for instance in policy.instances:
            self._world.sweep(instance)


class _Signals:
    """SIGTERM and SIGINT end, SIGHUP reloads; each wakes the selector."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.ending = self.reload = False
        self._read_end, self._write_end = socket.socketpair()
        for end in (self._read_end, self._write_end):
            end.setblocking(False)
        signal.set_wakeup_fd(self._write_end.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        selector.register(self._read_end, selectors.EVENT_READ)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGHUP:
            self.reload = True
        else:
            self.ending = True

    def take(self) -> None:
        """Empty the wake-up socket."""
        try:
            self._read_end.recv(64)
        except BlockingIOError:
            pass  # nothing was signalled

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self._read_end.close()
        self._write_end.close()


def _lock(places: Places, undo: ExitStack) -> None:
    try:
        undo.enter_context(lock(str(places.state / "daemon.lock"), timeout=1.0))
    except Held as held:
        raise Failed(f"another nrguard is guarding already (process {held.pid})", "see `nrguard status`") from held


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        status = os.lstat(path)
    except OSError:
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns
