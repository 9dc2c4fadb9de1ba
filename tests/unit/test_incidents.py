"""Levels to edges: what opened, what closed, and what is said once and not twice."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nrguard.incidents import HOLD, PATIENCE, Edges, edges
from nrguard.model import Severity
from nrguard.records import Incident
from nrguard.seen import Finding, Remedy

NOW = 1_800_000_000.0


def finding(
    check: str = "setting", subject: str = "adminAuth", severity: Severity = Severity.CRITICAL, saw: str = "absent",
    remedy: Remedy | None = None,
) -> Finding:  # fmt: skip
    usual = {"setting": Remedy.RESTORE, "restart": Remedy.RESTART, "stranger": Remedy.RESTART}
    return Finding(check, subject, severity, saw, "as accepted", remedy or usual.get(check, Remedy.OWNER))


def incident(found: Finding, *, told: bool = False, age: float = 0.0) -> Incident:
    return Incident(1, NOW - age, found, told)


def between(incidents: list[Incident], findings: list[Finding], passed: list[Finding] | None = None, *,
            repairing: bool = False) -> Edges:  # fmt: skip
    return edges(incidents, findings, passed or [], repairing=repairing, now=NOW)


def test_what_is_new_is_opened_and_told() -> None:
    new = finding()
    assert between([], [new]) == Edges(opened=(new,), say_open=(new,))


def test_what_is_still_open_and_was_told_is_no_edge() -> None:
    assert between([incident(finding(), told=True)], [finding()]) == Edges()


def test_what_was_told_and_is_gone_is_closed_and_told() -> None:
    old = finding()
    assert between([incident(old, told=True)], []) == Edges(closed=(old,), say_closed=(old,))


def test_what_this_turn_put_right_is_one_message_and_a_closed_incident() -> None:
    passing = finding()
    assert between([], [], [passing]) == Edges(opened=(passing,), closed=(passing,), say_repaired=(passing,))


def test_a_repair_under_way_is_waited_for() -> None:
    passing, restart = finding(), finding("restart", "Node-RED")
    assert between([], [restart], [passing], repairing=True) == Edges(opened=(passing, restart))
    assert between([incident(passing), incident(restart)], [restart], repairing=True) == Edges()
    later = between([incident(passing), incident(restart)], [])
    assert (later.say_repaired, later.say_open, later.say_closed) == ((passing,), (), ())


def test_a_repair_that_takes_long_is_told_as_open() -> None:
    restart = finding("restart", "Node-RED")
    assert between([incident(restart, age=HOLD - 0.1)], [restart], repairing=True).say_open == ()
    assert between([incident(restart, age=HOLD)], [restart], repairing=True).say_open == (restart,)


def test_a_repair_of_what_is_no_danger_is_waited_for_longer() -> None:
    old = finding("served", "certificate", Severity.WARNING, remedy=Remedy.RESTART)
    assert between([incident(old, age=PATIENCE - 0.1)], [old], repairing=True).say_open == ()
    assert between([incident(old, age=PATIENCE)], [old], repairing=True).say_open == (old,)


def test_what_was_told_stands_for_its_consequence_until_it_is_repaired() -> None:
    """At last it could be put back, and the restart is under way: nothing else has become wrong."""
    cause, consequence = incident(finding(), told=True, age=5e3), incident(finding("restart", "Node-RED"), age=5e3)
    assert between([cause, consequence], [consequence.finding], repairing=True).say_open == ()
    assert between([cause, consequence], [consequence.finding]).say_open == (consequence.finding,)


def test_a_told_consequence_ends_with_its_untold_cause_in_one_message() -> None:
    cause, consequence = finding(), finding("restart", "Node-RED")
    ended = between([incident(cause), incident(consequence, told=True)], [])
    assert (ended.say_repaired, ended.say_closed) == ((cause,), ())


def test_a_consequence_is_not_told_beside_its_cause_now_or_in_the_next_turn() -> None:
    cause, consequence = finding(), finding("stranger", "editor")
    assert between([], [consequence, cause]).say_open == (cause,)
    assert between([incident(cause, told=True), incident(consequence)], [cause, consequence]).say_open == ()


def test_a_consequence_without_its_cause_is_told() -> None:
    consequence = finding("stranger", "editor")
    assert between([incident(consequence)], [consequence]).say_open == (consequence,)


def test_a_cause_and_its_untold_consequence_end_in_one_message() -> None:
    cause, consequence = finding(), finding("stranger", "editor")
    ended = between([incident(cause, told=True), incident(consequence)], [])
    assert (ended.say_closed, ended.say_repaired) == ((cause,), ())
    assert set(ended.closed) == {cause, consequence}


def test_what_gets_worse_is_told_again_and_what_gets_better_is_told_as_such() -> None:
    mild, severe = finding(severity=Severity.WARNING), finding()
    assert between([incident(mild, told=True)], [severe]) == Edges(updated=(severe,), say_open=(severe,))
    assert between([incident(severe, told=True)], [mild]) == Edges(updated=(mild,), say_eased=(mild,))
    assert between([incident(severe)], [mild]).say_eased == ()


def test_what_is_only_a_note_by_now_is_told_as_less_urgent_and_its_end_is_not() -> None:
    note = finding(severity=Severity.NOTE)
    assert between([incident(finding(), told=True)], [note]).say_eased == (note,)
    assert between([incident(note, told=True)], []) == Edges(closed=(note,))


@pytest.mark.parametrize(
    ("reminders", "hours", "due"),
    [(0, 0.9, False), (0, 1.0, True), (1, 4.9, False), (1, 5.0, True), (2, 17.9, False), (2, 18.0, True),
     (3, 23.9, False), (3, 24.0, True), (40, 23.9, False), (40, 24.0, True)],
)  # fmt: skip
def test_what_stays_open_is_told_again_after_1_6_and_24_hours_and_then_daily(
    reminders: int, hours: float, due: bool
) -> None:
    told = replace(incident(finding(), told=True, age=9e5), told_at=NOW - hours * 3600, reminders=reminders)
    assert between([told], [finding()]).say_again == ((finding(),) if due else ())


def test_a_week_without_power_is_followed_by_one_reminder_and_not_by_all_that_were_missed() -> None:
    told = replace(incident(finding(), told=True, age=7e5), told_at=NOW - 7 * 86400)
    assert between([told], [finding()]).say_again == (finding(),)
    assert between([replace(told, told_at=NOW, reminders=1)], [finding()]).say_again == ()


def test_a_clock_that_was_far_ahead_silences_no_reminder() -> None:
    told = replace(incident(finding(), told=True), told_at=NOW + 400 * 86400)
    assert between([told], [finding()]).say_again == (finding(),)
    slewed = replace(told, told_at=NOW + 60)
    assert between([slewed], [finding()]).say_again == ()


def test_another_wording_is_recorded_and_not_told() -> None:
    other = finding(saw="another user")
    assert between([incident(finding(), told=True)], [other]) == Edges(updated=(other,))


def test_a_note_is_recorded_and_never_told() -> None:
    note = finding(severity=Severity.NOTE)
    assert between([], [note]) == Edges(opened=(note,))
    assert between([incident(note)], []) == Edges(closed=(note,))


def test_the_worst_is_told_first() -> None:
    mild, severe = finding("file", "settings.js", Severity.WARNING), finding()
    assert between([], [mild, severe]).say_open == (severe, mild)


findings = st.builds(
    finding, st.sampled_from(["setting", "login", "restart", "stranger", "blind"]), st.sampled_from(["a", "b"]),
    st.sampled_from(Severity), st.sampled_from(["x", "y"]),
)  # fmt: skip
turns = st.tuples(st.lists(findings, max_size=4), st.lists(findings, max_size=2), st.booleans(), st.floats(0.0, 60.0))


@dataclass
class Records:
    """Incidents as the store keeps them."""

    now: float = NOW
    incidents: list[Incident] = field(default_factory=list)
    said: list[tuple[str, tuple[str, str]]] = field(default_factory=list)

    def turn(self, found: list[Finding], passed: list[Finding], *, repairing: bool) -> Edges:
        present = {(one.check, one.subject): one for one in found}
        passing = {(one.check, one.subject): one for one in passed}
        change = edges(
            self.incidents, list(present.values()), list(passing.values()), repairing=repairing, now=self.now
        )
        updated = {(one.check, one.subject): one for one in change.updated}
        told = {(one.check, one.subject) for one in change.say_open}
        closed = {(one.check, one.subject) for one in change.closed}
        kept = [*self.incidents, *(Incident(1, self.now, one) for one in change.opened)]
        assert len({one.key for one in kept}) == len(kept), "one finding has two open incidents"
        self.incidents = [
            replace(one, finding=updated.get(one.key, one.finding), told=one.told or one.key in told)
            for one in kept if one.key not in closed
        ]  # fmt: skip
        for word, group in (("open", change.say_open), ("closed", change.say_closed), ("fixed", change.say_repaired)):
            self.said += [(word, (one.check, one.subject)) for one in group]
        return change


@given(st.lists(turns, max_size=8))
def test_nothing_is_told_twice_for_one_edge(history: list[tuple[list[Finding], list[Finding], bool, float]]) -> None:
    records = Records()
    worst: dict[tuple[str, str], Severity] = {}
    for found, passed, repairing, seconds in history:
        records.now += seconds
        change = records.turn(found, passed, repairing=repairing)
        for one in change.say_open:
            key = (one.check, one.subject)
            assert one.severity > worst.get(key, Severity.NOTE), "told again without getting worse"
            worst[key] = one.severity
        for one in change.closed:
            worst.pop((one.check, one.subject), None)
        for key, severity in list(worst.items()):
            now = next((i.finding.severity for i in records.incidents if i.key == key), severity)
            worst[key] = now  # what got better may get worse again


@given(st.lists(turns, max_size=8), st.lists(findings, max_size=4))
def test_at_rest_every_serious_finding_is_told_or_has_its_cause_told(
    history: list[tuple[list[Finding], list[Finding], bool, float]], at_rest: list[Finding]
) -> None:
    """Never told? Whatever came before: a turn in which nothing is under way leaves nobody in the dark."""
    records = Records()
    for found, passed, repairing, seconds in history:
        records.now += seconds
        records.turn(found, passed, repairing=repairing)
    records.turn(at_rest, [], repairing=False)
    serious = [one for one in records.incidents if one.finding.severity > Severity.NOTE]
    untold = [one for one in serious if not one.told]
    assert not [one for one in untold if one.finding.check not in ("restart", "stranger", "port")]
    assert not untold or any(one.told for one in serious)


@given(st.lists(turns, max_size=8))
def test_when_all_is_well_every_incident_is_closed_and_every_alarm_taken_back(
    history: list[tuple[list[Finding], list[Finding], bool, float]],
) -> None:
    records = Records()
    for found, passed, repairing, seconds in history:
        records.now += seconds
        records.turn(found, passed, repairing=repairing)
    told = [one for one in records.incidents if one.told and one.finding.severity > Severity.NOTE]
    ended = records.turn([], [], repairing=False)
    assert records.incidents == []
    assert bool(ended.say_closed or (told and ended.say_repaired)) == bool(told)


@pytest.mark.parametrize("repairing", [True, False])
def test_nothing_found_and_nothing_open_is_no_edge(repairing: bool) -> None:
    assert between([], [], repairing=repairing) == Edges()
