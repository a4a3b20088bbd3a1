"""For how long somebody has an incident: snoozes, `ack_timeout`, and what a source that is asked says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.sandbox import FaultKind
from alertsms.store.schema import event_table, incident_table, message_table
from tests.support.house import ALICE, BOB, NIGHT, House

TEAM = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {steps: [{page: [alice], wait: 10m}, {page: [bob], wait: 10m}], rounds: 1}}
route: {team: ops}
"""
HOUR = timedelta(hours=1)


@pytest.fixture
def plan() -> str:
    return TEAM


def fire_and_ack(house: House, *, snooze: timedelta | None = None, **labels: str) -> None:
    house.fire(**labels)
    house.settle()
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK, snooze=snooze)


def standing(house: House) -> list[tuple[str, str, str]]:
    return house.rows(incident_table.c.state, incident_table.c.reason, incident_table.c.acked_by)


def later(house: House) -> list[tuple[str, str]]:
    """Receiver and text of each SMS behind the first."""
    return [(one.receiver, one.text) for one in house.sandbox.accepted[1:]]


STILL = "STILL CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #1"


def test_a_snooze_ends_with_a_page_from_the_first_step(house):
    fire_and_ack(house, snooze=HOUR)
    house.run(3599, hop=300)
    assert (standing(house), later(house)) == ([("acknowledged", "snoozed", "alice")], [])
    house.run(2)
    assert (standing(house), later(house)) == ([("open", "snooze_over", "")], [(ALICE, STILL)])
    house.run(660, hop=30)
    assert later(house)[1:] == [(BOB, STILL.replace("STILL ", ""))]


def test_a_page_of_before_the_snooze_does_not_count_as_one_that_reached_them(house):
    """Alice got the first SMS; by the end of her snooze her phone is off, and bob is called at once."""
    fire_and_ack(house, snooze=HOUR)
    house.run(60)
    house.fault("undelivered", receiver=ALICE)
    house.run(3600)
    assert later(house) == [(ALICE, STILL), (BOB, STILL.replace("STILL ", ""))]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (FaultKind.ERROR_429, "No SMS is known to have left for this:"),
        (FaultKind.NO_RECEIPT, "SMS left for this, and no phone has confirmed one in time:"),
    ],
)
def test_a_page_of_before_the_snooze_does_not_keep_trouble_from_the_fallback(house, kind, told):
    """Alice's phone has the first SMS; the one at the end of her snooze does not leave, or does not arrive."""
    house.reload(TEAM + 'fallback: {channels: ["json://ops.example.org/hidden"]}\n')
    fire_and_ack(house, snooze=HOUR)
    house.run(3590, hop=300)
    house.fault(kind)
    house.run(10 + 150)
    assert [text.splitlines()[0] for _, _, text in house.posted] == [told]


def test_a_page_that_was_under_way_as_the_snooze_ended_stands_for_the_one_of_its_end(house):
    """Nobody can say whether alice's SMS left; when it is given up, bob is called at once as after any other."""
    house.fault(FaultKind.EMPTY_200_LOST, receiver=ALICE)
    house.fault(FaultKind.ERROR_503, call="outgoing")
    house.fault(FaultKind.ERROR_503, call="pending")
    fire_and_ack(house, snooze=timedelta(seconds=20))
    house.run(243)
    assert house.rows(message_table.c.person, message_table.c.state) == [("alice", "unknown")]
    house.run(5)
    assert house.rows(message_table.c.person, message_table.c.state) == [("alice", "failed"), ("bob", "sent")]


def test_the_story_tells_why_it_pages_again(house):
    fire_and_ack(house, snooze=HOUR)
    house.run(3601, hop=300)
    said = [
        row
        for row in house.rows(event_table.c.kind, event_table.c.reason, event_table.c.detail)
        if row[0] in ("answered", "paged")
    ]
    assert [(kind, reason) for kind, reason, _ in said] == [
        ("paged", "firing"),
        ("answered", "snoozed"),
        ("paged", "snooze_over"),
    ]
    assert said[1][2] == "alice, by link, for 1 h"


def test_whoever_has_it_may_choose_another_time(house):
    fire_and_ack(house, snooze=HOUR)
    house.run(1800, hop=300)
    house.app.oncall.acknowledgements.acknowledge([1], by="bob", via=AcknowledgedVia.LINK, snooze=4 * HOUR)
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK, snooze=2 * HOUR)
    house.run(7000, hop=600)
    assert later(house) == []
    house.run(300)
    assert later(house) == [(ALICE, STILL)]


def test_a_snooze_becomes_an_acknowledgement_without_end(house):
    fire_and_ack(house, snooze=HOUR)
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK)
    house.run(3 * 3600, hop=600)
    assert (standing(house), later(house)) == ([("acknowledged", "acknowledged", "alice")], [])


def test_a_timeout_of_the_team_is_kept_whatever_the_severity(url, clock):
    house = House(url, clock, TEAM.replace("rounds: 1", "rounds: 1, ack_timeout: 30m"))
    fire_and_ack(house, severity="warning")
    house.run(1799)
    assert later(house) == []
    house.run(2)
    assert standing(house) == [("open", "ack_timeout", "")]
    assert later(house) == [(ALICE, STILL.replace("CRITICAL", "WARNING"))]
    house.close()


def test_no_timeout_is_none(url, clock):
    house = House(url, clock, TEAM.replace("rounds: 1", "rounds: 1, ack_timeout: 0s"))
    house.app.oncall.escalator._confirms = lambda _: True
    fire_and_ack(house)
    house.run(3 * 3600, hop=600)
    assert (standing(house), later(house)) == ([("acknowledged", "acknowledged", "alice")], [])
    house.close()


def test_where_no_source_can_be_asked_it_stays_theirs(house):
    fire_and_ack(house)
    house.run(3 * 3600, hop=600)
    assert (standing(house), later(house)) == ([("acknowledged", "acknowledged", "alice")], [])
    assert house.rows(incident_table.c.step_due_at) == [(None,)]


def test_critical_ones_page_again_after_two_hours_once_their_source_says_that_they_fire(house):
    fires: list[bool] = [False]
    house.app.oncall.escalator._confirms = lambda one: fires[0] and one.id == 1
    fire_and_ack(house)
    house.run(7200 + 60, hop=300)
    assert later(house) == []
    fires[0] = True
    house.run(300)
    assert (standing(house), later(house)) == ([("open", "ack_timeout", "")], [(ALICE, STILL)])


def test_lesser_ones_do_not(house):
    house.app.oncall.escalator._confirms = lambda _: True
    fire_and_ack(house, severity="warning")
    house.run(3 * 3600, hop=600)
    assert standing(house) == [("acknowledged", "acknowledged", "alice")]


def test_a_snooze_outlasts_an_end_and_a_return(house, clock):
    fire_and_ack(house, snooze=HOUR)
    house.run(300)
    house.resolve(end=NIGHT + timedelta(minutes=5))
    house.run(300)
    house.fire(start=NIGHT + timedelta(minutes=10))
    assert standing(house) == [("acknowledged", "again", "alice")]
    assert len(later(house)) == 1
    house.run(3002, hop=300)
    assert standing(house) == [("open", "snooze_over", "")]
    assert [text.split()[0] for _, text in later(house)] == ["OK", "AGAIN"]


def test_a_snooze_that_ended_before_the_return_is_over(house, clock):
    fire_and_ack(house, snooze=timedelta(minutes=10))
    house.run(300)
    house.resolve(end=NIGHT + timedelta(minutes=5))
    house.run(600)
    house.fire(start=NIGHT + timedelta(minutes=15))
    house.settle()
    assert standing(house) == [("open", "again", "")]
    assert [text.split()[0] for _, text in later(house)] == ["OK", "AGAIN"]


def test_a_snooze_that_ends_within_a_pause_waits_for_its_end(house):
    fire_and_ack(house, snooze=HOUR)
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    assert house.client.post("/api/v1/pauses", json={"all": True, "for": "2h"}, headers=token).status_code == 200
    house.run(3700, hop=300)
    assert (standing(house), later(house)) == ([("held", "muted", "")], [])
    house.run(3600, hop=300)
    assert standing(house) == [("open", "released", "")]
    assert len(later(house)) == 1


def test_a_restart_forgets_no_snooze(house, clock):
    fire_and_ack(house, snooze=HOUR)
    house.crash()
    clock.advance(3 * 3600)
    house.start()
    house.run(5)
    assert (standing(house), later(house)) == ([("open", "snooze_over", "")], [(ALICE, STILL)])


def test_what_came_back_can_be_taken_anew(house):
    fire_and_ack(house, snooze=HOUR)
    house.run(3601, hop=300)
    house.app.oncall.acknowledgements.acknowledge([1], by="bob", via=AcknowledgedVia.LINK)
    house.run(60)
    assert standing(house) == [("acknowledged", "acknowledged", "bob")]
    assert later(house) == [(ALICE, STILL), (ALICE, "bob has it: HighCPU web-01 #1")]


@pytest.mark.one_store
def test_a_fallback_hears_again_when_nobody_answers_after_a_snooze(house):
    """It had been told that alice has it: without a second word it would believe that for good."""
    boss = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams:
  ops: {page: [alice], rounds: 1, fallback: {team: boss, channels: ["json://ops.example.org"]}}
  boss: {page: [bob], rounds: 1}
route: {team: ops}
"""
    house.reload(boss)
    house.fire()
    house.run(301, hop=10)
    assert ([number for number, _ in later(house)], len(house.posted)) == ([BOB], 1)
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK, snooze=HOUR)
    house.run(3601, hop=60)
    assert [number for number, _ in later(house)[2:]] == [ALICE]
    house.run(301, hop=10)
    assert later(house)[3:] == [(BOB, STILL)]
    unanswered = "Nobody of the team has answered for this:"
    first, taken, again = [body.splitlines()[0] for _, _, body in house.posted]
    assert (first, again) == (unanswered, unanswered)
    assert taken.startswith("alice has it: HighCPU web-01")
    house.run(1200, hop=60)
    assert (len(later(house)), len(house.posted)) == (4, 3)


def test_what_somebody_has_who_leaves_the_configuration_is_their_teams_again(house):
    """They would keep it for days, and nobody else be paged for it."""
    fire_and_ack(house)
    house.run(60)
    house.reload(TEAM.replace('alice: "+33612345678", ', "").replace("{page: [alice], wait: 10m}, ", ""))
    house.run(30)
    assert standing(house) == [("open", "left", "")]
    assert later(house) == [(BOB, "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1")]
    told = [row[1] for row in house.rows(event_table.c.kind, event_table.c.reason) if row[0] == "paged"]
    assert told == ["firing", "left"]


def test_a_restart_with_another_file_gives_it_back_too_and_one_who_never_was_a_person_keeps_it(house):
    house.fire("web-01", "web-02")
    house.settle()
    house.app.oncall.acknowledgements.acknowledge([1], by="alice", via=AcknowledgedVia.LINK)
    house.app.oncall.acknowledgements.acknowledge([2], by="root", via=AcknowledgedVia.COMMAND)
    house.run(60)
    house.crash()
    house.next_config = house.config(TEAM.replace("alice", "carol"))
    house.start()
    house.run(30)
    assert house.rows(incident_table.c.id, incident_table.c.reason, incident_table.c.acked_by) == [
        (1, "left", ""),
        (2, "acknowledged", "root"),
    ]


WITHOUT_ALICE = TEAM.replace('alice: "+33612345678", ', "").replace("{page: [alice], wait: 10m}, ", "")
FRESH = "CRITICAL HighCPU web-01: CPU above 90% for 5 min #1"


def restart(house: House, plan: str) -> None:
    house.crash()
    house.next_config = house.config(plan)
    house.start()


@pytest.mark.parametrize("begin_anew", [House.reload, restart], ids=["reload", "restart"])
def test_a_snooze_of_somebody_who_leaves_the_configuration_ends_with_them(house, begin_anew):
    """It could be for days; and nobody else would hear of it before."""
    fire_and_ack(house, snooze=timedelta(days=2))
    house.run(60)
    begin_anew(house, WITHOUT_ALICE)
    house.run(30)
    assert (standing(house), later(house)) == ([("open", "left", "")], [(BOB, FRESH)])
    house.run(3 * 86_400, hop=3600)
    assert ("paged", "snooze_over") not in house.rows(event_table.c.kind, event_table.c.reason)


@pytest.mark.parametrize("begin_anew", [House.reload, restart], ids=["reload", "restart"])
def test_a_snooze_of_somebody_who_left_does_not_outlast_an_end_and_a_return(house, begin_anew):
    fire_and_ack(house, snooze=timedelta(days=2))
    house.run(300)
    house.resolve(end=NIGHT + timedelta(minutes=5))
    begin_anew(house, WITHOUT_ALICE)
    house.run(300)
    house.fire(start=NIGHT + timedelta(minutes=10))
    house.run(30)
    assert standing(house) == [("open", "again", "")]
    assert [number for number, text in later(house) if "CRITICAL" in text] == [BOB]


def test_the_story_says_that_whoever_had_it_is_gone(house):
    fire_and_ack(house)
    house.run(60)
    house.reload(WITHOUT_ALICE)
    house.run(30)
    token = {"Authorization": f"Bearer {house.app.keys.token}"}
    assert "whoever had it is none of `people` any more" in house.client.get("/api/v1/incidents/1", headers=token).text
