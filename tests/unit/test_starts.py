"""What the two looks at a start come to: findings with their line, and causes for what the wire gives away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nrguard.checks import all_checks
from nrguard.model import (
    Admin,
    Comparison,
    FileIdentity,
    FileState,
    Listener,
    Reading,
    Setting,
    SettingState,
    Severity,
    Verdict,
    View,
    Wire,
)
from nrguard.policy import Instance, Service, ServiceKind
from nrguard.probes.unit import next_environment
from nrguard.seen import Disk, Finding, Process, Remedy, Sealed, Seen
from nrguard.starting import COMMAND_LINE_GONE, Bearing, Deviation, Origin, Start

SETTINGS = "/home/pi/.node-red/settings.js"
LINE = Origin("/home/pi/.node-red/environment", 3)
ENVIRON = Origin("the environment of process 4711")
NULL = Deviation(Bearing.SETTING, "adminAuth", "-D adminAuth=null", LINE)
HOOK = Deviation(Bearing.CODE, "--require", "--require /tmp/hook.js", ENVIRON)
CLEAN = Start(looked_at=2000.0)
UNIT = Service(ServiceKind.SYSTEMD, unit="nodered.service")
LOGIN = Setting("adminAuth", SettingState.KNOWN, {"kind": "credentials", "users": 1})


def seen(
    *, unit: Start | None = None, running: Start | None = None, service: Service = UNIT, uid: int = 1000,
    changed_at: float = 1000.0, on_disk: dict[str, View] | None = None,
) -> Seen:  # fmt: skip
    settings = {"adminAuth": LOGIN} | {
        name: Setting(name, SettingState.KNOWN, value) for name, value in (on_disk or {}).items()
    }
    stamp = int(changed_at * 1e9)
    disk = Disk(
        SETTINGS, "", FileIdentity(1, 2, 1000, 1000, 0o644, 1, 9, stamp, stamp), Reading(FileState.SOUND, (), settings),
        Comparison(Verdict.EQUAL),
    )  # fmt: skip
    parts = {name: part for name, part in (("unit", unit), ("running", running)) if part is not None}
    listener = Listener("127.0.0.1", 1880, uid, 7, 4711, 1.0, "nodered.service")
    return Seen(
        Instance("main", SETTINGS, service), disk, Process((listener,), 1880),
        Wire("127.0.0.1", 1880, Admin.OPEN), Sealed(1, 0.0, "", settings), 3000.0, parts=parts,
    )  # fmt: skip


def ask(check: str, now: Seen) -> list[Finding]:
    question = all_checks()[check]
    return list(question.ask(now, question.rule()))


def test_an_override_of_the_next_start_is_the_owners_to_remove() -> None:
    (finding,) = ask("override", seen(unit=replace(CLEAN, deviations=(NULL,))))
    assert finding.severity is Severity.CRITICAL
    assert finding.saw == "-D adminAuth=null in /home/pi/.node-red/environment line 3"
    assert finding.remedy is Remedy.OWNER
    assert "line 3 of /home/pi/.node-red/environment" in finding.hint


def test_the_same_override_seen_twice_is_told_once_with_its_line() -> None:
    both = replace(CLEAN, deviations=(replace(NULL, origin=ENVIRON),))
    findings = ask("override", seen(unit=replace(CLEAN, deviations=(NULL,)), running=both))
    assert [finding.evidence for finding in findings] == [(str(LINE),)]


def test_what_only_the_running_one_has_goes_with_a_restart() -> None:
    (finding,) = ask("preload", seen(unit=CLEAN, running=replace(CLEAN, deviations=(HOOK,))))
    assert finding.remedy is Remedy.RESTART


def test_what_starts_a_service_without_systemd_is_not_known_to_change() -> None:
    service = Service(ServiceKind.COMMAND, restart=("/bin/true",))
    (finding,) = ask("preload", seen(running=replace(CLEAN, deviations=(HOOK,)), service=service))
    assert finding.remedy is Remedy.OWNER


@pytest.mark.parametrize(
    ("setting", "value", "severity"),
    [
        ("uiHost", "127.0.0.1", None),
        ("uiHost", "::1", None),
        ("uiHost", "0.0.0.0", Severity.CRITICAL),
        ("uiHost", None, Severity.CRITICAL),
        ("requireHttps", True, None),
        ("requireHttps", False, Severity.CRITICAL),
        ("uiPort", 1880, None),
        ("uiPort", 1881, Severity.WARNING),
        ("https", None, Severity.CRITICAL),
        ("__proto__", None, Severity.CRITICAL),
        ("httpStatic", None, Severity.WARNING),
        ("flowFile", None, None),
    ],
)
def test_an_override_weighs_what_it_does(setting: str, value: View, severity: Severity | None) -> None:
    deviation = Deviation(Bearing.SETTING, setting, f"-D {setting}=…", LINE, value)
    findings = ask("override", seen(unit=replace(CLEAN, deviations=(deviation,)), on_disk={"uiPort": 1880}))
    assert [finding.severity for finding in findings] == ([] if severity is None else [severity])


def test_code_that_only_root_can_write_is_a_warning() -> None:
    trusted = replace(HOOK, trusted=True)
    (finding,) = ask("preload", seen(unit=replace(CLEAN, deviations=(trusted,))))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("check", "deviation"), [("preload", HOOK), ("override", NULL)])
def test_what_is_meant_to_be_there_is_nothing(check: str, deviation: Deviation) -> None:
    question = all_checks()[check]
    now = seen(unit=replace(CLEAN, deviations=(deviation,)))
    assert list(question.ask(now, question.rule(accept=(deviation.saw,)))) == []


@pytest.mark.parametrize(
    ("where", "severity"),
    [
        ("127.0.0.1:9229", Severity.WARNING),
        ("9230", Severity.WARNING),
        ("[::1]:9229", Severity.WARNING),
        ("0.0.0.0:9229", Severity.CRITICAL),
        ("pi.local:9229", Severity.CRITICAL),
    ],
)
def test_an_inspector_weighs_who_reaches_it(where: str, severity: Severity) -> None:
    open_ = Deviation(Bearing.INSPECTOR, "inspector", f"--inspect={where}", LINE, where)
    (finding,) = ask("inspector", seen(unit=replace(CLEAN, deviations=(open_,))))
    assert (finding.severity, finding.remedy) == (severity, Remedy.OWNER)


def test_another_settings_file_is_named_with_what_chose_it() -> None:
    other = replace(CLEAN, settings="/root/.node-red/settings.js", settings_origin=Origin("/u", 5), elsewhere=True)
    (finding,) = ask("settings_file", seen(unit=other))
    assert finding.saw == "the next start reads /root/.node-red/settings.js (/u line 5)"
    assert finding.severity is Severity.CRITICAL


def test_node_red_as_root_is_told_once_now_and_for_the_next_start() -> None:
    root = replace(CLEAN, uid=0, user_origin=Origin("/u", 5))
    assert [f.saw for f in ask("process_user", seen(unit=root, uid=0))] == ["Node-RED runs as root"]
    assert [f.saw for f in ask("process_user", seen(unit=root))] == ["the next start runs as root (/u line 5)"]
    assert ask("process_user", seen(unit=replace(CLEAN, uid=1000))) == []


def test_what_could_not_be_followed_is_only_noted() -> None:
    findings = ask("unit", seen(unit=replace(CLEAN, unseen=("what /opt/start.sh hands on",), stale=True)))
    assert {finding.severity for finding in findings} == {Severity.NOTE}
    assert len(findings) == 2


def test_a_command_line_that_is_gone_is_noted_where_no_unit_tells_it() -> None:
    now = replace(CLEAN, unseen=(COMMAND_LINE_GONE,))
    assert [finding.severity for finding in ask("unit", seen(running=now))] == [Severity.NOTE]
    assert ask("unit", seen(running=now, unit=CLEAN)) == []


def test_an_open_wire_names_the_override_and_asks_for_no_restart() -> None:
    (finding,) = ask("stranger", seen(unit=replace(CLEAN, deviations=(NULL,))))
    assert "though the file asks for a login: -D adminAuth=null in" in finding.saw
    assert finding.saw.endswith("/home/pi/.node-red/environment line 3")
    assert finding.remedy is Remedy.OWNER


def test_an_open_wire_names_the_other_file() -> None:
    other = replace(CLEAN, settings="/root/.node-red/settings.js", settings_origin=Origin("/u", 5), elsewhere=True)
    (finding,) = ask("stranger", seen(unit=other))
    assert "the process reads /root/.node-red/settings.js (/u line 5)" in finding.saw
    assert finding.remedy is Remedy.OWNER


def test_an_open_wire_names_a_process_that_is_older_than_the_file() -> None:
    (finding,) = ask("stranger", seen(unit=CLEAN, running=replace(CLEAN, started_at=500.0), changed_at=1000.0))
    assert "the file is right; the process still runs the settings of" in finding.saw
    assert finding.remedy is Remedy.RESTART


def test_an_open_wire_of_a_process_that_read_the_right_file_is_somebody_elses_doing() -> None:
    (finding,) = ask("stranger", seen(unit=CLEAN, running=replace(CLEAN, started_at=1500.0), changed_at=1000.0))
    assert "something else than the file decides" in finding.saw
    assert finding.remedy is Remedy.RESTART, "a flow may have changed the running settings"


def test_an_override_of_another_setting_does_not_explain_an_open_editor() -> None:
    https = replace(NULL, subject="https", saw="-D https=null")
    (finding,) = ask("stranger", seen(unit=replace(CLEAN, deviations=(https,))))
    assert "https=null" not in finding.saw


def test_the_environment_of_the_next_start_is_known_only_where_all_of_it_was_seen() -> None:
    whole = replace(CLEAN, environment={"PORT": "1880"})
    assert next_environment(whole) == {"PORT": "1880"}
    assert next_environment(replace(whole, unseen=("/etc/secret: Permission denied",))) is None
    assert next_environment(None) is None


def test_no_environment_shows_in_a_representation() -> None:
    assert "hunter2" not in repr(replace(CLEAN, environment={"TOKEN": "hunter2"}))
