"""Carry the owner's extended attributes and access control list from one open file to another."""

from __future__ import annotations

import errno

from nrguard.host import syscalls

ACCESS_LIST = "system.posix_acl_access"

_ABSENT = {errno.ENODATA, errno.EOPNOTSUPP, errno.ENOTSUP}
_ROOM = 65536  # bytes in all: an attacker's attributes must not make a restore slow


def copy(source: int, target: int) -> tuple[str, ...]:
    """Give `target` the access list and the `user.*` attributes of `source`; return the names that could not be kept.

    A restore never fails over them: a lost attribute is the smaller harm. Call it while `target` is still ours, since
    setting an access list takes its owner.
    """
    lost = list(_copy_access_list(source, target))
    try:
        names = [name for name in syscalls.listxattr(source) if name.startswith("user.")]
    except OSError as error:
        return (*lost, *([] if error.errno in _ABSENT else ["user.*"]))
    room = _ROOM
    for name in sorted(names):
        taken = _copy_one(source, target, name, room)
        if taken is None:
            lost.append(name)
        room -= taken or 0
    return tuple(lost)


def _copy_one(source: int, target: int, name: str, room: int) -> int | None:
    """Return the size of what was copied, None where it could not be."""
    try:
        value = syscalls.getxattr(source, name)
        if len(value) > room:
            return None
        syscalls.setxattr(target, name, value)
    except OSError:
        return None
    return len(value)


def _copy_access_list(source: int, target: int) -> tuple[str, ...]:
    """A source without one still matters: a new file inherits the folder's default list."""
    try:
        syscalls.setxattr(target, ACCESS_LIST, syscalls.getxattr(source, ACCESS_LIST))
    except OSError as error:
        return () if error.errno in _ABSENT and _dropped(target) else (ACCESS_LIST,)
    return ()


def _dropped(target: int) -> bool:
    try:
        syscalls.removexattr(target, ACCESS_LIST)
    except OSError as error:
        return error.errno in _ABSENT
    return True
