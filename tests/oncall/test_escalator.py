"""Timers that ring: reminders, holds and mutes that end, and what nobody mentions any more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from alertsms.oncall import escalator
from alertsms.store.schema import incident_table, notification_table
from tests.support.house import NIGHT, PLAN, alert

MUTED = (
    PLAN.replace("route: {team: ops}", "route: {team: ops, routes: [{team: ops, mute_time_intervals: [night]}]}")
    + """
time_intervals: [{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "06:00"}]}]}]
"""
)


def test_nothing_due_is_a_quiet_round(house):
    assert house.app.oncall.escalator.step() is None
    assert house.page_states() == []


def test_a_reminder_is_marked_and_counted_anew(house):
    house.fire()
    house.settle()
    house.run(1800, hop=300)
    assert house.texts[1:] == ["STILL CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"]
    assert house.rows(notification_table.c.nth, notification_table.c.note) == [(0, ""), (1, "reminder")]
    assert house.rows(incident_table.c.step_due_at) == [(house.clock() + timedelta(minutes=30),)]


def test_a_timer_that_rings_twice_pages_once(house):
    house.fire()
    house.settle()
    house.clock.advance(1801)
    house.app.oncall.escalator.step()
    house.app.oncall.escalator.step()
    with house.app.store.engine.begin() as tx:
        tx.execute(update(incident_table).values(step_due_at=NIGHT, last_paged_at=None, paged=1))
    house.app.oncall.escalator.step()
    assert len(house.page_states()) == 2


def test_no_reminder_follows_a_page_that_has_not_left(house):
    house.fault("429")
    house.fire()
    house.run(4000, hop=250)
    assert house.page_states() == [("page", "claimed")]


def test_a_thousand_timers_ring_in_batches(house, monkeypatch):
    monkeypatch.setattr(escalator, "BATCH", 10)
    house.fire(*(f"web-{number}" for number in range(25)))
    house.settle()
    house.clock.advance(301)
    assert [house.app.oncall.escalator.step() for _ in range(4)] == [0.0, 0.0, None, None]  # their round is over
    house.clock.advance(1500)
    rounds = [house.app.oncall.escalator.step() for _ in range(4)]
    assert rounds == [0.0, 0.0, None, None]
    assert len([state for state in house.page_states() if state == ("page", "queued")]) == 25


def test_held_ones_are_looked_at_once_a_minute(house, monkeypatch):
    house.reload(MUTED)
    house.fire()
    looks = []
    unmute = house.app.oncall.escalator._unmute
    monkeypatch.setattr(house.app.oncall.escalator, "_unmute", lambda *args: looks.append(1) or unmute(*args))
    for _ in range(30):
        house.app.oncall.escalator.step()
        house.clock.advance(10)
    assert len(looks) == 5


def test_many_that_were_held_are_all_released(house, monkeypatch):
    monkeypatch.setattr(escalator, "BATCH", 4)
    house.reload(MUTED)
    assert house.fire(*(f"web-{number}" for number in range(10)))["pages"] == 0
    house.clock.advance(3600 * 4)
    house.run(0)
    assert len(house.texts) == 10


def test_one_that_was_resolved_between_looking_and_releasing_stays_closed(house, monkeypatch):
    house.reload(MUTED)
    house.fire()
    house.clock.advance(3600 * 4)
    release = house.app.oncall.escalator._release

    def late(tx, *args):
        tx.execute(update(incident_table).values(state="closed", reason="resolved"))
        return release(tx, *args)

    monkeypatch.setattr(house.app.oncall.escalator, "_release", late)
    house.run(0)
    assert house.texts == []
    assert house.rows(incident_table.c.state) == [("closed",)]


def test_a_mute_holds_reminders_back_as_well(house):
    house.fire()
    house.settle()
    house.reload(MUTED)
    house.run(3600 * 3, hop=300)
    assert len(house.texts) == 1
    house.run(3600, hop=300)
    assert len(house.texts) == 2


def test_a_late_copy_in_a_muted_hour_is_held_until_the_mute_ends(house):
    house.fire()
    house.settle()
    house.resolve()
    house.settle()
    house.reload(MUTED)
    house.fire()
    house.run(600, hop=60)
    assert len(house.texts) == 2
    house.run(3600 * 4, hop=600)
    assert house.texts[2].startswith("AGAIN CRITICAL HighCPU web-01")


def test_what_goes_stale_cancels_what_still_waits(house):
    house.fault("429")
    house.fire()
    house.run(30)
    house.clock.advance(3600 * 73)
    house.app.oncall.escalator.step()
    assert house.rows(incident_table.c.state, incident_table.c.reason) == [("closed", "stale")]
    assert house.states() == [("page", "cancelled")]
    assert house.metric("sms_total", team="ops", outcome="cancelled") == 1
    assert house.page_states() == [("page", "claimed")]


def test_a_mention_keeps_an_incident_from_going_stale(house):
    house.fire()
    for _ in range(8):
        house.clock.advance(3600 * 12)
        house.fire()
        house.app.oncall.escalator.step()
    assert house.rows(incident_table.c.state) == [("open",)]


@pytest.mark.parametrize("interval", ["0s", "10m"])
def test_the_team_says_how_often(house, interval):
    house.reload(PLAN.replace("page: [alice]", f"page: [alice], repeat_interval: {interval}"))
    house.post(alert())
    house.run(3600, hop=60)
    assert len(house.texts) == (1 if interval == "0s" else 7)


def test_whom_two_incidents_of_one_alert_have_paged_is_reminded_once(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, db: {page: [alice, bob]}}
route: {team: ops, routes: [{team: ops, continue: true}, {team: db}]}
""")
    house.fire()
    house.settle()
    second = house.rows(notification_table.c.incident_id, notification_table.c.person)
    theirs = next(number for number, person in second if person == "bob")
    with house.app.store.engine.begin() as tx:  # as when the first one had failed to reach her
        row = tx.execute(select(notification_table).where(notification_table.c.incident_id == theirs)).mappings().one()
        tx.execute(insert(notification_table).values({**row, "id": 99, "person": "alice"}))
    house.run(2400, hop=600)
    told = [person for person, note in house.rows(notification_table.c.person, notification_table.c.note) if note]
    assert sorted(told) == ["alice", "bob"]
