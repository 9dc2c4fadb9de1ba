"""`nrguard doctor`: each thing that stands in the guard's way, with its fix."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nrguard import diagnosis
from nrguard.baseline import Facts
from nrguard.cli import main
from nrguard.diagnosis import Line, diagnose
from nrguard.heart import MARK
from nrguard.host.private import lock
from nrguard.places import Places
from nrguard.store import Mark, Store

pytestmark = pytest.mark.real
FACTS = Facts(1.0, "accept", "ab" * 32, 1000, 1000, 0o644)


class Sickbed:
    """A policy, a state and a settings.js that a test makes ill."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(folder / "nrguard.yaml", folder / "state", folder / "run")
        self.places.make()
        (folder / "settings.js").write_text("module.exports = {}\n")
        (folder / "phone.url").write_text("json://127.0.0.1:9/x\n")
        self.instance = f"instances:\n  main: {{settings: {folder}/settings.js}}\n"
        self.write(f"channels:\n  phone: {{url_file: {folder}/phone.url}}\n")
        with closing(Store(self.places.state)) as store:
            store.seal("main", b"x", FACTS)
            store.outbox.confirm("phone", (), time.time())

    def write(self, more: str) -> None:
        self.places.config.write_text(self.instance + more)
        self.places.config.chmod(0o600)

    def said(self, about: str) -> list[Line]:
        return [line for line in diagnose(self.places) if line.about == about]

    def ill(self) -> set[str]:
        return {line.about for line in diagnose(self.places) if line.ok is False}


@pytest.fixture
def bed(tmp_path: Path) -> Sickbed:
    return Sickbed(tmp_path)


@pytest.fixture
def guarded(bed: Sickbed) -> Iterator[Sickbed]:
    with lock(str(bed.places.state / "daemon.lock")):
        yield bed


def test_a_guard_that_is_well_is_told_so(guarded: Sickbed) -> None:
    assert guarded.ill() == set()


def test_a_guard_that_does_not_run_is_ill_and_the_fix_stands_beside_it(
    bed: Sickbed, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--config", str(bed.places.config), "--state-dir", str(bed.places.state)]
    assert main(["doctor", *arguments]) == 1
    said = capsys.readouterr().out.splitlines()
    assert "FAIL  guard: does not run" in said
    assert said[said.index("FAIL  guard: does not run") + 1] == "      -> sudo systemctl enable --now nrguard"
    assert max(map(len, said)) <= 80
    assert main(["doctor", "--json", *arguments]) == 1
    document = json.loads(capsys.readouterr().out)
    assert {"about": "guard", "ok": False} in [
        {"about": line["about"], "ok": line["ok"]} for line in document["lines"]
    ]  # fmt: skip


def test_it_fails_while_no_channel_has_ever_confirmed(guarded: Sickbed) -> None:
    guarded.write('channels:\n  desk: {url: "json://127.0.0.1:9"}\n')
    assert "channels" not in guarded.ill(), "phone has confirmed"
    with closing(Store(guarded.places.state)) as store:
        store._db.execute("DELETE FROM channel")  # noqa: SLF001 - as if nothing was ever sent
    (line,) = guarded.said("channels")
    assert (line.ok, line.fix) == (False, "sudo nrguard notify test")


def test_it_fails_without_any_channel(guarded: Sickbed) -> None:
    guarded.write("")
    assert guarded.ill() == {"channels"}


def test_a_channel_that_cannot_work_is_named_without_sending_anything(guarded: Sickbed) -> None:
    guarded.write('channels:\n  bad: {url: "ntfy://127.0.0.1/"}\n')
    (line,) = guarded.said("channel bad")
    assert line.ok is False
    assert "names no topic" in line.what


def test_a_channel_that_fails_says_whether_that_lasts(guarded: Sickbed) -> None:
    with closing(Store(guarded.places.state)) as store:
        store.outbox.tried("phone", "the server refuses the token (401)", time.time(), lasting=True)
    (line,) = guarded.said("channel phone")
    assert (line.ok, line.fix) == (False, "mend it in the policy")


def test_an_address_that_everybody_can_read_is_a_failure(guarded: Sickbed) -> None:
    guarded.write('channels:\n  desk: {url: "json://127.0.0.1:9"}\n')
    guarded.places.config.chmod(0o644)
    (line,) = guarded.said("policy")
    assert line.ok is False
    assert line.fix.startswith("sudo chmod o-r")


def test_a_policy_that_does_not_read_is_a_failure_and_the_rest_is_looked_at_all_the_same(guarded: Sickbed) -> None:
    guarded.write("chanels: {}\n")
    assert guarded.ill() == {"policy"}
    assert guarded.said("state")


def test_a_heartbeat_that_is_not_heard_is_a_failure_and_none_is_a_note(guarded: Sickbed) -> None:
    assert [line.ok for line in guarded.said("heartbeat")] == [None]
    guarded.write('heartbeat: {url: "http://127.0.0.1:9/x"}\n')
    with closing(Store(guarded.places.state)) as store:
        store.set_mark(MARK, Mark(time.time(), "Connection refused"))
    (line,) = guarded.said("heartbeat")
    assert line.ok is False
    assert "Connection refused" in line.what


def test_a_settings_js_that_is_missing_is_a_failure(guarded: Sickbed) -> None:
    (guarded.places.config.parent / "settings.js").unlink()
    assert guarded.ill() == {"rights"}


def test_a_damaged_database_is_a_failure(guarded: Sickbed) -> None:
    path = guarded.places.state / "guard.db"
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 2] = bytes(4096)
    path.write_bytes(data)
    assert "state" in guarded.ill()


def test_a_missing_library_is_named(guarded: Sickbed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LIBRARIES", ("json", "no_such_library"))
    (line,) = guarded.said("libraries")
    assert line.ok is False
    assert "no_such_library" in line.what


def test_a_full_disk_is_a_failure(guarded: Sickbed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LEAST_FREE", 1 << 60)
    assert guarded.ill() == {"disk"}
