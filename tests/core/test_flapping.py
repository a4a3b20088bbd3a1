"""Flapping, as functions: what begins it, what happens in it, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alertsms.core.incidents import lifecycle
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, close, flap_words
from alertsms.core.incidents.intake import receive
from alertsms.core.incidents.lifecycle import Arrival, acknowledgement_over, resolve, settle
from tests.core.night import OPS, at, fires, incident, over

MINUTE = timedelta(minutes=1)


def ended(one: Incident, when: datetime) -> Change | None:
    return lifecycle.ended(one, resolve(one, over(None), when), team=OPS, now=when)


def mentioned(one: Incident, when: datetime) -> Change:
    arrival = Arrival(alert=fires(None), team=OPS, severity=one.severity, muted=False)
    change = receive(one, arrival, now=when, flap_window=15 * MINUTE)
    return lifecycle.back(one, change, team=OPS, now=when)


def after(*minutes: float, **more: object) -> Incident:
    """An open incident that ended so many minutes after 02:00."""
    times = tuple(at("02:00") + each * MINUTE for each in minutes)
    return incident(**{"closings": times, "episode": len(minutes), "step_at": at("02:00")} | more)


@pytest.mark.parametrize(
    ("before", "now", "flaps"),
    [
        ((), "02:10", False),
        ((10,), "02:20", False),
        ((10, 20), "02:30", True),
        ((0, 30), "02:59:59", True),
        ((0, 30), "03:00", False),  # the first one is an hour old
        ((0, 30, 40), "03:05", True),
    ],
)
def test_the_third_closing_within_an_hour_begins_it(before, now, flaps):
    change = ended(after(*before), at(now))
    assert (change.flaps, change.closes is None, change.tells) == (flaps, flaps, not flaps)
    one = change.incident
    assert one.closings[-1] == one.closed_at == at(now)
    if flaps:
        assert (one.state, one.reason, one.flap_due_at) == (
            IncidentState.OPEN,
            IncidentReason.FLAPPING,
            at(now) + 15 * MINUTE,
        )
    else:
        assert (one.state, one.flap_due_at, one.step_due_at) == (IncidentState.CLOSED, None, None)


def test_whoever_has_it_still_has_it():
    change = ended(
        after(10, 20, state=IncidentState.ACKNOWLEDGED, reason=IncidentReason.ACKNOWLEDGED, acked_by="bob"), at("02:30")
    )
    one = change.incident
    assert change.flaps
    assert (one.state, one.reason, one.acked_by) == (IncidentState.ACKNOWLEDGED, IncidentReason.ACKNOWLEDGED, "bob")
    assert one.step_due_at == one.flap_due_at == at("02:45")


@pytest.mark.parametrize(
    ("held", "counted"),
    [
        ({"state": IncidentState.HELD, "reason": IncidentReason.MUTED}, 3),  # nobody hears of it, but it ends
        ({"state": IncidentState.HELD, "reason": IncidentReason.LATE_COPY}, 2),  # this end was counted before
    ],
)
def test_what_is_held_closes(held, counted):
    change = ended(after(10, 20, **held), at("02:30"))
    assert (change.incident.state, change.flaps, len(change.incident.closings)) == (
        IncidentState.CLOSED,
        False,
        counted,
    )


def test_in_it_each_change_starts_the_quarter_of_an_hour_anew_and_pages_nobody():
    one = ended(after(10, 20), at("02:30")).incident
    change = mentioned(one, at("02:35"))
    assert (change.reason, change.pages, change.write) == (IncidentReason.FLAPS, False, True)
    one = change.incident
    assert (one.state, one.closed_at, one.flap_due_at) == (IncidentState.OPEN, None, at("02:50"))
    known = mentioned(one, at("02:40"))
    assert (known.reason, known.incident.flap_due_at) == (IncidentReason.KNOWN, at("02:50"))
    change = ended(known.incident, at("02:41"))
    assert (change.reason, change.flaps, change.closes) == (IncidentReason.FLAPS, False, None)
    assert (change.incident.closed_at, change.incident.flap_due_at) == (at("02:41"), at("02:56"))
    assert ended(change.incident, at("02:42")) is None, "a copy of the same end"


@pytest.mark.parametrize("is_over", [True, False])
def test_it_settles_once_it_was_stable(is_over):
    one = ended(after(10, 20), at("02:30")).incident
    if not is_over:
        one = mentioned(one, at("02:30")).incident
    assert settle(one, team=OPS, now=at("02:44:59")) is None
    change = settle(one, team=OPS, now=at("02:45"))
    assert change.incident.flap_due_at is None
    if is_over:
        assert (change.reason, change.closes, change.tells) == (IncidentReason.RESOLVED, 2, True)
        assert change.incident.state is IncidentState.CLOSED
    else:
        assert (change.reason, change.closes, change.pages) == (IncidentReason.STEADY, None, False)
        assert (change.incident.state, change.incident.reason) == (IncidentState.OPEN, IncidentReason.AGAIN)


def test_what_somebody_has_settles_too_and_stays_theirs():
    mine = after(10, 20, state=IncidentState.ACKNOWLEDGED, reason=IncidentReason.SNOOZED, acked_by="bob")
    fires_on = mentioned(ended(mine, at("02:30")).incident, at("02:31")).incident
    change = settle(fires_on, team=OPS, now=at("02:46"))
    assert (change.reason, change.incident.state, change.incident.reason) == (
        IncidentReason.STEADY,
        IncidentState.ACKNOWLEDGED,
        IncidentReason.SNOOZED,
    )


def test_a_snooze_and_flapping_have_one_timer_that_rings_for_both():
    mine = after(10, 20, state=IncidentState.ACKNOWLEDGED, acked_by="bob", snoozed_until=at("03:30"))
    one = ended(mine, at("02:30")).incident
    assert one.step_due_at == at("02:45")
    early = acknowledgement_over(one, team=OPS, muted=False, fires=None, now=at("02:40"))
    assert early.incident.step_due_at == at("02:45")


def test_what_does_not_flap_or_was_closed_otherwise_never_settles():
    assert settle(after(10), team=OPS, now=at("05:00")) is None
    one = ended(after(10, 20), at("02:30")).incident
    assert settle(replace(one, state=IncidentState.HELD), team=OPS, now=at("05:00")) is None
    assert close(one, IncidentReason.RESOLVED_BY_HAND, at("02:31")).incident.flap_due_at is None


def test_a_long_night_keeps_fifty_closings():
    one = after(10, 20)
    for second in range(0, 1200, 10):
        one = ended(replace(one, closed_at=None), at("02:30") + timedelta(seconds=second)).incident
    assert len(one.closings) == 50
    assert flap_words(one) == "50 times in 8 min"


def test_how_often_in_words():
    assert flap_words(after()) == ""
    assert flap_words(after(0, 15, 40)) == "3 times in 40 min"
    assert flap_words(after(0, 0.2, 0.5)) == "3 times in 30 s"
