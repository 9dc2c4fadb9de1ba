"""What else this computer offers to the network: which news are told, and how it is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from nrguard.codec import to_json
from nrguard.model import Blind, Severity
from nrguard.probes.listeners import PROBE, Listeners, Offer, inventory, parse, special
from nrguard.seen import Seen
from tests.looked import found, looked, sealed


def with_offers(*offers: Offer, known: tuple[str, ...] | None = ()) -> Seen:
    baseline = sealed(inventory={} if known is None else {"listeners": known})
    return looked(baseline=baseline, parts={"listeners": Listeners(offers)})


@pytest.mark.parametrize(
    ("program", "port"),
    [("dnsmasq", "udp/53"), ("mysteryd", "tcp/53"), ("sshd", "tcp/2222"), ("redis-server", "tcp/6379"),
     ("mosquitto", "tcp/1884"), ("node-red", "tcp/1999"), ("python3", "tcp/1880")],
)  # fmt: skip
def test_a_server_that_must_not_come_up_unnoticed_is_a_warning(program: str, port: str) -> None:
    (finding,) = found("listeners", with_offers(Offer(program, (port,), ("0.0.0.0",))))
    assert finding.severity is Severity.WARNING
    assert port in finding.saw


def test_any_other_new_listener_is_a_note() -> None:
    (finding,) = found("listeners", with_offers(Offer("cupsd", ("tcp/631",), ("::",))))
    assert (finding.severity, finding.subject, finding.evidence) == (Severity.NOTE, "cupsd", ("bound to ::",))


def test_what_was_there_when_the_settings_were_accepted_is_no_finding() -> None:
    assert not found("listeners", with_offers(Offer("sshd", ("tcp/22",), ("0.0.0.0",)), known=("tcp/22",)))


def test_node_reds_own_port_is_judged_elsewhere() -> None:
    assert not found("listeners", with_offers(Offer("nodered", ("tcp/18880",), ("0.0.0.0",))))


@pytest.mark.parametrize(("port", "severity"), [("tcp/4000", Severity.NOTE), ("tcp/1883", Severity.WARNING)])
def test_a_port_that_its_own_flows_open_counts_by_what_it_is(port: str, severity: Severity) -> None:
    (finding,) = found("listeners", with_offers(Offer("nodered", (port,), ("0.0.0.0",))))
    assert finding.severity is severity
    assert "own flows" in finding.saw


def test_nothing_is_new_where_nothing_was_remembered() -> None:
    assert not found("listeners", with_offers(Offer("redis-server", ("tcp/6379",), ("0.0.0.0",)), known=None))


def test_many_new_ports_of_a_program_are_one_finding_of_bounded_length() -> None:
    ports = tuple(f"tcp/{port}" for port in range(2000, 4000))
    (finding,) = found("listeners", with_offers(Offer("x", ports, ("0.0.0.0",))))
    assert len(finding.saw) < 200
    assert "and 1995 more" in finding.saw


def test_the_inventory_does_not_depend_on_who_looks() -> None:
    as_root = Listeners((Offer("node", ("tcp/1880",), ("::",)), Offer("sshd", ("tcp/22",), ("::",))))
    as_guard = Listeners((Offer("a program of pi", ("tcp/1880",), ("::",)), Offer("ssh", ("tcp/22",), ("::",))))
    assert inventory(as_root) == inventory(as_guard) == ("tcp/1880", "tcp/22")
    assert inventory(Blind("no")) is None


def test_a_name_is_matched_from_its_beginning() -> None:
    assert special("not-redis", ()) == ""


def test_the_childs_answer_comes_back_as_it_was_printed() -> None:
    part = Listeners((Offer("sshd", ("tcp/22",), ("::",)),))
    assert parse(json.dumps(to_json(part)).encode()) == part
    assert isinstance(parse(b"Traceback"), Blind)


# -- the real kernel, in a network of its own

INSIDE = """
import json, socket, subprocess, sys
sys.path.insert(0, sys.argv[1])
from nrguard.looks.listeners import look
open_ = []
for kind, family, address, port in json.loads(sys.argv[2]):
    one = socket.socket(getattr(socket, family), getattr(socket, kind))
    one.bind((address, port))
    if kind == "SOCK_STREAM":
        one.listen()
    open_.append(one)
if len(sys.argv) > 3:
    from nrguard.host import sockets
    sockets._NETLINK_SOCK_DIAG = 250  # a protocol that no kernel has: /proc must do
import time
began = time.process_time()
seen = look()
spent = time.process_time() - began
print(json.dumps({"seen": sorted((port, address) for offer in seen.offers for port in offer.ports
                                 for address in offer.addresses), "programs": [offer.program for offer in seen.offers],
                  "seconds": spent}))
"""


def in_a_network_of_its_own(sockets: list[tuple[str, str, str, int]], *flags: str) -> dict[str, list[list[str]]]:
    """Return what a look sees beside `sockets`, in a fresh network with only a loopback interface."""
    root = str(Path(__file__).resolve().parents[2])
    program = [sys.executable, "-c", textwrap.dedent(INSIDE), root, json.dumps(sockets), *flags]
    shell = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", *program]
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    limits = ["prlimit", "--nofile=4096", "--"]
    whole = [*limits, "unshare", *own_user, "--net", *shell]
    ended = subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)
    if "Operation not permitted" in ended.stderr:
        pytest.skip("no right to make a network namespace here")
    assert ended.returncode == 0, ended.stderr
    said: dict[str, list[list[str]]] = json.loads(ended.stdout)
    return said


TCP, UDP, V4, V6 = "SOCK_STREAM", "SOCK_DGRAM", "AF_INET", "AF_INET6"


@pytest.mark.real
@pytest.mark.parametrize("flags", [(), ("by /proc",)], ids=["sock_diag", "proc"])
def test_only_what_the_network_can_reach_is_seen(flags: tuple[str, ...]) -> None:
    sockets = [
        (TCP, V4, "0.0.0.0", 5432),
        (TCP, V6, "::", 8080),
        (UDP, V4, "0.0.0.0", 53),
        (TCP, V4, "127.0.0.1", 6379),  # loopback
        (TCP, V6, "::1", 6379),
        (TCP, V6, "::ffff:127.0.0.1", 6380),
        (TCP, V4, "127.8.8.8", 53),
        (UDP, V4, "0.0.0.0", 5353),  # discovery
        (UDP, V4, "0.0.0.0", 68),
        (UDP, V4, "0.0.0.0", 45000),  # ephemeral
        (TCP, V4, "0.0.0.0", 45001),
    ]
    seen = in_a_network_of_its_own(sockets, *flags)
    assert {port for port, _ in seen["seen"]} == {"tcp/5432", "tcp/8080", "udp/53"}
    assert seen["programs"]
    assert len(seen["programs"]) == 1, "one program, told once"


@pytest.mark.real
def test_two_thousand_sockets_cost_less_than_fifteen_milliseconds() -> None:
    seen = in_a_network_of_its_own([(TCP, V4, "127.0.0.1", 10_000 + n) for n in range(2000)])
    assert seen["seen"] == []
    assert float(str(seen["seconds"])) < 0.015


@pytest.mark.real
def test_the_childs_program_runs_with_nothing_but_the_standard_library() -> None:
    command = PROBE.command(looked())
    assert command
    ended = subprocess.run(command, capture_output=True, env={}, timeout=60, check=True)
    assert isinstance(parse(ended.stdout), Listeners)
