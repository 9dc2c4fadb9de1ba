"""The logins that Node-RED keeps alive: read as Node-RED reads them, judged by settings.js, ended where need be."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nrguard.actions.sessions import revocation, revoke
from nrguard.host import files
from nrguard.host.removal import remove
from nrguard.looks.sessions import logins
from nrguard.model import Blind, Comparison, Difference, FileState, Reading, Severity, Verdict, View
from nrguard.policy import Instance
from nrguard.probes.surroundings import Login, Place, Sessions, Surroundings
from nrguard.seen import Disk, Finding, Sealed
from nrguard.world import Look
from tests.looked import HASH, NOW, SETTINGS, found, looked, reading, sealed

WEEK = 604800.0
TOKEN = base64.b64encode(bytes(range(128))).decode()
PATH = "/home/pi/.node-red/.sessions.json"
PLACE = Place(PATH, 1000, 0o644, readers=("everybody",))


def entry(**changes: object) -> dict[str, object]:
    """Return a login as Node-RED writes it."""
    whole = {"user": "admin", "client": "node-red-editor", "scope": "*", "accessToken": TOKEN}
    return {**whole, "expires": int((NOW + WEEK) * 1000), **changes}


def read(kept: object, now: float = NOW) -> tuple[Login, ...] | None:
    return logins(json.dumps(kept).encode(), now)


# -- reading


def test_what_node_red_writes_is_a_login_and_not_forged() -> None:
    assert read({TOKEN: entry()}) == (Login("admin", ("*",), NOW + WEEK),)
    assert read({TOKEN: entry(scope=["flows.read", "read"])}) == (Login("admin", ("flows.read", "read"), NOW + WEEK),)


def test_a_user_without_permissions_gets_a_login_without_a_scope() -> None:
    whole = entry()
    del whole["scope"]
    assert read({TOKEN: whole}) == (Login("admin", None, NOW + WEEK),)


@pytest.mark.parametrize(
    ("token", "changes"),
    [
        ("abc", {}),
        ("abc", {"accessToken": "abc"}),
        (TOKEN, {"accessToken": "abc"}),
        (TOKEN, {"client": "curl"}),
        (TOKEN, {"expires": "never"}),
        (TOKEN, {"expires": None}),
        (TOKEN, {"note": 1}),
        (TOKEN, {"user": {"username": "admin"}}),
        (TOKEN, {"scope": {"*": 1}}),
        (TOKEN, {"scope": ["*", 1]}),
    ],
)
def test_what_node_red_never_writes_is_forged(token: str, changes: dict[str, object]) -> None:
    login = (read({token: entry(**changes)}) or ())[0]
    assert login.forged


def test_an_array_is_a_table_of_tokens_too() -> None:
    login = (read([entry()]) or ())[0]
    assert login.forged


def test_an_expired_login_or_one_without_an_end_is_none() -> None:
    whole = entry()
    del whole["expires"]
    assert read({TOKEN: entry(expires=int(NOW * 1000) - 1)}) == ()
    assert read({TOKEN: whole}) == ()


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": NaN}', b"not json", b'"text"x'])
def test_what_node_red_throws_away_is_none(data: bytes) -> None:
    assert logins(data, NOW) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + json.dumps({"t": entry()}).encode(),  # a byte order mark
        json.dumps({"t": entry()}).encode().replace(b'"admin"', b'"adm\xffin"'),  # no UTF-8
        json.dumps({"t": entry()}).encode().replace(b'"client"', b'"n":' + b"9" * 5000 + b',"client"'),
    ],
    ids=["mark", "bytes", "digits"],
)
def test_what_node_reads_and_python_would_not_hides_nothing(data: bytes) -> None:
    assert (logins(data, NOW) or ())[0].forged


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_content_upsets_it(content: object) -> None:
    for login in read({"x": content, "y": entry(user=content, scope=content, expires=content)}) or ():
        assert len(login.user) <= 200


def test_of_a_flood_of_logins_the_forged_one_is_kept() -> None:
    kept = {base64.b64encode(n.to_bytes(128, "big")).decode(): entry() for n in range(300)}
    kept = {token: {**whole, "accessToken": token} for token, whole in kept.items()}
    few = read({**kept, "zzz": entry()}) or ()
    assert len(few) == 200
    assert few[0].forged


# -- judging

ADMIN = f'adminAuth: {{ type: "credentials", users: [{{ username: "admin", password: "{HASH}", permissions: "*" }}] }}'
READER = ADMIN.replace('permissions: "*"', 'permissions: "read"')


def judged(
    *kept: Login, text: str = ADMIN, baseline: Sealed | None = None, place: Place = PLACE, odd: str = ""
) -> tuple[Finding, ...]:
    part = Surroundings(None, (), Sessions(place, kept, NOW, odd))
    return found("sessions", looked(disk=reading(text), parts={"surroundings": part}, baseline=baseline or sealed()))


GOOD = Login("admin", ("*",), NOW + WEEK - 60)


def test_a_login_that_settings_js_gives_is_no_finding() -> None:
    assert judged(GOOD) == ()
    assert judged() == ()


def test_a_forged_login_is_critical_and_says_how_to_end_it() -> None:
    (finding,) = judged(replace(GOOD, forged="its token is none that Node-RED makes"))
    assert finding.severity is Severity.CRITICAL
    assert PATH in finding.hint


def test_a_login_that_may_do_more_than_its_user_is_a_warning() -> None:
    (finding,) = judged(GOOD, text=READER)
    assert (finding.subject, finding.severity) == ("wider login", Severity.WARNING)
    assert judged(replace(GOOD, scope=("flows.read", "read")), text=READER) == ()
    assert [one.subject for one in judged(replace(GOOD, scope=("flows.write",)), text=READER)] == ["wider login"]


def test_a_login_from_before_the_password_changed_is_a_warning() -> None:
    changed = sealed(credentials_at={"admin": NOW - 3600})
    assert judged(GOOD, baseline=changed) == ()
    (finding,) = judged(replace(GOOD, expires=NOW + WEEK - 7200), baseline=changed)
    assert finding.subject == "old login"


def test_another_users_password_change_says_nothing() -> None:
    assert judged(replace(GOOD, expires=NOW + 60), baseline=sealed(credentials_at={"eve": NOW})) == ()


def test_a_login_that_lasts_longer_than_settings_js_lets_it_is_a_warning() -> None:
    (finding,) = judged(replace(GOOD, expires=NOW + 10 * WEEK))
    assert (finding.subject, finding.want) == ("lasting login", "at most 7 days")
    longer = ADMIN.replace("users:", "sessionExpiryTime: 86400 * 365, users:")
    assert judged(replace(GOOD, expires=NOW + 10 * WEEK), text=longer) == ()


def test_a_clock_that_was_wrong_by_hours_is_no_alarm() -> None:
    assert judged(replace(GOOD, expires=NOW + WEEK + 7200)) == ()


def test_a_login_of_nobody_opens_nothing_and_is_only_noted() -> None:
    (finding,) = judged(replace(GOOD, user="gone"))
    assert (finding.subject, finding.severity) == ("unknown login", Severity.NOTE)


@pytest.mark.parametrize(
    "text",
    [
        'adminAuth: { type: "credentials", users: function (name) { return null } }',
        'adminAuth: { type: "strategy", strategy: {}, users: [] }',
        'adminAuth: require("./auth")',
    ],
)
def test_where_code_decides_who_there_is_nobody_is_unknown(text: str) -> None:
    assert judged(replace(GOOD, user="from-github"), text=text) == ()


def test_a_file_that_others_may_write_or_own_is_a_warning() -> None:
    (finding,) = judged(place=replace(PLACE, writers=("everybody",)))
    assert finding.severity is Severity.WARNING
    assert len(judged(place=replace(PLACE, foreign="eve"))) == 1
    assert len(judged(odd="symbolic link to /tmp/x")) == 1


def test_a_hostile_name_is_shown_without_its_controls() -> None:
    (finding,) = judged(replace(GOOD, user="\x1b[2J\u202eevil"))
    assert "\x1b" not in finding.saw


# -- whether a restore has to end them


def disk(*names: str, verdict: Verdict = Verdict.WEAKENED, state: FileState = FileState.SOUND) -> Disk:
    differences = tuple(Difference(name, verdict, Severity.CRITICAL, "", "") for name in names)
    return Disk(SETTINGS, "d2", None, Reading(state), Comparison(verdict, differences))


@pytest.mark.parametrize("name", ["adminAuth", "code", "userDir", "storageModule", "httpAdminMiddleware"])
def test_a_change_that_let_others_in_ends_all_logins(name: str) -> None:
    assert name in revocation(looked(disk=disk(name)))


@pytest.mark.parametrize("name", ["https", "requireHttps", "uiPort", "httpNodeAuth", "httpStatic", "ui"])
def test_a_change_that_gave_nobody_a_login_logs_nobody_out(name: str) -> None:
    assert revocation(looked(disk=disk(name))) == ""


def test_a_file_that_was_gone_or_unproven_let_others_in_and_a_broken_one_did_not() -> None:
    assert revocation(looked(disk=disk(state=FileState.MISSING)))
    assert revocation(looked(disk=disk(verdict=Verdict.UNPROVEN, state=FileState.UNPROVEN)))
    assert revocation(looked(disk=disk("adminAuth", verdict=Verdict.BROKEN, state=FileState.BROKEN))) == ""


def test_the_accepted_file_logs_nobody_out() -> None:
    assert revocation(looked(disk=disk(verdict=Verdict.EQUAL))) == ""
    assert revocation(looked(disk=Blind("no"))) == ""


def test_logins_that_another_program_planted_are_ended_with_any_restore() -> None:
    for kept in (
        Sessions(PLACE, (replace(GOOD, forged="x"),)),
        Sessions(None, odd="symbolic link to /tmp/x"),
        Sessions(replace(PLACE, foreign="eve")),
    ):
        assert revocation(looked(disk=disk("uiPort"), parts={"surroundings": Surroundings(None, (), kept)}))
    fine = Surroundings(None, (), Sessions(PLACE, (GOOD,)))
    assert revocation(looked(disk=disk("uiPort"), parts={"surroundings": fine})) == ""


# -- ending them


@dataclass
class RealFiles:
    """What `revoke` takes of a world, on real files."""

    kept: list[bytes] = field(default_factory=list)

    def now(self) -> float:
        return NOW

    def look(self, path: str) -> Look:
        return files.look(path)

    def keep(self, instance: str, data: bytes, facts: dict[str, View]) -> str:
        self.kept.append(data)
        return "kept-1"

    def remove(self, path: str) -> str:
        return remove(path)


@pytest.mark.real
def test_revoking_removes_the_file_and_keeps_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / ".sessions.json"
    path.write_bytes(b"{}")
    world = RealFiles()
    seen = looked(instance=Instance("main", str(tmp_path / "settings.js")))
    event = revoke(world, seen, "adminAuth was changed")
    assert (event.kind, event.facts["quarantine"], world.kept) == ("revoked", "kept-1", [b"{}"])
    assert not path.exists()
    assert revoke(world, seen, "again").kind == "revoked", "twice is no harm"


def test_a_link_is_removed_and_its_target_is_not(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.touch()
    link = tmp_path / ".sessions.json"
    link.symlink_to(target)
    assert remove(str(link)) == ""
    assert target.exists()
    assert not link.is_symlink()


def test_what_cannot_be_removed_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / ".sessions.json").mkdir()
    seen = looked(instance=Instance("main", str(tmp_path / "settings.js")))
    event = revoke(RealFiles(), seen, "adminAuth was changed")
    assert event.kind == "failed"
    assert os.path.isdir(tmp_path / ".sessions.json")
    assert remove("/no/such/folder/.sessions.json") == ""
