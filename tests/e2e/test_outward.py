"""What a real guard lets the world know: that it lives, came back, what its channels are worth, how things stand."""

from __future__ import annotations

from pathlib import Path

from tests.faults.delivery_house import GuardedHouse, guarded, until
from tests.sinks import HttpSink, MonitorSink

BACK = "nrguard is back after an unexpected end"


def titles(sink: HttpSink) -> list[str]:
    return [document["title"] for document in sink.received]


def is_up(house: GuardedHouse) -> bool:
    """Has the guard of now written down how things stand, and has it sent what it had to send?"""
    standing = house.status()
    return standing is not None and standing.guard is not None and standing.guard.pid == house.pid


def test_a_guard_that_was_killed_tells_so_when_it_is_back_and_one_that_was_ended_does_not(tmp_path: Path) -> None:
    with HttpSink() as sink, guarded(tmp_path, sink, least="warning") as house:
        house.start()
        assert until(lambda: is_up(house), 30)
        assert house.end() == 0
        house.start()
        assert until(lambda: is_up(house), 30)
        assert BACK not in titles(sink)
        house.kill()
        house.start()
        assert until(lambda: BACK in titles(sink), 30)
        house.end()


def test_a_channel_that_cannot_work_is_told_to_the_other_one_once(tmp_path: Path) -> None:
    with HttpSink() as sink, guarded(tmp_path, sink, "warning", '  desk: {url: "ntfy://127.0.0.1/"}\n') as house:
        for _ in range(2):
            house.start()
            assert until(lambda: is_up(house) and "broken" in " ".join(titles(sink)), 30)
            house.end()
        assert [title for title in titles(sink) if "broken" in title] == ["nrguard: a channel for alerts is broken"]
        standing = house.status()
        assert standing is not None
        assert "names no topic" in standing.channels[1].unusable


def test_the_monitor_hears_the_verdict_at_the_start(tmp_path: Path) -> None:
    with HttpSink() as sink, MonitorSink() as monitor:
        more = f'heartbeat: {{url: "{monitor.url}"}}\n'
        with guarded(tmp_path, sink, more=more) as house:
            house.start()
            assert until(lambda: bool(monitor.received), 30)
            house.end()
    assert monitor.received[0]["path"] == "/ping/5e2c"
    assert "main: NOT PROTECTED, 0 open, baseline 0" in monitor.received[0]["text"]
