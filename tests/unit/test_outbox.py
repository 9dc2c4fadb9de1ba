"""The outbox: what waits, what is due, what becomes one, who else is told, and what is never lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard import outbox as outbox_module
from nrguard.model import Severity
from nrguard.outbox import FLOOD, FLOOD_PAUSE, FLOOD_URGENT, STORM, Outbox
from nrguard.policy import Channel
from nrguard.records import Changes, Message, Reach
from nrguard.seen import Finding, Remedy
from nrguard.store import Store

NOW = 1_800_000_000.0
PHONE, MAIL = Channel("phone", "json://phone"), Channel("mail", "json://mail", least=Severity.CRITICAL)


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(Store.empty()) as store:
        yield store


@pytest.fixture
def outbox(store: Store) -> Outbox:
    return store.outbox


def message(title: str = "t", severity: Severity = Severity.CRITICAL, *, is_open: bool = False) -> Message:
    return Message(title, "body", severity, is_open)


def titles(outbox: Outbox, now: float, label: str = "phone") -> list[str]:
    return [parcel.message.title for parcel in outbox.due(now) if parcel.channel == label]


def post(outbox: Outbox, count: int, every: float, start: float = NOW, *, is_open: bool = False) -> float:
    """Post messages titled 0, 1, …, one `every` so many seconds. Return when the last one came."""
    for number in range(count):
        outbox.post(message(str(number), is_open=is_open), start + number * every, (PHONE,))
    return start + (count - 1) * every


def deliver(outbox: Outbox, now: float) -> int:
    """Confirm all that is due. Return how many parcels that were."""
    due = outbox.due(now)
    outbox.confirm("phone", [parcel.id for parcel in due], now)
    return len(due)


def opened(store: Store, now: float, severity: Severity = Severity.CRITICAL) -> Finding:
    found = Finding("setting", "adminAuth", severity, "absent", "as accepted", Remedy.RESTORE)
    changes = Changes(opened=(found,), told=(("setting", "adminAuth"),), messages=(message("open", is_open=True),))
    store.finish("node-red", changes, now, (PHONE,))
    return found


def test_a_message_becomes_a_parcel_for_each_channel_that_wants_it(outbox: Outbox) -> None:
    outbox.post(message("bad"), NOW, (PHONE, MAIL))
    outbox.post(message("odd", Severity.WARNING), NOW, (PHONE, MAIL))
    assert (titles(outbox, NOW), titles(outbox, NOW, "mail")) == (["bad", "odd"], ["bad"])


def test_a_confirmed_parcel_is_never_due_again(outbox: Outbox) -> None:
    outbox.post(message(), NOW, (PHONE,))
    assert deliver(outbox, NOW) == 1
    assert (outbox.due(NOW + 1e9), outbox.next_due()) == ((), None)
    assert outbox.reaches() == (Reach("phone", confirmed=NOW),)


def test_a_parcel_put_back_waits_for_its_time_and_so_does_what_is_behind_it(outbox: Outbox) -> None:
    post(outbox, 2, 0.0)
    outbox.put_back("phone", [outbox.due(NOW)[0].id], NOW + 5.0, "no answer in time", lasting=False, now=NOW)
    assert (outbox.due(NOW + 4.9), outbox.next_due()) == ((), NOW + 5.0)
    assert [parcel.tries for parcel in outbox.due(NOW + 5.0)] == [1, 1]
    assert outbox.reaches() == (Reach("phone", 2, failed=NOW, detail="no answer in time"),)


def test_an_error_that_lasts_differs_from_one_that_passes_until_a_message_arrives(outbox: Outbox) -> None:
    post(outbox, 1, 0.0)
    ids = [parcel.id for parcel in outbox.due(NOW)]
    outbox.put_back("phone", ids, NOW + 5.0, "the server refuses the token (401)", lasting=True, now=NOW)
    assert outbox.reaches()[0].lasting
    outbox.confirm("phone", ids, NOW + 6)
    assert outbox.reaches() == (Reach("phone", confirmed=NOW + 6),)


def test_a_new_message_takes_along_what_waits_for_the_network(outbox: Outbox) -> None:
    post(outbox, 1, 0.0)
    outbox.put_back("phone", [outbox.due(NOW)[0].id], NOW + 3600.0, "no network", lasting=False, now=NOW)
    outbox.post(message("new"), NOW + 60, (PHONE,))
    assert titles(outbox, NOW + 60) == ["0", "new"]


def test_nothing_stays_behind_for_hours_when_a_token_was_mended(outbox: Outbox) -> None:
    post(outbox, 3, 0.0)
    first = outbox.due(NOW)[0].id
    outbox.put_back("phone", [first], NOW + 6 * 3600.0, "401", lasting=True, now=NOW)
    outbox.post(message("new"), NOW + 60, (PHONE,))
    assert titles(outbox, NOW + 60) == ["0", "1", "2", "new"]
    outbox.put_back("phone", [first], NOW + 6 * 3600.0, "401", lasting=True, now=NOW + 60)
    outbox.confirm("phone", (), NOW + 90)  # `nrguard notify test` arrived
    assert titles(outbox, NOW + 90) == ["0", "1", "2", "new"]


def test_a_clock_that_jumps_back_leaves_nothing_waiting_for_years(outbox: Outbox) -> None:
    post(outbox, 1, 0.0)
    outbox.put_back("phone", [outbox.due(NOW)[0].id], NOW + 5.0, "no network", lasting=False, now=NOW)
    assert titles(outbox, NOW - 400 * 86400) == ["0"]


# -- storms


def test_a_storm_waits_for_the_end_of_its_minute_to_become_one(outbox: Outbox) -> None:
    last = post(outbox, STORM + 3, 2.0)
    assert titles(outbox, last) == [str(number) for number in range(STORM)]
    deliver(outbox, last)
    held = outbox.due(NOW + 60)
    assert [parcel.message.title for parcel in held] == [str(STORM), str(STORM + 1), str(STORM + 2)]
    assert all(parcel.held for parcel in held)


def test_a_flood_over_hours_is_a_few_messages(outbox: Outbox) -> None:
    """Something opens and closes twice a minute for six hours: no minute is a storm, the day is."""
    sent, now = 0, NOW
    for number in range(720):
        now = NOW + number * 30.0
        outbox.post(message(str(number)), now, (PHONE,))
        sent += 1 if deliver(outbox, now) else 0
    assert sent <= FLOOD + 6 * 3600 / FLOOD_PAUSE + 1
    assert deliver(outbox, now + FLOOD_PAUSE)


def test_what_is_critical_and_open_breaks_through_a_flood_a_few_times(outbox: Outbox) -> None:
    last = post(outbox, FLOOD + 5, 60.0)
    deliver(outbox, last)
    later = post(outbox, FLOOD_URGENT + 2, 60.0, last + 60, is_open=True)
    assert len(titles(outbox, later)) == FLOOD_URGENT


# -- quiet hours


def test_quiet_hours_hold_what_is_over(store: Store, outbox: Outbox) -> None:
    outbox.post(message("fixed"), NOW, (PHONE,))
    outbox.hush("phone", NOW, NOW + 3600)
    assert outbox.due(NOW + 3599) == ()
    (parcel,) = outbox.due(NOW + 3600)
    assert parcel.held


def test_quiet_hours_never_hold_what_is_critical_and_still_open(store: Store, outbox: Outbox) -> None:
    opened(store, NOW)
    outbox.post(message("lesser", Severity.WARNING, is_open=True), NOW, (PHONE,))
    outbox.hush("phone", NOW, NOW + 3600)
    assert titles(outbox, NOW) == ["open"]


def test_what_was_closed_before_it_could_be_told_wakes_nobody(store: Store, outbox: Outbox) -> None:
    opened(store, NOW)
    store.finish("node-red", Changes(closed=(("setting", "adminAuth"),)), NOW + 5, (PHONE,))
    outbox.hush("phone", NOW + 9, NOW + 3600)
    assert outbox.due(NOW + 9) == ()


# -- escalation


def failed(outbox: Outbox, now: float, *, lasting: bool = False) -> None:
    ids = [parcel.id for parcel in outbox.due(now) if parcel.channel == "phone"]
    outbox.put_back("phone", ids, now + 1.0, "no", lasting=lasting, now=now)


def test_what_one_channel_does_not_confirm_in_time_another_one_tells_once(outbox: Outbox) -> None:
    outbox.post(message("odd", Severity.WARNING), NOW, (PHONE, MAIL))
    failed(outbox, NOW)
    assert not outbox.escalate("phone", "mail", NOW - 1)
    assert outbox.escalate("phone", "mail", NOW)
    assert not outbox.escalate("phone", "mail", NOW)
    assert (titles(outbox, NOW + 1), titles(outbox, NOW + 1, "mail")) == (["odd"], ["odd"])


def test_an_error_that_lasts_is_not_waited_for(outbox: Outbox) -> None:
    outbox.post(message("odd", Severity.WARNING), NOW, (PHONE, MAIL))
    failed(outbox, NOW, lasting=True)
    assert outbox.escalate("phone", "mail", NOW - 900)


def test_nobody_gets_twice_what_he_got_anyway(outbox: Outbox) -> None:
    outbox.post(message("bad"), NOW, (PHONE, MAIL))
    failed(outbox, NOW)
    outbox.escalate("phone", "mail", NOW)
    assert titles(outbox, NOW, "mail") == ["bad"]


def test_what_only_waits_for_quiet_hours_is_not_escalated(outbox: Outbox) -> None:
    outbox.post(message(), NOW, (PHONE,))
    outbox.hush("phone", NOW, NOW + 36000)
    assert not outbox.escalate("phone", "mail", NOW + 18000)


def test_what_waits_for_a_channel_that_is_gone_goes_to_all_others(outbox: Outbox) -> None:
    outbox.post(message("a"), NOW, (PHONE,))
    outbox.post(message("b"), NOW, (PHONE, MAIL))
    assert outbox.pass_on(["mail", "desk"])
    assert (titles(outbox, NOW, "desk"), titles(outbox, NOW, "mail")) == (["a", "b"], ["b", "a"])
    assert titles(outbox, NOW) == []
    assert not outbox.pass_on(["mail", "desk"])


def test_without_any_channel_everything_stays_where_it_is(outbox: Outbox) -> None:
    outbox.post(message("a"), NOW, (PHONE,))
    assert not outbox.pass_on([])
    assert titles(outbox, NOW) == ["a"]


# -- what is found out about a channel


def test_a_channel_that_cannot_work_is_news_once(outbox: Outbox) -> None:
    assert not outbox.found_unusable("phone", "")
    assert outbox.found_unusable("phone", "no topic")
    assert not outbox.found_unusable("phone", "no topic")
    assert outbox.reaches() == (Reach("phone", unusable="no topic"),)
    assert outbox.found_unusable("phone", "")


# -- bounds


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "KEPT_WAITING", 4)
    monkeypatch.setattr(outbox_module, "NEWEST", 1)
    monkeypatch.setattr(outbox_module, "STORM", 10**6)
    monkeypatch.setattr(outbox_module, "FLOOD", 10**6)


@pytest.mark.usefixtures("small")
def test_trimming_drops_the_least_and_oldest_and_never_the_newest(outbox: Outbox) -> None:
    for number in range(3):
        outbox.post(message(f"old {number}"), NOW, (PHONE,))
    for number in range(5):
        outbox.post(message(f"new {number}", Severity.WARNING), NOW, (PHONE,))
    assert titles(outbox, NOW) == ["old 0", "old 1", "old 2", "new 4"]


@pytest.mark.usefixtures("small")
def test_trimming_keeps_what_is_open_before_what_is_over(outbox: Outbox) -> None:
    outbox.post(message("open", is_open=True), NOW, (PHONE,))
    post(outbox, 9, 1.0)
    assert titles(outbox, NOW + 9) == ["open", "6", "7", "8"]


@pytest.mark.usefixtures("small")
def test_an_open_incident_whose_message_had_to_go_is_told_anew(store: Store, outbox: Outbox) -> None:
    opened(store, NOW)
    assert [incident.told for incident in store.incidents("node-red")] == [True]
    post(outbox, 9, 1.0, NOW + 1, is_open=True)
    assert [incident.told for incident in store.incidents("node-red")] == [False]


@given(st.lists(st.tuples(st.sampled_from(Severity), st.booleans()), max_size=40))
def test_the_outbox_stays_bounded_and_holds_the_newest(posted: list[tuple[Severity, bool]]) -> None:
    everything = Channel("phone", "json://phone", least=Severity.NOTE)
    with closing(Store.empty()) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox_module, "KEPT_WAITING", 5)
        patch.setattr(outbox_module, "NEWEST", 2)
        for number, (severity, is_open) in enumerate(posted):
            store.outbox.post(message(str(number), severity, is_open=is_open), NOW + 3600.0 * number, (everything,))
        kept = titles(store.outbox, NOW + 1e6)
    assert len(kept) == min(5, len(posted))
    assert kept[-2:] == [str(number) for number in range(len(posted))][-2:]
    assert kept == sorted(kept, key=int)
