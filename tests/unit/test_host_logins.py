"""How the computer itself can be entered: what is read out of sshd's, sudo's and the shadow file's lines."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from nrguard.host.passwords import by_libcrypt
from nrguard.looks import host as look
from nrguard.looks.sshd import BY_DEFAULT, Sshd, understood
from nrguard.looks.sshd import Line as SshLine
from nrguard.looks.sudoers import Line, Who, passwordless
from nrguard.model import Blind, Severity
from nrguard.probes.host import PROBE, Host, Root, Ssh, Users, parse
from tests.looked import found, looked

DEBIAN = "UsePAM yes\nKbdInteractiveAuthentication no\n"


def sshd(text: str) -> Sshd:
    return understood(SshLine(f"sshd_config:{number}", line) for number, line in enumerate(text.splitlines(), 1))


@pytest.mark.parametrize(
    ("text", "passwords"),
    [
        ("", BY_DEFAULT),
        (DEBIAN, BY_DEFAULT),
        (DEBIAN + "PasswordAuthentication no", ""),
        (DEBIAN + "passwordauthentication  NO", ""),
        (DEBIAN + 'PasswordAuthentication="no"', ""),
        (DEBIAN + "#PasswordAuthentication no", BY_DEFAULT),
        (DEBIAN + "PasswordAuthentication no\nPasswordAuthentication yes", ""),  # the first one counts
        (DEBIAN + "PasswordAuthentication yes\nPasswordAuthentication no", "sshd_config:3"),
        ("UsePAM yes\nPasswordAuthentication no", BY_DEFAULT),  # PAM's dialogue asks for the same password
        ("UsePAM no\nPasswordAuthentication no", ""),
        ("UsePAM yes\nPasswordAuthentication no\nChallengeResponseAuthentication no", ""),
        (DEBIAN + "PasswordAuthentication no\nMatch User eve\nPasswordAuthentication yes", "sshd_config:5"),
        (DEBIAN + "Match User eve\nPasswordAuthentication no", BY_DEFAULT),  # the others still may
        (DEBIAN + "Match User eve\nX11Forwarding no\nMatch all\nPasswordAuthentication no", ""),
    ],
)
def test_passwords_are_let_in_as_sshd_would(text: str, passwords: str) -> None:
    assert sshd(text).passwords == passwords


def test_the_ports_are_those_that_sshd_listens_on() -> None:
    assert sshd("").ports == (22,)
    assert sshd("Port 2222\nPort 22").ports == (2222, 22)


PI = Who("pi", 1000, frozenset({"pi", "sudo"}))


def sudo(*texts: str, who: Who = PI) -> str:
    return passwordless((Line(f"sudoers:{number}", text) for number, text in enumerate(texts, 1)), who)


@pytest.mark.parametrize(
    "rules",
    [
        ["pi ALL=(ALL) NOPASSWD: ALL"],  # Raspberry Pi OS until 2026
        ["%sudo ALL=(ALL:ALL) ALL", "pi ALL=(ALL) NOPASSWD: ALL"],
        ["%sudo ALL = (ALL : ALL) NOPASSWD : ALL".replace(" :", ":")],
        ["#1000 ALL=NOPASSWD: ALL"],
        ["ALL ALL=(root) NOPASSWD:SETENV: ALL"],
        ["User_Alias OPS = eve, pi", "OPS ALL=(ALL) NOPASSWD: ALL"],
        ["Defaults !authenticate", "%sudo ALL=(ALL:ALL) ALL"],
        ["Defaults:pi !authenticate", "%sudo ALL=(ALL:ALL) ALL"],
        ["pi ALL=(ALL) NOPASSWD: /bin/true, ALL"],
    ],
)
def test_a_rule_that_makes_root_without_a_password_is_found(rules: list[str]) -> None:
    assert sudo(*rules)


@pytest.mark.parametrize(
    "rules",
    [
        [],
        ["%sudo ALL=(ALL:ALL) ALL"],
        ["eve ALL=(ALL) NOPASSWD: ALL"],
        ["pi ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart nodered"],
        ["pi ALL=(www-data) NOPASSWD: ALL"],
        ["pi ALL=(ALL) NOPASSWD: ALL", "%sudo ALL=(ALL:ALL) ALL"],  # the last one counts
        ["Defaults:eve !authenticate", "%sudo ALL=(ALL:ALL) ALL"],
        ["Defaults env_reset", "garbage", "= = ="],
        ["User_Alias LOOP = LOOP", "LOOP ALL=(ALL) NOPASSWD: ALL"],
    ],
)
def test_any_other_rule_is_not(rules: list[str]) -> None:
    assert sudo(*rules) == ""


def test_a_user_who_does_not_exist_has_no_rule() -> None:
    assert sudo("pi ALL=(ALL) NOPASSWD: ALL", who=Who("5000", 5000, frozenset())) == ""


def test_includes_are_taken_in_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "010_pi").write_text("pi ALL=(ALL) \\\n NOPASSWD: ALL\n")
    (tmp_path / "d" / "leaving.dpkg-old").write_text("eve ALL=(ALL) NOPASSWD: ALL\n")
    top = tmp_path / "sudoers"
    top.write_text(f"# a comment\n#1000 ALL=ALL\n@includedir {tmp_path}/d\n")
    lines = list(look._sudo_lines(str(top)))  # noqa: SLF001 - the real folders are root's
    assert [(line.where, " ".join(line.text.split())) for line in lines] == [
        (f"{top}:2", "#1000 ALL=ALL"),
        (f"{tmp_path}/d/010_pi:1", "pi ALL=(ALL) NOPASSWD: ALL"),
    ]


# -- passwords, by the real crypt(3)


@pytest.fixture(scope="module")
def hashes() -> dict[str, str]:
    """Hashes of "raspberry" as Debian's passwd has made them over the years, and one of something else."""
    return {
        "another": "$6$rounds=1000$nrguard$" + "x" * 86,
        "sha256": _hashed("-5"),
        "md5": _hashed("-1"),
        "sha512": _hashed("-6"),
    }


def _hashed(kind: str) -> str:
    made = subprocess.run(["openssl", "passwd", kind, "raspberry"], capture_output=True, text=True, check=True)
    return made.stdout.strip()


@pytest.mark.real
def test_a_well_known_password_is_found_by_its_hash(hashes: dict[str, str]) -> None:
    fits = by_libcrypt()
    if fits is None:
        pytest.skip("no libcrypt here")
    for kind in ("sha256", "md5", "sha512"):
        assert look.tried([("pi", hashes[kind])], fits) == Users(("pi",), ())
    assert look.tried([("pi", hashes["another"])], fits) == Users((), ())


def test_locked_users_are_not_tried_and_empty_passwords_are_told() -> None:
    def never(password: str, hashed: str) -> bool:
        raise AssertionError(f"tried {hashed}")

    shadow = [("pi", "!$6$x$y"), ("root", "*"), ("ubuntu", ""), ("daemon", "")]
    assert look.tried(shadow, never) == Users((), ("ubuntu",))


def test_the_known_password_of_one_image_is_not_tried_on_anothers_user() -> None:
    asked: list[str] = []

    def note(password: str, hashed: str) -> bool:
        asked.append(password)
        return False

    look.tried([("pi", "$y$x")], note)
    assert asked == ["raspberry", "pi", "password"]


# -- judging


IN_ORDER = Users((), ())
NO_SSH = Ssh("", ())


def judged(users: Users | Blind = IN_ORDER, ssh: Ssh | Blind = NO_SSH, root: Root | None = None) -> list[str]:
    findings = found("host", looked(parts={"host": Host(users, ssh, root)}))
    assert all(finding.severity is Severity.NOTE for finding in findings), "advice, no alarm"
    return [f"{finding.subject}: {finding.saw}" for finding in findings]


def test_a_computer_in_order_is_no_finding() -> None:
    assert judged(root=Root("nodered", "", ())) == []


def test_each_way_in_is_one_piece_of_advice() -> None:
    ssh = Ssh("/etc/ssh/sshd_config:57", ("0.0.0.0:22",))
    root = Root("pi", "/etc/sudoers.d/010_pi-nopasswd:1", ("docker",))
    assert judged(Users(("pi",), ("eve",)), ssh, root) == [
        "user pi: the user pi has a password that everybody knows",
        "user eve: the user eve has no password",
        "ssh: SSH takes passwords on 0.0.0.0:22 (/etc/ssh/sshd_config:57)",
        (
            "root: Node-RED's user pi is as good as root: sudo without a password (/etc/sudoers.d/010_pi-nopasswd:1), "
            "the group docker"
        ),
    ]


def test_ssh_that_nobody_can_reach_or_that_wants_keys_is_no_advice() -> None:
    assert judged(ssh=Ssh("by default", ())) == []
    assert judged(ssh=Ssh("", ("0.0.0.0:22",))) == []


def test_what_cannot_be_seen_is_told_piece_by_piece_as_a_note() -> None:
    blind = Blind("/etc/shadow: Permission denied (EACCES)", note=True)
    findings = found("blind", looked(parts={"host": Host(blind, Ssh("", ()), None)}))
    assert [(one.subject, one.severity) for one in findings] == [("host: users", Severity.NOTE)]


@pytest.mark.real
def test_the_look_of_this_computer_comes_without_any_hash() -> None:
    command = PROBE.command(looked())
    assert command
    ended = subprocess.run(command, capture_output=True, env={}, timeout=120, check=True)
    assert isinstance(parse(ended.stdout), Host)
    assert b"$" not in ended.stdout
