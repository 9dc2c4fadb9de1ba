"""`nrguard notify test`, through the command line and real sinks."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrguard.cli import main
from tests.sinks import Behaviour, HttpSink, NtfySink

POLICY = "instances:\n  main: {{settings: {folder}/settings.js, service: none}}\n"


def policy(folder: Path, **channels: str) -> str:
    """Write a policy with these channels. Return its path."""
    lines = [POLICY.format(folder=folder), "channels:\n" if channels else ""]
    lines += [f"  {label}: {address}\n" for label, address in channels.items()]
    path = folder / "nrguard.yaml"
    path.write_text("".join(lines))
    return str(path)


@pytest.mark.real
def test_every_channel_gets_a_test_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with HttpSink() as hook, NtfySink() as ntfy:
        path = policy(tmp_path, hook=f'{{url: "{hook.url}"}}', phone=f'{{url: "{ntfy.url}", from: critical}}')
        assert main(["notify", "test", "--config", path]) == 0
    assert capfd.readouterr() == ("hook: delivered\nphone: delivered\n", "")
    assert hook.received[0]["title"] == "nrguard test: this works"
    assert "'phone'" in ntfy.received[0]["message"]


@pytest.mark.real
def test_one_channel_that_fails_is_named_with_what_to_do(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with HttpSink() as sound, HttpSink() as closed, HttpSink() as refuses:
        closed.unplug()
        refuses.behaviour = Behaviour(401)
        addresses = {"a": closed.url, "b": refuses.url, "c": sound.url, "d": "ntfy://127.0.0.1/"}
        path = policy(tmp_path, **{label: f'{{url: "{url}"}}' for label, url in addresses.items()})
        assert main(["notify", "test", "--config", path]) == 1
    assert capfd.readouterr().out.splitlines() == [
        "a: NOT delivered: the connection is refused",
        "  Alerts wait and are tried again. Does the network reach it?",
        "b: NOT delivered: the server refuses the login or token (401)",
        "  It fails until you change this channel in the policy.",
        "c: delivered",
        "d: NOT delivered: the ntfy:// address names no topic that is one: ntfy://HOST/TOPIC",
        "  It fails until you change this channel in the policy.",
    ]


@pytest.mark.real
def test_one_channel_can_be_asked_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with HttpSink() as one, HttpSink() as other:
        path = policy(tmp_path, one=f'{{url: "{one.url}"}}', other=f'{{url: "{other.url}"}}')
        assert main(["notify", "test", "--channel", "other", "--config", path]) == 0
    assert capfd.readouterr().out == "other: delivered\n"
    assert (one.asked, other.asked) == (0, 1)


def test_an_unknown_channel_is_a_usage_mistake(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = policy(tmp_path, phone='{url: "json://127.0.0.1:9"}')
    assert main(["notify", "test", "--channel", "phnoe", "--config", path]) == 2
    assert capfd.readouterr().err == "nrguard: no channel is named 'phnoe'\n  the policy has: phone\n"


def test_a_policy_without_channels_tells_nobody_and_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["notify", "test", "--config", policy(tmp_path)]) == 2
    assert "nobody would be told" in capfd.readouterr().err


def test_a_broken_policy_is_named_with_its_place(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["notify", "test", "--config", policy(tmp_path, phone="{ulr: x}")]) == 2
    assert "nrguard.yaml:4:" in capfd.readouterr().err
