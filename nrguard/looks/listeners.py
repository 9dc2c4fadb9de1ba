"""Look at everything on this computer that listens to the network, and print it by program."""

from __future__ import annotations

import json
import pwd
import socket
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from nrguard.codec import to_json
from nrguard.escape import visible
from nrguard.host.cgroups import processes_in
from nrguard.host.processes import owners_of, program_of
from nrguard.host.sockets import open_to_network
from nrguard.model import Blind, Listener
from nrguard.probes.listeners import DISCOVERY, Listeners, Offer

_PROTOCOLS = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}
_EPHEMERAL = 32768  # where the kernel's own range begins, unless it says otherwise
_SCOPES = (".scope", ".slice")  # of a login or a container: they name nobody


def main() -> None:
    """Print what `look` gives as one line of JSON."""
    print(json.dumps(to_json(look())))


def look() -> Listeners | Blind:
    """Return what this computer offers to the network."""
    found: list[tuple[str, Listener]] = []
    for protocol, number in _PROTOCOLS.items():
        seen = open_to_network(number, _wanted(protocol))
        if isinstance(seen, Blind):
            return seen
        found += [(f"{protocol}/{listener.port}", listener) for listener in seen]
    return Listeners(tuple(_offers(found)))


def _wanted(protocol: str) -> Callable[[int], bool]:
    ephemeral = _ephemeral()
    left_out = {int(port.partition("/")[2]) for port in DISCOVERY if port.startswith(protocol)}
    return lambda port: port < ephemeral and port not in left_out


def _ephemeral() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _EPHEMERAL


def _offers(found: list[tuple[str, Listener]]) -> list[Offer]:
    programs = _programs([listener for _, listener in found])
    ports: dict[str, set[str]] = defaultdict(set)
    addresses: dict[str, set[str]] = defaultdict(set)
    for port, listener in found:
        ports[programs[listener.inode]].add(port)
        addresses[programs[listener.inode]].add(listener.address)
    return [Offer(name, tuple(sorted(ports[name])), tuple(sorted(addresses[name]))) for name in sorted(ports)]


def _programs(listeners: list[Listener]) -> Mapping[int, str]:
    """Return a name for the holder of each socket: its service, what it calls itself, or whose it is."""
    nameless = [one.inode for one in listeners if one.unit.endswith(_SCOPES) or not one.unit]
    owners = owners_of(nameless) if nameless else {}
    return {one.inode: _name(one.unit, one.cgroup, one.uid, owners.get(one.inode, 0)) for one in listeners}


@cache
def _name(unit: str, cgroup: int, uid: int, pid: int) -> str:
    if unit and not unit.endswith(_SCOPES):
        return visible(unit.removesuffix(".service"), limit=60)
    if not pid:
        members = processes_in(cgroup)
        pid = members[0] if len(members) == 1 else 0
    return visible(program_of(pid), limit=60) or f"a program of {_user(uid)}"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
