"""The story of an incident: kept in order, and the same again counts up."""

from __future__ import annotations

from datetime import timedelta

from alertsms.core.story import Event, Kind
from alertsms.store import events
from tests.house import NIGHT


def happened(reason: str, minutes: int = 0, **more) -> Event:
    at = NIGHT + timedelta(minutes=minutes)
    return Event(incident_id=42, at=at, kind=more.pop("kind", Kind.NOT_PAGED), reason=reason, **more)


def test_a_repeated_event_counts_up_and_keeps_its_first_time(store):
    for minutes in (0, 5, 10):
        store.transact(lambda tx, minutes=minutes: events.note(tx, [happened("known", minutes)]))
    (told,) = store.read(lambda tx: events.of(tx, 42))
    assert (told.reason, told.count) == ("known", 3)
    assert (told.at, told.last_at) == (NIGHT, NIGHT + timedelta(minutes=10))


def test_another_detail_or_episode_is_another_event(store):
    store.transact(
        lambda tx: events.note(
            tx,
            [happened("muted"), happened("muted", 1, episode=1), happened("muted", 2, detail="by office hours"),
             happened("muted", 3, kind=Kind.PAGED)],
        )
    )  # fmt: skip
    told = store.read(lambda tx: events.of(tx, 42))
    assert [(each.kind, each.episode, each.detail, each.count) for each in told] == [
        (Kind.NOT_PAGED, 0, "", 1), (Kind.NOT_PAGED, 1, "", 1), (Kind.NOT_PAGED, 0, "by office hours", 1),
        (Kind.PAGED, 0, "", 1),
    ]  # fmt: skip


def test_a_long_detail_is_cut(store):
    store.transact(lambda tx: events.note(tx, [happened("refused", detail="x" * 1000)]))
    (told,) = store.read(lambda tx: events.of(tx, 42))
    assert told.detail == "x" * 300


def test_stories_go_with_their_incidents(store):
    store.transact(lambda tx: events.note(tx, [happened("known")]))
    store.transact(lambda tx: events.forget(tx, [42]))
    assert store.read(lambda tx: events.of(tx, 42)) == []
