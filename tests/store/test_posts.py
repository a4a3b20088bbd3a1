"""Posts as rows: nothing is told twice without need, and no crash keeps one from being told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from alertsms.core.messages.channel import GLOBAL, Channel, Fallback
from alertsms.core.messages.notice import NoticeBySms
from alertsms.core.messages.post import Post, PostKind, PostState
from alertsms.core.routing.roster import Roster
from alertsms.core.routing.route import Route
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Step, Team
from alertsms.store import notices, posts
from alertsms.store.engine import Store
from alertsms.store.schema import page_table, post_table
from tests.support.house import NIGHT

LEASE = timedelta(minutes=1)


def post(**changes) -> Post:
    return replace(Post(target=GLOBAL, incident_id=42, kind=PostKind.UNSENT, created_at=NIGHT, due_at=NIGHT), **changes)


def put(store: Store, *rows: Post) -> int:
    return store.transact(lambda tx: posts.add(tx, rows))


def claimed(store: Store, minutes: float = 0, passing_over=()) -> list[Post]:
    now = NIGHT + timedelta(minutes=minutes)
    return store.transact(lambda tx: posts.claim(tx, now, LEASE, 100, passing_over))


def rows(store: Store, *columns) -> list[tuple]:
    return store.read(lambda tx: [tuple(row) for row in tx.execute(select(*columns).order_by(columns[0].table.c.id))])


def test_the_same_thing_is_told_to_the_same_channels_once(store):
    assert put(store, post(), post(), post(episode=1), post(target="team:db"), post(incident_id=43)) == 4
    assert put(store, post()) == 0


def test_notices_are_not_told_apart_by_the_store(store):
    notice = post(incident_id=None, kind=PostKind.NOTICE, text="credits are low")
    assert put(store, notice, notice) == 2


def test_what_is_begun_is_begun_by_one(store):
    put(store, post(), post(incident_id=43, due_at=NIGHT + timedelta(minutes=5)))
    assert [(one.incident_id, one.attempts) for one in claimed(store)] == [(42, 1)]
    assert claimed(store) == []


def test_channels_that_are_busy_are_passed_over(store):
    put(store, post(), post(target="team:db"))
    assert [one.target for one in claimed(store, passing_over={GLOBAL})] == ["team:db"]


def test_an_attempt_that_was_never_ended_is_begun_again(store):
    put(store, post())
    (first,) = claimed(store)
    (second,) = claimed(store, minutes=1)
    assert (first.attempts, second.attempts) == (1, 2)
    assert not store.transact(lambda tx: posts.end(tx, first, PostState.FAILED, "too late to say"))
    assert store.transact(lambda tx: posts.end(tx, second, PostState.SENT))
    assert claimed(store, minutes=60) == []


def test_a_start_need_not_wait_for_the_lease_of_the_last_run(store):
    put(store, post())
    claimed(store)
    assert store.transact(lambda tx: posts.release(tx, NIGHT)) == 1
    assert [one.attempts for one in claimed(store)] == [2]


def test_an_attempt_in_vain_is_followed_by_another_one(store):
    put(store, post())
    (one,) = claimed(store)
    at = NIGHT + timedelta(seconds=10)
    assert store.transact(lambda tx: posts.later(tx, one, at, "ntfy: refused"))
    assert store.read(posts.next_due) == at
    assert store.transact(lambda tx: posts.release(tx, NIGHT)) == 0
    assert rows(store, post_table.c.error) == [("ntfy: refused",)]


def roster(*channels: str) -> Roster:
    alice = Person(name="alice", phones=(), time_zone="Europe/Paris")
    fallback = Fallback(channels=tuple(Channel(url=url) for url in channels))
    ops = Team(name="ops", steps=(Step(page=(alice,)),), fallback=fallback)
    return Roster(people={"alice": alice}, teams={"ops": ops}, route=Route(team=ops), fallback=fallback)


def told(store: Store, who: Roster, sms: NoticeBySms, minutes: float = 0, key: str = "credits") -> bool:
    now, every = NIGHT + timedelta(minutes=minutes), timedelta(hours=1)
    return store.transact(
        lambda tx: notices.tell(tx, who, key=key, every=every, text="190 credits left", now=now, sms=sms)
    )


def test_a_notice_is_told_once_in_its_time(store):
    who = roster("ntfy://topic")
    assert [told(store, who, NoticeBySms.ALWAYS, minutes) for minutes in (0, 59, 60)] == [True, False, True]
    assert told(store, who, NoticeBySms.ALWAYS, 60, "account")
    assert (
        rows(store, post_table.c.target, post_table.c.kind, post_table.c.text)
        == [("global", "notice", "190 credits left")] * 3
    )
    assert rows(store, page_table.c.person, page_table.c.note) == [("alice", "190 credits left")] * 3


def test_what_can_wait_for_the_morning_wakes_nobody(store):
    assert told(store, roster("ntfy://topic"), NoticeBySms.DAYTIME)
    assert rows(store, page_table.c.due_at) == [(NIGHT.replace(hour=7, minute=0),)]


def test_without_channels_some_notices_are_an_sms(store):
    assert told(store, roster(), NoticeBySms.WITHOUT_CHANNELS)
    assert rows(store, page_table.c.note) == [("190 credits left",)]
    assert rows(store, post_table.c.id) == []
    assert told(store, roster("ntfy://topic"), NoticeBySms.WITHOUT_CHANNELS, key="other")
    assert (len(rows(store, page_table.c.id)), len(rows(store, post_table.c.id))) == (1, 1)
