"""The words about incidents that few stories come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.escalation import decided
from alertsms.core.incidents.incident import (
    NO_PEOPLE,
    Change,
    Chronicle,
    EventKind,
    Incident,
    IncidentReason,
    IncidentState,
    NotifiedPeople,
    PageDelivery,
)
from alertsms.core.messages import notification
from alertsms.core.text.timeline import TimeFormat, line, people, standing, why_nobody
from tests.core.night import MIDNIGHT

CLOCK = TimeFormat(zone=ZoneInfo("UTC"), now=MIDNIGHT + timedelta(hours=1))


SNOOZED = {"state": IncidentState.ACKNOWLEDGED, "acked_by": "bob", "reason": IncidentReason.SNOOZED}


def incident(**more) -> Incident:
    known = {"id": 42, "key": b"k", "team": "ops", "state": IncidentState.OPEN, "reason": IncidentReason.FIRING}
    known |= {"severity": Severity.CRITICAL, "labels": {"alertname": "HighCPU"}}
    known |= {"annotations": {}, "opened_at": MIDNIGHT, "last_seen_at": MIDNIGHT}
    return Incident(**(known | more))


def test_whoever_has_it_is_named():
    assert standing(incident(state=IncidentState.ACKNOWLEDGED, acked_by="bob"), CLOCK) == (
        "bob has it; fires since Tue 3 Mar 00:00:00"
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "fires for 1 h"),
        ({"state": IncidentState.ACKNOWLEDGED, "acked_by": "bob"}, "bob has it"),
        (SNOOZED | {"snoozed_until": MIDNIGHT + timedelta(hours=3)}, "bob has it until 03:00"),
        (SNOOZED | {"snoozed_until": MIDNIGHT + timedelta(days=2)}, "bob has it until 5 Mar 00:00"),
        ({"state": IncidentState.HELD, "reason": IncidentReason.LATE_COPY}, "held (late copy)"),
    ],
)
def test_the_log_says_where_an_incident_is_and_until_when(more, says):
    told = line(Chronicle(incident=incident(**more), deliveries=(), events=()), CLOCK)
    assert told == (
        f"#42    Tue 3 Mar 00:00:00   {says:<20}  ops: CRITICAL HighCPU; nobody paged: no reason was written down"
    )


def test_what_flaps_says_so_and_how_it_goes_on():
    ended = tuple(MIDNIGHT + timedelta(minutes=each) for each in (5, 20, 45))
    flaps = incident(reason=IncidentReason.FLAPPING, closings=ended, flap_due_at=MIDNIGHT + timedelta(hours=1))
    assert standing(flaps, CLOCK) == (
        "flaps, ended 3 times in 40 min: fires just now, calm Tue 3 Mar 01:00:00 unless it ends"
    )
    assert standing(replace(flaps, closed_at=ended[-1]), CLOCK) == (
        "flaps, ended 3 times in 40 min: over since Tue 3 Mar 00:45:00, closes Tue 3 Mar 01:00:00 unless it comes back"
    )
    assert standing(replace(flaps, state=IncidentState.ACKNOWLEDGED, acked_by="bob"), CLOCK).startswith(
        "bob has it; flaps, ended 3 times in 40 min: fires"
    )


def test_that_it_flapped_stands_beside_the_pages():
    told = PageDelivery(
        person="alice",
        kind=notification.NotificationKind.FLAPPING,
        state=notification.NotificationState.CANCELLED,
        episode=0,
        due_at=MIDNIGHT,
        sms=None,
    )
    (told,) = people(Chronicle(incident=incident(), deliveries=(told,), events=()), CLOCK)
    assert told == "  alice  FLAPPING  never sent: it flaps no more"


def test_a_test_is_called_one():
    over = incident(state=IncidentState.CLOSED, reason=IncidentReason.TEST, closed_at=MIDNIGHT)
    assert standing(over, CLOCK) == "a test, Tue 3 Mar 00:00:00"


def test_an_ok_that_waits_says_for_what():
    ok = PageDelivery(
        person="alice",
        kind=notification.NotificationKind.RESOLVED,
        state=notification.NotificationState.WAITING,
        episode=0,
        due_at=MIDNIGHT,
        sms=None,
    )
    (told,) = people(Chronicle(incident=incident(), deliveries=(ok,), events=()), CLOCK)
    assert told.endswith("waits until it is known whether the SMS before it left")


def test_an_incident_without_a_story_says_so():
    assert why_nobody(Chronicle(incident=incident(), deliveries=(), events=())) == "no reason was written down"


def test_a_team_without_people_is_a_reason():
    (event,) = decided(
        Change(incident=incident(), reason=IncidentReason.FIRING, pages=True), NotifiedPeople(), at=MIDNIGHT
    )
    assert (event.kind, event.reason) == (EventKind.NOT_PAGED, NO_PEOPLE)
