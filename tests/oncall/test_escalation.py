"""Three in the morning: the first person sleeps through it, the second is called, and in the end the fallback hears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.store.schema import incident_table, notification_table
from tests.support.house import ALICE, BOB, NIGHT, House, page

OPS, CAROL = "json://ops.example.org/hidden", "+33755555555"
STEPS = """
people: {alice: "+33612345678", bob: "+33698765432", carol: "+33755555555"}
teams:
  ops:
    rounds: 2
    steps: [{page: [alice]}, {page: [bob], wait: 10m}]
    fallback: {team: boss, channels: ["json://ops.example.org/hidden"]}
  boss: {page: [carol], rounds: 1}
route: {team: ops}
"""
TWO_TEAMS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams:
  ops: {rounds: 1, steps: [{page: [alice]}, {page: [bob]}]}
  db: {rounds: 1, steps: [{page: [alice]}, {page: [alice]}]}
route: {team: ops, routes: [{team: ops, continue: true}, {team: db}]}
"""
SINCE = "CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"
STILL = f"STILL {SINCE}"


@pytest.fixture
def stepped(house: House) -> House:
    house.reload(STEPS)
    return house


def sent(house: House) -> list[tuple[str, str, str]]:
    """When, to whom and what."""
    names = {ALICE: "alice", BOB: "bob", CAROL: "carol"}
    return [
        (f"{NIGHT + timedelta(seconds=each.at - NIGHT.timestamp()):%H:%M}", names[each.receiver], each.text)
        for each in house.sandbox.accepted
    ]


def test_nobody_answers_all_night(stepped):
    stepped.fire()
    stepped.run(75 * 60, hop=30)
    assert sent(stepped) == [
        ("02:10", "alice", page("web-01", 1)),
        ("02:15", "bob", SINCE),
        ("02:25", "alice", STILL),
        ("02:30", "bob", STILL),
        ("02:40", "carol", SINCE),
        ("03:10", "alice", STILL),
    ]
    ((channel, title, body),) = stepped.posted
    assert (channel, title) == (OPS, "CRITICAL HighCPU web-01 #1")
    assert body.splitlines() == [
        "Nobody of the team has answered for this:",
        "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1 (team ops, since 2026-03-03 02:10 UTC)",
    ]
    assert stepped.metric("escalations_total", team="ops") == 3
    assert stepped.metric("unanswered_total", team="ops") == 1
    stepped.resolve()
    stepped.run(5)
    assert sorted(name for _, name, text in sent(stepped)[6:]) == ["alice", "bob", "carol"]


def test_what_is_resolved_between_two_steps_calls_nobody_else(stepped):
    stepped.fire()
    stepped.run(4 * 60)
    stepped.resolve()
    stepped.run(3600, hop=30)
    assert [name for _, name, _ in sent(stepped)] == ["alice", "alice"]


def test_a_restart_forgets_no_step(stepped):
    stepped.fire()
    stepped.run(4 * 60)
    stepped.crash()
    stepped.start()
    stepped.run(90)
    assert [(at, name) for at, name, _ in sent(stepped)] == [("02:10", "alice"), ("02:15", "bob")]


def test_after_a_long_stop_one_step_is_taken_and_then_waited_for(stepped):
    stepped.fire()
    stepped.run(10)
    stepped.crash()
    stepped.clock.advance(3 * 3600)
    stepped.start()
    stepped.run(9 * 60, hop=5)
    assert [name for _, name, _ in sent(stepped)] == ["alice", "bob"]


@pytest.mark.one_store
def test_what_could_not_leave_is_not_held_against_its_people(stepped):
    """The account has no credits for an hour: whoever is first is paged when it has, and has all the time to answer."""
    stepped.fault("no_credits")
    stepped.fire()
    stepped.run(3600, hop=10)
    assert sent(stepped) == []
    assert stepped.rows(incident_table.c.round, incident_table.c.step) == [(0, 0)]
    stepped.sandbox.faults.clear()
    stepped.run(120, hop=5)
    assert [name for _, name, _ in sent(stepped)] == ["alice"]


@pytest.mark.one_store
def test_no_step_is_taken_in_a_mute(stepped):
    stepped.fire()
    stepped.run(60)
    night = '[{name: night, time_intervals: [{times: [{start_time: "00:00", end_time: "03:00"}]}]}]'
    stepped.reload(
        STEPS.replace(
            "route: {team: ops}",
            f"""
route: {{team: ops, routes: [{{team: ops, mute_time_intervals: [night]}}]}}
time_intervals: {night}""",
        )
    )
    stepped.run(49 * 60 - 1, hop=10)
    assert [name for _, name, _ in sent(stepped)] == ["alice"]
    stepped.run(6 * 60, hop=10)
    assert [name for _, name, _ in sent(stepped)] == ["alice", "bob"]


def test_a_nudge_pages_the_same_person_until_the_next_step(stepped):
    stepped.reload(STEPS.replace("rounds: 2", "rounds: 2\n    nudge: 2m"))
    stepped.fire()
    stepped.run(5 * 60 + 1)
    assert [(at, name) for at, name, _ in sent(stepped)] == [
        ("02:10", "alice"),
        ("02:12", "alice"),
        ("02:14", "alice"),
        ("02:15", "bob"),
    ]
    assert sent(stepped)[1][2] == STILL


def test_a_step_that_no_phone_of_it_got_is_over_at_once(stepped):
    stepped.fault("undelivered", receiver=ALICE)
    stepped.fire()
    stepped.run(60)
    assert [(at, name) for at, name, _ in sent(stepped)] == [("02:10", "alice"), ("02:10", "bob")]
    assert stepped.posted == []


def test_a_reminder_that_is_refused_waits_for_the_next_one(house):
    """Alice answered STOP, or her number is gone, after the first page: each reminder is tried once."""
    house.reload(
        'people: {alice: "+33612345678"}\nteams: {ops: {page: [alice], rounds: 1, repeat_interval: 15m}}\n'
        "route: {team: ops}\n"
    )
    house.fire()
    house.settle()
    house.fault("invalid_receiver")
    house.run(46 * 60, hop=5)
    assert house.states() == [("page", "delivered"), ("page", "failed"), ("page", "failed"), ("page", "failed")]


def test_a_person_of_two_teams_is_paged_once_and_both_clocks_run(house):
    house.reload(TWO_TEAMS)
    house.fire()
    house.run(11 * 60, hop=5)
    assert [(at, name) for at, name, _ in sent(house)] == [("02:10", "alice"), ("02:15", "bob")]
    assert sorted(house.rows(incident_table.c.team, incident_table.c.round)) == [("db", 1), ("ops", 1)]


def test_nudges_that_page_nobody_put_off_no_step(house):
    """Alice hears through ops, so db's nudges have nobody to page: its clock runs all the same."""
    house.reload(TWO_TEAMS.replace("db: {rounds: 1,", "db: {rounds: 1, nudge: 2m,"))
    house.fire()
    house.run(11 * 60, hop=5)
    assert [(at, name) for at, name, _ in sent(house)] == [("02:10", "alice"), ("02:15", "bob")]
    assert sorted(house.rows(incident_table.c.team, incident_table.c.round)) == [("db", 1), ("ops", 1)]


@pytest.mark.one_store
def test_a_page_that_still_waits_is_not_written_again(stepped):
    """Alice's SMS cannot leave: bob is called, and the next round adds none to the one that waits for her."""
    stepped.fault("429", receiver=ALICE)
    stepped.fire()
    stepped.run(25 * 60, hop=5)
    assert {name for _, name, _ in sent(stepped)} == {"bob"}
    assert [person for (person,) in stepped.rows(notification_table.c.person)].count("alice") == 1


def test_nudges_go_on_for_whoever_has_it_while_anothers_waits(stepped):
    stepped.reload(STEPS.replace("rounds: 2", "rounds: 2\n    nudge: 2m").replace("[alice]", "[alice, bob]"))
    stepped.fault("429", receiver=ALICE)
    stepped.fire()
    stepped.run(4 * 60 + 1, hop=5)
    assert [(at, name) for at, name, _ in sent(stepped)] == [("02:10", "bob"), ("02:12", "bob"), ("02:14", "bob")]
