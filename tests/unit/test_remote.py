"""A Node-RED that is only known by its URL: what is asked, and what the answer is worth."""

from __future__ import annotations

import pytest

from nrguard.errors import NrguardError
from nrguard.model import Admin, Blind, Severity, Wire
from nrguard.remote import Target, judged, target
from nrguard.seen import Remedy


@pytest.mark.parametrize(
    ("url", "host", "port", "root", "tls"),
    [
        ("http://pi.local:1880", "pi.local", 1880, "/", False),
        ("https://pi.local:18880/admin", "pi.local", 18880, "/admin", True),
        ("HTTPS://Pi.Local/", "pi.local", 443, "/", True),
        ("http://192.168.1.7", "192.168.1.7", 80, "/", False),
        ("http://[fd00::7]:1880/#flow/f00", "fd00::7", 1880, "/", False),
        ("http://[fe80::1%25eth0]:1880", "fe80::1%eth0", 1880, "/", False),
        ("http://küche.local:1880/?a=b", "xn--kche-0ra.local", 1880, "/", False),
    ],
)
def test_a_url_names_a_host_a_port_and_the_root_of_the_editor(
    url: str, host: str, port: int, root: str, tls: bool
) -> None:
    assert target(url) == Target(url, host, port, root, tls)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("pi.local:1880", "no URL"),
        ("", "no URL"),
        ("ftp://pi.local", "no URL"),
        ("/home/pi/.node-red/settings.js", "no URL"),
        ("http://", "no usable host name"),
        ("http://[fd00::7", "no URL"),
        ("http://pi.local:99999", "no usable port"),
        ("http://pi.local:port", "no usable port"),
        ("http://pi.local:0", "no usable port"),
        ("http://a..b:1880", "no usable host name"),
        ("http://anna:secret@pi.local", "a login in the URL"),
        ("http://pi.local/\r\nHost: evil", "no URL"),
        ("http://pi.local/a b", "no URL"),
    ],
)
def test_what_is_no_url_of_a_node_red_is_said_in_one_line(url: str, what: str) -> None:
    with pytest.raises(NrguardError, match=what) as raised:
        target(url)
    assert "\n" not in raised.value.message
    assert "secret" not in raised.value.message
    assert raised.value.hint


def worst(wire: Wire | Blind, url: str = "http://pi.local:1880") -> tuple[Severity | None, str]:
    """Return the first finding's severity and its identity."""
    findings = judged(target(url), wire)[1]
    return (findings[0].severity, f"{findings[0].check}/{findings[0].subject}") if findings else (None, "")


def test_a_login_is_fine_over_plain_http_where_nothing_else_was_asked_for() -> None:
    assert worst(Wire("pi.local", 1880, Admin.LOGIN, tls=False)) == (None, "")


def test_an_open_editor_is_critical_and_to_be_closed_on_that_computer() -> None:
    wire = Wire("pi.local", 1880, Admin.OPEN, tls=False)
    finding = judged(target("http://pi.local:1880"), wire)[1][0]
    assert (finding.severity, finding.check, finding.remedy) == (Severity.CRITICAL, "stranger", Remedy.OWNER)
    assert finding.hint.startswith("on that computer")


def test_plain_http_where_the_url_says_https_is_critical() -> None:
    wire = Wire("pi.local", 18880, Admin.LOGIN, tls=False)
    assert worst(wire, "https://pi.local:18880") == (Severity.CRITICAL, "stranger/https")


@pytest.mark.parametrize("admin", [Admin.SILENT, Admin.STARTING, Admin.UNKNOWN])
def test_no_answer_is_never_fine(admin: Admin) -> None:
    assert worst(Wire("pi.local", 1880, admin)) == (Severity.WARNING, "blind/wire")


def test_a_look_that_failed_is_never_fine() -> None:
    assert worst(Blind("it took too long")) == (Severity.WARNING, "blind/wire")
