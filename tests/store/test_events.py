"""The story of an incident: kept in order, and the same again counts up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import NOBODY, Change, Event, EventKind, Incident, IncidentReason, IncidentState
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Channel, NotificationKind, NotificationState
from alertsms.store import comparison, history, incidents, maintenance, messages, recipients
from alertsms.store.messages import SmsMessage
from alertsms.store.schema import notification_table
from tests.support.house import NIGHT

DAY = timedelta(days=1)
MESSAGE = SmsMessage(
    id=1,
    tag="a",
    person="alice",
    team="ops",
    number="+33612345678",
    text="x",
    segments=1,
    kind="page",
    priority=0,
    state=MessageState.SENT,
    due_at=NIGHT,
    lease_owner="",
    asked_at=NIGHT,
    created_at=NIGHT,
)


def happened(reason: str, minutes: int = 0, **more) -> Event:
    at = NIGHT + timedelta(minutes=minutes)
    return Event(incident_id=42, at=at, kind=more.pop("kind", EventKind.NOT_PAGED), reason=reason, **more)


def test_a_repeated_event_counts_up_and_keeps_its_first_time(store):
    for minutes in (0, 5, 10):
        store.transact(lambda tx, minutes=minutes: incidents.note_events(tx, [happened("known", minutes)]))
    (told,) = store.read(lambda tx: history.timeline(tx, 42))
    assert (told.reason, told.count) == ("known", 3)
    assert (told.at, told.last_at) == (NIGHT, NIGHT + timedelta(minutes=10))


def test_another_detail_or_episode_is_another_event(store):
    store.transact(
        lambda tx: incidents.note_events(
            tx,
            [
                happened("muted"),
                happened("muted", 1, episode=1),
                happened("muted", 2, detail="by office hours"),
                happened("muted", 3, kind=EventKind.PAGED),
            ],
        )
    )
    told = store.read(lambda tx: history.timeline(tx, 42))
    assert [(each.kind, each.episode, each.detail, each.count) for each in told] == [
        (EventKind.NOT_PAGED, 0, "", 1),
        (EventKind.NOT_PAGED, 1, "", 1),
        (EventKind.NOT_PAGED, 0, "by office hours", 1),
        (EventKind.PAGED, 0, "", 1),
    ]


def test_a_long_detail_is_cut(store):
    store.transact(lambda tx: incidents.note_events(tx, [happened("refused", detail="x" * 1000)]))
    (told,) = store.read(lambda tx: history.timeline(tx, 42))
    assert told.detail == "x" * 300


def notified_of(store, number: int) -> list[tuple[str, timedelta, timedelta]]:
    told = store.read(lambda tx: history.timeline(tx, number))
    return [(each.reason, each.at - NIGHT, each.last_at - NIGHT) for each in told]


def incident(number: int, **more) -> Change:
    one = Incident(
        key=bytes([number]) * 16,
        team="ops",
        state=IncidentState.OPEN,
        reason=IncidentReason.FIRING,
        severity=Severity.CRITICAL,
        labels={},
        opened_at=NIGHT,
        last_seen_at=NIGHT,
    )
    return Change(incident=replace(one, **more), reason=IncidentReason.FIRING)


def test_stories_and_posts_go_when_they_are_old(store):
    over = incident(1, state=IncidentState.CLOSED, closed_at=NIGHT)
    store.transact(lambda tx: incidents.save(tx, [over, incident(2)]))
    post = replace(recipients.for_channel("team:ops", Channel(url=""), NotificationKind.UNSENT, NIGHT), incident_id=1)
    sent = replace(post, state=NotificationState.SENT)
    rows = [
        sent,
        replace(sent, incident_id=2, created_at=NIGHT + DAY),
        replace(sent, incident_id=None),
        replace(post, incident_id=None, nth=1),
    ]
    store.transact(lambda tx: recipients.add(tx, rows))
    about = [replace(happened("known"), incident_id=number) for number in (1, 2, NOBODY)]
    store.transact(lambda tx: incidents.note_events(tx, [*about, replace(about[2], detail="lately", at=NIGHT + DAY)]))
    store.transact(lambda tx: maintenance.prune(tx, NIGHT + timedelta(hours=1), 10))
    assert [len(notified_of(store, number)) for number in (1, 2, NOBODY)] == [0, 1, 1]
    kept = store.read(
        lambda tx: tx.execute(
            select(notification_table.c.incident_id, notification_table.c.nth).order_by(notification_table.c.id)
        ).all()
    )
    assert kept == [(2, 0), (None, 1)]


def test_a_story_that_goes_on_follows_the_clock(store):
    over = incident(1, state=IncidentState.CLOSED, closed_at=NIGHT - DAY)
    store.transact(lambda tx: incidents.save(tx, [over, incident(2)]))
    store.transact(
        lambda tx: incidents.note_events(tx, [replace(happened("known"), incident_id=each) for each in (1, 2)])
    )
    store.transact(lambda tx: maintenance.shift(tx, -DAY, NIGHT))
    assert notified_of(store, 1) == [("known", 0 * DAY, 0 * DAY)]
    assert notified_of(store, 2) == [("known", -DAY, -DAY)]


def test_what_waits_for_a_receipt_follows_the_clock(store):
    due = replace(MESSAGE, receipt_due_at=NIGHT, poll_at=NIGHT, sent_at=NIGHT)
    store.transact(lambda tx: messages.add(tx, [due, replace(due, id=2, tag="b", receipt_due_at=None, poll_at=None)]))
    store.transact(lambda tx: maintenance.shift(tx, DAY, NIGHT))
    first, second = store.read(lambda tx: [comparison.states(tx, [tag]).get(tag) for tag in "ab"])
    assert (first.receipt_due_at, first.poll_at, first.sent_at) == (NIGHT + DAY,) * 3
    assert second.sent_at == NIGHT + DAY  # a storm counts what somebody got lately


def test_what_was_sent_long_ago_is_history_whatever_the_clock_says(store):
    store.transact(lambda tx: messages.add(tx, [replace(MESSAGE, sent_at=NIGHT - DAY)]))
    store.transact(lambda tx: maintenance.shift(tx, DAY, NIGHT))
    assert store.read(lambda tx: comparison.states(tx, ["a"]).get("a")).sent_at == NIGHT - DAY
