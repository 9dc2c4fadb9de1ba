"""Is it Node-RED that listens on Node-RED's port?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from nrguard.model import Listener, Severity
from nrguard.policy import Instance, Service, ServiceKind
from nrguard.seen import Finding, Holder, Process, Sealed
from tests.looked import LISTENER, SETTINGS, found, looked, sealed


def judged(*listeners: Listener, baseline: Sealed | None = None) -> tuple[Finding, ...]:
    known = baseline or sealed(holder=Holder(1000, "nodered.service"))
    return found("holder", looked(process=Process(listeners, 18880), baseline=known))


def test_the_node_red_that_was_accepted_is_no_finding() -> None:
    assert judged(LISTENER) == ()


def test_another_users_program_on_the_port_is_critical() -> None:
    (finding,) = judged(replace(LISTENER, uid=1001, unit="evil.service"))
    assert finding.severity is Severity.CRITICAL
    assert "user 1001 (evil.service)" in finding.saw


def test_an_impostor_beside_node_red_on_the_other_family_is_found() -> None:
    (finding,) = judged(LISTENER, replace(LISTENER, address="::1", uid=1001))
    assert finding.subject == "::1 port 18880"


def test_another_unit_of_the_same_user_is_a_warning() -> None:
    (finding,) = judged(replace(LISTENER, unit="user@1000.service"))
    assert finding.severity is Severity.WARNING


def test_a_unit_that_cannot_be_seen_proves_nothing() -> None:
    assert judged(replace(LISTENER, unit="")) == ()


def test_the_scope_of_a_login_changes_its_name_and_says_nothing() -> None:
    instance = Instance("main", SETTINGS, Service(ServiceKind.NONE))
    process = Process((replace(LISTENER, unit="session-9.scope"),), 18880)
    seen = looked(instance=instance, process=process, baseline=sealed(holder=Holder(1000, "session-2.scope")))
    assert found("holder", seen) == ()


@pytest.mark.parametrize(("uid", "is_fine"), [(1000, True), (0, True), (33, False)])
def test_where_the_holder_was_not_seen_the_files_owner_is_expected(uid: int, is_fine: bool) -> None:
    assert (judged(replace(LISTENER, uid=uid), baseline=sealed()) == ()) is is_fine


def test_a_root_that_was_not_root_is_found() -> None:
    (finding,) = judged(replace(LISTENER, uid=0))
    assert finding.severity is Severity.CRITICAL


def test_nobody_on_the_port_is_only_noted() -> None:
    (finding,) = judged()
    assert (finding.severity, finding.subject) == (Severity.NOTE, "port 18880")


def test_a_failed_restart_is_told_by_its_own_check() -> None:
    process = Process((), 18880, restart_failed="status 1")
    assert found("holder", looked(process=process)) == ()


def test_without_a_baseline_any_holder_will_do() -> None:
    assert found("holder", looked(process=Process((replace(LISTENER, uid=4),), 18880), baseline=None)) == ()
