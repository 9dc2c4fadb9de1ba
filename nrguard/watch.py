"""The inotify bell: watchdog's low-level thread rings an eventfd when something happens beside settings.js.

A ring says only "look". It is rung by events that name the watched file or concern its folder, by the folder's parent
(a folder that is moved away or made anew), and by a queue overflow. What was missed all the same (stores through mmap,
writes through another link) the content poll of the daemon finds.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, field

from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyEvent, InotifyFD, Mask, WatchDescriptor

_IN = InotifyConstants
_CHANGES = Mask(
    _IN.IN_MODIFY
    | _IN.IN_ATTRIB
    | _IN.IN_CLOSE_WRITE
    | _IN.IN_MOVED_FROM
    | _IN.IN_MOVED_TO
    | _IN.IN_CREATE
    | _IN.IN_DELETE
    | _IN.IN_DELETE_SELF
    | _IN.IN_MOVE_SELF
    | _IN.IN_ONLYDIR
    | _IN.IN_EXCL_UNLINK
    | _IN.IN_MASK_ADD  # one folder may be watched for two reasons
)
_MOVES = Mask(
    _IN.IN_MOVED_FROM
    | _IN.IN_MOVED_TO
    | _IN.IN_CREATE
    | _IN.IN_DELETE
    | _IN.IN_DELETE_SELF
    | _IN.IN_MOVE_SELF
    | _IN.IN_ATTRIB
    | _IN.IN_ONLYDIR
    | _IN.IN_MASK_ADD
)
_QUIET = _IN.IN_CLOSE_WRITE | _IN.IN_MOVED_FROM | _IN.IN_MOVED_TO | _IN.IN_DELETE


@dataclass(slots=True)
class Watched:
    """One file under watch. `rang` and `quiet` are set by the bell's thread and cleared by the daemon.

    `quiet`: the last event was one after which a writer is done (closed, moved, deleted), so nothing need settle.
    """

    path: str
    rang: bool = True  # the first look owes nothing to an event
    quiet: bool = True
    armed: bool = False  # both watches are in place
    _keys: dict[str, tuple[WatchDescriptor, CallbackId]] = field(default_factory=dict)

    def is_quiet(self) -> bool:
        """Tell whether whoever wrote the file is done with it, as far as events tell."""
        return self.quiet


class Bell:
    """Rings `fd` (an eventfd) for the files it was told to watch. `close` ends its thread."""

    def __init__(self) -> None:
        self.fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._inotify = InotifyFD()
        self._inotify.daemon = True
        self._inotify.start()
        self._ids = itertools.count(1)

    def watch(self, watched: Watched) -> str | None:
        """Put both watches in place, again if they were lost. Return why not, where that failed."""
        folder, name = os.path.split(watched.path)
        parent, folder_name = os.path.split(folder)
        # the folder last: made anew in between, the parent's event is already ours
        problem = self._arm(watched, parent, _MOVES, folder_name) or self._arm(watched, folder, _CHANGES, name)
        watched.armed = problem is None
        return problem

    def forget(self, watched: Watched) -> None:
        """End the watches of one file."""
        self._inotify.remove_callbacks(list(watched._keys.values()))  # noqa: SLF001
        watched._keys.clear()  # noqa: SLF001

    def clear(self) -> None:
        """Take note of all rings so far."""
        try:
            os.eventfd_read(self.fd)
        except BlockingIOError:
            pass  # nothing rang

    def ring(self) -> None:
        os.eventfd_write(self.fd, 1)

    def close(self) -> None:
        self._inotify.stop()
        self._inotify.join(timeout=1.0)
        os.close(self.fd)

    def _arm(self, watched: Watched, folder: str, mask: Mask, name: str) -> str | None:
        key = CallbackId(next(self._ids))
        try:
            wd = self._inotify.add_callback(os.fsencode(folder), mask, _Ring(self, watched, os.fsencode(name)), key)
        except OSError as error:
            return f"{folder}: {os.strerror(error.errno or 0)}"
        if wd == -1:  # watchdog does not raise for EACCES
            return f"{folder}: Permission denied"
        old = watched._keys.get(folder)  # noqa: SLF001 - the bell keeps its notes on the file
        watched._keys[folder] = (wd, key)  # noqa: SLF001
        if old is not None:  # only now, so that nothing is missed in between
            self._inotify.remove_callbacks([old])
        return None


@dataclass(slots=True)
class _Ring:
    """What watchdog calls back, on its own thread, for one folder of one watched file."""

    bell: Bell
    watched: Watched
    name: bytes

    def on_event(self, event: InotifyEvent) -> None:
        own = event.mask & (_IN.IN_DELETE_SELF | _IN.IN_MOVE_SELF)
        if event.name and event.name != self.name and not own:
            return
        if event.is_directory or own or not event.name:
            self.watched.armed = False  # the folder itself changed: look which one it is now
        self._ring(quiet=bool(event.mask & _QUIET))

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        del wd
        self.watched.armed = False
        self._ring(quiet=True)

    def on_queue_overflow(self) -> None:
        self._ring(quiet=False)

    def _ring(self, *, quiet: bool) -> None:
        self.watched.quiet = quiet
        self.watched.rang = True
        self.bell.ring()
