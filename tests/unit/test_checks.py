"""Each check on its own: what it finds, and what it leaves alone. Those with a probe have a test file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from nrguard.checks import Check, all_checks
from nrguard.judge import judge, worst
from nrguard.model import (
    ADJACENT,
    PROTECTABLE,
    Admin,
    Blind,
    Comparison,
    Difference,
    Door,
    FileState,
    Listener,
    Reading,
    Reason,
    Setting,
    SettingState,
    Severity,
    Verdict,
    View,
    Wire,
)
from nrguard.policy import Instance, Mode, Response, Service, ServiceKind
from nrguard.seen import Disk, Finding, Process, Remedy, Sealed, Seen

NOW = 1_800_000_000.0
ADMIN: View = {"kind": "credentials", "type": "credentials", "users": 1, "usernames": ["admin"], "default": None}
HERE = Instance("node-red", "/s.js", Service(ServiceKind.SYSTEMD, unit="nodered.service"))
WIRE = Wire("127.0.0.1", 18880, Admin.LOGIN, tls=True, nodes=Door.BASIC, static=Door.OFF, comms=Door.LOGIN)


def known(name: str, value: View) -> Setting:
    return Setting(name, SettingState.KNOWN, value, f"digest of {value}", line=3)


def settings(**values: View) -> dict[str, Setting]:
    """Return what a reading holds: the protected and adjacent settings, absent where they are not given."""
    absent = {name: Setting(name, SettingState.ABSENT) for name in (*PROTECTABLE, *ADJACENT)}
    return absent | {name: known(name, value) for name, value in values.items()}


ACCEPTED = settings(adminAuth=ADMIN, uiPort=18880)
SEALED = Sealed(1, NOW, "d", ACCEPTED, ("127.0.0.1",), 18880)
DISK = Disk("/s.js", "d", None, Reading(FileState.SOUND, settings=ACCEPTED), Comparison(Verdict.EQUAL))
FINE = Seen(HERE, DISK, Process((Listener("127.0.0.1", 18880, 1000, 7),), 18880), WIRE, SEALED, NOW)


def found(check: str, seen: Seen, rule: Any = None) -> list[Finding]:
    one = all_checks()[check]
    return list(one.ask(seen, rule or one.rule()))


def reading(state: FileState = FileState.SOUND, *reasons: Reason, of: Mapping[str, Setting] = ACCEPTED) -> Seen:
    return replace(FINE, disk=replace(DISK, reading=Reading(state, reasons, of)))


def differing(*differences: Difference, verdict: Verdict = Verdict.WEAKENED, apart: bool = False) -> Seen:
    return replace(FINE, disk=replace(DISK, comparison=Comparison(verdict, differences), apart=apart))


def difference(setting: str, severity: Severity = Severity.CRITICAL, verdict: Verdict = Verdict.WEAKENED) -> Difference:
    return Difference(setting, verdict, severity, "what it is", "what it was", 7, 5)


OLD = ("baseline", "blind", "file", "login", "policy", "port", "restart", "service", "setting", "stranger")


@pytest.mark.parametrize("check", OLD)
def test_a_house_in_order_is_no_finding(check: str) -> None:
    assert found(check, FINE) == []


@pytest.mark.parametrize("check", all_checks().values(), ids=lambda check: check.id)
def test_every_check_survives_seeing_nothing_and_is_explained(check: Check) -> None:
    nothing = Seen(HERE, Blind("no right"), Blind("no right"), Blind("no answer"), None, NOW)
    list(check.ask(nothing, check.rule()))
    list(check.ask(replace(nothing, wire=None), check.rule()))
    assert check.title.endswith(".")
    assert check.explanation


@pytest.mark.parametrize("check", all_checks().values(), ids=lambda check: check.id)
def test_every_finding_bears_the_name_of_its_check(check: Check) -> None:
    worst_of_all = replace(
        FINE, disk=Disk("/s.js", "", None, Reading(FileState.MISSING, settings=settings()), Comparison(Verdict.BROKEN)),
        process=Process((Listener("0.0.0.0", 18880, 1000, 7),), 18880, (), "it may", "it did not"),
        wire=replace(WIRE, admin=Admin.OPEN, tls=False, nodes=Door.OPEN), policy_error="line 1",
    )  # fmt: skip
    for finding in check.ask(worst_of_all, check.rule()):
        assert finding.check == check.id
        assert finding.saw
        assert finding.want


# -- baseline, blind, policy


def test_a_guarded_house_without_a_baseline_is_told_and_an_observed_one_is_not() -> None:
    bare = replace(FINE, baseline=None)
    (finding,) = found("baseline", bare)
    assert (finding.severity, finding.remedy) == (Severity.WARNING, Remedy.APPLY)
    assert found("baseline", replace(bare, instance=replace(HERE, mode=Mode.OBSERVE))) == []


def test_each_blind_probe_is_named_with_its_reason() -> None:
    blind = replace(FINE, disk=Blind("disk gone"), process=Blind("no right"), wire=Blind("no answer"))
    assert [(one.subject, one.saw) for one in found("blind", blind)] == [
        ("disk", "disk gone"), ("process", "no right"), ("wire", "no answer"),
    ]  # fmt: skip


def test_what_can_never_be_seen_is_only_a_note() -> None:
    (finding,) = found("blind", replace(FINE, process=Blind("another user's", note=True)))
    assert finding.severity is Severity.NOTE


def test_a_broken_policy_is_told_with_its_first_mistake() -> None:
    (finding,) = found("policy", replace(FINE, policy_error="nrguard.yaml:4:5: unknown key"))
    assert (finding.severity, finding.saw) == (Severity.CRITICAL, "nrguard.yaml:4:5: unknown key")


# -- file


@pytest.mark.parametrize("state", [FileState.MISSING, FileState.BROKEN, FileState.UNPROVEN])
def test_a_file_that_is_not_sound_is_put_back(state: FileState) -> None:
    (finding,) = found("file", reading(state, Reason(4, 9, "eval is called")))
    assert (finding.severity, finding.remedy) == (Severity.CRITICAL, Remedy.RESTORE)
    assert finding.evidence == ("/s.js:4:9",)


def test_without_a_baseline_a_broken_file_is_the_owners() -> None:
    (finding,) = found("file", replace(reading(FileState.BROKEN), baseline=None))
    assert finding.remedy is Remedy.OWNER


def test_what_is_no_regular_file_is_named() -> None:
    (finding,) = found("file", replace(FINE, disk=replace(DISK, odd="symbolic link to /dev/null")))
    assert (finding.saw, finding.remedy) == ("symbolic link to /dev/null", Remedy.RESTORE)


def test_code_that_decides_nothing_is_told_and_left() -> None:
    beside = replace(DISK, reading=Reading(FileState.UNPROVEN, (Reason(9, 1, "an unknown module"),)), apart=True)
    (finding,) = found("file", replace(FINE, disk=beside))
    assert (finding.severity, finding.remedy) == (Severity.WARNING, Remedy.ACCEPT)
    worse = replace(beside, comparison=Comparison(Verdict.WEAKENED, (difference("adminAuth"),)))
    assert found("file", replace(FINE, disk=worse))[0].remedy is Remedy.RESTORE


# -- login


@pytest.mark.parametrize(
    ("view", "saw"),
    [
        (None, "adminAuth is off"), ({"kind": "none"}, "adminAuth is off"),
        ({"kind": "credentials", "default": "*"}, "an anonymous user with permissions *"),
        ({"kind": "credentials", "default": ["flows.write"]}, "an anonymous user with permissions ['flows.write']"),
    ],
)  # fmt: skip
def test_a_login_that_lets_everybody_in_is_none(view: View, saw: str) -> None:
    (finding,) = found("login", reading(of=settings(adminAuth=view)))
    assert (finding.saw, finding.severity) == (saw, Severity.CRITICAL)


def test_no_admin_auth_is_open_unless_the_legacy_login_stands() -> None:
    assert found("login", reading(of=settings()))[0].saw == "no adminAuth"
    assert found("login", reading(of=settings(httpAdminAuth={"user": "a", "hash": "md5"}))) == []


def test_a_login_that_hangs_on_the_environment_is_judged_by_the_worst() -> None:
    hangs = Setting("adminAuth", SettingState.DEPENDS, on=("ADMIN",), possible=(ADMIN, None))
    (finding,) = found("login", reading(of=settings() | {"adminAuth": hangs}))
    assert "ADMIN" in finding.saw
    safe = replace(hangs, possible=(ADMIN, ADMIN))
    assert found("login", reading(of=settings() | {"adminAuth": safe})) == []


def test_a_reading_user_is_the_owners_choice() -> None:
    assert found("login", reading(of=settings(adminAuth={"kind": "credentials", "default": "read"}))) == []


def test_what_was_taken_from_the_accepted_login_is_told_by_the_check_setting() -> None:
    lost = differing(difference("adminAuth"))
    assert isinstance(lost.disk, Disk)
    lost = replace(lost, disk=replace(lost.disk, reading=Reading(FileState.SOUND, settings=settings())))
    assert (found("login", lost), len(found("setting", lost))) == ([], 1)


# -- setting


def test_a_changed_protected_setting_is_put_back() -> None:
    (finding,) = found("setting", differing(difference("adminAuth", verdict=Verdict.CHANGED)))
    assert (finding.remedy, finding.saw, finding.want) == (Remedy.RESTORE, "what it is", "what it was")
    assert finding.evidence == ("/s.js:7:5",)


def test_a_setting_that_is_not_to_be_protected_is_left_alone() -> None:
    seen = differing(difference("uiPort"))
    assert found("setting", replace(seen, instance=replace(HERE, protect=("adminAuth",)))) == []


def test_a_policy_that_only_tells_puts_nothing_back() -> None:
    rule = replace(all_checks()["setting"].rule(), response=Response.TELL)
    (finding,) = found("setting", differing(difference("adminAuth")), rule)
    assert finding.remedy is Remedy.ACCEPT


def test_an_adjacent_setting_is_told_from_its_severity_on() -> None:
    warning = difference("httpStatic", Severity.WARNING, Verdict.CHANGED)
    (finding,) = found("setting", differing(warning, verdict=Verdict.CHANGED))
    assert finding.remedy is Remedy.ACCEPT
    assert found("setting", differing(replace(warning, severity=Severity.NOTE))) == []
    rule = replace(all_checks()["setting"].rule(), adjacent=Severity.CRITICAL)
    assert found("setting", differing(warning), rule) == []


# -- port, restart, service


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "2001:db8::1"])
def test_a_node_red_of_this_computer_only_that_answers_the_network_is_told(address: str) -> None:
    wide = replace(FINE, process=Process((Listener(address, 18880, 1000, 7),), 18880))
    (finding,) = found("port", wide)
    assert address in finding.saw


@pytest.mark.parametrize("accepted", [("127.0.0.1",), ("::1", "127.0.0.1"), ("localhost",)])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.0.0.2"])
def test_loopback_is_loopback_by_whatever_name(accepted: tuple[str, ...], address: str) -> None:
    seen = replace(FINE, process=Process((Listener(address, 18880, 1000, 7),), 18880))
    assert found("port", replace(seen, baseline=replace(SEALED, addresses=accepted))) == []


@pytest.mark.parametrize("accepted", [("0.0.0.0",), ("raspberrypi.local",), ("127.0.0.1", "192.168.1.5"), ()])
def test_a_node_red_that_was_accepted_on_the_network_stays_there(accepted: tuple[str, ...]) -> None:
    wide = replace(FINE, process=Process((Listener("0.0.0.0", 18880, 1000, 7),), 18880))
    assert found("port", replace(wide, baseline=replace(SEALED, addresses=accepted))) == []


def test_a_restart_that_is_owed_is_done_or_asked_for() -> None:
    owed = replace(FINE, process=Process((), 18880, restart_owed="may run the weak file"))
    (finding,) = found("restart", owed)
    assert (finding.remedy, finding.saw) == (Remedy.RESTART, "may run the weak file")
    for instance in (replace(HERE, service=Service()), replace(HERE, mode=Mode.OBSERVE)):
        assert found("restart", replace(owed, instance=instance))[0].remedy is Remedy.OWNER


def test_a_node_red_that_did_not_come_back_is_the_owners() -> None:
    (finding,) = found("service", replace(FINE, process=Process((), 18880, restart_failed="the unit is masked")))
    assert (finding.saw, finding.remedy, finding.severity) == ("the unit is masked", Remedy.OWNER, Severity.CRITICAL)


# -- stranger


def asked(**changes: Any) -> Seen:
    """Return a house in which everything was accepted, and a stranger gets what `changes` say."""
    accepted = settings(
        adminAuth=ADMIN, https={"kind": "object"}, httpNodeAuth={"user": "a"}, httpStaticAuth={"user": "a"},
        httpStatic="/srv",
    )  # fmt: skip
    disk = replace(DISK, reading=Reading(FileState.SOUND, settings=accepted))
    return replace(FINE, disk=disk, wire=replace(WIRE, **changes), baseline=replace(SEALED, settings=accepted))


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"admin": Admin.OPEN}, "editor"), ({"admin": Admin.ANONYMOUS, "permissions": "*"}, "editor"),
        ({"admin": Admin.ANONYMOUS, "permissions": ["flows.read", "nodes.write"]}, "editor"),
        ({"admin": Admin.ANONYMOUS, "permissions": "read"}, "editor"), ({"comms": Door.OPEN}, "editor"),
        ({"tls": False}, "https"), ({"nodes": Door.OPEN}, "endpoints"), ({"static": Door.OPEN}, "static"),
    ],
)  # fmt: skip
def test_what_a_stranger_gets_and_should_not_is_critical(changes: dict[str, Any], subject: str) -> None:
    (finding,) = found("stranger", asked(**changes))
    assert (finding.subject, finding.severity) == (subject, Severity.CRITICAL)
    assert "127.0.0.1:18880" in finding.saw


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"admin": Admin.BASIC}, {"admin": Admin.OFF}, {"admin": Admin.STARTING}, {"nodes": Door.OFF},
        {"admin": Admin.SILENT, "tls": None, "nodes": Door.UNKNOWN}, {"admin": Admin.UNKNOWN, "tls": False},
        {"nodes": Door.UNKNOWN, "static": Door.UNKNOWN, "comms": Door.UNKNOWN},
    ],
)  # fmt: skip
def test_what_a_stranger_does_not_get_is_no_finding(changes: dict[str, Any]) -> None:
    assert found("stranger", asked(**changes)) == []


def test_an_open_editor_that_was_never_closed_is_for_apply() -> None:
    bare = replace(FINE, wire=replace(WIRE, admin=Admin.OPEN), baseline=None, disk=reading(of=settings()).disk)
    (finding,) = found("stranger", bare)
    assert finding.remedy is Remedy.APPLY


def test_endpoints_that_were_accepted_open_are_left_open() -> None:
    open_doors = replace(FINE, wire=replace(WIRE, nodes=Door.OPEN, static=Door.OPEN, tls=False))
    assert found("stranger", open_doors) == []


def test_nobody_was_asked_is_no_finding_of_the_stranger() -> None:
    assert found("stranger", replace(FINE, wire=None)) == []
    assert found("stranger", replace(FINE, wire=Blind("no answer"))) == []


# -- judging


def test_findings_come_worst_first_and_each_once() -> None:
    bad = replace(
        differing(difference("uiPort", Severity.WARNING), difference("adminAuth"), difference("adminAuth")),
        policy_error="x",
    )
    judged = [one for one in judge(bad, {}) if one.check in OLD]
    assert [(one.check, one.subject) for one in judged] == [
        ("policy", "nrguard.yaml"), ("setting", "adminAuth"), ("setting", "uiPort"),
    ]  # fmt: skip
    assert worst(tuple(judged)) is Severity.CRITICAL
    assert worst(()) is Severity.NOTE


def test_a_check_that_fails_is_a_finding_and_silences_no_other() -> None:
    class Odd:
        """A rule without the field that its check asks for."""

    judged = judge(replace(FINE, policy_error="x", baseline=None), {"baseline": Odd()})
    assert ("policy", "nrguard.yaml") in [(one.check, one.subject) for one in judged]
    (failed,) = [one for one in judged if one.subject == "check baseline"]
    assert "AttributeError" in failed.saw
