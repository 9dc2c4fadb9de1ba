"""Who may change settings.js, or put another one in its place: judged from values, and looked up on real files."""

from __future__ import annotations

import os
import stat
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from nrguard.host.access import access
from nrguard.looks.surroundings import look
from nrguard.model import Blind, Severity
from nrguard.probes.surroundings import Place, Request, Surroundings
from nrguard.seen import Finding
from tests.looked import NOW, SETTINGS, found, looked, reading, sealed

FOLDER = Place("/home/pi/.node-red", 1000, 0o755, readers=("everybody",))
HOME = Place("/home/pi", 1000, 0o755)
TOP = (Place("/home", 0, 0o755), Place("/", 0, 0o755))
FILE = Place(SETTINGS, 1000, 0o644, readers=("everybody",))
HASHED = 'adminAuth: { type: "credentials", users: [{ username: "a", password: "x", permissions: "*" }] }'


def judged(
    settings: Place | None = FILE, *above: Place, people: tuple[str, ...] = (), text: str = HASHED
) -> tuple[Finding, ...]:
    part = Surroundings(settings, above or (FOLDER, HOME, *TOP), None, people=people)
    return found("place", looked(disk=reading(text), parts={"surroundings": part}))


def test_the_state_in_which_node_red_leaves_it_is_no_finding() -> None:
    assert judged() == ()


def test_a_file_or_folder_that_others_may_write_is_a_warning() -> None:
    file, folder = replace(FILE, writers=("everybody",), mode=0o666), replace(FOLDER, writers=("group x (eve)",))
    findings = judged(file, folder, HOME)
    assert [(one.subject, one.severity) for one in findings] == [
        (SETTINGS, Severity.WARNING),
        (FOLDER.path, Severity.WARNING),
    ]
    assert "everybody" in findings[0].saw


def test_a_folder_above_counts_unless_only_owners_can_rename_in_it() -> None:
    (finding,) = judged(FILE, FOLDER, replace(HOME, writers=("everybody",), mode=0o777))
    assert finding.subject == "/home/pi"
    assert judged(FILE, FOLDER, replace(HOME, writers=("everybody",), mode=0o1777)) == ()


def test_stickiness_does_not_help_the_folder_itself_where_new_files_count() -> None:
    (finding,) = judged(FILE, replace(FOLDER, writers=("everybody",), mode=0o1777))
    assert finding.subject == FOLDER.path


def test_a_folder_above_that_somebody_else_owns_is_a_warning() -> None:
    (finding,) = judged(FILE, FOLDER, replace(HOME, foreign="eve", uid=1001))
    assert "eve" in finding.saw


def test_another_owner_than_the_accepted_one_is_a_warning() -> None:
    assert [one.subject for one in judged(replace(FILE, uid=1001))] == [SETTINGS]
    assert [one.subject for one in judged(FILE, replace(FOLDER, uid=1001))] == [FOLDER.path]


def test_readable_hashes_are_noted_only_where_people_can_reach_them() -> None:
    assert judged(people=()) == ()
    assert judged(people=("eve",), text="uiPort: 1") == (), "nothing secret in it"
    assert judged(FILE, FOLDER, replace(HOME, mode=0o700), people=("eve",)) == (), "the home is closed"
    (finding,) = judged(people=("eve",))
    assert finding.severity is Severity.NOTE


def test_a_folder_that_is_a_mount_is_noted() -> None:
    (finding,) = judged(FILE, replace(FOLDER, mount=True))
    assert finding.severity is Severity.NOTE


def test_a_missing_settings_js_is_told_elsewhere() -> None:
    assert judged(None) == ()


def test_a_part_that_is_not_there_or_blind_gives_nothing() -> None:
    assert found("place", looked()) == ()
    assert found("place", looked(parts={"surroundings": Blind("no")}, now=NOW, baseline=sealed())) == ()


# -- real files


def granted(path: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    seen = access(str(path), os.lstat(path))
    return seen.writers, seen.readers


def test_everybody_is_named_by_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.touch()
    file.chmod(0o606)  # nothing for the group: the one of whoever runs this may have members
    assert granted(file) == (("everybody",), ("everybody",))
    file.chmod(0o600)
    assert granted(file) == ((), ())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to a group of nobody")
def test_a_group_of_ones_own_grants_nobody_anything(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.touch()
    os.chown(file, -1, 987_654)  # a group without members
    file.chmod(0o660)
    assert granted(file) == ((), ())


def test_an_access_list_names_its_users_as_far_as_its_mask_lets_them(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.touch()
    _set_acl(file, user=4242, bits=6, mask=7)
    assert granted(file) == (("user 4242",), ("user 4242",))
    _set_acl(file, user=4242, bits=6, mask=4)
    assert granted(file) == ((), ("user 4242",))


def _set_acl(path: Path, *, user: int, bits: int, mask: int) -> None:
    nobody = 0xFFFFFFFF
    entries = [(1, 6, nobody), (2, bits, user), (4, 0, nobody), (0x10, mask, nobody), (0x20, 0, nobody)]
    value = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(path, "system.posix_acl_access", value)
    except OSError:
        pytest.skip("no access lists on this file system")


@pytest.mark.real
def test_a_look_names_all_that_stands_above(tmp_path: Path) -> None:
    folder = tmp_path / "user"
    folder.mkdir(mode=0o755)
    settings = folder / "settings.js"
    settings.touch()
    settings.chmod(0o606)
    seen = look(Request(str(settings), str(folder)))
    assert isinstance(seen, Surroundings)
    assert seen.settings
    assert seen.settings.writers == ("everybody",)
    assert [place.path for place in seen.above] == [str(folder), *map(str, folder.parents)]
    assert seen.above[-1].mount
    assert stat.S_IMODE(os.lstat(tmp_path).st_mode) == seen.above[1].mode


def test_a_folder_that_is_gone_has_no_surroundings(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    assert look(Request(f"{gone}/settings.js", gone)) == Surroundings(None, (), None)


@pytest.mark.real
def test_a_look_lists_local_nodes_and_packages_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "nodes" / "deep").mkdir(parents=True)
    (tmp_path / "nodes" / "a.js").touch()
    (tmp_path / "nodes" / "deep" / "b.js").touch()
    (tmp_path / "nodes" / "up").symlink_to("/")
    (tmp_path / "node_modules" / "@scope" / "node-red-thing").mkdir(parents=True)
    (tmp_path / "node_modules" / "@file").touch()
    (tmp_path / "node_modules" / "lodash").mkdir()
    (tmp_path / "package.json").write_text('{"dependencies": {"mine": "1.0"}}')
    seen = look(Request(str(tmp_path / "settings.js"), str(tmp_path)))
    assert isinstance(seen, Surroundings)
    assert seen.nodes == ("a.js", "deep/b.js")
    assert seen.packages == ("@scope/node-red-thing", "mine")
    assert (seen.settings, seen.sessions) == (None, None)


def test_new_nodes_and_packages_are_noted_where_the_old_ones_are_known() -> None:
    part = Surroundings(FILE, (FOLDER,), None, nodes=("a.js",), packages=("x", "y"))
    seen = looked(baseline=sealed(inventory={"packages": ("x",)}), parts={"surroundings": part})
    (finding,) = found("additions", seen)
    assert (finding.severity, finding.subject, finding.saw) == (Severity.NOTE, "packages", "1 new package: y")
