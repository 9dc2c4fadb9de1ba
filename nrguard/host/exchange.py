"""Replace one file in a hostile folder by compare-and-swap: the file that was judged, or nothing.

The new file changes places with the live one in one step (RENAME_EXCHANGE). Only then is it certain what was
displaced; if it is not the file that was judged, they change back, so no save of the owner's is ever lost.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from nrguard.escape import visible
from nrguard.host import files, syscalls
from nrguard.host.folder import explained, pinned, standing
from nrguard.host.spare import Owner, remove, stands_at, written
from nrguard.model import FileIdentity
from nrguard.world import ChangedSince, Content, Failed, Missing, Odd, Replaced, Replacement

_NOT_SUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


class _Changed(Exception):
    """What stands there is not what was judged."""


class _NotDurable(Exception):
    """The new file is in place, and a power cut may still undo that."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One name in a pinned folder, and what was judged to stand there. `uid`: whose file it should be."""

    folder: int
    name: str
    expected: Content | Odd | Missing
    uid: int


@dataclass(frozen=True, slots=True)
class _Judged:
    """The judged file, found again. `data` is None where its bytes can't be kept; `aside`: then keep the file itself."""

    data: bytes | None
    aside: bool


def replace(path: str, expected: Content | Odd | Missing, data: bytes, *, uid: int, gid: int, mode: int) -> Replacement:
    """Put `data` at the absolute `path`, owned and permitted as given, if what stands there is still `expected`.

    Access list and `user.*` attributes of a replaced file are kept. A directory, or a file that is too large to be
    given back, is renamed aside; anything else odd is unlinked. Nothing outside the pinned folder is touched.
    """
    folder_path, name = os.path.split(path)
    try:
        with pinned(folder_path, flags=os.O_RDONLY) as folder:
            place = _Place(folder, name, expected, uid)
            with _live(place) as like, written(folder, data, Owner(uid, gid, mode & 0o777), like) as (new, passing):
                displaced, aside = _swap(place, new, passing)
                _make_durable(folder)
                inode = os.fstat(new).st_ino
    except _Changed as change:
        return ChangedSince(str(change))
    except _NotDurable as doubt:
        return Failed(f"{visible(path)} is replaced, but perhaps not for good: {doubt}")
    except OSError as error:
        return Failed(f"cannot replace {visible(path)}: {explained(error)}{_hint(path, error)}")
    return _proved(path, data, inode, displaced, aside)


@contextmanager
def _live(place: _Place) -> Iterator[int | None]:
    """Give the judged file, open, where it is a plain one. Raise _Changed early, before anything is written."""
    if not isinstance(place.expected, Content):
        yield None
        return
    with ExitStack() as stack:
        try:
            fd = stack.enter_context(standing(place.folder, place.name))
        except FileNotFoundError:
            raise _Changed("it is gone") from None
        if not _same(place.expected.identity, syscalls.fstat(fd)):
            raise _Changed("another file, or another content, stands there")
        like = files.open_standing(fd)
        stack.callback(os.close, like)
        yield like


def _make_durable(folder: int) -> None:
    try:
        syscalls.fsync(folder)
    except OSError as error:
        raise _NotDurable(explained(error)) from error


def _swap(place: _Place, new: int, passing: str) -> tuple[bytes | None, str]:
    """Let the new file take its place; return the bytes of what it displaced, or the name that was put aside."""
    if isinstance(place.expected, Missing):
        _take_empty_place(place, new, passing)
        return None, ""
    try:
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
    except FileNotFoundError:
        raise _Changed("it is gone") from None
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
        return _rename_over(place, passing)
    try:
        judged = _find(place, passing)
    except (_Changed, OSError) as error:
        if aside := _give_back(place, new, passing):
            raise _Changed(f"{error}; what stood there is kept as {aside}") from error
        raise
    if judged.aside:
        return None, _put_aside(place, passing)
    remove(place.folder, passing)
    return judged.data, ""


def _take_empty_place(place: _Place, new: int, passing: str) -> None:
    try:
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_NOREPLACE)
    except FileExistsError:
        raise _Changed("a file has appeared") from None
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
        _link_into_empty_place(place, new)


def _link_into_empty_place(place: _Place, new: int) -> None:
    try:
        syscalls.link(new, place.folder, place.name)
    except FileExistsError:
        raise _Changed("a file has appeared") from None


def _rename_over(place: _Place, passing: str) -> tuple[bytes | None, str]:
    """Where files can't change places (vfat, NFS): look a last time, then rename. A save in between is lost."""
    judged = _find(place, place.name)
    aside = _put_aside(place, place.name) if judged.aside else ""
    syscalls.rename(passing, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    return judged.data, aside


def _find(place: _Place, name: str) -> _Judged:
    """Return what there is to keep of the file at `name` if it is the judged one. Raise _Changed if not."""
    try:
        with standing(place.folder, name) as fd:
            return _find_behind(fd, place)
    except FileNotFoundError:
        raise _Changed("it is gone") from None


def _find_behind(fd: int, place: _Place) -> _Judged:
    status = syscalls.fstat(fd)
    if isinstance(place.expected, Content):
        if not _same(place.expected.identity, status) or _bytes_behind(fd, status) != place.expected.data:
            raise _Changed("another file, or another content, stands there")
        return _Judged(place.expected.data, aside=False)
    if not _is_odd_one(place, status):
        raise _Changed("something else stands there")
    if stat.S_ISDIR(status.st_mode):
        return _Judged(None, aside=True)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:  # its other link keeps it; it may be a stranger's
        return _Judged(None, aside=False)
    data = _bytes_behind(fd, status)
    return _Judged(data, aside=data is None)


def _is_odd_one(place: _Place, status: os.stat_result) -> bool:
    """Is this the odd thing that was judged? Inode numbers are soon used again: a plain file has to match wholly."""
    expected = place.expected
    if not isinstance(expected, Odd) or expected.identity is None:
        return False
    known = expected.identity
    if (known.device, known.inode) != (status.st_dev, status.st_ino):
        return False
    if expected.what in {files.CHANGING, files.LEASED} or files.odd_by(status, limit=files.LIMIT, owner=place.uid):
        return True
    return _same(known, status)


def _same(known: FileIdentity, status: os.stat_result) -> bool:
    """Is it still this file? Links and ctime are left out: the exchange itself changes them."""
    seen = files.identity_of(status)
    return (known.device, known.inode, known.uid, known.gid, known.mode, known.size, known.mtime_ns) == (
        seen.device, seen.inode, seen.uid, seen.gid, seen.mode, seen.size, seen.mtime_ns
    )  # fmt: skip


def _bytes_behind(fd: int, status: os.stat_result) -> bytes | None:
    """Return the content of a regular file, None where it is too large or held by a lease."""
    if status.st_size > files.LIMIT:
        return None
    try:
        readable = files.open_standing(fd)
    except BlockingIOError:
        return None
    try:
        data = files.read_at_most(readable, files.LIMIT)
    finally:
        os.close(readable)
    return data if len(data) <= files.LIMIT else None


def _give_back(place: _Place, new: int, passing: str) -> str:
    """Undo the exchange; return "", or the name under which an older or not returnable file had to be kept.

    What then stands at the passing name is ours, or a still newer save, which goes back to its place.
    """
    try:
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
        if stands_at(place.folder, passing, new):
            return ""
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
    except OSError:
        if stands_at(place.folder, passing, new):
            return ""
    return _put_aside(place, passing)


def _put_aside(place: _Place, name: str) -> str:
    """Rename what stands at `name` so that it stays where the owner sees it, and return its new name."""
    aside = f"{place.name}.aside-{secrets.token_hex(4)}"
    try:
        syscalls.rename(name, aside, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except OSError:
        syscalls.rename(name, aside, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    return aside


def _proved(path: str, data: bytes, inode: int, displaced: bytes | None, aside: str) -> Replacement:
    """Look at `path` once more, from the root: it must lead to the new file with the new content."""
    now = files.look(path, limit=max(files.LIMIT, len(data)))
    match now:
        case Content(identity=identity) if identity.inode == inode and now.digest == hashlib.sha256(data).hexdigest():
            return Replaced(identity, displaced, aside)
        case Content() | Missing():
            return ChangedSince("it was changed right after it was replaced")
        case Odd(what=what):
            return ChangedSince(f"right after it was replaced: {what}")
        case _:
            return Failed(f"replaced, but could not be looked at again: {now.reason}")


def _hint(path: str, error: OSError) -> str:
    """Return why even we may not, where a flag of the file or of the folder is the reason."""
    if error.errno != errno.EPERM:
        return ""
    for place, word in ((path, "file"), (os.path.dirname(path), "folder")):
        try:
            fd = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if syscalls.inode_flags(fd) & (syscalls.IMMUTABLE | syscalls.APPEND_ONLY):
                return f": the {word} is marked immutable or append-only, see `lsattr -d`, undo with `chattr -i -a`"
        except OSError:
            continue
        finally:
            os.close(fd)
    return ""
