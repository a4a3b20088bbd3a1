"""Where an incident stands, from the SMS that left about it and a store that is older than those."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.escalation import begin
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.incidents.replay import ReplayedSms, replay
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.team import Step, Team
from tests.support.house import NIGHT

ALICE, BOB, CAROL, DAVE = (
    Person(name=name, phones=(PhoneNumber(e164=f"+3361111111{number}"),))
    for number, name in enumerate(("alice", "bob", "carol", "dave"))
)
WAIT = timedelta(minutes=5)
STEPS = (Step(page=(ALICE,)), Step(page=(BOB, CAROL)))
OPS = Team(name="ops", steps=STEPS, rounds=2)
LATER = NIGHT + timedelta(hours=3)


def told(*texts: tuple[float, Person]) -> list[ReplayedSms]:
    return [ReplayedSms(at=NIGHT + timedelta(seconds=at), number=one.phones[0].e164, message=at) for at, one in texts]


def opened(team: Team = OPS, **more: object) -> Incident:
    one = Incident(
        id=7,
        key=b"k" * 16,
        team=team.name,
        state=IncidentState.OPEN,
        reason=IncidentReason.FIRING,
        labels={},
        severity=Severity.CRITICAL,
        opened_at=NIGHT,
        last_seen_at=NIGHT,
    )
    return replace(begin(one, team, NIGHT, IncidentReason.FIRING).incident, **more)


def stands(texts, team: Team = OPS, **more: object) -> tuple[int, int, list[str]]:
    """Round and step that it stands at, and who had which of them."""
    stand = replay(opened(team, **more), team, texts, (DAVE,), LATER)
    had = [f"{each.person} {each.incident.round}.{each.incident.step}" for each in stand.pages]
    return stand.incident.round, stand.incident.step, had


def test_without_an_sms_nothing_is_changed():
    one = opened()
    stand = replay(one, OPS, [], (), LATER)
    assert (stand.incident, stand.pages, stand.missed) == (one, [], [])


def test_the_first_page_alone_leaves_it_where_it_is():
    assert stands(told((2, ALICE))) == (0, 0, [])


def test_a_step_counts_from_when_its_first_sms_left():
    assert stands(told((100, ALICE), (401, BOB), (401, CAROL))) == (0, 1, ["bob 0.1", "carol 0.1"])


def test_one_of_two_is_enough_and_the_other_was_missed():
    assert stands(told((2, ALICE), (303, CAROL))) == (0, 1, ["carol 0.1"])
    assert replay(opened(), OPS, told((2, ALICE), (303, CAROL)), (), LATER).missed == ["bob"]
    assert replay(opened(), OPS, told((2, ALICE), (303, CAROL), (603, ALICE)), (), LATER).missed == []


def test_the_wait_of_the_last_step_begins_anew():
    one = replay(opened(), OPS, told((2, ALICE), (303, BOB)), (), LATER).incident
    assert (one.step_sent_at, one.step_due_at) == (LATER, LATER + WAIT)


def test_what_somebody_took_before_its_next_step_stays_there():
    """Bob had answered: three hours later the OK went to both, and no round is to be passed over for it."""
    texts = told((2, ALICE), (303, BOB), (10_000, ALICE), (10_000, BOB))
    assert stands(texts) == (0, 1, ["bob 0.1"])


def test_a_step_that_followed_at_once_is_known_by_whom_only_it_pages():
    """Alice's number was refused, so that no SMS to her is listed."""
    assert stands(told((1, BOB), (1, CAROL), (303, ALICE))) == (1, 0, ["bob 0.1", "carol 0.1", "alice 1.0"])


def test_a_second_sms_to_the_first_person_is_no_later_step():
    """Her page once more, by a copy or to another of her numbers, although a later step has her too."""
    team = replace(OPS, steps=(STEPS[0], Step(page=(ALICE, BOB))))
    assert stands(told((2, ALICE), (122, ALICE)), team) == (0, 0, [])


def test_nudges_are_pages_of_their_own():
    team = replace(OPS, nudge=timedelta(minutes=2))
    stand = replay(opened(team), team, told((0, ALICE), (120, ALICE), (240, ALICE)), (), LATER)
    assert (stand.incident.step, stand.incident.paged, [each.incident.paged for each in stand.pages]) == (0, 3, [2, 3])


@pytest.mark.parametrize(
    ("texts", "where"),
    [
        (((2, ALICE), (302, BOB), (602, ALICE), (902, BOB), (1202, DAVE)), "dave 2.0"),
        (((2, ALICE), (302, BOB), (602, ALICE), (902, BOB), (1202, DAVE), (3002, ALICE)), "alice 3.0"),
        (((2, ALICE), (302, BOB), (602, ALICE), (902, BOB), (3002, ALICE)), "alice 3.0"),
    ],
    ids=["the fallback's team", "a reminder", "a reminder, the fallback being channels alone"],
)
def test_the_fallback_and_reminders_come_after_all_rounds(texts, where):
    assert stands(told(*texts))[2][-1] == where


def test_a_page_that_is_not_taken_by_anybody_is_where_it_ends():
    """Nobody of the second step was told: an SMS to a stranger explains nothing."""
    assert stands(told((2, ALICE), (303, DAVE))) == (0, 0, [])


def test_what_flaps_is_not_looked_at_for_ever():
    assert stands(told((2, ALICE), (303, BOB)), flap_due_at=NIGHT + timedelta(seconds=60)) == (0, 0, [])


def test_a_team_without_timers_has_nowhere_to_go_on_to():
    team = replace(OPS, record_only=True)
    assert stands(told((2, ALICE)), team) == (0, 0, [])
