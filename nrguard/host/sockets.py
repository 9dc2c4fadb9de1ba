"""Who listens on a port, asked from the kernel by sock_diag: exact, without privilege, in a tenth of a millisecond."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from nrguard.host.cgroups import unit_of_id
from nrguard.model import Blind, Listener

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST_DUMP = 0x301
_TCP_LISTEN = 10
_INET_DIAG_CGROUP_ID = 21  # an attribute since Linux 5.8
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_REQUEST = struct.Struct("=BBBxI2s46x")  # inet_diag_req_v2 up to the source port; the rest matches anything
_ANSWER = struct.Struct("=BBxx2s2x16s16xI8xIIIII")  # inet_diag_msg
_ATTRIBUTE = struct.Struct("=HH")
_LISTENING = "0A"  # the same state as _TCP_LISTEN in /proc/net/tcp


def listeners(port: int) -> tuple[Listener, ...] | Blind:
    """Return every TCP socket that listens on `port`, over IPv4 and IPv6, without its process (see `with_owner`).

    Blind where neither sock_diag nor /proc/net can be asked.
    """
    try:
        return by_sock_diag(port)
    except OSError:  # no AF_NETLINK here, or a kernel without inet_diag
        pass
    try:
        return by_proc(port)
    except OSError as error:
        return Blind(f"the listening sockets can't be listed: {error.strerror}")


def by_sock_diag(port: int) -> tuple[Listener, ...]:
    """Return the listeners on `port` as the kernel's socket diagnosis gives them. Raise OSError where it gives none."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        found: list[Listener] = []
        for family in (socket.AF_INET, socket.AF_INET6):
            kernel.send(_question(family, port))
            found.extend(_listener(payload) for payload in _answers(kernel))
    return tuple(found)


def _question(family: int, port: int) -> bytes:
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 1 << _TCP_LISTEN, port.to_bytes(2, "big"))
    size = _HEADER.size + len(request)
    return _HEADER.pack(size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 0, 0) + request


def _answers(kernel: socket.socket) -> Iterator[memoryview]:
    """Yield the payload of each message up to the end of the dump."""
    while True:
        batch = memoryview(kernel.recv(65536))
        while len(batch) >= _HEADER.size:
            size, kind, *_ = _HEADER.unpack_from(batch)
            payload = batch[_HEADER.size : size]
            if kind == _NLMSG_DONE:
                return
            if kind == _NLMSG_ERROR:
                raise OSError(-int.from_bytes(payload[:4], sys.byteorder, signed=True), "sock_diag refused")
            yield payload
            batch = batch[_aligned(size) :]


def _listener(payload: memoryview) -> Listener:
    family, _, port, source, _, _, _, _, uid, inode = _ANSWER.unpack_from(payload)
    cgroup = _cgroup(payload[_ANSWER.size :])
    address = socket.inet_ntop(family, source[: 4 if family == socket.AF_INET else 16])
    return Listener(
        address, int.from_bytes(port, "big"), uid, inode, unit=unit_of_id(cgroup) if cgroup else "", cgroup=cgroup
    )


def _cgroup(attributes: memoryview) -> int:
    while len(attributes) >= _ATTRIBUTE.size:
        size, kind = _ATTRIBUTE.unpack_from(attributes)
        if kind == _INET_DIAG_CGROUP_ID:
            return int.from_bytes(attributes[4:12], sys.byteorder)
        attributes = attributes[max(_aligned(size), _ATTRIBUTE.size) :]
    return 0


def _aligned(size: int) -> int:
    return (size + 3) & ~3


def by_proc(port: int) -> tuple[Listener, ...]:
    """Return the listeners on `port` as /proc/net gives them, without units. Raise OSError if it can't be read."""
    wanted = f":{port:04X}"
    tables = [Path("/proc/net/tcp").read_text("ascii")]
    if Path("/proc/net/tcp6").exists():  # not with ipv6.disable=1
        tables.append(Path("/proc/net/tcp6").read_text("ascii"))
    rows = (line.split() for table in tables for line in table.splitlines()[1:] if wanted in line)
    return tuple(
        Listener(_address(row[1].partition(":")[0]), port, int(row[7]), int(row[9]))
        for row in rows
        if row[1].endswith(wanted) and row[3] == _LISTENING
    )


def _address(words: str) -> str:
    """Return an address that /proc writes as hexadecimal words in the machine's own byte order."""
    packed = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
