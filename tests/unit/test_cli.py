"""The command line as people and scripts meet it: words, widths, exit statuses."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from nrguard import __version__, cli
from nrguard.cli import COMMANDS, main
from nrguard.commands.show import WIDTH
from nrguard.errors import DONE, FAILED, INTERRUPTED, OURS, USAGE
from tests.fake_world import GOOD, HASH

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]
VERDICTS = {"check", "inspect"}


@dataclass
class Scratch:
    """A policy, a settings.js and a state of their own; no Node-RED."""

    folder: Path
    port: int

    @property
    def settings(self) -> Path:
        return self.folder / "home" / "settings.js"

    @property
    def policy(self) -> Path:
        return self.folder / "nrguard.yaml"

    @property
    def places(self) -> list[str]:
        return ["--config", str(self.policy), "--state-dir", str(self.folder / "state"), "--run-dir",
                str(self.folder / "run")]  # fmt: skip

    def run(self, *arguments: str) -> int:
        return main([*self.places, *arguments])

    def write(self, text: bytes) -> None:
        self.settings.write_bytes(text.replace(b"18880", b"%d" % self.port))


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        scratch = Scratch(tmp_path, free.getsockname()[1])
    scratch.settings.parent.mkdir()
    scratch.policy.write_text(f"instances:\n  hall:\n    settings: {scratch.settings}\n    service: none\n")
    scratch.write(GOOD)
    scratch.settings.chmod(0o600)
    return scratch


# -- verdicts and exit statuses


def test_check_says_fine_with_zero(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert scratch.run("accept", "--yes") == DONE
    assert scratch.run("check") == 0
    assert "hall: fine" in capsys.readouterr().out


def test_check_says_a_warning_with_one(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert scratch.run("check") == 1
    assert "hall: warning" in capsys.readouterr().out


def test_check_says_critical_with_two_and_changes_nothing(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.run("accept", "--yes")
    scratch.write(GOOD.replace(b"adminAuth", b"xdminAuth"))
    before = scratch.settings.read_bytes()
    assert scratch.run("check") == 2
    assert "hall: critical" in capsys.readouterr().out
    assert scratch.settings.read_bytes() == before


def test_check_without_any_state_writes_none(scratch: Scratch) -> None:
    scratch.run("check")
    assert not (scratch.folder / "state").exists()


def test_restore_puts_back_and_says_done(scratch: Scratch) -> None:
    scratch.run("accept", "--yes")
    scratch.write(GOOD.replace(b"adminAuth", b"xdminAuth"))
    assert scratch.run("check") == 2
    assert scratch.run("restore") == DONE
    assert scratch.run("check") == 0


def test_restore_without_a_baseline_fails_and_says_what_to_do(
    scratch: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scratch.run("restore") == FAILED
    assert "nrguard accept" in capsys.readouterr().err


def test_a_restore_that_cannot_be_written_fails_soon(scratch: Scratch) -> None:
    scratch.run("accept", "--yes")
    scratch.settings.unlink()
    scratch.settings.parent.rmdir()
    began = time.monotonic()
    assert scratch.run("restore") == FAILED
    assert time.monotonic() - began < 15.0


def test_status_without_a_guard_is_not_protected(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.run("accept", "--yes")
    assert scratch.run("status") == FAILED
    assert "NOT PROTECTED: nobody guards" in capsys.readouterr().out


def test_accept_refuses_what_gets_weaker_unless_told_twice(scratch: Scratch) -> None:
    scratch.run("accept", "--yes")
    scratch.write(GOOD.replace(b"adminAuth", b"xdminAuth"))
    assert scratch.run("accept", "--yes") == FAILED
    assert scratch.run("accept", "--yes", "--weaker") == DONE
    scratch.run("history")


def test_accept_of_a_broken_file_fails(scratch: Scratch) -> None:
    scratch.settings.write_bytes(b"module.exports = {")
    assert scratch.run("accept", "--yes", "--weaker") == FAILED


def test_apply_shows_its_difference_and_writes_nothing_when_dry(
    scratch: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = scratch.settings.read_bytes()
    with scratch.policy.open("a") as policy:
        policy.write("    want:\n      requireHttps: true\n")
    assert scratch.run("apply", "--dry-run") == DONE
    said = capsys.readouterr().out
    assert "+    requireHttps: true" in said
    assert HASH not in said
    assert scratch.settings.read_bytes() == before
    assert not (scratch.folder / "state").exists()


def test_apply_tells_a_made_password_once_even_where_the_restart_fails(
    scratch: Scratch, capsys: pytest.CaptureFixture[str]
) -> None:
    scratch.policy.write_text(
        f"instances:\n  hall:\n    settings: {scratch.settings}\n    start_limit: 10\n"
        "    service:\n      command:\n        restart: [/bin/false]\n"
        "    want:\n      httpNodeAuth: { user: sensor, pass: generate }\n"
    )
    assert scratch.run("apply") == FAILED
    said = capsys.readouterr().out
    assert re.search(r"password for endpoints, user sensor: [A-Za-z0-9]{20} ", said)
    assert "restart command ended with status 1" in " ".join(said.split())
    assert scratch.run("apply") in (DONE, FAILED)
    assert "password for" not in capsys.readouterr().out


def test_a_second_apply_changes_nothing(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    with scratch.policy.open("a") as policy:
        policy.write("    want:\n      requireHttps: true\n")
    scratch.run("apply")
    after = scratch.settings.read_bytes()
    capsys.readouterr()
    assert scratch.run("apply", "--json") == DONE
    assert json.loads(capsys.readouterr().out)["changed"] is False
    assert scratch.settings.read_bytes() == after


@pytest.mark.parametrize(
    ("strange", "named"),
    [
        (b"setTimeout(() => { module.exports.adminAuth = null })\n", "code"),
        (b"module.exports.httpStatic = '/home/pi'\n", "httpStatic"),
        (b"module.exports.uiHost = '0.0.0.0'\n", "uiHost"),
    ],
)
def test_apply_seals_no_change_that_it_did_not_show(
    scratch: Scratch, strange: bytes, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scratch.policy.open("a") as policy:
        policy.write("    want:\n      requireHttps: true\n")
    assert scratch.run("apply") == DONE
    changed = scratch.settings.read_bytes() + strange
    scratch.settings.write_bytes(changed)
    assert scratch.run("apply") == FAILED
    assert f": {named} is not as you accepted it" in capsys.readouterr().err
    assert scratch.settings.read_bytes() == changed
    assert scratch.run("check") in (1, 2)  # what was strange is not the baseline now


def test_apply_takes_back_a_setting_that_the_policy_names(scratch: Scratch) -> None:
    with scratch.policy.open("a") as policy:
        policy.write("    want:\n      requireHttps: true\n")
    scratch.run("apply")
    good = scratch.settings.read_bytes()
    scratch.settings.write_bytes(good.replace(b"requireHttps: true", b"requireHttps: false"))
    assert scratch.run("apply") == DONE
    assert b"requireHttps: true" in scratch.settings.read_bytes()


# -- mistakes


@pytest.mark.parametrize("command", COMMANDS)
def test_a_typing_mistake_is_two_and_three_where_two_means_critical(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--no-such-option"]) == (OURS if command in VERDICTS else USAGE)
    assert capsys.readouterr().err.startswith("nrguard: ")


def test_no_command_and_an_unknown_one_are_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main([]), main(["checks"])) == (USAGE, USAGE)
    assert "check" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "apply", "accept", "restore", "status"])
def test_a_broken_policy_names_each_mistake(scratch: Scratch, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.policy.write_text("instances:\n  hall:\n    setings: /x\nchanels: {}\n")
    assert scratch.run(command) == (OURS if command in VERDICTS else USAGE)
    places = [line.split()[0] for line in capsys.readouterr().err.splitlines() if line.startswith("nrguard.yaml:")]
    assert "nrguard.yaml:3:5:" in places
    assert "nrguard.yaml:4:1:" in places


@pytest.mark.parametrize("command", ["check", "apply", "accept", "restore", "status"])
def test_a_missing_policy_and_an_unknown_instance_are_the_owners_mistake(scratch: Scratch, command: str) -> None:
    wrong = OURS if command in VERDICTS else USAGE
    assert scratch.run(command, "--instance", "attic") == wrong
    scratch.policy.unlink()
    assert scratch.run(command) == wrong


@pytest.mark.parametrize("command", ["apply", "accept", "restore"])
def test_of_several_instances_one_must_be_named(
    scratch: Scratch, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with scratch.policy.open("a") as policy:
        policy.write(f"  attic:\n    settings: {scratch.folder}/other.js\n    service: none\n")
    assert scratch.run(command) == USAGE
    assert "hall, attic" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "status", "history"])
def test_a_state_that_is_none_is_could_not_tell(scratch: Scratch, command: str) -> None:
    (scratch.folder / "state").mkdir()
    (scratch.folder / "state" / "guard.db").write_bytes(b"no database at all" * 99)
    assert scratch.run(command) == (OURS if command in VERDICTS else FAILED)


def test_our_own_mistake_is_three_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "parser", lambda command: 1 / 0)
    assert main(["explain"]) == OURS
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "please report it" in said


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(command: str | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "parser", interrupted)
    assert main(["check"]) == INTERRUPTED


# -- options


def test_places_may_stand_before_and_after_the_command(scratch: Scratch) -> None:
    assert main([*scratch.places, "check"]) == main(["check", *scratch.places]) == 1


def test_a_place_may_bear_the_name_of_a_command(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    scratch.policy.rename(tmp_path / "status")
    assert main(["--config", "status", "--state-dir", "run", "--run-dir=apply", "check"]) == 1


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert (caught.value.code, capsys.readouterr().out) == (0, f"nrguard {__version__}\n")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert [command for command in COMMANDS if f"    {command} " not in said] == []


# -- what is printed


def test_no_line_is_wider_than_a_terminal(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.run("accept", "--yes")
    scratch.write(GOOD.replace(b"adminAuth", b"xdminAuth").replace(b"flows.json", b"flows" * 40))
    commands = ("check", "restore", "status", "history", "explain", "explain stranger", "apply --dry-run")
    for command in commands:
        scratch.run(*command.split())
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > WIDTH] == []


def test_check_as_json_is_one_document_without_a_secret(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.write(GOOD.replace(b"flowFile", b"credentialSecret: 'hunter2', flowFile"))
    scratch.run("accept", "--yes")
    scratch.write(GOOD.replace(b"adminAuth", b"xdminAuth"))
    capsys.readouterr()
    assert scratch.run("check", "--json") == 2
    said = capsys.readouterr().out
    document = json.loads(said)
    assert (document["schema"], document["verdict"]) == (1, "critical")
    (instance,) = document["instances"]
    assert instance["name"] == "hall"
    assert {"setting"} <= {finding["check"] for finding in instance["findings"]}
    assert not [secret for secret in (HASH, "hunter2", "meaning") if secret in said]


def test_history_as_json_is_one_object_a_line(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    scratch.run("accept", "--yes")
    capsys.readouterr()
    assert scratch.run("history", "--json") == DONE
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(event["schema"], event["instance"], event["kind"]) for event in events] == [
        (1, "hall", "sealed"), (1, "hall", "accept"),
    ]  # fmt: skip


def test_explain_knows_every_check_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "login/adminAuth"]) == DONE
    assert "login" in capsys.readouterr().out
    assert main(["explain", "logn"]) == USAGE


def nrguard(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "nrguard", *arguments]


def test_a_reader_that_stops_reading_is_no_mistake_of_ours() -> None:
    for arguments in (["explain"], ["explain", "stranger"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        ran = subprocess.run(nrguard(*arguments), stdout=write_end, stderr=subprocess.PIPE, cwd=ROOT, check=False)
        os.close(write_end)
        assert (ran.returncode, ran.stderr) == (FAILED, b"")


@pytest.mark.parametrize(("typed", "status"), [(b"\x04", FAILED), (b"n\n", FAILED), (b"y\n", DONE)])
def test_accept_asks_on_a_terminal_and_takes_the_end_for_a_no(scratch: Scratch, typed: bytes, status: int) -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        nrguard(*scratch.places, "accept"), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    os.close(theirs)
    assert asked.stdout is not None
    while not asked.stdout.readline().startswith(b"nothing was accepted"):
        pass
    os.write(ours, typed)
    assert asked.wait(20) == status
    asked.stdout.close()
    os.close(ours)


def test_ctrl_c_in_a_command_is_130_and_no_traceback(scratch: Scratch) -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        nrguard(*scratch.places, "accept"), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    os.close(theirs)
    assert asked.stdout is not None
    while not asked.stdout.readline().startswith(b"nothing was accepted"):
        pass
    time.sleep(0.2)
    asked.send_signal(signal.SIGINT)
    _, said = asked.communicate(timeout=20)
    os.close(ours)
    assert asked.returncode == INTERRUPTED
    assert b"Traceback" not in said
