"""The addresses of this computer's own network interfaces, loopback left out, without a library."""

from __future__ import annotations

import fcntl
import socket
import struct
from array import array
from ipaddress import IPv4Address, IPv6Address

_SIOCGIFCONF = 0x8912
_ENTRY = 40 if struct.calcsize("P") == 8 else 32  # struct ifreq
_ROOM = 128  # interfaces
_TENTATIVE, _FAILED = 0x40, 0x08  # an address that is still being tried, or that another computer has
_GLOBAL = 0x00  # scope, as /proc/net/if_inet6 has it: fd00::/8 counts as global


def own_addresses() -> tuple[str, ...]:
    """Return them, IPv4 first. Link-local ones, which only a direct neighbour reaches, are left out."""
    return (*_ipv4(), *_ipv6())


def _ipv4() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as kernel:
        room = array("B", bytes(_ROOM * _ENTRY))  # which the kernel fills in
        answer = fcntl.ioctl(kernel, _SIOCGIFCONF, struct.pack("iP", len(room), room.buffer_info()[0]))
        size = struct.unpack("iP", answer)[0]
    found = (IPv4Address(room[at + 20 : at + 24].tobytes()) for at in range(0, size, _ENTRY))
    return [str(address) for address in found if not (address.is_loopback or address.is_link_local)]


def _ipv6() -> list[str]:
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            lines = [line.split() for line in file]
    except FileNotFoundError:  # IPv6 is switched off
        return []
    usable = (line for line in lines if int(line[3], 16) == _GLOBAL and not int(line[4], 16) & (_TENTATIVE | _FAILED))
    return [str(IPv6Address(bytes.fromhex(line[0]))) for line in usable]
