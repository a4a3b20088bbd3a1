"""When what somebody has comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.acknowledge import ack_ends, snoozed
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.incidents.lifecycle import acknowledgement_over
from alertsms.core.schedules.team import Team

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def held(*, severity: Severity = Severity.CRITICAL, until: datetime | None = None) -> Incident:
    """Alice has it since now."""
    return Incident(
        id=1,
        key=b"k" * 16,
        team="ops",
        state=IncidentState.ACKNOWLEDGED,
        reason=IncidentReason.ACKNOWLEDGED,
        severity=severity,
        labels={},
        opened_at=NOW - HOUR,
        last_seen_at=NOW,
        acked_by="alice",
        acked_at=NOW,
        snoozed_until=until,
    )


@pytest.mark.parametrize(
    ("severity", "timeout", "until", "after"),
    [
        (Severity.CRITICAL, None, None, 2 * HOUR),
        (Severity.ERROR, None, None, None),
        (Severity.CRITICAL, timedelta(0), None, None),
        (Severity.INFO, HOUR / 2, None, HOUR / 2),
        (Severity.INFO, HOUR / 2, NOW + 3 * HOUR, 3 * HOUR),
        (Severity.CRITICAL, timedelta(0), NOW + HOUR, HOUR),
    ],
)
def test_a_snooze_counts_first_then_the_teams_own_timeout_then_the_usual_one(severity, timeout, until, after):
    team = Team(name="ops", ack_timeout=timeout)
    assert ack_ends(held(severity=severity, until=until), team) == (NOW + after if after else None)


def test_a_timer_that_rings_early_is_set_anew():
    """A reload made the timeout longer."""
    change = acknowledgement_over(
        held(), team=Team(name="ops", ack_timeout=HOUR), muted=False, fires=None, now=NOW + HOUR / 2
    )
    assert (change.reason, change.pages, change.incident.step_due_at) == (IncidentReason.TIMER, False, NOW + HOUR)


@pytest.mark.parametrize("timeout", [timedelta(0), HOUR])
def test_what_flaps_is_looked_at_in_time_whoever_has_it(timeout):
    flaps = replace(held(), flap_due_at=NOW + HOUR / 4)
    change = acknowledgement_over(flaps, team=Team(name="ops", ack_timeout=timeout), muted=False, fires=None, now=NOW)
    assert (change.incident.acked_by, change.incident.step_due_at) == ("alice", NOW + HOUR / 4)


@pytest.mark.parametrize(("fires", "again"), [(None, None), (False, timedelta(minutes=5))])
def test_a_source_that_confirms_nothing_leaves_it_theirs(fires, again):
    over = NOW + 2 * HOUR
    change = acknowledgement_over(held(), team=Team(name="ops"), muted=False, fires=fires, now=over)
    assert change.incident.acked_by == "alice"
    assert change.incident.step_due_at == (over + again if again else None)


def test_a_snooze_holds_until_its_time_and_an_acknowledgement_is_none():
    assert snoozed(held(until=NOW + HOUR), NOW)
    assert not snoozed(held(until=NOW + HOUR), NOW + HOUR)
    assert not snoozed(held(), NOW)


@pytest.mark.parametrize("muted", [False, True])
def test_what_is_given_back_is_nobodys(muted):
    change = acknowledgement_over(
        held(until=NOW + HOUR), team=Team(name="ops"), muted=muted, fires=None, now=NOW + HOUR
    )
    one = change.incident
    assert (one.acked_by, one.acked_at, one.snoozed_until) == ("", None, None)
    assert one.state is (IncidentState.HELD if muted else IncidentState.OPEN)
