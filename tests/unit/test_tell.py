"""The words that people get. Each kind of message stands here as it is read on a lock screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard import tell
from nrguard.model import PROTECTABLE, Severity
from nrguard.records import Message
from nrguard.seen import Finding, Remedy

HERE = ("pi4-hall", "main", "21:04")


def setting(name: str, saw: str = "absent", severity: Severity = Severity.CRITICAL) -> Finding:
    return Finding("setting", name, severity, saw, "as accepted", Remedy.RESTORE)


LOGIN = [setting("adminAuth")]
FOUR = [setting(name) for name in ("adminAuth", "https", "httpNodeAuth", "uiPort")]
STRANGER = Finding(
    "stranger", "editor", Severity.CRITICAL, "everybody can edit flows at 192.168.1.5:1880", "a login", Remedy.APPLY,
    "run `nrguard apply`",
)  # fmt: skip
NO_FILE = Finding(
    "file", "settings.js", Severity.CRITICAL, "no settings.js: Node-RED would start open, on its own defaults",
    "settings.js in its place", Remedy.RESTORE,
)  # fmt: skip
BROKEN = replace(NO_FILE, saw="does not load: unexpected token (line 45)", want="a file that Node-RED loads")
BLIND = Finding(
    "blind", "disk", Severity.WARNING, "permission denied", "a look at the disk", Remedy.OWNER,
    "run `sudo nrguard check` to look with all rights",
)  # fmt: skip

RENEWED = Finding(
    "served", "certificate", Severity.WARNING,
    "a renewed certificate is on disk (valid to 2027-02-22), and the old one is served", "the certificate on disk",
    Remedy.RESTART,
)  # fmt: skip

GOLDEN: Sequence[tuple[Message, str, str]] = [
    (
        tell.repaired(*HERE, LOGIN, 1.8),
        "Node-RED login removed: fixed",
        (
            "pi4-hall, 21:04. adminAuth vanished from settings.js. Put back, Node-RED restarted (1.8 s). "
            "Nothing to do, unless you removed it: sudo nrguard accept"
        ),
    ),
    (
        tell.repaired(*HERE, FOUR, 75.0, keep="sudo nrguard accept 17"),
        "Node-RED login and 3 more removed: fixed",
        (
            "pi4-hall, 21:04. adminAuth, https and 2 more vanished from settings.js. "
            "Put back, Node-RED restarted (1 min). Nothing to do, unless you removed them: sudo nrguard accept 17"
        ),
    ),
    (
        tell.repaired(*HERE, [setting("httpNodeAuth", "another password")], None),
        "Node-RED endpoint login changed: fixed",
        (
            "pi4-hall, 21:04. httpNodeAuth: another password (wanted: as accepted). Put back before Node-RED read it. "
            "Nothing to do, unless you changed it: sudo nrguard accept"
        ),
    ),
    (
        tell.repaired(*HERE, [NO_FILE], None),
        "Node-RED: no settings.js: fixed",
        (
            "pi4-hall, 21:04. No settings.js: Node-RED would start open, on its own defaults. "
            "Put back before Node-RED read it. Nothing to do, unless you removed it: sudo nrguard accept"
        ),
    ),
    (
        tell.repaired(*HERE, LOGIN, None, service_none=True),
        "Node-RED needs a RESTART to be safe",
        (
            "pi4-hall, 21:04. adminAuth vanished from settings.js. Put back, but nrguard can't restart Node-RED here. "
            "Until you do, it may still be OPEN."
        ),
    ),
    (
        tell.opened("pi4-hall", "garage", "21:04", LOGIN),
        "Node-RED login removed: still OPEN",
        (
            "pi4-hall/garage, 21:04. adminAuth vanished from settings.js. Put it back: sudo nrguard restore. "
            "Was it you? sudo nrguard accept"
        ),
    ),
    (
        tell.opened(*HERE, [STRANGER]),
        "Node-RED lets everybody in: still OPEN",
        "pi4-hall, 21:04. Everybody can edit flows at 192.168.1.5:1880. Run nrguard apply",
    ),
    (
        tell.opened(*HERE, [BROKEN]),
        "Node-RED settings.js: does not load: still OPEN",
        (
            "pi4-hall, 21:04. settings.js: does not load: unexpected token (line 45). "
            "Put it back: sudo nrguard restore. Was it you? sudo nrguard accept"
        ),
    ),
    (
        tell.opened(*HERE, [BLIND]),
        "nrguard can't read settings.js",
        "pi4-hall, 21:04. Permission denied. Run sudo nrguard check to look with all rights",
    ),
    (
        tell.closed("pi4-hall", "main", "21:30", LOGIN, since="21:04"),
        "Node-RED login removed: fine again",
        "pi4-hall, 21:30. adminAuth is as it should be again. Wrong from 21:04 until now. Nothing to do.",
    ),
    (
        tell.failed(*HERE, LOGIN, "/home/pi/.node-red/settings.js: the disk is full"),
        "FAILED to restore Node-RED",
        (
            "pi4-hall, 21:04. adminAuth vanished from settings.js. Putting it back failed: the disk is full. "
            "It is still OPEN: sudo nrguard restore"
        ),
    ),
    (
        tell.restart_due(*HERE, [setting("https", "off"), setting("requireHttps", "false")]),
        "Node-RED needs a RESTART to be safe",
        (
            "pi4-hall, 21:04. https and requireHttps changed in settings.js. Put back, but nrguard can't restart "
            "Node-RED here. Until you do, it may still be OPEN."
        ),
    ),
    (
        tell.reminder("pi4-hall", "main", "Wed 03:04", LOGIN, since="Tue 21:04"),
        "Node-RED login removed: still OPEN",
        (
            "pi4-hall, Wed 03:04. adminAuth vanished from settings.js. Since Tue 21:04. "
            "Put it back: sudo nrguard restore. Was it you? sudo nrguard accept"
        ),
    ),
    (
        tell.reminder(*HERE, [setting("uiPort", "1880", Severity.WARNING)], since="20:04"),
        "Node-RED port changed: not yet fixed",
        (
            "pi4-hall, 21:04. uiPort: 1880 (wanted: as accepted). Since 20:04. "
            "Put it back: sudo nrguard restore. Was it you? sudo nrguard accept"
        ),
    ),
    (
        tell.repaired(*HERE, [RENEWED], 12.3),
        "Node-RED serves an old certificate: fixed",
        (
            "pi4-hall, 21:04. A renewed certificate is on disk (valid to 2027-02-22), and the old one is served. "
            "Node-RED was restarted (12.3 s). Nothing to do."
        ),
    ),
    (
        tell.eased(*HERE, [setting("uiPort", "1880", Severity.WARNING)], Severity.CRITICAL),
        "Node-RED port changed: less urgent",
        (
            "pi4-hall, 21:04. uiPort: 1880 (wanted: as accepted). Was critical, now warning. "
            "Put it back: sudo nrguard restore. Was it you? sudo nrguard accept"
        ),
    ),
    (
        tell.eased(*HERE, [replace(STRANGER, severity=Severity.NOTE)], Severity.CRITICAL),
        "Node-RED lets everybody in: less urgent",
        ("pi4-hall, 21:04. Everybody can edit flows at 192.168.1.5:1880. Was critical, now note. Nothing to do."),
    ),
    (
        tell.digest("pi4-hall", [("21:04", tell.repaired(*HERE, LOGIN, 1.8))]),
        "Node-RED: 1 message in one",
        "pi4-hall, 21:04. The last: Node-RED login removed: fixed. All: sudo nrguard history",
    ),
    (
        tell.returned("pi4-hall", "03:10", "03:20", "being killed", []),
        "nrguard is back after being killed",
        "pi4-hall. Nobody guarded from 03:10 to 03:20. settings.js is as accepted. Nothing to do.",
    ),
    (
        tell.returned("pi4-hall", "23 Nov 22:58", "07:12", "a power cut", LOGIN),
        "nrguard is back after a power cut",
        (
            "pi4-hall. Nobody guarded from 23 Nov 22:58 to 07:12. Found: Node-RED login removed. "
            "See: sudo nrguard history"
        ),
    ),
    (
        tell.unusable("pi4-hall", "21:04", "phone", "the ntfy:// address names no topic that is one"),
        "nrguard: a channel for alerts is broken",
        (
            "pi4-hall, 21:04. 'phone' can't work: the ntfy:⁄⁄ address names no topic that is one. "
            "Mend it in the policy, then: sudo nrguard notify test"
        ),
    ),
    (
        tell.well("pi4-hall", "09:00", "17 Nov", 0, []),
        "nrguard: all is well",
        "pi4-hall, 09:00. settings.js is as accepted. Since 17 Nov: nothing had to be put back. Nothing to do.",
    ),
    (
        tell.well("pi4-hall", "09:00", "17 Nov", 3, LOGIN),
        "nrguard: 1 thing is open",
        ("pi4-hall, 09:00. adminAuth vanished from settings.js. Since 17 Nov: 3 repairs. See: sudo nrguard status"),
    ),
    (
        tell.test("pi4-hall", "21:04", "phone"),
        "nrguard test: this works",
        "pi4-hall, 21:04. Alerts about Node-RED reach you through 'phone'. Nothing to do.",
    ),
]


@pytest.mark.parametrize(("message", "title", "body"), GOLDEN)
def test_each_kind_reads_well(message: Message, title: str, body: str) -> None:
    assert (message.title, message.body) == (title, body)


@pytest.mark.parametrize(("message", "title", "body"), GOLDEN)
def test_each_kind_fits_a_lock_screen(message: Message, title: str, body: str) -> None:
    assert len(title) <= 50
    assert len(body) <= 180


def said_at(count: int) -> list[tuple[str, Message]]:
    return [(f"19:{minute:02}", tell.opened(*HERE, [setting(f"setting{minute}")])) for minute in range(count)]


def test_a_digest_lists_in_order_what_it_stands_for_with_its_times() -> None:
    said = [("19:02", tell.opened(*HERE, LOGIN)), ("21:04", tell.repaired(*HERE, LOGIN, 1.8))]
    message = tell.digest("pi4-hall", said, 1)
    assert message.title == "Node-RED: 2 messages, 1 still OPEN"
    assert message.body.splitlines() == [
        "pi4-hall, 19:02 to 21:04. The last: Node-RED login removed: fixed. All: sudo nrguard history",
        "19:02 Node-RED login removed: still OPEN",
        "21:04 Node-RED login removed: fixed",
    ]


def test_a_long_digest_keeps_the_newest_and_says_how_many_are_left_out() -> None:
    lines = tell.digest("pi4-hall", said_at(60)).body.splitlines()
    assert len(lines[0]) <= 180
    assert lines[1] == f"({60 - len(lines[2:])} earlier ones)"
    assert [line[:5] for line in lines[2:]] == [f"19:{minute:02}" for minute in range(60 - len(lines[2:]), 60)]
    assert len(lines) > 10


@given(st.integers(0, 500))
def test_a_digest_of_any_number_fits_every_service(count: int) -> None:
    assert len(tell.digest("pi4-hall", said_at(count)).body) <= tell.DIGEST_LIMIT


def test_what_is_open_is_marked_so_that_quiet_hours_let_it_through() -> None:
    is_open = [tell.opened(*HERE, LOGIN), tell.failed(*HERE, LOGIN, "no space"), tell.reminder(*HERE, LOGIN, "20:04")]
    over = [tell.repaired(*HERE, LOGIN, 1.8), tell.closed(*HERE, LOGIN), tell.eased(*HERE, LOGIN, Severity.CRITICAL)]
    assert [message.open for message in is_open + over] == [True] * 3 + [False] * 3
    assert tell.digest("pi4-hall", [("1", is_open[0])], still_open=1).open
    assert not tell.digest("pi4-hall", [("1", is_open[0])], still_open=0).open


def test_a_message_is_as_severe_as_its_worst_finding() -> None:
    mixed = [setting("uiPort", severity=Severity.WARNING), setting("adminAuth")]
    assert tell.opened(*HERE, mixed).severity is Severity.CRITICAL
    assert tell.opened(*HERE, mixed[:1]).severity is Severity.WARNING
    assert tell.failed(*HERE, mixed[:1], "no space").severity is Severity.CRITICAL


@pytest.mark.parametrize("name", PROTECTABLE)
def test_every_protected_setting_has_a_title_in_plain_words(name: str) -> None:
    assert name not in tell.repaired(*HERE, [setting(name)], 1.0).title.replace("HTTPS", "")


FORBIDDEN = set("<>*`[]|~@\n\r\x1b\u202e")
TEXT = st.text(st.characters())  # any at all, lone surrogates too
FINDINGS = st.lists(
    st.builds(
        Finding, check=st.sampled_from(["setting", "file", "stranger", "port", "a-check-to-come"]),
        subject=st.one_of(st.sampled_from([*PROTECTABLE, "code", "settings.js", "editor"]), TEXT),
        severity=st.sampled_from(Severity), saw=TEXT, want=TEXT, remedy=st.sampled_from(Remedy),
        hint=TEXT,
    ),
    max_size=9,
)  # fmt: skip


@given(TEXT, TEXT, TEXT, FINDINGS, TEXT)
def test_nothing_that_was_seen_breaks_a_message(
    host: str, instance: str, at: str, findings: list[Finding], more: str
) -> None:
    said = [
        tell.repaired(host, instance, at, findings, 3.2),
        tell.repaired(host, instance, at, findings, None, service_none=True),
        tell.opened(host, instance, at, findings),
        tell.closed(host, instance, at, findings, more),
        tell.failed(host, instance, at, findings, more),
        tell.reminder(host, instance, at, findings, more),
        tell.test(host, at, more),
        tell.eased(host, instance, at, findings, Severity.CRITICAL),
        tell.returned(host, at, more, more, findings),
        tell.unusable(host, at, more, more),
        tell.well(host, at, more, 2, findings),
    ]
    for message in said:
        assert 0 < len(message.title) <= 50
        assert 0 < len(message.body) <= 180
        assert not set(message.title + message.body) & FORBIDDEN
    digest = tell.digest(host, [(more, message) for message in said], 3)
    lines = digest.body.splitlines()
    assert len(lines[0]) <= 180
    assert len(lines) == 1 + len(said)
    assert not set(digest.title + "".join(lines)) & FORBIDDEN


@given(TEXT, TEXT, TEXT, FINDINGS)
def test_what_to_do_is_never_cut_off(host: str, instance: str, at: str, findings: list[Finding]) -> None:
    last = "Nothing to do." if findings and Remedy.RESTORE not in [one.remedy for one in findings] else "accept"
    assert tell.repaired(host, instance, at, findings, 999.9).body.endswith(last)
    assert tell.failed(host, instance, at, findings, "x" * 500).body.endswith("sudo nrguard restore")
    assert tell.repaired(host, instance, at, findings, 1.0).title.endswith(": fixed")
