"""A Node-RED that listens on all addresses is asked at each; what only one of them gives away is a finding."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from nrguard.host.addresses import own_addresses
from nrguard.model import Admin, Blind, Severity, Wire
from nrguard.probes.addresses import PROBE, Addresses, Errand
from nrguard.probes.child import command
from nrguard.probes.exchanges import Request, plain
from nrguard.seen import Process, Seen
from tests.looked import LISTENER, found, looked

LOOPBACK = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=False)
AT_LAN = replace(LOOPBACK, address="192.168.1.5")


def seen_at(*others: Wire, first: Wire = LOOPBACK) -> Seen:
    return looked(wire=first, parts={"addresses": Addresses(others)})


def errand(*addresses: str, wire: Wire | None = LOOPBACK) -> Errand | None:
    """Return what the child would be sent for where Node-RED listens at these addresses."""
    listeners = tuple(replace(LISTENER, address=one, inode=70 + at) for at, one in enumerate(addresses))
    asked = PROBE.command(looked(process=Process(listeners, 18880), wire=wire))
    if asked is None:
        return None
    told = json.loads(asked[-1])
    return Errand(Request("", told["request"]["port"]), tuple(told["addresses"]), tuple(told["families"]))


def test_a_node_red_on_all_addresses_is_asked_at_those_of_the_host() -> None:
    asked = errand("0.0.0.0")
    assert asked is not None
    assert (asked.addresses, asked.families, asked.request.port) == ((), (4,), 18880)


def test_one_on_all_ipv6_addresses_is_asked_over_both() -> None:
    asked = errand("::", wire=replace(LOOPBACK, address="::1"))
    assert asked is not None
    assert (asked.addresses, asked.families) == (("127.0.0.1",), (4, 6))


def test_one_on_loopback_alone_is_asked_there_only() -> None:
    assert errand("127.0.0.1") is None


def test_each_of_two_sockets_is_asked() -> None:
    asked = errand("127.0.0.1", "192.168.1.5")
    assert asked is not None
    assert (asked.addresses, asked.families) == (("192.168.1.5",), ())


@pytest.mark.parametrize("wire", [None, Blind("no"), replace(LOOPBACK, admin=Admin.STARTING)])
def test_nobody_is_sent_before_the_first_address_has_answered(wire: Wire | Blind | None) -> None:
    assert PROBE.command(looked(process=Process((LISTENER,), 18880), wire=wire)) is None


def test_another_socket_makes_the_look_be_taken_again() -> None:
    other = replace(LISTENER, inode=78)
    assert PROBE.about(looked()) != PROBE.about(looked(process=Process((other,), 18880)))


def test_what_only_another_address_gives_away_is_told_with_that_address() -> None:
    findings = found("stranger", seen_at(AT_LAN, replace(AT_LAN, address="fd00::5", admin=Admin.OPEN)))
    assert [(one.subject, one.severity) for one in findings] == [("editor", Severity.CRITICAL)]
    assert "fd00::5" in findings[0].saw


def test_what_every_address_gives_away_is_told_once() -> None:
    findings = found("stranger", seen_at(replace(AT_LAN, admin=Admin.OPEN), first=replace(LOOPBACK, admin=Admin.OPEN)))
    assert [one.subject for one in findings] == ["editor"]
    assert "127.0.0.1" in findings[0].saw


def test_something_else_at_another_address_is_a_finding() -> None:
    findings = found("addresses", seen_at(replace(AT_LAN, admin=Admin.UNKNOWN)))
    assert [(one.subject, one.severity) for one in findings] == [("192.168.1.5", Severity.WARNING)]


@pytest.mark.parametrize("other", [AT_LAN, replace(AT_LAN, admin=Admin.SILENT, tls=None)])
def test_the_same_answer_or_a_firewall_is_none(other: Wire) -> None:
    assert found("addresses", seen_at(other)) == ()
    assert found("stranger", seen_at(other)) == ()


@pytest.mark.parametrize("output", [b"", b"[]", b"{}", b'{"looks": [[{}]], "left_out": 0}', b'{"looks": 3}'])
def test_nonsense_from_the_child_is_a_blindness(output: bytes) -> None:
    assert isinstance(PROBE.parse(output), Blind)


class _Open(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = {"/settings": b'{"httpNodeRoot":"/","version":"5.0.7"}', "/flows": b"[]"}.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.2", 0), _Open) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.real
def test_the_child_asks_at_each_address_and_two_looks_agree(port: int) -> None:
    sent = Errand(plain(Request("", port, timeout=5.0)), ("127.0.0.2", "127.0.0.3"), ())
    said = subprocess.run(command("addresses", sent), capture_output=True, check=True, timeout=60)
    assert said.stderr == b""
    part = PROBE.parse(said.stdout)
    assert isinstance(part, Addresses)
    assert [(one.address, one.admin) for one in part.wires] == [
        ("127.0.0.2", Admin.OPEN),
        ("127.0.0.3", Admin.SILENT),
    ]


@pytest.mark.real
def test_own_addresses_leave_loopback_out() -> None:
    assert not [one for one in own_addresses() if one.startswith(("127.", "fe80:")) or one == "::1"]
