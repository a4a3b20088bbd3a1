"""The story of an incident, from the parts that decide: each decision and each attempt leaves one event."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event

from alertsms.core.incidents.incident import NOBODY
from alertsms.sandbox import FaultKind
from alertsms.store import history
from tests.support.house import NIGHT, House, alert

NIGHTS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, db: {page: [alice, bob]}, quiet: {record_only: true}}
route:
  team: ops
  routes:
    - {matchers: ['team="db"'], team: db, continue: true}
    - {matchers: ['team=~"db|both"'], team: ops}
    - {matchers: ['team="quiet"'], team: quiet}
    - {matchers: ['team="day"'], team: ops, mute_time_intervals: [nights]}
    - {matchers: ['team="office"'], team: ops, active_time_intervals: [office]}
time_intervals:
  - {name: nights, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}
  - {name: office, time_intervals: [{times: [{start_time: "09:00", end_time: "18:00"}]}]}
"""


def story(house: House, number: int = 1) -> list[tuple[str, str, str, int]]:
    told = house.app.store.read(lambda tx: history.timeline(tx, number))
    return [(str(each.kind), each.reason, each.detail, each.count) for each in told]


@pytest.fixture
def nights(house):
    house.reload(NIGHTS)
    return house


def test_a_page_from_the_body_to_the_end(house):
    house.fire()
    house.settle()
    house.clock.advance(30)
    house.fire()
    house.clock.advance(60)
    house.fire()
    house.resolve()
    house.settle()
    sms, ok = house.sandbox.accepted
    assert story(house) == [
        ("paged", "firing", "alice (team ops, root route)", 1),
        ("attempt", "accepted", f"SMS to alice (+33*******78): OVH id {sms.id}, tag {sms.tag}, 1 credit", 1),
        ("not_paged", "known", "", 2),
        ("closed", "resolved", "OK to alice", 1),
        ("attempt", "accepted", f"OK to alice (+33*******78): OVH id {ok.id}, tag {ok.tag}, 1 credit", 1),
    ]


@pytest.mark.parametrize(
    ("team", "told"),
    [
        ("quiet", [("not_paged", "record_only", 'route team="quiet"', 1)]),
        ("day", [("not_paged", "muted", 'route team="day" is muted during nights', 1)]),
        ("office", [("not_paged", "muted", 'route team="office" pages only during office', 1)]),
        ("both", [("paged", "firing", 'alice (team ops, route team=~"db|both")', 1)]),
    ],
)
def test_a_new_incident_says_by_which_route_it_pages_or_not(nights, team, told):
    nights.fire(team=team)
    assert story(nights) == told


def test_whom_another_team_pages_already_is_named(nights):
    nights.fire(team="db")
    assert story(nights, 1) == [("paged", "firing", 'alice, bob (team db, route team="db")', 1)]
    assert story(nights, 2) == [("not_paged", "taken", 'alice (team ops, route team=~"db|both")', 1)]


def test_who_of_a_team_is_not_paged_again_is_named(nights):
    nights.reload(
        NIGHTS.replace("ops: {page: [alice]}", "ops: {page: [alice, bob]}").replace(
            "db: {page: [alice, bob]}", "db: {page: [alice]}"
        )
    )
    nights.fire(team="db")
    assert story(nights, 2) == [
        ("paged", "firing", 'bob (team ops, route team=~"db|both"); not alice, paged for it through another team', 1),
    ]


def test_the_end_of_a_mute_and_reminders_count(nights):
    nights.fire(team="day")
    nights.clock.advance(4 * 3600)
    nights.run(2 * 1800 + 60, hop=60)
    assert [each for each in story(nights) if each[0] not in ("attempt", "receipt")] == [
        ("not_paged", "muted", 'route team="day" is muted during nights', 1),
        ("paged", "released", "alice (team ops)", 1),
        ("moved_on", "unanswered", "team ops, after 1 round", 1),
        ("paged", "reminder", "alice (team ops)", 2),
    ]


@pytest.mark.one_store
def test_why_no_reminder_follows_is_told(house):
    """The first page cannot leave for half an hour; then reminders come until their day is over."""
    house.fault(FaultKind.ERROR_429, retry_after=240)
    house.fire()
    house.run(1800, hop=60)
    assert ("not_paged", "unsent", "", 1) in story(house)
    house.sandbox.faults.replace([])
    house.run(25 * 3600, hop=600)
    assert [reason for kind, reason, _, _ in story(house) if kind == "not_paged"] == ["unsent", "remind_max"]


def test_a_late_copy_an_old_resolution_and_a_contradiction_have_their_reasons(house):
    house.fire(start=NIGHT)
    house.resolve(end=NIGHT - timedelta(hours=1))
    house.post(alert(), alert(status="resolved"))
    house.resolve()
    house.fire(start=NIGHT)
    reasons = [each[:2] for each in story(house)]
    assert reasons == [
        ("paged", "firing"),
        ("not_paged", "old_resolution"),
        ("not_paged", "known"),
        ("not_paged", "contradicted"),
        ("closed", "resolved"),
        ("not_paged", "late_copy"),
    ]


def test_over_and_back_in_one_body_are_two_events(house):
    house.fire(start=NIGHT)
    house.settle()
    house.clock.advance(60)
    back = NIGHT + timedelta(seconds=50)
    house.post(alert(status="resolved", end=back - timedelta(seconds=5)), alert(start=back))
    told = house.app.store.read(lambda tx: history.timeline(tx, 1))
    assert [(str(each.kind), each.reason, each.episode) for each in told] == [
        ("paged", "firing", 0),
        ("attempt", "accepted", 0),
        ("closed", "resolved", 0),
        ("paged", "again", 1),
    ]


def test_alerts_that_always_fire_are_told_though_they_open_nothing(house):
    house.fire(name="Watchdog")
    house.fire(name="Watchdog")
    assert story(house, NOBODY) == [("not_paged", "resting", "Watchdog", 2)]


def test_what_nobody_mentions_closes_with_its_reason(house):
    house.fire()
    house.clock.advance(timedelta(days=3, minutes=1).total_seconds())
    house.run(0)
    assert ("closed", "stale", "", 1) in story(house)


def test_the_same_failure_counts_up(house):
    house.fault(FaultKind.ERROR_429, times=2)
    house.fire()
    house.run(10)
    kinds = [(reason, count) for kind, reason, _, count in story(house) if kind == "attempt"]
    assert kinds == [("retry", 2), ("accepted", 1)]


def test_a_lost_answer_is_found_again(house):
    house.fault(FaultKind.RESET_AFTER, times=1)
    house.fire()
    house.run(20)
    reasons = [reason for kind, reason, _, _ in story(house) if kind == "attempt"]
    assert reasons == ["unknown", "found"]


def test_a_body_adds_one_statement_whatever_it_holds(house):
    """A thousand known alerts: their story is written by one executemany, and no incident is written at all."""
    many = [alert(f"web-{number}") for number in range(1000)]
    house.post(*many)
    said: list[tuple[str, bool]] = []

    def listen(_connection, _cursor, statement: str, _values, _context, executemany: bool) -> None:
        if not statement.startswith("SELECT"):
            said.append((statement.split("(", maxsplit=1)[0].strip(), executemany))

    store = house.app.store
    engine = store._writer._engine if store.sqlite else store.engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", listen)
    house.post(*many)
    assert said == [("INSERT INTO events", True)]
