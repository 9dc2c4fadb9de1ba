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
from contextlib import suppress

from nrguard.escape import visible
from nrguard.host import files, syscalls
from nrguard.host.folder import explained, pinned, standing
from nrguard.host.judged import Changed, Place, find, live
from nrguard.host.spare import Draft, Owner, Spare, remove, stands_at, written
from nrguard.host.sticky import unstuck
from nrguard.world import ChangedSince, Content, Failed, Missing, Odd, Replaced, Replacement

_NOT_SUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


class _NotDurable(Exception):
    """The new file is in place, and a power cut may still undo that."""


def replace(
    path: str,
    expected: Content | Odd | Missing,
    data: bytes,
    *,
    uid: int,
    gid: int,
    mode: int,
    spare: Spare | None = None,
) -> Replacement:
    """Put `data` at the absolute `path`, owned and permitted as given, if what stands there is still `expected`.

    Access list and `user.*` attributes of a replaced file are kept. A directory, or a file that is too large to be
    given back, is renamed aside; anything else odd is unlinked. Nothing outside the pinned folder is touched.
    `spare`: room to fall back on where the disk is full; ask it afterwards whether it is still fresh.
    """
    folder_path, name = os.path.split(path)
    try:
        with pinned(folder_path, flags=os.O_RDONLY) as folder:
            place, owner = Place(folder, name, expected, uid), Owner(uid, gid, mode & 0o777)
            with live(place) as like, written(folder, Draft(data, owner, like, spare)) as (new, passing):
                with unstuck(folder):
                    displaced, aside = _swap(place, new, data, passing)
                _make_durable(folder)
                inode = os.fstat(new).st_ino
    except Changed as change:
        return ChangedSince(str(change))
    except _NotDurable as doubt:
        return Failed(f"{visible(path)} is replaced, but perhaps not for good: {doubt}")
    except OSError as error:
        return Failed(f"cannot replace {visible(path)}: {explained(error)}{_flagged(path, error)}")
    return _proved(path, data, inode, displaced, aside)


def _make_durable(folder: int) -> None:
    try:
        syscalls.fsync(folder)
    except OSError as error:
        raise _NotDurable(explained(error)) from error


def _swap(place: Place, new: int, data: bytes, passing: str) -> tuple[bytes | None, str]:
    """Let the new file take its place; return the bytes of what it displaced, or the name that was put aside."""
    if isinstance(place.expected, Missing):
        _take_empty_place(place, new, passing)
        return None, ""
    try:
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
    except FileNotFoundError:
        raise Changed("it is gone") from None
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
        return _rename_over(place, passing)
    try:
        judged = find(place, passing)
    except (Changed, OSError) as error:
        if aside := _give_back(place, new, data, passing):
            raise Changed(f"{error}; what stood there is kept as {aside}") from error
        raise
    if judged.aside:
        return None, _put_aside(place, passing)
    remove(place.folder, passing)
    return judged.data, ""


def _take_empty_place(place: Place, new: int, passing: str) -> None:
    try:
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_NOREPLACE)
    except FileExistsError:
        raise Changed("a file has appeared") from None
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise
        _link_into_empty_place(place, new)


def _link_into_empty_place(place: Place, new: int) -> None:
    try:
        syscalls.link(new, place.folder, place.name)
    except FileExistsError:
        raise Changed("a file has appeared") from None


def _rename_over(place: Place, passing: str) -> tuple[bytes | None, str]:
    """Where files can't change places (vfat, NFS): look a last time, then rename. A save in between is lost."""
    judged = find(place, place.name)
    aside = _put_aside(place, place.name) if judged.aside else ""
    try:
        syscalls.rename(passing, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
    except OSError:
        if aside:
            syscalls.rename(aside, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
        raise
    return judged.data, aside


def _give_back(place: Place, new: int, data: bytes, passing: str) -> str:
    """Undo the exchange; return "", or the name under which an older or not returnable file had to be kept.

    What then stands at the passing name is ours, or a still newer save, which goes back to its place.
    """
    with suppress(OSError):
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
        if _is_untouched(place, new, data, passing):
            return ""
        syscalls.rename_with(place.folder, passing, place.name, syscalls.RENAME_EXCHANGE)
    return "" if _is_untouched(place, new, data, passing) else _put_aside(place, passing)


def _is_untouched(place: Place, new: int, data: bytes, passing: str) -> bool:
    """Is what stands at the passing name our file, as we wrote it? While it was live, a save may have gone into it."""
    if not stands_at(place.folder, passing, new):
        return False
    try:
        return files.read_at_most(new, len(data)) == data
    except OSError:
        return False


def _put_aside(place: Place, name: str) -> str:
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
            return ChangedSince("it was changed right after it was replaced", displaced, aside)
        case Odd(what=what):
            return ChangedSince(f"right after it was replaced: {what}", displaced, aside)
        case _:
            return Failed(f"replaced, but could not be looked at again: {now.reason}")


def _flagged(path: str, error: OSError) -> str:
    """Return why even we may not, where a flag that only root can set is the reason."""
    if error.errno != errno.EPERM:
        return ""
    folder_path, name = os.path.split(path)
    try:
        with pinned(folder_path, flags=os.O_RDONLY) as folder:
            where = "folder" if _is_locked(folder) else "file" if _is_file_locked(folder, name) else ""
    except OSError:
        return ""
    return f": the {where} is marked immutable or append-only, undone by `chattr -i -a`" if where else ""


def _is_file_locked(folder: int, name: str) -> bool:
    with standing(folder, name) as fd:
        if not stat.S_ISREG(syscalls.fstat(fd).st_mode):
            return False
        readable = files.open_standing(fd)
    try:
        return _is_locked(readable)
    finally:
        os.close(readable)


def _is_locked(fd: int) -> bool:
    return bool(syscalls.inode_flags(fd) & (syscalls.IMMUTABLE | syscalls.APPEND_ONLY))
