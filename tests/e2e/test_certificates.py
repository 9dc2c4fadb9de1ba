"""Certificates on real servers: those that live for days and for years, that ended, that nobody serves.

The clock is the test's; the servers, the stranger, the child that looks and the certificates are real.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nrguard.checks.names import NamesRule
from nrguard.model import Clock, Severity
from nrguard.seen import Finding
from tests.authority import DAY, Signed, sign
from tests.e2e.judging import judge
from tests.e2e.tls_server import serving

NOW = float(int(time.time()))
OF_CERTIFICATES = ("expiry", "certificate", "names", "served", "plain")


def put(folder: Path, one: Signed, *, chain: bytes = b"", key: bytes = b"") -> None:
    """Write a pair into `folder` as nrguard would."""
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(key or one.key_pem)
    (folder / "cert.pem").write_bytes(one.pem + chain)


def settings(folder: Path, port: int) -> Path:
    path = folder / "settings.js"
    path.write_text(f"""module.exports = {{
    uiPort: {port},
    uiHost: "127.0.0.1",
    https: {{
        key: require("fs").readFileSync("key.pem"),
        cert: require("fs").readFileSync("cert.pem")
    }}
}};
""")
    return path


def certificates(findings: dict[str, Finding]) -> dict[str, Severity]:
    return {name: one.severity for name, one in findings.items() if name.split("/")[0] in OF_CERTIFICATES}


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("days", "fine", "warned", "critical"),
    [(6, 2.1, 1.9, 0.9), (45, 16, 14, 7), (90, 30, 28, 14), (3650, 100, 28, 14)],
    ids=["6 days", "45 days", "90 days", "10 years"],
)
def test_a_certificate_ages(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    days: float, fine: float, warned: float, critical: float,
) -> None:  # fmt: skip
    end = NOW + days * DAY
    put(scratch, sign("pi4-hall.local", NOW, end))
    with (
        serving(scratch / "key.pem", scratch / "cert.pem") as port,
        judge(tmp_path, settings(scratch, port), monkeypatch) as one,
    ):
        moments = (NOW + 60, end - fine * DAY, end - warned * DAY, end - critical * DAY, end + 1, NOW - DAY)
        told = [certificates(one.look(moment)) for moment in moments]
    expiring = "expiry/served"
    assert told == [
        {},
        {},
        {expiring: Severity.WARNING},
        {expiring: Severity.CRITICAL},
        {expiring: Severity.CRITICAL},
        {expiring: Severity.CRITICAL},
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "saw"),
    [(-90, -1, "the certificate served ended on "), (2, 90, "the certificate served is not valid before ")],
    ids=["expired", "future"],
)
def test_dates_are_judged_once_the_clock_is_right(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins: float, ends: float, saw: str
) -> None:
    put(scratch, sign("pi4-hall.local", NOW + begins * DAY, NOW + ends * DAY))
    with (
        serving(scratch / "key.pem", scratch / "cert.pem") as port,
        judge(tmp_path, settings(scratch, port), monkeypatch) as one,
    ):
        before = one.look(0.0, clock=Clock(False, "nobody has set it"))
        after = one.look(NOW)
    assert certificates(before) == {"expiry/clock": Severity.NOTE}
    assert certificates(after) == {"expiry/served": Severity.CRITICAL}
    assert after["expiry/served"].saw.startswith(saw)


def test_a_certificate_for_other_names_is_told(scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = sign("House", NOW - DAY, NOW + 900 * DAY, authority=True)
    put(scratch, sign("pi4-kitchen.local", NOW - DAY, NOW + 89 * DAY, by=root))
    rule = NamesRule(names=("pi4-hall.local", "pi4-kitchen.local"))
    with serving(scratch / "key.pem", scratch / "cert.pem") as port:
        path = settings(scratch, port)
        with judge(tmp_path, path, monkeypatch) as one:
            assert certificates(one.look(NOW)) == {}, "on loopback nobody needs a name"
        with judge(tmp_path, path, monkeypatch, names=rule) as one:
            told = one.look(NOW)
    assert certificates(told) == {"names/certificate": Severity.WARNING}
    assert told["names/certificate"].want == "one for pi4-hall.local"


def test_a_key_of_another_certificate_is_told_while_the_old_pair_is_served(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (sign("pi4-hall.local", NOW - DAY, NOW + 89 * DAY) for _ in range(2))
    put(scratch, one)
    with serving(scratch / "key.pem", scratch / "cert.pem") as port:
        put(scratch, one, key=other.key_pem)
        with judge(tmp_path, settings(scratch, port), monkeypatch) as looker:
            assert certificates(looker.look(NOW)) == {"certificate/pair": Severity.CRITICAL}


def test_a_renewed_certificate_that_is_not_served_is_told(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(scratch, sign("pi4-hall.local", NOW - 85 * DAY, NOW + 5 * DAY))
    with serving(scratch / "key.pem", scratch / "cert.pem") as port:
        put(scratch, sign("pi4-hall.local", NOW - 60, NOW + 90 * DAY))
        with judge(tmp_path, settings(scratch, port), monkeypatch) as one:
            told = one.look(NOW)
    assert certificates(told) == {"served/certificate": Severity.WARNING, "expiry/served": Severity.CRITICAL}
    assert told["expiry/served"].hint == "a newer one is on disk already: it has to be served"


def test_an_ended_root_in_the_file_raises_no_alarm(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = sign("House", NOW - 900 * DAY, NOW - DAY, authority=True)
    between = sign("House 2", NOW - 90 * DAY, NOW + 900 * DAY, by=root, authority=True)
    leaf = sign("pi4-hall.local", NOW - DAY, NOW + 89 * DAY, by=between)
    put(scratch, leaf, chain=between.pem + root.pem)
    with (
        serving(scratch / "key.pem", scratch / "cert.pem") as port,
        judge(tmp_path, settings(scratch, port), monkeypatch) as one,
    ):
        assert certificates(one.look(NOW)) == {"expiry/root": Severity.NOTE}
        later = certificates(one.look(NOW + 89 * DAY - 3600))
    assert later == {"expiry/root": Severity.NOTE, "expiry/served": Severity.CRITICAL}
