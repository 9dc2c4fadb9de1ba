"""Who listens on a port, or anywhere, asked from the kernel by sock_diag: exact, and without privilege.

One port costs a tenth of a millisecond, two thousand sockets some milliseconds.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from nrguard.host.cgroups import unit_of_id
from nrguard.model import Blind, Listener

_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_NLM_F_REQUEST_DUMP = 0x301
_TCP_LISTEN, _UNCONNECTED = 10, 7  # states; a UDP socket that anybody may send to is "closed"
_STATE = {socket.IPPROTO_TCP: _TCP_LISTEN, socket.IPPROTO_UDP: _UNCONNECTED}
_INET_DIAG_CGROUP_ID = 21  # an attribute since Linux 5.8
_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_REQUEST = struct.Struct("=BBBxI2s46x")  # inet_diag_req_v2 up to the source port; the rest matches anything
_ANSWER = struct.Struct("=BBxx2s2x16s16xI8xIIIII")  # inet_diag_msg
_ATTRIBUTE = struct.Struct("=HH")
_TABLES = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}  # of /proc/net; the states are the same
_LOOPBACK = (b"\x7f", b"\0" * 15 + b"\1", b"\0" * 10 + b"\xff\xff\x7f")  # how such an address begins

Wanted = Callable[[int], bool]  # by port


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
    return tuple(map(_listener, _dump(socket.IPPROTO_TCP, port)))


def open_to_network(protocol: int, wanted: Wanted) -> tuple[Listener, ...] | Blind:
    """Return whatever can be reached from the network by `protocol` (IPPROTO_TCP or _UDP) on a port that is `wanted`.

    Left out is what is bound to loopback. Blind where neither sock_diag nor /proc/net can be asked.
    """
    try:
        unit = cache(unit_of_id)  # many sockets, few units
        return tuple(_listener(one, unit) for one in _dump(protocol, 0) if _is_open(one, protocol, wanted))
    except OSError:  # as in `listeners`
        pass
    try:
        rows = _rows(protocol)
    except OSError as error:
        return Blind(f"the listening sockets can't be listed: {error.strerror}")
    return tuple(one for one in rows if wanted(one.port) and not _packed(one.address).startswith(_LOOPBACK))


def _dump(protocol: int, port: int) -> Iterator[memoryview]:
    """Yield the kernel's word on each listening socket, over IPv4 and IPv6; 0 is any port."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        for family in (socket.AF_INET, socket.AF_INET6):
            kernel.send(_question(family, protocol, port))
            yield from _answers(kernel)


def _question(family: int, protocol: int, port: int) -> bytes:
    request = _REQUEST.pack(family, protocol, 0, 1 << _STATE[protocol], port.to_bytes(2, "big"))
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


def _is_open(payload: memoryview, protocol: int, wanted: Wanted) -> bool:
    family, state, port, source, *_ = _ANSWER.unpack_from(payload)
    if state != _STATE[protocol] or not wanted(int.from_bytes(port, "big")):
        return False
    return not (source[:4] if family == socket.AF_INET else source).startswith(_LOOPBACK)


def _listener(payload: memoryview, unit_of: Callable[[int], str] = unit_of_id) -> Listener:
    family, _, port, source, _, _, _, _, uid, inode = _ANSWER.unpack_from(payload)
    cgroup = _cgroup(payload[_ANSWER.size :])
    address = socket.inet_ntop(family, source[: 4 if family == socket.AF_INET else 16])
    unit = unit_of(cgroup) if cgroup else ""
    return Listener(address, int.from_bytes(port, "big"), uid, inode, unit=unit, cgroup=cgroup)


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
    return tuple(_rows(socket.IPPROTO_TCP, f":{port:04X}"))


def _rows(protocol: int, ending: str = "") -> list[Listener]:
    """Return the listeners of /proc/net whose address there ends with `ending`."""
    name, listening = _TABLES[protocol], f"{_STATE[protocol]:02X}"
    lines = Path(f"/proc/net/{name}").read_text("ascii").splitlines()[1:]
    if Path(f"/proc/net/{name}6").exists():  # not with ipv6.disable=1
        lines += Path(f"/proc/net/{name}6").read_text("ascii").splitlines()[1:]
    rows = (line.split() for line in lines if ending in line)
    return [_row(row) for row in rows if row[1].endswith(ending) and row[3] == listening]


def _row(row: list[str]) -> Listener:
    address, _, port = row[1].partition(":")
    return Listener(_address(address), int(port, 16), int(row[7]), int(row[9]))


def _address(words: str) -> str:
    """Return an address that /proc writes as hexadecimal words in the machine's own byte order."""
    packed = b"".join(int(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
