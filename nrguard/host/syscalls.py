"""The system calls that file work is made of, one name each, so that a test can make any of them fail.

Callers write `syscalls.fsync(fd)`: the name is looked up at the call. Every one of them raises OSError.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import struct

RESOLVE_NO_XDEV, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 0x01, 0x04, 0x08
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2
IMMUTABLE, APPEND_ONLY = 0x10, 0x20

_OPENAT2 = 437  # the same on every architecture
_FS_IOC_GETFLAGS = 0x80086601 if struct.calcsize("l") == 8 else 0x80046601
# A 64-bit kernel under a 32-bit Raspberry Pi OS says aarch64, but this process makes 32-bit calls: hence the size too.
_SETGROUPS = {("x86_64", 8): 116, ("aarch64", 8): 159, ("riscv64", 8): 159, ("x86_64", 4): 206}
_SETGROUPS_OF_32_BIT = 206  # setgroups32, of i386 and arm

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

open = os.open  # noqa: A001 - the name of the call
read_at = os.pread
write = os.write
write_at = os.pwrite
allocate = os.posix_fallocate
fstat = os.fstat
fsync = os.fsync
fchown = os.fchown
fchmod = os.fchmod
unlink = os.unlink
rename = os.rename
listxattr = os.listxattr
getxattr = os.getxattr
setxattr = os.setxattr
removexattr = os.removexattr
flock = fcntl.flock


def openat2(folder: int, path: str, flags: int, resolve: int) -> int:
    """Open `path`, counted from `folder`, under the rules of `resolve`. Never creates anything."""
    how = struct.pack("=QQQ", flags | os.O_CLOEXEC, 0, resolve)
    size = ctypes.c_size_t(len(how))
    fd = _libc.syscall(ctypes.c_long(_OPENAT2), ctypes.c_int(folder), os.fsencode(path), how, size)
    return _checked(fd, path)


def rename_with(folder: int, old: str, new: str, flags: int) -> None:
    """Rename inside one folder with RENAME_EXCHANGE or RENAME_NOREPLACE. EINVAL: this file system can't."""
    if not hasattr(_libc, "renameat2"):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), old)
    _checked(_libc.renameat2(folder, os.fsencode(old), folder, os.fsencode(new), ctypes.c_uint(flags)), old)


def link(fd: int, folder: int, name: str) -> None:
    """Give the open, perhaps nameless, file `fd` the name `name` in `folder`. Never replaces anything."""
    # By /proc, since AT_EMPTY_PATH asks for CAP_DAC_READ_SEARCH before Linux 6.10.
    os.link(f"/proc/self/fd/{fd}", name, dst_dir_fd=folder, follow_symlinks=True)


def reopen(fd: int, flags: int) -> int:
    """Open for real exactly the file that the O_PATH descriptor `fd` stands for, whatever its name leads to by now."""
    return os.open(f"/proc/self/fd/{fd}", flags | os.O_CLOEXEC)


def read_link(fd: int) -> str:
    """Return where the symbolic link that the O_PATH descriptor `fd` stands for leads."""
    return os.readlink("", dir_fd=fd)


def inode_flags(fd: int) -> int:
    """Return the flags that chattr sets (IMMUTABLE, APPEND_ONLY, …)."""
    answer = fcntl.ioctl(fd, _FS_IOC_GETFLAGS, bytes(8))
    return int.from_bytes(answer[:4], "little")


def set_file_identity(uid: int, gid: int) -> None:
    """Make the files that this thread touches be touched as `uid` and `gid`.

    Raise PermissionError where the kernel did not do it: the two calls themselves report nothing.
    """
    _libc.setfsgid(ctypes.c_uint(gid))
    _libc.setfsuid(ctypes.c_uint(uid))
    if file_identity() != (uid, gid):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM), f"setfsuid({uid}), setfsgid({gid})")


def file_identity() -> tuple[int, int]:
    """Return the file-system user and group of this thread."""
    nobody = ctypes.c_uint(0xFFFFFFFF)  # no valid id: changes nothing, answers with the present one
    return _libc.setfsuid(nobody) & 0xFFFFFFFF, _libc.setfsgid(nobody) & 0xFFFFFFFF


def set_groups_of_thread(groups: tuple[int, ...]) -> None:
    """Set the supplementary groups of this thread alone: the C library's own call would change every thread."""
    number = _SETGROUPS.get((platform.machine(), struct.calcsize("P")), _SETGROUPS_OF_32_BIT)
    array = (ctypes.c_uint * max(1, len(groups)))(*groups)
    _checked(_libc.syscall(ctypes.c_long(number), ctypes.c_int(len(groups)), array), "setgroups")


def _checked(result: int, subject: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), subject)
    return result
