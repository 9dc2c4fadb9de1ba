"""What `nrguard status` says: the verdict first, 80 columns, three things to do, and no more than all may read."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from nrguard.cli import main
from nrguard.codec import from_json, to_json
from nrguard.commands.status_view import lines
from nrguard.host import processes
from nrguard.model import Severity
from nrguard.places import Places
from nrguard.policy import Mode
from nrguard.records import Incident, Reach
from nrguard.seen import Finding, Remedy
from nrguard.standing import Guard, House, InstanceStanding, NodeRed, Open, Sealed, completed, instance_standing, public
from nrguard.statusfile import StatusFile, lives, read

NOW = 1_795_500_000.0
LONG = "everybody can edit flows at 192.168.178.205:18880 over plain HTTP, and that is a sentence of some length"
FINE = InstanceStanding(
    "main", Mode.GUARD, True, NOW - 7200, Sealed(3, NOW - 86400, "accept"),
    NodeRed(("0.0.0.0:18880",), 4711, "5.0.7", "login", True), certificate_ends=NOW + 40 * 86400, self_signed=True,
)  # fmt: skip
BAD = replace(
    FINE, protected=False,
    open=(
        Open(Severity.CRITICAL, "stranger", "editor", NOW - 600, "run nrguard apply", LONG),
        Open(Severity.WARNING, "names", "certificate", NOW - 9000, "make a new certificate with the right name", "x"),
    ),
    since=NOW - 600, notes=2,
)  # fmt: skip
HOUSE = House(1, Guard(99, 1.0, NOW - 7200, "0.1.0"), 31, (FINE,), (Reach("phone", confirmed=NOW - 60),), "", NOW - 60)


def shown(house: House) -> str:
    return "\n".join(lines(house, NOW, colour=False))


def test_a_house_where_all_is_well() -> None:
    said = shown(HOUSE).splitlines()
    assert said[0].startswith("protected since ")
    assert "version 5.0.7, process 4711, asks for a login, over HTTPS" in said[1]
    assert "generation 3, accept on" in said[3]
    assert said[4].endswith("31: all fine")
    assert said[5].endswith("ends in 40 days, signs itself")
    assert "to do:" not in said


def test_the_first_line_says_what_is_wrong_and_since_when_and_the_last_what_to_do() -> None:
    said = shown(replace(HOUSE, instances=(BAD,)))
    assert said.startswith("NOT PROTECTED since ")
    assert "1 critical, 1 warning; 2 notes" in said
    assert said.endswith("to do:\n  1. run nrguard apply\n  2. make a new certificate with the right name")


def test_at_most_three_things_are_to_be_done_the_most_urgent_first() -> None:
    channels = (Reach("phone", 3, failed=NOW, lasting=True, detail="401"), Reach("mail", unusable="no topic"))
    said = shown(replace(HOUSE, guard=None, instances=(BAD,), channels=channels)).splitlines()
    assert said[0] == "NOT PROTECTED: nobody guards"
    assert [line[:5] for line in said[-5:]] == ["to do", "  1. ", "  2. ", "  3. ", "  … a"]
    assert said[-4] == "  1. start the guard: sudo systemctl start nrguard"


def test_each_line_fits_80_columns_and_holds_nothing_of_the_host_unescaped() -> None:
    evil = Open(Severity.CRITICAL, "x\x1b[2J", "y\u202e", NOW, "do\nthat " * 30, LONG * 3 + "\x1b[31m")
    channels = (Reach("phone", 3, failed=NOW, detail="a\x1b[1m" * 30), Reach("m", unusable=LONG * 2))
    house = replace(
        HOUSE, instances=(replace(BAD, open=(evil,)), replace(FINE, name="attic")), channels=channels,
        heartbeat=LONG, policy_problem=LONG,
    )  # fmt: skip
    said = lines(house, NOW, colour=False)
    assert max(map(len, said)) <= 80
    assert not set("".join(said)) & set("\x1b\n\u202e")


def test_colour_marks_only_the_verdict() -> None:
    said = lines(HOUSE, NOW, colour=True)
    assert said[0].startswith("\x1b[1;32mprotected")
    assert "\x1b" not in "".join(said[1:])
    assert lines(replace(HOUSE, guard=None), NOW, colour=True)[0].startswith("\x1b[1;31mNOT")


def test_what_everybody_may_read_says_that_and_not_how() -> None:
    house = public(replace(HOUSE, instances=(BAD,)))
    assert LONG not in json.dumps(to_json(house))
    assert "stranger/editor" in shown(house)


def test_an_instance_is_protected_with_a_baseline_and_nothing_critical_open() -> None:
    finding = Finding("login", "adminAuth", Severity.CRITICAL, "no adminAuth", "one", Remedy.APPLY, "run `nrguard x`")
    sealed = Sealed(1, NOW - 500, "apply")
    assert instance_standing("main", Mode.GUARD, sealed, (), None, NOW - 900).since == NOW - 500
    assert not instance_standing("main", Mode.GUARD, Sealed(), (), None, 0.0).protected
    bad = instance_standing("main", Mode.GUARD, sealed, (Incident(1, NOW - 9, finding),), None, 0.0)
    assert (bad.protected, bad.since, bad.open[0].todo) == (False, NOW - 9, "run nrguard x")


def test_a_dead_guard_protects_nothing_whatever_it_last_wrote() -> None:
    assert not completed(HOUSE, None).protected
    assert completed(HOUSE, HOUSE).protected


# -- the file


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "nrguard.yaml", tmp_path / "state", tmp_path / "run")
    found.make()
    return found


def test_status_json_is_whole_readable_by_all_and_comes_back_as_it_was(places: Places) -> None:
    assert StatusFile(places).write(replace(HOUSE, instances=(BAD,)), NOW) == ""
    assert (places.run / "status.json").stat().st_mode & 0o777 == 0o644
    assert places.run.stat().st_mode & 0o777 == 0o755
    assert read(places) == public(replace(HOUSE, instances=(BAD,)))
    assert from_json(House, json.loads((places.run / "status.json").read_text())) == read(places)


def test_it_is_written_only_when_something_changed_and_touched_as_long_as_the_guard_lives(places: Places) -> None:
    file, path = StatusFile(places), places.run / "status.json"
    file.write(HOUSE, NOW)
    inode = path.stat().st_ino
    os.utime(path, (1.0, 1.0))
    file.write(HOUSE, NOW + 30)
    assert (path.stat().st_ino, path.stat().st_mtime) == (inode, 1.0)
    file.write(HOUSE, NOW + 61)
    assert path.stat().st_ino == inode
    assert path.stat().st_mtime > 1.0
    file.write(replace(HOUSE, checks=32), NOW + 62)
    assert path.stat().st_ino != inode


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": 1}', '{"schema": 9, "guard": null, "new": 1}'])
def test_a_file_that_is_none_is_not_believed(places: Places, text: str) -> None:
    (places.run / "status.json").write_text(text)
    assert read(places) is None


def test_a_link_in_its_place_is_not_followed(places: Places) -> None:
    (places.config).write_text(json.dumps(to_json(HOUSE)))
    (places.run / "status.json").symlink_to(places.config)
    assert read(places) is None


@pytest.mark.real
def test_another_process_with_the_same_id_is_no_guard() -> None:
    me = Guard(os.getpid(), processes.started(os.getpid()), NOW, "")
    assert lives(me)
    assert not lives(replace(me, started=me.started - 1.0))
    assert not lives(None)


@pytest.mark.real
def test_without_any_rights_the_file_alone_is_enough(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    """The policy and the state are not there to be read, as for a user of the computer who may not."""
    me = Guard(os.getpid(), processes.started(os.getpid()), NOW, "0.1.0")
    StatusFile(places).write(replace(HOUSE, guard=me, instances=(BAD,)), NOW)
    arguments = ["--config", str(places.config), "--state-dir", "/nonexistent", "--run-dir", str(places.run)]
    assert main(["status", *arguments]) == 1
    assert capsys.readouterr().out.startswith("NOT PROTECTED since")
    assert main(["status", "--json", *arguments]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["protected"], document["instances"][0]["name"]) == (1, False, "main")
