"""What else this computer offers to the network, by program. Pure; looks/listeners.py gathers it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nrguard.model import Blind
from nrguard.probes import Probe
from nrguard.probes.child import answer, command
from nrguard.seen import Seen

DISCOVERY = frozenset(
    ("udp/67", "udp/68", "udp/546", "udp/547", "udp/1900", "udp/3702", "udp/5353", "udp/5355")
)  # fmt: skip
"""DHCP, SSDP, WS-Discovery, mDNS and LLMNR: every house has them, and programs come and go on them."""

_SPECIAL = {
    "a DNS server": (("udp/53", "tcp/53", "tcp/853"), r"named|dnsmasq|unbound|pihole|adguard|coredns|pdns"),
    "an SSH server": (("tcp/22",), r"sshd?\b|dropbear"),
    "a database": (
        ("tcp/1433", "tcp/1521", "tcp/3306", "tcp/5432", "tcp/5984", "tcp/6379", "tcp/8086", "tcp/9042", "tcp/9200",
         "tcp/11211", "udp/11211", "tcp/27017"),
        r"mysqld|mariadb|postgres|redis|valkey|mongod|influx|couchdb|memcached|elasticsearch|clickhouse",
    ),
    "a message broker": (
        ("tcp/1883", "tcp/4222", "tcp/5672", "tcp/8883", "tcp/9092", "tcp/61616"),
        r"mosquitto|emqx|rabbitmq|nats-server|hivemq|vernemq|kafka",
    ),
    "a Node-RED": (("tcp/1880",), r"node-?red"),
}  # fmt: skip
"""What must not come up unnoticed: what it is, the ports that say so, and the names of programs that do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one program offers. `ports`: "tcp/5432", sorted; `addresses` those that they are bound to.

    `program` is the unit or the name of the process, for people; the same program may be seen under both.
    """

    program: str
    ports: tuple[str, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listeners:
    """The listeners part: what can be reached from the network, discovery and ephemeral ports left out."""

    offers: tuple[Offer, ...]


def inventory(part: object) -> tuple[str, ...] | None:
    """Return what to remember of a listeners part; None where nothing was seen. Equal for every identity that looks."""
    if not isinstance(part, Listeners):
        return None
    return tuple(sorted({port for offer in part.offers for port in offer.ports}))


def special(program: str, ports: Iterable[str]) -> str:
    """Return what kind of server this is, where it is one that must not come up unnoticed; else ""."""
    wanted = set(ports)
    for what, (known, names) in _SPECIAL.items():
        if wanted.intersection(known) or re.match(names, program, re.IGNORECASE):
            return what
    return ""


def parse(output: bytes) -> Listeners | Blind:
    """Return the part that the child's output makes."""
    return answer(Listeners, output, "this computer's listeners")


def _about(seen: Seen) -> str:
    return ""  # whatever happens to Node-RED


PROBE = Probe(
    name="listeners",
    every=lambda intervals: intervals.wire,
    about=_about,
    command=lambda seen: command("listeners"),
    parse=parse,
)
