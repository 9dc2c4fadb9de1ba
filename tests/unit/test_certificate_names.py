"""Is the certificate made out to the names by which people reach this computer?"""

from __future__ import annotations

from typing import Any

import pytest

from nrguard.model import Listener, Severity
from nrguard.seen import Finding, Process, Seen
from tests.unit.triangle import asked, lasting, pair, seen


def found(*names: str, self_signed: bool = False, **rule: Any) -> list[Finding]:
    return asked("names", made_out_to(*names, self_signed=self_signed), **rule)


def made_out_to(*names: str, self_signed: bool = False) -> Seen:
    return seen(pair(lasting(90, 80, names=names, self_signed=self_signed)))


@pytest.mark.parametrize("name", ["pi4-hall", "PI4-Hall.Local", "pi4-hall.local.", "192.0.2.7", "*.local"])
def test_one_name_of_this_computer_is_enough(name: str) -> None:
    assert found("elsewhere.lan", name) == []


@pytest.mark.parametrize("name", ["pi4-kitchen.local", "192.0.2.8", "*.pi4-hall.local", "local", "192.0.2.7.local"])
def test_a_certificate_for_another_computer_at_home_is_a_warning(name: str) -> None:
    (finding,) = found(name)
    assert finding.severity is Severity.WARNING
    assert finding.saw == f"the certificate is for {name}"
    assert finding.want == "one for pi4-hall, pi4-hall.local, 192.0.2.7"


def test_a_certificate_without_alternative_names_fits_nowhere() -> None:
    (finding,) = found()
    assert finding.saw == "the certificate is for no name at all"


def test_its_own_certificate_that_does_not_fit_is_only_a_note() -> None:
    (finding,) = found("pi4-kitchen.local", self_signed=True)
    assert finding.severity is Severity.NOTE


def test_a_public_name_may_well_lead_here() -> None:
    assert found("flows.example.com") == []


def test_every_name_that_the_owner_lists_has_to_fit() -> None:
    listed = ("flows.example.com", "192.0.2.7")
    (finding,) = found("flows.example.com", names=listed)
    assert finding.want == "one for 192.0.2.7"
    assert found("*.example.com", "192.0.2.7", names=listed) == []


def test_addresses_are_compared_as_numbers() -> None:
    assert found("2001:db8::1", names=("2001:0db8:0:0::1",)) == []


def test_nobody_needs_a_name_for_a_nodered_on_loopback() -> None:
    inside = Process((Listener("127.0.0.1", 18880, 1000, 1), Listener("::1", 18880, 1000, 2)), 18880)
    part = pair(lasting(90, 80, names=("pi4-kitchen.local",)))
    assert asked("names", seen(part, process=inside)) == []
    assert asked("names", seen(part, process=inside), names=("pi4-hall",))


def test_the_address_that_nodered_is_bound_to_counts() -> None:
    bound = Process((Listener("203.0.113.5", 18880, 1000, 1),), 18880)
    assert asked("names", seen(pair(lasting(90, 80, names=("203.0.113.5",))), process=bound)) == []


def test_names_out_of_a_certificate_can_not_forge_a_line() -> None:
    (finding,) = found("evil\n\x1b[2Jall is well", *[f"n{i}.lan" for i in range(20)])
    assert "\n" not in finding.saw
    assert "\x1b" not in finding.saw
    assert finding.saw.endswith("and 17 more")
