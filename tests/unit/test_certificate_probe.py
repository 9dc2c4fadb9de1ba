"""When the certificates are looked at, what the child is asked, and for how long an answer counts."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from nrguard.model import Admin, Blind, View, Wire
from nrguard.observe import _same
from nrguard.probes.certificate import PROBE, paths
from nrguard.seen import Process, Seen
from tests.unit.triangle import disk, lasting, pair, seen

DER = b"0what is served"
SERVING = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True, certificate=DER)


def asked(what: Seen) -> dict[str, Any] | None:
    command = PROBE.command(what)
    return json.loads(command[-1]) if command else None


def https(key: View, cert: View) -> Seen:
    return seen(wire=SERVING, disk=disk(https={"kind": "object", "key": key, "cert": cert}))


def test_the_child_is_told_files_process_and_what_is_served() -> None:
    request = asked(seen(wire=SERVING))
    assert request == {
        "folder": "/home/pi/.node-red",
        "key": "/home/pi/key.pem",
        "cert": "/home/pi/cert.pem",
        "working_directory": "",
        "unit": "nodered.service",
        "pid": 4711,
        "uid": 1000,
        "served": "MHdoYXQgaXMgc2VydmVk",
    }


@pytest.mark.parametrize("told", ["/etc/x.pem", "__dirname/x.pem", "cert.pem", "tls/my cert.pem", "../x.crt"])
def test_paths_are_looked_at(told: str) -> None:
    assert paths(https(told, told)) == (told, told)


@pytest.mark.parametrize("told", ["inline", "environment variable CERT.PEM", "require('./x.pem')", "a value", None, 7])
def test_what_is_no_path_is_not(told: View) -> None:
    assert paths(https(told, told)) == ("", "")


def test_it_waits_for_the_stranger_where_somebody_listens() -> None:
    assert asked(seen(wire=None)) is None
    assert asked(seen(wire=None, process=Process((), 18880)))
    assert asked(seen(wire=Blind("no network")))


def test_plain_http_without_files_is_not_looked_at() -> None:
    plain = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=False)
    assert asked(seen(wire=plain, disk=disk(https={"kind": "none", "key": None, "cert": None}))) is None


def test_an_unread_settings_file_still_lets_the_served_one_be_looked_at() -> None:
    request = asked(seen(wire=SERVING, disk=Blind("unreadable")))
    assert request is not None
    assert (request["key"], request["cert"], request["served"] != "") == ("", "", True)


def test_another_certificate_served_is_looked_at_while_the_old_answer_counts() -> None:
    before, after = seen(wire=SERVING), seen(wire=replace(SERVING, certificate=b"0another"))
    assert PROBE.about(before) != PROBE.about(after)
    assert _same(PROBE.about(before), PROBE.about(after))


def test_other_files_make_the_old_answer_void() -> None:
    assert not _same(PROBE.about(https("/a.pem", "/b.pem")), PROBE.about(https("/a.pem", "/c.pem")))


def test_a_nodered_that_is_down_for_a_moment_needs_no_new_look() -> None:
    known = pair(lasting(90, 80), served=lasting(90, 80, fingerprint=sha256(DER).hexdigest()))
    down = seen(known, wire=None)
    assert PROBE.about(down) == PROBE.about(seen(known, wire=SERVING))


def test_an_answer_that_is_none_is_blind() -> None:
    assert isinstance(PROBE.parse(b""), Blind)
    assert isinstance(PROBE.parse(b'{"chain": 7}'), Blind)
