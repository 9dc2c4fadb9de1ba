"""Who may read and write a file or folder beside its owner and root: by its mode, its group and its access list."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_ACL = "system.posix_acl_access"
_ENTRY = struct.Struct("<HHI")  # tag, permissions, id
_USER, _OWN_GROUP, _GROUP, _MASK = 0x02, 0x04, 0x08, 0x10  # tags; two more are the same as in the mode
_READ, _WRITE = 4, 2
_HUMANS = range(1000, 60000)  # login.defs: below are services, above are nobody and containers
_NO_LOGIN = ("nologin", "false", "sync")


@dataclass(frozen=True, slots=True)
class Access:
    """Names, for people: "everybody", "user eve", "group video (eve, bob)"."""

    writers: tuple[str, ...]
    readers: tuple[str, ...]


def access(path: str, status: os.stat_result) -> Access:
    """Return who may write and read what stands at `path`. Raise OSError where its access list can't be read."""
    granted = list(_granted(path, status))
    return Access(
        tuple(who for who, bits in granted if bits & _WRITE),
        tuple(who for who, bits in granted if bits & _READ),
    )


def people() -> dict[int, str]:
    """Return the users who may log in to this computer, by their id."""
    return {
        entry.pw_uid: entry.pw_name
        for entry in pwd.getpwall()
        if entry.pw_uid in _HUMANS and not entry.pw_shell.endswith(_NO_LOGIN)
    }


@cache
def user_name(uid: int) -> str:
    """Return the user's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _granted(path: str, status: os.stat_result) -> Iterator[tuple[str, int]]:
    """Yield (who, what they may) for everybody but the owner and root."""
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o007:
        yield "everybody", mode & 0o007
    entries = _entries(path)
    mask = next((bits for tag, bits, _ in entries if tag == _MASK), 0o007)
    if not entries:
        yield from _by_group(status.st_gid, status.st_uid, (mode >> 3) & 0o007)
    for tag, bits, id_ in entries:
        if tag == _USER and id_ not in (0, status.st_uid):
            yield f"user {user_name(id_)}", bits & mask
        elif tag == _GROUP:
            yield from _by_group(id_, status.st_uid, bits & mask)
        elif tag == _OWN_GROUP:
            yield from _by_group(status.st_gid, status.st_uid, bits & mask)


def _entries(path: str) -> list[tuple[int, int, int]]:
    try:
        raw = os.getxattr(path, _ACL, follow_symlinks=False)
    except OSError as error:
        if error.errno in (errno.ENODATA, errno.ENOTSUP):
            return []
        raise
    return list(_ENTRY.iter_unpack(raw[4 : 4 + (len(raw) - 4) // _ENTRY.size * _ENTRY.size]))


def _by_group(gid: int, owner: int, bits: int) -> Iterator[tuple[str, int]]:
    """A group in which the owner is alone, as most users have one of their own, grants nobody anything."""
    others = sorted(_members(gid) - {user_name(owner), "root"})
    if others and bits:
        few = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
        yield f"group {_group_name(gid)} ({few})", bits


@cache
def _members(gid: int) -> frozenset[str]:
    primary = {entry.pw_name for entry in pwd.getpwall() if entry.pw_gid == gid}
    try:
        return frozenset(primary.union(grp.getgrgid(gid).gr_mem))
    except KeyError:
        return frozenset(primary)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
