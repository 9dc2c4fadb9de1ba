"""What `nrguard hash-pw` prints is a login to every Node-RED, and it understands Node-RED's own hashes."""

from __future__ import annotations

import argparse
import io
import subprocess
from pathlib import Path

import pytest

from nrguard.commands import hash_pw
from tests.nodered import VERSIONS, Running, install, log_in, node_for

PASSWORDS = {"plain": "correct horse", "unicode": "pässwörd–€漢😀", "longest": "x" * 71 + "y"}


def hash_pw_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], password: str, *option: str
) -> str:
    """Return what the command prints when `password` comes through a pipe."""
    parser = argparse.ArgumentParser()
    hash_pw.add_parser(parser.add_subparsers())
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{password}\n".encode())))
    args = parser.parse_args(["hash-pw", *option])
    args.run(args)
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_hashed_password_logs_in_and_a_wrong_one_does_not(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hashes = {name: hash_pw_says(monkeypatch, capsys, password) for name, password in PASSWORDS.items()}
    users = ", ".join(
        f"{{username: '{name}', password: '{hashed}', permissions: '*'}}" for name, hashed in hashes.items()
    )
    settings = (
        "module.exports = {uiHost: '127.0.0.1', uiPort: process.env.PORT, flowFile: 'flows.json',"
        f" adminAuth: {{type: 'credentials', users: [{users}]}}}}"
    )
    with Running(version, tmp_path, settings=settings) as nodered:
        assert nodered.ask("/flows").login_required
        for name, password in PASSWORDS.items():
            assert log_in(nodered.port, name, password[:-1], tls=False) == ""
            token = log_in(nodered.port, name, password, tls=False)
            assert nodered.ask("/flows", token=token).open


@pytest.mark.parametrize("version", VERSIONS)
def test_a_hash_that_node_red_made_is_verified(
    version: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = subprocess.run(
        [node_for(version), str(install(version)), "admin", "hash-pw"],
        input="correct horse\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    hashed = made.stdout.removeprefix("Password: ").strip()
    assert hash_pw_says(monkeypatch, capsys, "correct horse", "--verify", hashed) == "yes"
    assert hash_pw_says(monkeypatch, capsys, "correct house", "--verify", hashed) == "no"
