"""What real Node-REDs do with their certificates (node-red-facts.md, section 2.4), and what nrguard says of it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nrguard.model import Severity
from nrguard.seen import Remedy
from stage.guard import Guard
from tests.authority import DAY, Signed, sign
from tests.e2e.judging import NAME, judge
from tests.nodered import VERSIONS, Running, free_port

NEWEST = VERSIONS[0]
NOW = float(int(time.time()))
BCRYPT = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"  # no test logs in with it
PAIR = "{ key: require('fs').readFileSync('key.pem'), cert: require('fs').readFileSync('cert.pem') }"
OBJECT = f"https: {PAIR},"
FUNCTION = f"https: function () {{ return {PAIR} }},"
REFRESHED = FUNCTION + "\n    httpsRefreshInterval: 0.001,"  # hours: 3.6 seconds
NOTHING = "https: () => null,"


def old() -> Signed:
    return sign("pi4-hall.local", NOW - 85 * DAY, NOW + 40 * DAY)


def new() -> Signed:
    return sign("pi4-hall.local", NOW - 60, NOW + 90 * DAY)


def put(folder: Path, one: Signed, *, key: Signed | None = None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes((key or one).key_pem)
    (folder / "cert.pem").write_bytes(one.pem)


def house(version: str, tmp_path: Path, https: str, one: Signed | None = None) -> Running:
    """Return a secured Node-RED with this `https`, whose folder holds the pair."""
    port = free_port()
    put(tmp_path / "user", one or old())
    text = f"""module.exports = {{
    uiPort: {port},
    uiHost: "127.0.0.1",
    {https}
    adminAuth: {{ type: "credentials", users: [{{ username: "anna", password: "{BCRYPT}", permissions: "*" }}] }},
}};
"""
    return Running(version, tmp_path, settings=text, port=port)


def served(server: Running) -> bytes:
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))


def waited(true: Callable[[], bool], limit: float = 20.0) -> bool:
    end = time.monotonic() + limit
    while not true() and time.monotonic() < end:
        time.sleep(0.2)
    return true()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_function_that_gives_nothing_is_plain_http_whatever_the_log_says(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(version, tmp_path, NOTHING) as server, judge(tmp_path, server.settings, monkeypatch) as one:
        told = one.look()
        assert f"https://127.0.0.1:{server.port}" in server.log
    assert told["plain/https"].severity is Severity.CRITICAL


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refreshing_function_picks_a_renewed_certificate_up(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = new()
    with house(version, tmp_path, REFRESHED) as server:
        # told by the file alone, with an interval that leaves time to look
        slow = server.settings.read_text().replace("0.001", "12")
        server.settings.write_text(slow)
        put(server.user_dir, renewed)
        with judge(tmp_path, server.settings, monkeypatch) as one:
            waiting = one.look()
        assert waited(lambda: served(server) == renewed.der)
        with judge(tmp_path, server.settings, monkeypatch) as one:
            after = one.look()
    assert "served/certificate" not in after
    if found := waiting.get("served/certificate"):  # else Node-RED was faster than the look
        assert (found.severity, found.remedy) == (Severity.NOTE, Remedy.NONE)
        assert found.hint.startswith("httpsRefreshInterval will make Node-RED read it within 1")


@pytest.mark.parametrize("https", [OBJECT, FUNCTION], ids=["object", "function"])
def test_without_an_interval_the_old_certificate_is_served_until_a_restart(
    https: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(NEWEST, tmp_path, https) as server:
        with judge(tmp_path, server.settings, monkeypatch) as one:
            assert not any(name.startswith(("served", "expiry", "certificate")) for name in one.look())
        put(server.user_dir, new())
        with judge(tmp_path, server.settings, monkeypatch) as one:
            found = one.look()["served/certificate"]
        server.restart()
        with judge(tmp_path, server.settings, monkeypatch) as one:
            after = one.look()
    assert found.severity is Severity.WARNING
    assert found.saw.startswith("a renewed certificate is on disk")
    assert found.hint == "restart Node-RED"
    assert "served/certificate" not in after


def test_the_guard_restarts_for_a_renewed_certificate_and_only_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = new()
    with house(NEWEST, tmp_path, OBJECT) as server:
        restart = server.command("restart")
        policy = f"instances: {{{NAME}: {{settings: {server.settings}, service: none}}}}\n"
        said = Guard(tmp_path, policy).call("accept", "--yes")
        assert said.status == 0, said
        with judge(tmp_path, server.settings, monkeypatch, restart=tuple(restart), act=True) as one:
            first = server.pid
            one.look(act=True)
            assert server.pid == first
        put(server.user_dir, renewed)
        with judge(tmp_path, server.settings, monkeypatch, restart=tuple(restart), act=True) as one:
            one.look(act=True)
            server.wait_until_answers()
            second = server.pid
            assert second != first
            assert served(server) == renewed.der
            assert "served/certificate" not in one.look(act=True)
            assert server.pid == second


def test_a_pair_that_does_not_fit_is_told_before_the_restart_that_would_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(NEWEST, tmp_path, OBJECT) as server:
        put(server.user_dir, new(), key=old())
        with judge(tmp_path, server.settings, monkeypatch) as one:
            told = one.look()
        assert told["certificate/pair"].severity is Severity.CRITICAL
        assert told["served/certificate"].remedy is Remedy.OWNER
        server.restart(wait=False)
        assert waited(lambda: server.pid == 0), "Node-RED gives up, with an exit status of success"
        assert "Failed to get https settings" in server.log


def test_nodered_serves_an_ended_certificate_without_a_word_and_nrguard_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = sign("pi4-hall.local", NOW - 90 * DAY, NOW - DAY)
    with (
        house(NEWEST, tmp_path, OBJECT, ended) as server,
        judge(tmp_path, server.settings, monkeypatch) as one,
    ):
        told = one.look()
        assert "expire" not in server.log.lower()
    assert told["expiry/served"].severity is Severity.CRITICAL


def test_a_relative_path_counts_from_where_nodered_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with house(NEWEST, tmp_path, OBJECT) as server:
        elsewhere = tmp_path / "moved" / "settings.js"
        elsewhere.parent.mkdir()
        elsewhere.write_bytes(server.settings.read_bytes())
        with judge(tmp_path, elsewhere, monkeypatch, working_directory="") as one:
            told = one.look()
    assert not any(name.startswith(("certificate", "served")) for name in told)
