"""What somebody's answer does to an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.acknowledge import AcknowledgedVia, Acknowledgement
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.schedules.team import Team

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OPS = Team(name="ops", ack_timeout=HOUR)
FIRES = Incident(
    id=1,
    key=b"k" * 16,
    team="ops",
    state=IncidentState.OPEN,
    reason=IncidentReason.FIRING,
    severity=Severity.CRITICAL,
    labels={},
    opened_at=NOW,
    last_seen_at=NOW,
    step_due_at=NOW + 5 * MINUTE,
)
THEIRS = replace(
    FIRES, state=IncidentState.ACKNOWLEDGED, reason=IncidentReason.ACKNOWLEDGED, acked_by="alice", acked_at=NOW
)
SLEEPS = replace(THEIRS, reason=IncidentReason.SNOOZED, snoozed_until=NOW + 2 * HOUR)


def answer(one: Incident, by: str, *, minutes: int = 10, until: datetime | None = None) -> Change | None:
    now = NOW + minutes * MINUTE
    return Acknowledgement(by=by, via=AcknowledgedVia.REPLY, now=now, written=now, until=until).change(one, OPS)


@pytest.mark.parametrize("state", [IncidentState.OPEN, IncidentState.HELD])
@pytest.mark.parametrize(
    ("until", "reason", "timer"),
    [(None, IncidentReason.ACKNOWLEDGED, NOW + 70 * MINUTE), (NOW + 2 * HOUR, IncidentReason.SNOOZED, NOW + 2 * HOUR)],
)
def test_whoever_answers_first_has_it_and_the_others_are_relieved(state, until, reason, timer):
    change = answer(replace(FIRES, state=state), "alice", until=until)
    one = change.incident
    assert (one.state, one.reason, one.acked_by, one.acked_at) == (
        IncidentState.ACKNOWLEDGED,
        reason,
        "alice",
        NOW + 10 * MINUTE,
    )
    assert (one.snoozed_until, one.step_due_at) == (until, timer)
    assert (change.reason, change.relieves, change.by, change.pages) == (reason, True, "alice", False)


@pytest.mark.parametrize(
    ("known", "by", "until"),
    [
        (THEIRS, "alice", None),
        (THEIRS, "bob", None),
        (THEIRS, "bob", NOW + 3 * HOUR),
        (SLEEPS, "alice", NOW + 2 * HOUR),
        (SLEEPS, "bob", NOW + 3 * HOUR),
        (SLEEPS, "bob", None),
        (replace(FIRES, state=IncidentState.CLOSED), "alice", None),
        (replace(FIRES, state=IncidentState.CLOSED), "alice", NOW + HOUR),
    ],
)
def test_nobody_takes_what_somebody_has_or_what_is_over(known, by, until):
    assert answer(known, by, until=until) is None


@pytest.mark.parametrize(
    ("known", "until", "reason", "timer"),
    [
        (THEIRS, NOW + 2 * HOUR, IncidentReason.SNOOZED, NOW + 2 * HOUR),
        (SLEEPS, NOW + 3 * HOUR, IncidentReason.SNOOZED, NOW + 3 * HOUR),
        (SLEEPS, None, IncidentReason.ACKNOWLEDGED, NOW + 70 * MINUTE),  # the team's own timeout, from this answer on
    ],
)
def test_whoever_has_it_may_set_another_time_and_nobody_hears_of_that(known, until, reason, timer):
    change = answer(known, "alice", until=until)
    assert (change.incident.reason, change.incident.snoozed_until, change.incident.step_due_at) == (
        reason,
        until,
        timer,
    )
    assert not change.relieves


def test_a_doubt_ends_where_somebody_has_it_unless_it_flaps():
    doubtful = replace(FIRES, state=IncidentState.HELD, reason=IncidentReason.LATE_COPY, ends_at=NOW, closed_at=NOW)
    assert answer(doubtful, "alice").incident.closed_at is None
    flaps = replace(FIRES, reason=IncidentReason.FLAPPING, ends_at=NOW, closed_at=NOW, flap_due_at=NOW + 15 * MINUTE)
    one = answer(flaps, "alice").incident
    assert (one.ends_at, one.closed_at, one.step_due_at) == (NOW, NOW, NOW + 15 * MINUTE)


def test_what_somebody_ends_is_over_once():
    ends = Acknowledgement(by="alice", via=AcknowledgedVia.WEB, now=NOW + HOUR, written=NOW + HOUR, resolves=True)
    change = ends.change(THEIRS, OPS)
    assert (change.incident.state, change.reason, change.tells, change.by) == (
        IncidentState.CLOSED,
        IncidentReason.RESOLVED_BY_HAND,
        True,
        "alice",
    )
    assert ends.change(change.incident, OPS) is None
