"""The look at real files: what it brings back of pairs that work, that do not, and of things that are no pair."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from nrguard.certificates import Certificates, PairFile
from nrguard.codec import to_json
from nrguard.looks.certificate import look
from nrguard.model import Blind
from nrguard.probes.certificate import PROBE, Request
from nrguard.probes.child import command
from tests.authority import DAY, Signed, sign

pytestmark = pytest.mark.real  # the addresses of the host, /proc, child processes

NOW = time.time()


def house(days: float = 90) -> Signed:
    return sign("pi4-hall.local", NOW - DAY, NOW + days * DAY, names=("pi4-hall.local", "192.0.2.7"))


def write(folder: Path, key: bytes, cert: bytes) -> None:
    (folder / "key.pem").touch(mode=0o600)
    (folder / "key.pem").write_bytes(key)
    (folder / "cert.pem").write_bytes(cert)


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that every user of this computer may enter; pytest makes its own for one user only."""
    ours = [folder for folder in (tmp_path, *tmp_path.parents) if folder.stat().st_uid == os.geteuid()]
    modes = {folder: folder.stat().st_mode & 0o7777 for folder in ours}
    for folder, mode in modes.items():
        folder.chmod(mode | 0o001)
    yield tmp_path
    for folder, mode in modes.items():
        folder.chmod(mode)


def request(folder: Path, **changes: Any) -> Request:
    asked: dict[str, Any] = {
        "folder": str(folder), "key": "__dirname/key.pem", "cert": "__dirname/cert.pem", "working_directory": "",
        "unit": "", "pid": 0, "uid": -1, "served": b"",
    }  # fmt: skip
    return Request(**(asked | changes))


def looked(folder: Path, **changes: Any) -> Certificates:
    return look(to_json(request(folder, **changes)))


def problem(file: PairFile | Blind | None) -> str:
    assert isinstance(file, PairFile)
    return file.problem


def test_a_working_pair_is_understood(tmp_path: Path) -> None:
    one = house()
    write(tmp_path, one.key_pem, one.pem)
    part = looked(tmp_path, served=one.der)
    assert part.leaf == part.served
    assert part.matches is True
    assert part.leaf is not None
    assert part.leaf.names == ("pi4-hall.local", "192.0.2.7")
    assert (part.leaf.key_type, part.leaf.key_bits, part.leaf.signature) == ("EC", 256, "sha256")
    assert part.leaf.self_signed
    assert part.leaf.ends == int(NOW + 90 * DAY)
    assert problem(part.key) == problem(part.cert) == ""
    assert os.uname().nodename.partition(".")[0] in part.names


def test_the_child_says_the_same_to_its_probe(tmp_path: Path) -> None:
    one = house()
    write(tmp_path, one.key_pem, one.pem)
    child = subprocess.run(
        command("certificate", request(tmp_path, served=one.der), light=False), capture_output=True, env={}, check=True
    )
    part = PROBE.parse(child.stdout)
    assert isinstance(part, Certificates)
    assert part.leaf == part.served == looked(tmp_path).leaf
    assert child.stderr == b""


def test_a_chain_keeps_its_order(tmp_path: Path) -> None:
    root = sign("House", NOW - DAY, NOW - 1, authority=True)
    leaf = sign("pi4-hall.local", NOW - DAY, NOW + DAY, by=root)
    write(tmp_path, leaf.key_pem, leaf.pem + root.pem)
    part = looked(tmp_path)
    assert [(one.subject, one.self_signed) for one in part.chain] == [("CN=pi4-hall.local", False), ("CN=House", True)]
    assert part.matches is True


def test_the_key_of_another_certificate_is_known(tmp_path: Path) -> None:
    write(tmp_path, house().key_pem, house().pem)
    assert looked(tmp_path).matches is False


def test_one_file_may_hold_both(tmp_path: Path) -> None:
    one = house()
    write(tmp_path, one.pem + one.key_pem, one.key_pem + one.pem)
    part = looked(tmp_path)
    assert part.matches is True
    assert problem(part.key) == problem(part.cert) == ""


def test_a_key_with_a_passphrase_is_left_alone(tmp_path: Path) -> None:
    one = house()
    locked = one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    write(tmp_path, locked, one.pem)
    part = looked(tmp_path)
    assert part.matches is None
    assert problem(part.key) == ""


def test_a_weak_key_is_measured(tmp_path: Path) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    one = sign("pi4-hall.local", NOW - DAY, NOW + DAY, key=weak)
    write(tmp_path, one.key_pem, one.pem)
    leaf = looked(tmp_path).leaf
    assert leaf is not None
    assert (leaf.key_type, leaf.key_bits, leaf.signature) == ("RSA", 1024, "sha256")


@pytest.mark.skipif(not shutil.which("openssl"), reason="cryptography itself signs nothing with SHA-1")
def test_a_weak_signature_is_named_and_its_own_issuer_known(tmp_path: Path) -> None:
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha1", "-subj", "/CN=pi4-hall", "-days", "3"]
    subprocess.run(
        [*make, "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], capture_output=True, check=True
    )
    part = looked(tmp_path)
    assert part.leaf is not None
    assert (part.leaf.signature, part.leaf.self_signed, part.matches) == ("sha1", True, True)


def test_what_is_no_pair_is_told_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key.pem")
    (tmp_path / "cert.pem").mkdir()
    part = looked(tmp_path)
    assert problem(part.key) == problem(part.cert) == "it is no regular file"
    assert part.chain == ()
    assert part.matches is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "it is empty"),
        (b"garbage", "it holds no certificate that can be read"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "it holds no certificate that can be read"),
        (b"x" * ((1 << 20) + 1), "it is too large to be a certificate or a key"),
    ],
    ids=["empty", "garbage", "no certificate", "large"],
)
def test_a_file_without_a_certificate_says_why(tmp_path: Path, text: bytes, why: str) -> None:
    write(tmp_path, house().key_pem, text)
    part = looked(tmp_path)
    assert problem(part.cert) == why
    assert problem(part.key) == ""


def test_a_missing_file_and_a_link_into_nothing_are_problems(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to("gone.pem")
    (tmp_path / "cert.pem").symlink_to("cert.pem")
    part = looked(tmp_path)
    assert problem(part.key) == "it is missing"
    assert problem(part.cert) == "it is a link that leads nowhere"


def test_links_are_followed_as_nodered_follows_them(tmp_path: Path) -> None:
    one = house()
    (tmp_path / "archive").mkdir()
    write(tmp_path / "archive", one.key_pem, one.pem)
    for name in ("key.pem", "cert.pem"):
        (tmp_path / name).symlink_to(tmp_path / "archive" / name)
    assert looked(tmp_path).matches is True


@pytest.mark.parametrize("missing", ["/home/nobody-lives-here/key.pem", "/root-is-elsewhere/key.pem"])
def test_a_home_that_is_not_shown_to_us_is_no_problem_of_the_owner(tmp_path: Path, missing: str) -> None:
    key = looked(tmp_path, key=missing).key
    if missing.startswith("/home/"):
        assert isinstance(key, Blind)
        assert key.note
    else:
        assert problem(key) == "it is missing"


def test_a_key_that_every_user_may_read_is_exposed(reachable: Path) -> None:
    one = house()
    write(reachable, one.key_pem, one.pem)
    told = {mode: exposed(reachable, mode) for mode in (0o600, 0o640, 0o644, 0o606)}
    assert told == {0o600: "", 0o640: "", 0o644: "read", 0o606: "read and write"}


def test_a_folder_that_nobody_else_may_enter_protects_the_key(reachable: Path) -> None:
    one = house()
    inner = reachable / "inner"
    inner.mkdir(mode=0o750)
    write(inner, one.key_pem, one.pem)
    assert exposed(inner, 0o644) == ""


def exposed(folder: Path, mode: int) -> str:
    (folder / "key.pem").chmod(mode)
    key = looked(folder).key
    assert isinstance(key, PairFile)
    return key.exposed


def test_a_relative_path_counts_from_where_nodered_runs(tmp_path: Path) -> None:
    one = house()
    work, settings = tmp_path / "work", tmp_path / "settings"
    work.mkdir()
    settings.mkdir()
    write(work, one.key_pem, one.pem)
    relative: dict[str, Any] = {"key": "key.pem", "cert": "./cert.pem"}
    assert looked(settings, **relative, working_directory=str(work)).matches is True
    sleeper = subprocess.Popen(["sleep", "60"], cwd=work)
    try:
        assert looked(settings, **relative, pid=sleeper.pid).matches is True
    finally:
        sleeper.kill()
        sleeper.wait()
    assert problem(looked(settings, **relative).key) == "it is missing"
    assert looked(work, **relative).matches is True


def test_a_served_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    part = looked(tmp_path, key="", cert="", served=b"\x30\x03\x02\x01\x01")
    assert part.served is None
    assert part.unreadable
    assert part.key is part.cert is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works as somebody else")
def test_root_opens_nothing_that_nodered_could_not_open(reachable: Path) -> None:
    one = house()
    write(reachable, one.key_pem, one.pem)
    key = looked(reachable, uid=65534).key
    assert isinstance(key, Blind)
    assert key.note
    assert "EACCES" in key.reason
    assert looked(reachable, uid=0).matches is True
