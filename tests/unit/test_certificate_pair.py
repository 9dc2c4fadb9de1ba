"""What is wrong with a key pair: it does not work, it is weak, its key is there for all to read."""

from __future__ import annotations

from typing import Any

import pytest

from nrguard.certificates import PairFile
from nrguard.model import Severity
from tests.unit.triangle import asked, lasting, pair, seen


def found(*chain: Any, **changes: Any) -> list[tuple[str, Severity]]:
    part = pair(*(chain or (lasting(90, 80),)), **changes)
    return [(finding.subject, finding.severity) for finding in asked("certificate", seen(part))]


def test_a_working_pair_is_fine() -> None:
    assert found() == []
    assert found(served=lasting(90, 80)) == []


def test_a_key_of_another_certificate_is_critical_because_the_next_start_fails() -> None:
    assert found(matches=False) == [("pair", Severity.CRITICAL)]


def test_a_key_that_can_not_be_told_is_no_finding() -> None:
    assert found(matches=None) == []


@pytest.mark.parametrize(("which", "subject"), [("key", "key"), ("cert", "certificate")])
def test_a_missing_file_is_critical(which: str, subject: str) -> None:
    assert found(**{which: PairFile("/x.pem", "it is missing")}) == [(subject, Severity.CRITICAL)]


def test_a_key_that_all_users_may_read_is_told_with_the_command_that_helps() -> None:
    part = pair(lasting(90, 80), key=PairFile("/home/pi/key.pem", exposed="read"))
    (finding,) = asked("certificate", seen(part))
    assert finding.severity is Severity.WARNING
    assert finding.saw == "every user of this computer may read the private key /home/pi/key.pem"
    assert finding.hint == "chmod o= /home/pi/key.pem"


@pytest.mark.parametrize(
    ("key_type", "bits", "weak"),
    [
        ("RSA", 1024, True),
        ("RSA", 2047, True),
        ("RSA", 2048, False),
        ("EC", 192, True),
        ("EC", 224, False),
        ("DSA", 2048, True),
        ("Ed25519", 0, False),
    ],
)
def test_short_keys_are_weak(key_type: str, bits: int, weak: bool) -> None:
    one = lasting(90, 80, key_type=key_type, key_bits=bits)
    assert found(one) == ([("weak on disk", Severity.WARNING)] if weak else [])


def test_a_weak_signature_counts_only_where_somebody_relies_on_it() -> None:
    assert found(lasting(90, 80, signature="sha1")) == [("weak on disk", Severity.WARNING)]
    assert found(lasting(90, 80, signature="sha1", self_signed=True)) == []
    assert found(lasting(90, 80), lasting(900, 800, signature="md5")) == [("weak intermediate", Severity.WARNING)]
    assert found(lasting(90, 80), lasting(900, 800, signature="md5", self_signed=True)) == []


def test_a_certificate_that_is_served_and_on_disk_is_weak_once() -> None:
    weak = lasting(90, 80, key_type="RSA", key_bits=1024)
    assert found(weak, served=weak) == [("weak", Severity.WARNING)]


def test_a_served_certificate_that_nobody_understands_is_told() -> None:
    assert found(unreadable="this is no certificate that can be read") == [("served", Severity.WARNING)]
