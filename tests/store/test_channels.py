"""What channels get, as rows: nothing is told twice without need, and no crash keeps one from being told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from alertsms.core.messages.notification import (
    GLOBAL,
    Channel,
    Fallback,
    NoticeBySms,
    Notification,
    NotificationKind,
    NotificationState,
)
from alertsms.core.routing.roster import Roster, Route
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Step, Team
from alertsms.store import channels, fallback, recipients
from alertsms.store.engine import Store
from alertsms.store.schema import BY_CHANNEL, BY_SMS, notification_table
from tests.support.house import NIGHT

LEASE = timedelta(minutes=1)


GONE = Channel(url="ntfy://gone")
MARK, OTHER = GONE.mark, "00112233445566bb"


def post(**changes) -> Notification:
    return replace(
        recipients.for_channel(GLOBAL, GONE, NotificationKind.UNSENT, NIGHT), **{"incident_id": 42, **changes}
    )


def put(store: Store, *posts: Notification) -> int:
    return store.transact(lambda tx: recipients.add(tx, posts))


def claimed(store: Store, minutes: float = 0, passing_over=()) -> list[Notification]:
    now = NIGHT + timedelta(minutes=minutes)
    return store.transact(lambda tx: channels.claim(tx, now, LEASE, 100, passing_over))


def rows(store: Store, *names: str, where=BY_CHANNEL) -> list[tuple]:
    query = select(*(notification_table.c[name] for name in names)).where(where).order_by(notification_table.c.id)
    return store.read(lambda tx: [tuple(row) for row in tx.execute(query)])


def test_the_same_thing_is_told_to_the_same_channels_once(store):
    assert put(store, post(), post(), post(episode=1), post(person="team:db"), post(incident_id=43)) == 4
    assert put(store, post(destination=OTHER), post()) == 1
    assert put(store, post()) == 0


def test_notices_are_not_told_apart_by_the_store(store):
    notice = post(incident_id=None, kind=NotificationKind.NOTICE, note="credits are low")
    assert put(store, notice, notice) == 2


def test_what_is_begun_is_begun_by_one(store):
    put(store, post(), post(incident_id=43, due_at=NIGHT + timedelta(minutes=5)))
    assert [(one.incident_id, one.attempts) for one in claimed(store)] == [(42, 1)]
    assert claimed(store) == []


def test_channels_that_are_busy_are_passed_over(store):
    put(store, post(), post(destination=OTHER))
    assert [each.destination for each in claimed(store, passing_over={MARK})] == [OTHER]


def test_a_channel_is_given_what_is_for_one_recipient_at_a_time(store):
    put(store, post(), post(person="team:db"), post(incident_id=43), post(person="team:db", destination=OTHER))
    assert [(each.person, each.incident_id, each.destination) for each in claimed(store)] == [
        ("global", 42, MARK),
        ("global", 43, MARK),
        ("team:db", 42, OTHER),
    ]
    assert [each.person for each in claimed(store)] == ["team:db"]


def test_what_was_for_a_channel_that_is_gone_moves_to_those_that_lack_it(store):
    here, new = Channel(url="ntfy://here"), Channel(url="ntfy://new")
    put(store, post(), post(destination=here.mark), post(destination=OTHER), post(person="team:db"))
    for each in claimed(store):
        if each.destination != here.mark:
            store.transact(lambda tx, each=each: channels.move(tx, each, (here, new), NIGHT))
    assert rows(store, "person", "destination", "state", "attempts") == [
        ("global", MARK, "cancelled", 1),
        ("global", here.mark, "queued", 1),
        ("global", OTHER, "cancelled", 1),
        ("team:db", MARK, "queued", 0),
        ("global", new.mark, "queued", 0),
    ]


def test_a_notice_moves_alike_and_leaves_the_same_words_of_before_alone(store):
    here, new = Channel(url="ntfy://here"), Channel(url="ntfy://new")
    notice = post(incident_id=None, kind=NotificationKind.NOTICE, note="credits are low")
    before = replace(notice, destination=new.mark, created_at=NIGHT - timedelta(days=1), state=NotificationState.SENT)
    put(store, before, notice, replace(notice, destination=here.mark))
    (gone, _) = claimed(store)
    store.transact(lambda tx: channels.move(tx, gone, (here, new), NIGHT))
    assert rows(store, "destination", "state")[1:] == [
        (MARK, "cancelled"),
        (here.mark, "queued"),
        (new.mark, "queued"),
    ]


def test_an_attempt_that_was_never_ended_is_begun_again(store):
    put(store, post())
    (first,) = claimed(store)
    (second,) = claimed(store, minutes=1)
    assert (first.attempts, second.attempts) == (1, 2)
    assert not store.transact(lambda tx: channels.end(tx, first, NotificationState.FAILED, "too late to say"))
    assert store.transact(lambda tx: channels.end(tx, second, NotificationState.FAILED, "no"))
    assert claimed(store, minutes=60) == []


def test_a_start_need_not_wait_for_the_lease_of_the_last_run(store):
    put(store, post())
    claimed(store)
    assert store.transact(lambda tx: channels.release(tx, NIGHT)) == 1
    assert [one.attempts for one in claimed(store)] == [2]


def test_an_attempt_in_vain_is_followed_by_another_one(store):
    put(store, post())
    (one,) = claimed(store)
    at = NIGHT + timedelta(seconds=10)
    assert store.transact(lambda tx: channels.later(tx, one, at, "ntfy: refused"))
    assert store.read(channels.next_due) == at
    assert store.transact(lambda tx: channels.release(tx, NIGHT)) == 0
    assert rows(store, "error") == [("ntfy: refused",)]


def test_a_channel_that_took_it_after_its_time_has_it(store):
    put(store, post(), post(incident_id=43))
    first, second = claimed(store)
    store.transact(lambda tx: channels.later(tx, first, NIGHT, "no answer"))
    again = claimed(store, minutes=0.5)
    assert [each.id for each in again] == [first.id]
    assert store.transact(lambda tx: channels.took(tx, [first.id, second.id])) == {first.id, second.id}
    assert store.transact(lambda tx: channels.took(tx, [first.id])) == set()
    assert not store.transact(lambda tx: channels.later(tx, again[0], NIGHT, "too late to say"))
    assert rows(store, "state") == [("sent",)] * 2


def roster(*urls: str) -> Roster:
    alice = Person(name="alice", phones=(), time_zone="Europe/Paris")
    fallback = Fallback(channels=tuple(Channel(url=url) for url in urls))
    ops = Team(name="ops", steps=(Step(page=(alice,)),), fallback=fallback)
    return Roster(people={"alice": alice}, teams={"ops": ops}, route=Route(team=ops), fallback=fallback)


def told(store: Store, who: Roster, sms: NoticeBySms, minutes: float = 0, key: str = "credits") -> bool:
    now, every = NIGHT + timedelta(minutes=minutes), timedelta(hours=1)
    return store.transact(
        lambda tx: fallback.notice(tx, who, key=key, every=every, text="190 credits left", now=now, sms=sms)
    )


def test_a_notice_is_told_once_in_its_time(store):
    who = roster("ntfy://topic")
    assert [told(store, who, NoticeBySms.ALWAYS, minutes) for minutes in (0, 59, 60)] == [True, False, True]
    assert told(store, who, NoticeBySms.ALWAYS, 60, "account")
    assert rows(store, "person", "kind", "note") == [("global", "notice", "190 credits left")] * 3
    assert rows(store, "person", "note", where=BY_SMS) == [("alice", "190 credits left")] * 3


def test_what_can_wait_for_the_morning_wakes_nobody(store):
    assert told(store, roster("ntfy://topic"), NoticeBySms.DAYTIME)
    assert rows(store, "due_at", where=BY_SMS) == [(NIGHT.replace(hour=7, minute=0),)]


def test_without_channels_some_notices_are_an_sms(store):
    assert told(store, roster(), NoticeBySms.WITHOUT_CHANNELS)
    assert rows(store, "note", where=BY_SMS) == [("190 credits left",)]
    assert rows(store, "id") == []
    assert told(store, roster("ntfy://topic"), NoticeBySms.WITHOUT_CHANNELS, key="other")
    assert (len(rows(store, "id", where=BY_SMS)), len(rows(store, "id"))) == (1, 1)
