"""`nrguard check URL` against real Node-REDs: the same verdicts, without a policy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stage.guard import Said
from tests.certificates import self_signed
from tests.nodered import VERSIONS, Running, free_port

# bcrypt of "a secret", cost 8: no test logs in with it
HASH = "$2b$08$6LCr5zpCqa3g9Y6u2kIlbuLB7M4n0cIEUjuzNSS2lPpP6wHNB7B7K"
LOGIN = f"adminAuth: {{type: 'credentials', users: [{{username: 'anna', password: '{HASH}', permissions: '*'}}]}}"
HTTPS = "https: {key: read('key.pem'), cert: read('cert.pem')}"


def check(*arguments: str) -> Said:
    program = str(Path(sys.executable).with_name("nrguard"))
    answer = subprocess.run(
        [program, "check", *arguments], capture_output=True, text=True, timeout=60, check=False, env={}
    )
    return Said(answer.returncode, answer.stdout, answer.stderr)


def running(folder: Path, version: str, *members: str) -> Running:
    text = f"""const read = name => require('fs').readFileSync(__dirname + '/' + name);
    module.exports = {{uiHost: '127.0.0.1', uiPort: process.env.PORT, {", ".join(members)}}};"""
    node_red = Running(version, folder, settings=text)
    for name, content in zip(("key.pem", "cert.pem"), self_signed("localhost"), strict=True):
        (node_red.user_dir / name).write_bytes(content)
    return node_red


@pytest.fixture(scope="module", params=VERSIONS)
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    members = (LOGIN, HTTPS, "httpAdminRoot: '/admin'")
    with running(tmp_path_factory.mktemp("secured"), request.param, *members) as node_red:
        yield node_red


def test_a_secured_node_red_is_fine(secured: Running) -> None:
    for host in ("127.0.0.1", "localhost"):
        said = check(f"https://{host}:{secured.port}/admin")
        assert said.status == 0, said
        assert "login required, over HTTPS" in said.out


def test_the_document_is_that_of_every_check(secured: Running) -> None:
    url = f"https://127.0.0.1:{secured.port}/admin"
    said = check(url, "--json")
    document = json.loads(said.out)
    (instance,) = document["instances"]
    assert (said.status, document["schema"], document["verdict"]) == (0, 1, "fine")
    assert (instance["name"], instance["settings"], instance["baseline"]) == (url, None, None)
    assert list(instance["views"]) == ["wire"]
    assert instance["views"]["wire"]["admin"] == "login"


def test_an_open_node_red_is_critical(tmp_path: Path) -> None:
    with Running(VERSIONS[0], tmp_path) as node_red:
        said = check(f"http://127.0.0.1:{node_red.port}")
        assert said.status == 2
        assert "everybody can edit flows" in said.out
        assert "on that computer: run `nrguard apply`" in said.out


def test_plain_http_behind_a_url_that_says_https_is_critical(tmp_path: Path) -> None:
    with running(tmp_path, VERSIONS[0], LOGIN) as node_red:
        assert check(f"http://127.0.0.1:{node_red.port}").status == 0
        said = check(f"https://127.0.0.1:{node_red.port}")
        assert (said.status, "plain HTTP" in said.out) == (2, True)


def test_silence_is_never_fine() -> None:
    said = check(f"http://127.0.0.1:{free_port()}", "--json")
    assert (said.status, json.loads(said.out)["verdict"]) == (3, "unknown")


@pytest.mark.parametrize("url", ["pi.local:1880", "http://pi.local:99999", "http://anna:secret@pi.local"])
def test_what_is_no_url_is_said_in_a_line_and_a_hint(url: str) -> None:
    said = check(url)
    assert (said.status, said.out, len(said.err.splitlines())) == (3, "", 2)
    assert "secret" not in said.err
