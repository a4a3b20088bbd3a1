"""What the lists of Alertmanagers say of an incident, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.alertmanager_view import (
    LOST,
    SETTLED,
    TWICE,
    Absence,
    AlertState,
    Listed,
    Poll,
    Snapshot,
    Standing,
    asks_about,
    once_each,
    reconcile,
    silence,
)
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.schedules.team import Team

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AFTER = 15 * MINUTE
OPS = Team(name="ops")
LABELS = {"alertname": "HighCPU", "instance": "web-01"}
OPEN = Incident(
    id=1,
    key=b"k" * 16,
    team="ops",
    state=IncidentState.OPEN,
    reason=IncidentReason.FIRING,
    severity=Severity.CRITICAL,
    labels=LABELS,
    receiver="sms",
    source="alertmanager",
    opened_at=NOW - 50 * MINUTE,
    last_seen_at=NOW - 50 * MINUTE,
    paged=1,
    step_due_at=NOW + 30 * MINUTE,
)
HELD = replace(OPEN, state=IncidentState.HELD, reason=IncidentReason.SUPPRESSED, step_due_at=None)
ACKED = replace(
    OPEN, state=IncidentState.ACKNOWLEDGED, reason=IncidentReason.ACKNOWLEDGED, acked_by="bob", step_due_at=None
)


def lists(*, active=(), suppressed=(), up=SETTLED + MINUTE, receivers=("sms", "null")) -> Snapshot:
    rows = [Listed(labels=each, suppressed=False) for each in active]
    rows += [Listed(labels=each, suppressed=True) for each in suppressed]
    known = None if receivers is None else frozenset(receivers)
    return Snapshot(alerts=rows, up_since=None if up is None else NOW - up, receivers=known)


def word(*views: Snapshot | None, ignored=()) -> Poll:
    return Poll(views=views, at=NOW, ignored=ignored)


HAS, HUSHES, LACKS = lists(active=[LABELS]), lists(suppressed=[LABELS]), lists(active=[{"alertname": "Other"}])


@pytest.mark.parametrize(
    ("views", "standing"),
    [
        ([HAS], AlertState.ACTIVE),
        ([HUSHES], AlertState.SUPPRESSED),
        ([LACKS], AlertState.ABSENT),
        ([HAS, HUSHES], AlertState.ACTIVE),
        ([HUSHES, HAS], AlertState.ACTIVE),
        ([HUSHES, HUSHES], AlertState.SUPPRESSED),
        ([HUSHES, LACKS], AlertState.SUPPRESSED),  # in each of them that has it
        ([LACKS, HAS], AlertState.ACTIVE),
        ([LACKS, LACKS], AlertState.ABSENT),
        ([HAS, None], AlertState.ACTIVE),
        ([HUSHES, None], AlertState.UNKNOWN),  # the other one may have it active
        ([LACKS, None], AlertState.UNKNOWN),
        ([None], AlertState.UNKNOWN),
        ([], AlertState.UNKNOWN),
        ([lists(up=SETTLED)], AlertState.UNKNOWN),  # it may not have heard of it yet
        ([lists(up=None)], AlertState.UNKNOWN),
        ([LACKS, lists(up=MINUTE)], AlertState.UNKNOWN),
        ([lists(up=MINUTE, suppressed=[LABELS])], AlertState.SUPPRESSED),
        ([lists(receivers=["mail"])], AlertState.UNKNOWN),  # it came from an Alertmanager that is not listed
        ([lists(receivers=["mail"]), LACKS], AlertState.ABSENT),
        ([lists(receivers=None)], AlertState.ABSENT),
    ],
)
def test_several_alertmanagers_have_one_word(views, standing):
    assert word(*views).of(OPEN) is standing


def test_a_mention_after_they_were_asked_counts_more():
    assert word(LACKS).of(replace(OPEN, last_seen_at=NOW + MINUTE)) is AlertState.UNKNOWN
    assert word(LACKS).of(replace(OPEN, last_seen_at=NOW)) is AlertState.ABSENT


def test_an_alert_is_told_by_all_its_labels_but_the_ignored_ones():
    copy = LABELS | {"replica": "b"}
    assert word(lists(active=[copy])).of(OPEN) is AlertState.ABSENT
    assert word(lists(active=[copy]), ignored=["replica"]).of(OPEN) is AlertState.ACTIVE
    both = lists(active=[copy], suppressed=[LABELS | {"replica": "a"}])
    assert word(both, ignored=["replica"]).of(OPEN) is AlertState.ACTIVE


@pytest.mark.parametrize(
    ("one", "asked"),
    [
        (OPEN, True),
        (ACKED, True),
        (HELD, True),
        (replace(OPEN, opened_at=NOW - AFTER), True),
        (replace(OPEN, opened_at=NOW - 14 * MINUTE), False),
        (replace(OPEN, begun_at=NOW - 14 * MINUTE), False),
        (replace(OPEN, opened_at=NOW, step_due_at=NOW + MINUTE), True),  # about to page again
        (replace(OPEN, opened_at=NOW, step_due_at=NOW + MINUTE, paged=0), False),  # nobody has heard of it
        (replace(OPEN, opened_at=NOW, step_due_at=None), False),
        (replace(HELD, opened_at=NOW), True),
        (replace(HELD, reason=IncidentReason.MUTED), False),
        (replace(OPEN, state=IncidentState.CLOSED), False),
        (replace(OPEN, source="grafana"), False),
    ],
)
def test_alertmanager_is_asked_about_what_lasts_or_is_about_to_page_again(one, asked):
    assert asks_about(one, after=AFTER, soon=NOW + MINUTE, now=NOW) is asked


def decided(one: Incident, standing: AlertState, *, heard_at: datetime = NOW, muted: bool = False):
    return reconcile(one, Standing(standing, heard_at), team=OPS, muted=muted, absence=Absence(AFTER), now=NOW)


def test_what_is_suppressed_is_held_without_a_timer():
    change = decided(replace(OPEN, absent_at=NOW), AlertState.SUPPRESSED)
    assert change is not None
    assert change.incident == HELD
    assert not change.pages
    assert decided(HELD, AlertState.SUPPRESSED) is None
    assert decided(ACKED, AlertState.SUPPRESSED) is None


def test_what_was_suppressed_pages_once_it_is_active():
    change = decided(HELD, AlertState.ACTIVE)
    assert change is not None
    assert (change.incident.state, change.reason, change.pages) == (IncidentState.OPEN, IncidentReason.RELEASED, True)
    assert decided(HELD, AlertState.ACTIVE, muted=True) is None


def test_what_was_suppressed_pages_when_nobody_can_tell_any_more():
    assert decided(HELD, AlertState.UNKNOWN, heard_at=NOW - LOST + timedelta(seconds=1)) is None
    change = decided(HELD, AlertState.UNKNOWN, heard_at=NOW - LOST)
    assert change is not None
    assert change.pages


@pytest.mark.parametrize("one", [OPEN, HELD, ACKED])
def test_what_is_gone_twice_five_minutes_apart_is_closed(one):
    first = decided(one, AlertState.ABSENT)
    assert first is not None
    assert first.incident == replace(one, absent_at=NOW)
    assert decided(replace(one, absent_at=NOW - TWICE + timedelta(seconds=1)), AlertState.ABSENT) is None
    over = decided(replace(one, absent_at=NOW - TWICE), AlertState.ABSENT)
    assert over is not None
    assert (over.incident.state, over.reason, over.tells) == (IncidentState.CLOSED, IncidentReason.VANISHED, True)


def test_what_is_young_is_not_closed_for_its_absence():
    assert decided(replace(OPEN, opened_at=NOW - 14 * MINUTE), AlertState.ABSENT) is None


@pytest.mark.parametrize("standing", [AlertState.ACTIVE, AlertState.SUPPRESSED])
def test_an_absence_is_forgotten_when_it_is_listed_again(standing):
    change = decided(replace(ACKED, absent_at=NOW - TWICE), standing)
    assert change is not None
    assert change.incident.absent_at is None


def test_no_word_neither_forgets_an_absence_nor_adds_to_it():
    assert decided(replace(OPEN, absent_at=NOW - TWICE), AlertState.UNKNOWN) is None


def test_what_alertmanager_lists_does_not_go_stale():
    assert decided(OPEN, AlertState.ACTIVE) is None
    change = decided(replace(OPEN, last_seen_at=NOW - 60 * MINUTE), AlertState.ACTIVE)
    assert change is not None
    assert change.incident.last_seen_at == NOW


def test_a_silence_is_of_exactly_this_alert():
    asked = silence(
        replace(OPEN, labels=LABELS | {"replica": "a", "empty": ""}),
        ignored=["replica"],
        by="bob",
        length=2 * timedelta(hours=1),
        now=NOW,
    )
    assert asked.labels == LABELS
    assert (asked.begins_at, asked.ends_at) == (NOW, NOW + timedelta(hours=2))
    assert (asked.by, asked.comment) == ("bob", "alertsms #1, by bob")


def test_a_cluster_is_silenced_once():
    none: frozenset[str] = frozenset()
    pair = frozenset({"x", "y"})
    clusters = [("a", pair), ("b", none), ("c", pair), ("d", none), ("e", frozenset({"y"}))]
    assert once_each(clusters) == [["a", "c", "e"], ["b"], ["d"]]
    growing = [("a", pair), ("b", frozenset({"y", "z"})), ("c", frozenset({"z"}))]
    assert once_each(growing) == [["a", "b", "c"]]


def listed(start: datetime, labels=LABELS) -> Snapshot:
    return replace(HAS, alerts=[Listed(labels=labels, suppressed=False, starts_at=start)])


def back(one: Incident, *views: Snapshot) -> IncidentState | None:
    """What becomes of an incident of which they list a start."""
    asked = word(*views, ignored=["replica"])
    standing = Standing(asked.of(one), NOW, asked.start_of(one))
    change = reconcile(one, standing, team=OPS, muted=False, absence=Absence(AFTER), now=NOW)
    return change.incident.state if change and change.pages else None


def test_a_start_that_they_list_says_that_an_end_was_not_posted():
    """Alertmanager repeats an alert whose end it does not post only hours after its return."""
    one = replace(ACKED, acked_at=NOW - 40 * MINUTE, latest_start=NOW - 50 * MINUTE)
    assert back(one, listed(NOW - MINUTE)) is IncidentState.OPEN
    assert back(one, listed(NOW - 50 * MINUTE), listed(NOW - MINUTE)) is IncidentState.OPEN
    assert back(one, listed(NOW - 50 * MINUTE)) is None
    assert back(one, HAS) is None
    assert back(one, listed(NOW - MINUTE, {**LABELS, "replica": "b"})) is None, "of a copy that may go elsewhere"


@pytest.mark.parametrize(
    ("suppressed", "muted", "quiet"),
    [
        (False, {}, False),
        (True, {}, True),
        (False, {"chat": True}, False),
        (False, {"sms": True, "chat": False}, True),
        (False, {"sms": True, "night": True}, True),
        (False, {"sms": True, "night": False}, False),
    ],
)
def test_an_alert_is_quiet_once_nothing_comes_of_it_by_any_receiver_of_ours(suppressed, muted, quiet):
    assert Listed(labels=LABELS, suppressed=suppressed, muted=muted).quiet({"sms", "night"}) is quiet
