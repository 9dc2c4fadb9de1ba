"""A day of a house, as its people hear of it: the list of messages is short, and each of them is worth it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from nrguard.certificates import Certificate, Certificates, PairFile
from nrguard.model import Severity
from nrguard.policy import Channel, Escalation, Quiet
from nrguard.world import PartSeen
from tests.fake_world import GOOD, HASH, SETTINGS
from tests.house import House

VIENNA = ZoneInfo("Europe/Vienna")
OPEN = GOOD[: GOOD.index(b"    adminAuth")] + GOOD[GOOD.index(b"    uiPort") :]
HIS_OWN = GOOD.replace(HASH.encode(), b"$2b$12$AAAAAAAAAAAAAAAAAAAAAOnGVv0wlv8sLkMV3CqvEz1mjPNc1C6zq")
PHONE = Channel("phone", "ntfy://x/y", quiet=Quiet(22 * 60, 7 * 60), escalate=Escalation("mail", 900.0))
MAIL = Channel("mail", "mailto://x", least=Severity.CRITICAL)


@pytest.fixture(autouse=True)
def _vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Vienna")
        time.tzset()
        yield
    time.tzset()


def at(text: str, day: int = 24) -> float:
    return datetime.fromisoformat(f"2026-11-{day} {text}").replace(tzinfo=VIENNA).timestamp()


def home() -> House:
    return House(at("23:50", 23), (PHONE, MAIL))


def upgrade_at_night(house: House) -> None:
    """Packages, Node-RED and nrguard itself are upgraded; an installer adds a comment to settings.js."""
    house.wait_until(at("03:00"))
    house.stop_guard()
    house.world.node_red = None
    house.world.files[SETTINGS] = house.world.files[SETTINGS].replace(b"    // the way in", b"    // see the docs\n")
    house.world.pass_time(40.0)
    house.start_guard()
    house.restart_node_red()


def reboot(house: House) -> None:
    """The computer is restarted as it should be."""
    house.wait_until(at("04:00"))
    house.stop_guard()
    house.power_cut(35.0)


def power_cut(house: House) -> None:
    house.wait_until(at("04:30"))
    house.power_cut(12 * 60.0)


def router_reboot(house: House) -> None:
    house.wait_until(at("08:00"))
    house.network.up = False
    house.wait_until(at("08:06"))
    house.network.up = True


def certificate_renewal(house: House) -> None:
    """A renewed certificate stands on disk; the running Node-RED serves the old one until it is restarted."""
    old, new = (certificate(at("10:00") + days * 86400.0, der) for days, der in ((31, b"old"), (90, b"new")))
    house.world.certificate = b"old"
    house.wait_until(at("09:50"))
    looked_at(house, old, served=old)
    house.wait_until(at("10:00"))
    house.world.certificate = b"new"
    looked_at(house, new, served=old)
    house.wait(60.0)  # the newest look is of before the restart for a while
    looked_at(house, new, served=new)
    house.wait(60.0)


def certificate(ends: float, der: bytes) -> Certificate:
    names, fingerprint = ("pi4-hall.local",), hashlib.sha256(der).hexdigest()
    return Certificate(
        "CN=pi4-hall", "CN=ca", names, ends - 90 * 86400.0, ends, "EC", 256, "sha256", False, fingerprint
    )


def looked_at(house: House, leaf: Certificate, served: Certificate) -> None:
    """Let the newest look at certificates have seen these: on disk since a few seconds, and served."""
    file = PairFile("/etc/ssl/house.pem", changed=house.world.now() - 5.0)
    part = Certificates(
        key=file, cert=file, chain=(leaf,), matches=True, served=served, names=leaf.names, booted=house.world.epoch
    )
    house.world.newest_parts["certificate"] = PartSeen(part, " \n", house.world.time)


def curious_teenager(house: House) -> None:
    """Takes the login out, sees that it comes back, tries twice more, and has dinner."""
    for moment in ("15:30", "15:32", "15:35"):
        house.wait_until(at(moment))
        house.world.files[SETTINGS] = OPEN
        house.restart_node_red()


def attacker(house: House) -> None:
    """Cuts the line, gives himself a login again and again; late at night fills the disk and takes the login out."""
    house.wait_until(at("20:10"))
    house.network.up = False
    for minute in range(0, 30, 3):
        house.wait_until(at(f"20:{10 + minute}"))
        house.world.files[SETTINGS] = HIS_OWN
        house.restart_node_red()
    house.wait_until(at("20:45"))
    house.network.up = True
    house.wait_until(at("23:00"))
    house.world.files[SETTINGS], house.world.broken = OPEN, "the disk is full"
    house.restart_node_red()
    house.wait_until(at("00:30", 25))
    house.world.broken = ""
    house.wait_until(at("00:40", 25))


def heard(house: House, label: str) -> list[tuple[str, str]]:
    return [(told.at, told.title) for told in house.told if told.channel == label]


@pytest.mark.parametrize("nothing_new", [upgrade_at_night, reboot, router_reboot])
def test_what_changes_nothing_is_told_to_nobody(nothing_new: Callable[[House], None]) -> None:
    house = home()
    nothing_new(house)
    house.wait(3600.0)
    assert house.told == []


def test_a_power_cut_at_night_is_told_in_the_morning_with_what_was_missed() -> None:
    house = home()
    power_cut(house)
    house.wait_until(at("07:10"))
    (told,) = house.told
    assert (told.at, told.title) == ("07:00", "nrguard is back after a power cut")
    assert told.body == "pi4-hall. Nobody guarded from 04:20 to 04:42. settings.js is as accepted. Nothing to do."


def test_what_happened_while_nobody_guarded_is_put_right_and_told() -> None:
    house = home()
    house.wait_until(at("12:00"))
    house.world.files[SETTINGS] = OPEN
    house.power_cut(300.0)
    house.wait(120.0)
    assert sorted(title for _, title in heard(house, "phone")) == [
        "Node-RED login removed: fixed", "nrguard is back after a power cut",
    ]  # fmt: skip
    back = next(told for told in house.told if told.title.startswith("nrguard"))
    assert "Found: Node-RED login removed." in back.body


def test_the_day_of_a_house() -> None:
    house = home()
    for happening in (
        upgrade_at_night, reboot, power_cut, router_reboot, certificate_renewal, curious_teenager, attacker,
    ):  # fmt: skip
        happening(house)
    house.wait_until(at("07:10", 25))
    assert [one for one in heard(house, "phone") if "in one" not in one[1]] == [
        ("07:00", "nrguard is back after a power cut"),
        ("10:00", "Node-RED serves an old certificate: fixed"),
        ("15:30", "Node-RED login removed: fixed"),
        ("15:32", "Node-RED login removed: fixed"),
        ("15:35", "Node-RED login removed: fixed"),
        ("23:00", "FAILED to restore Node-RED"),
        ("00:00", "Node-RED login removed: still OPEN"),
        ("07:00", "Node-RED login removed: fine again"),
    ]
    (summary,) = [told for told in house.told if told.channel == "phone" and "in one" in told.title]
    assert summary.title == "Node-RED: 8 messages in one"
    assert "20:45" <= summary.at <= "20:58", "the network was there again at 20:45"
    assert house.world.store.incidents("node-red") == ()


def test_mail_gets_what_the_phone_gets_when_it_is_critical_and_each_thing_once() -> None:
    house = home()
    curious_teenager(house)
    attacker(house)
    assert [title for _, title in heard(house, "mail")] == [
        "Node-RED login removed: fixed",
        "Node-RED login removed: fixed",
        "Node-RED login removed: fixed",
        "Node-RED: 8 messages in one",
        "FAILED to restore Node-RED",
        "Node-RED login removed: still OPEN",
        "Node-RED login removed: fine again",
    ]


def test_the_summary_of_what_happened_offline_lists_it_in_order_with_its_times() -> None:
    house = home()
    attacker(house)
    summary = next(told for told in house.told if "in one" in told.title)
    assert summary.body.splitlines()[1:] == [
        "20:10 Node-RED login changed: fixed",
        "20:13 Node-RED login changed: fixed",
        "20:16 Node-RED login changed: fixed",
        "20:19 Node-RED login changed: fixed",
        "20:22 Node-RED needs a restart: still OPEN",  # restarts are spaced by now: somebody fights
        "20:29 Node-RED login changed: fixed",
        "20:31 Node-RED needs a restart: still OPEN",
        "20:39 Node-RED login changed: fixed",
    ]
