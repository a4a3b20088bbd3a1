"""Incidents, pages and messages as rows: what the database itself keeps from happening twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.store import comparison, incidents, maintenance, messages, notifications, outcomes, recipients
from alertsms.store.comparison import id_of, made_at
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.messages import Ids, Lease, SmsMessage
from alertsms.store.schema import EPOCH, incident_table, message_table, notification_table

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
MINE = Lease(owner="me", until=NOW + timedelta(minutes=1))
THEIRS = Lease(owner="them", until=NOW + timedelta(minutes=1))


def incident(key: bytes = b"k" * 16, **changes: object) -> Incident:
    one = Incident(
        key=key,
        team="ops",
        state=IncidentState.OPEN,
        reason=IncidentReason.FIRING,
        severity=Severity.CRITICAL,
        labels={"alertname": "HighCPU"},
        opened_at=NOW,
        last_seen_at=NOW,
        paged=1,
    )
    return replace(one, **changes)


def opened(store: Store, *new: Incident) -> list[Incident]:
    changes = [Change(incident=one, reason=IncidentReason.FIRING) for one in new]
    return [change.incident for change in store.transact(lambda tx: incidents.save(tx, changes))]


def message(number: int, state: MessageState = MessageState.SENDING, **changes: object) -> SmsMessage:
    one = SmsMessage(
        id=number,
        tag=f"{number:016}",
        person="alice",
        team="ops",
        number="+33612345678",
        text="text",
        segments=1,
        kind="page",
        priority=0,
        state=state,
        due_at=NOW,
        lease_owner="me",
        lease_until=MINE.until,
        asked_at=NOW,
        created_at=NOW,
    )
    return replace(one, **changes)


def waiting(number: int, **changes: object) -> SmsMessage:
    return message(number, **{"state": MessageState.QUEUED, "lease_owner": "", "lease_until": None} | changes)


def put(store: Store, *rows: SmsMessage) -> None:
    store.transact(lambda tx: messages.add(tx, rows))


def page(**changes: object) -> Notification:
    one = Notification(person="alice", team="ops", kind=NotificationKind.PAGE, priority=0, due_at=NOW, created_at=NOW)
    return replace(one, **changes)


def test_an_incident_comes_back_as_it_was_saved(store):
    full = incident(
        annotations={"summary": "Größe → 9"},
        place="web-01",
        truncated=3,
        receiver="sms",
        source="grafana",
        starts_at=NOW - timedelta(microseconds=1),
        latest_start=NOW,
        ends_at=NOW,
        closed_at=NOW,
        begun_at=NOW,
        last_paged_at=NOW,
        acked_by="alice",
        episode=2,
        round=1,
        step_due_at=NOW,
    )
    (saved,) = opened(store, full)
    assert saved == replace(full, id=1)
    assert store.read(lambda tx: incidents.get(tx, [1])) == [saved]
    assert store.read(lambda tx: incidents.find(tx, [full.key])) == {full.key: {"ops": saved}}


def test_the_same_alert_opens_one_incident_a_team(store):
    opened(store, incident())
    again = [Change(incident=incident(), reason=IncidentReason.FIRING)]
    with pytest.raises(StoreError, match="kept writing the same incidents"):
        store.transact(lambda tx: incidents.save(tx, again))
    assert [one.team for one in opened(store, incident(team="db"))] == ["db"]


def test_two_bodies_that_open_the_same_incident_at_once_open_it_once(url):
    """Both find nothing and both insert: the second is told of the conflict, decides again and finds it."""
    store, both, tries = Store(url), threading.Barrier(2, timeout=2), []

    def work(tx) -> int:
        known = incidents.find(tx, [b"k" * 16])
        tries.append(bool(known))
        if not known and not store.sqlite and len(tries) <= 2:
            both.wait()
        if known:
            return known[b"k" * 16]["ops"].id
        return incidents.save(tx, [Change(incident=incident(), reason=IncidentReason.FIRING)])[0].incident.id

    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(store.transact(work))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = store.read(lambda tx: tx.execute(select(func.count()).select_from(incident_table)).scalar())
    store.close()
    assert rows == 1
    assert len(set(numbers)) == 1
    assert tries.count(True) == 1


def test_bodies_with_the_same_alerts_in_other_orders_do_not_wait_for_each_other(url):
    store = Store(url)
    new = [incident(bytes([at]) * 16) for at in range(40)]
    done = []

    def work(rows):
        def save(tx) -> int:
            known = incidents.find(tx, [one.key for one in rows])
            fresh = [Change(incident=one, reason=IncidentReason.FIRING) for one in rows if one.key not in known]
            return len(incidents.save(tx, fresh))

        return save

    threads = [
        threading.Thread(target=lambda rows=rows: done.append(store.transact(work(rows))))
        for rows in (new, new[::-1], new[::2] + new[1::2])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert sum(done) == 40


def test_a_new_incident_takes_the_place_of_the_one_before(store):
    opened(store, incident(state=IncidentState.CLOSED))
    change = Change(incident=incident(), reason=IncidentReason.FIRING, retires=1)
    (saved,) = store.transact(lambda tx: incidents.save(tx, [change]))
    assert saved.incident.id == 2
    assert store.read(lambda tx: incidents.find(tx, [b"k" * 16])) == {b"k" * 16: {"ops": saved.incident}}


def test_a_body_may_have_more_alerts_than_a_query_takes(store):
    new = [incident(at.to_bytes(16, "big")) for at in range(1200)]
    assert len(opened(store, *new)) == 1200
    known = store.read(lambda tx: incidents.find(tx, [one.key for one in new]))
    assert len(known) == 1200
    retired = [
        Change(incident=incident(key), reason=IncidentReason.FIRING, retires=of["ops"].id) for key, of in known.items()
    ]
    saved = store.transact(lambda tx: incidents.save(tx, retired))
    assert len({change.incident.id for change in saved}) == 1200


def test_a_change_that_says_nothing_new_is_not_written(store):
    (saved,) = opened(store, incident())
    change = Change(incident=replace(saved, place="elsewhere"), reason=IncidentReason.KNOWN, write=False)
    store.transact(lambda tx: incidents.save(tx, [change]))
    assert store.read(lambda tx: incidents.get(tx, [1])) == [saved]


def test_a_page_is_stored_once(store):
    assert store.transact(lambda tx: recipients.add(tx, [page(incident_id=1)])) == 1
    assert store.transact(lambda tx: recipients.add(tx, [page(incident_id=1), page(incident_id=1, nth=1)])) == 1
    assert store.transact(lambda tx: recipients.add(tx, [])) == 0


def test_notices_are_all_stored(store):
    assert (
        store.transact(
            lambda tx: recipients.add(tx, [page(kind=NotificationKind.NOTICE), page(kind=NotificationKind.NOTICE)])
        )
        == 2
    )


def test_pages_are_due_the_most_severe_and_oldest_first(store):
    rows = [page(nth=1, priority=2), page(nth=2, due_at=NOW - timedelta(1)), page(nth=3), page(nth=4, person="bob")]
    late = page(nth=5, due_at=NOW + timedelta(seconds=1))
    store.transact(lambda tx: recipients.add(tx, [replace(row, incident_id=1) for row in [*rows, late]]))
    assert [due.page.nth for due in store.read(lambda tx: notifications.due(tx, NOW, 10))] == [2, 3, 4, 1]
    assert [due.page.nth for due in store.read(lambda tx: notifications.due(tx, NOW, 2))] == [2, 3]
    assert [due.page.nth for due in store.read(lambda tx: notifications.due(tx, NOW, 10, {"alice"}))] == [4]


def test_a_page_is_claimed_by_one_message(store):
    store.transact(lambda tx: recipients.add(tx, [page(incident_id=1), page(incident_id=2)]))
    first, second, third, fourth = message(100), message(200), message(201), message(300)
    assert store.transact(lambda tx: notifications.claim(tx, {1: first})) == [first]
    assert store.transact(lambda tx: notifications.claim(tx, {1: second, 2: third})) == [third]
    assert store.transact(lambda tx: notifications.claim(tx, {1: fourth})) == []


def test_a_page_is_cancelled_while_it_is_queued(store):
    store.transact(lambda tx: recipients.add(tx, [page(incident_id=1)]))
    assert store.transact(lambda tx: notifications.cancel(tx, 1))
    assert not store.transact(lambda tx: notifications.cancel(tx, 1))
    assert store.transact(lambda tx: notifications.claim(tx, {1: message(100)})) == []


def test_a_message_comes_back_as_it_was_added(store):
    one = message(1, resends=2, resent_at=NOW, unknown_since=NOW, ovh_id=7, sent_at=NOW, credits=1.5, error="no")
    put(store, one)
    assert store.read(lambda tx: comparison.states(tx, [one.tag]).get(one.tag)) == one
    assert store.read(lambda tx: comparison.states(tx, ["none"])) == {}


def test_a_queued_message_is_claimed_once(store):
    put(store, waiting(1), waiting(2, due_at=NOW - timedelta(1)), waiting(3, due_at=NOW + timedelta(1)))
    assert [one.id for one in store.read(lambda tx: messages.due(tx, MessageState.QUEUED, NOW, 10))] == [2, 1]
    (mine,) = store.transact(lambda tx: messages.claim(tx, MessageState.QUEUED, [1], MINE, NOW))
    assert (mine.state, mine.attempts, mine.lease_owner, mine.lease_until) == (
        MessageState.SENDING,
        2,
        "me",
        MINE.until,
    )
    assert store.transact(lambda tx: messages.claim(tx, MessageState.QUEUED, [1], THEIRS, NOW)) == []


def test_an_unknown_message_is_leased_until_its_lease_ends(store):
    put(store, waiting(1, state=MessageState.UNKNOWN))
    (mine,) = store.transact(lambda tx: messages.claim(tx, MessageState.UNKNOWN, [1], MINE, NOW))
    assert (mine.state, mine.attempts) == (MessageState.UNKNOWN, 1)
    assert store.transact(lambda tx: messages.claim(tx, MessageState.UNKNOWN, [1], THEIRS, NOW)) == []
    assert store.read(lambda tx: messages.due(tx, MessageState.UNKNOWN, NOW, 10)) == []
    later = MINE.until
    assert len(store.transact(lambda tx: messages.claim(tx, MessageState.UNKNOWN, [1], THEIRS, later))) == 1
    assert not store.transact(lambda tx: messages.move(tx, mine, MessageState.QUEUED))


@pytest.mark.parametrize("lost", [{"state": "unknown"}, {"lease_owner": "them"}, {"attempts": 2}])
def test_whoever_lost_the_lease_moves_nothing(store, lost):
    mine = message(1)
    put(store, mine)
    store.transact(lambda tx: tx.execute(update(message_table).values(**lost)))
    assert not store.transact(lambda tx: messages.move(tx, mine, MessageState.SENT, ovh_id=1))
    assert store.transact(lambda tx: tx.execute(select(message_table.c.ovh_id)).scalar()) is None


def test_whoever_holds_a_message_moves_it_once(store):
    mine = message(1)
    put(store, mine)
    assert store.transact(lambda tx: messages.move(tx, mine, MessageState.SENT, ovh_id=1))
    assert not store.transact(lambda tx: messages.move(tx, mine, MessageState.FAILED))
    kept = store.read(lambda tx: comparison.states(tx, [mine.tag]).get(mine.tag))
    assert (kept.state, kept.lease_owner, kept.lease_until) == (MessageState.SENT, "", None)


def test_a_message_goes_along_its_edges_only(store):
    mine = message(1)
    put(store, mine)
    with pytest.raises(ValueError, match="no message goes from sending to delivered"):
        store.transact(lambda tx: messages.move(tx, mine, MessageState.DELIVERED))


def test_what_was_being_sent_when_its_lease_ended_is_unknown(store):
    put(store, message(1), message(2, lease_until=NOW), message(3, MessageState.UNKNOWN))
    assert store.transact(lambda tx: outcomes.orphans(tx, NOW)) == 1
    lost = store.read(lambda tx: comparison.states(tx, [f"{2:016}"]).get(f"{2:016}"))
    assert (lost.state, lost.unknown_since, lost.due_at) == (MessageState.UNKNOWN, NOW, NOW + timedelta(seconds=1))
    assert store.read(lambda tx: messages.due(tx, MessageState.UNKNOWN, NOW + timedelta(seconds=1), 10)) == [lost]


def test_at_a_start_alone_all_that_was_being_sent_is_unknown_and_free(store):
    put(store, message(1), message(2, MessageState.UNKNOWN))
    assert store.transact(lambda tx: outcomes.orphans(tx, NOW, all_of_them=True)) == 1
    assert len(store.read(lambda tx: messages.due(tx, MessageState.UNKNOWN, NOW + timedelta(seconds=1), 10))) == 2


def test_the_next_due_is_the_first_of_what_waits(store):
    assert store.read(lambda tx: messages.next_due(tx, NOW)) is None
    put(store, waiting(1, due_at=NOW + timedelta(9)), waiting(2, state=MessageState.UNKNOWN, due_at=NOW + timedelta(5)))
    assert store.read(lambda tx: messages.next_due(tx, NOW)) == NOW + timedelta(5)


def test_ids_rise_and_tags_fit_ovh():
    ids = Ids("k7qz")
    given = [ids.next(NOW + timedelta(milliseconds=at // 100)) for at in range(1000)]
    given.append(ids.next(NOW - timedelta(days=1)))
    numbers = [number for number, _ in given]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**63
    tags = [tag for _, tag in given]
    assert len(set(tags)) == len(tags)
    assert {len(tag) for tag in tags} == {16}
    assert {tag[:4] for tag in tags} == {"k7qz"}
    assert tags[0][:12] < tags[999][:12]
    assert [id_of(tag, "k7qz") for tag in tags] == numbers
    assert made_at(numbers[0]) == NOW
    assert [
        id_of(tag, "k7qz") for tag in ("x7qz" + tags[0][4:], tags[0][4:], "k7qz" + "z" * 12, "k7qzÄ" + "0" * 11)
    ] == [None] * 4


def test_counts_and_the_oldest_tell_what_waits(store):
    assert store.read(lambda tx: maintenance.oldest(tx, NOW)) is None
    put(store, waiting(1), message(2), message(3, MessageState.UNKNOWN), message(4, MessageState.SENT))
    early = NOW - timedelta(minutes=3)
    rows = [page(incident_id=1, created_at=early), page(incident_id=2, due_at=NOW + timedelta(1))]
    store.transact(lambda tx: recipients.add(tx, rows))
    assert store.read(maintenance.waiting) == {"queued": 3, "sending": 1, "unknown": 1}
    assert store.read(lambda tx: maintenance.oldest(tx, NOW)) == early
    opened(
        store,
        incident(),
        incident(b"h" * 16, state=IncidentState.HELD),
        incident(b"c" * 16, state=IncidentState.CLOSED),
    )
    assert store.read(incidents.count) == {"open": 1, "held": 1}


def test_a_step_of_the_clock_moves_what_waits_and_nothing_else(store):
    put(
        store,
        waiting(1),
        message(2),
        message(3, MessageState.UNKNOWN, unknown_since=NOW, resent_at=NOW),
        message(4, MessageState.SENT),
    )
    store.transact(lambda tx: recipients.add(tx, [page(incident_id=1), page(incident_id=2)]))
    store.transact(lambda tx: notifications.cancel(tx, 2))
    ended = incident(b"c" * 16, state=IncidentState.CLOSED, closed_at=NOW - timedelta(minutes=5))
    opened(
        store,
        incident(b"a" * 16, step_due_at=NOW, last_paged_at=NOW),
        ended,
        incident(b"o" * 16, state=IncidentState.CLOSED, closed_at=NOW - timedelta(days=1)),
    )
    day = timedelta(days=-1)
    store.transact(lambda tx: maintenance.shift(tx, day, NOW))
    then = NOW + day
    rows = store.read(lambda tx: tx.execute(select(message_table).order_by(message_table.c.id)).all())
    assert [row.due_at for row in rows] == [then, then, then, NOW]
    assert (rows[1].lease_until, rows[2].unknown_since, rows[2].resent_at) == (MINE.until + day, then, then)
    assert store.read(
        lambda tx: list(tx.execute(select(notification_table.c.due_at).order_by(notification_table.c.id)).scalars())
    ) == [
        then,
        NOW,
    ]
    one, recent, old = store.read(lambda tx: incidents.get(tx, [1, 2, 3]))
    assert (one.step_due_at, one.last_paged_at, one.opened_at) == (then, then, then)
    assert (recent.closed_at, old.closed_at) == (NOW - timedelta(minutes=5) + day, NOW - timedelta(days=1))


def test_old_rows_go_a_little_at_a_time(store):
    old = NOW - timedelta(days=91)
    closed = [incident(bytes([at]) * 16, state=IncidentState.CLOSED, closed_at=old) for at in range(3)]
    opened(store, *closed, incident(b"n" * 16, state=IncidentState.CLOSED, closed_at=NOW), incident(b"o" * 16))
    told = [page(incident_id=number, message_id=number) for number in (1, 2, 3, 4, 5)]
    notice = page(kind=NotificationKind.NOTICE, message_id=6, created_at=old, state=NotificationState.CLAIMED)
    store.transact(lambda tx: recipients.add(tx, [*told, notice]))
    put(
        store,
        *(message(number, MessageState.SENT, created_at=old) for number in (1, 2, 3, 4, 5, 6)),
        waiting(7, created_at=old),
    )
    before = NOW - timedelta(days=90)
    assert store.transact(lambda tx: maintenance.prune(tx, before, 2)) == 2
    while store.transact(lambda tx: maintenance.prune(tx, before, 2)):
        pass
    for number in (8, 9):  # they carry nothing
        put(store, message(number, MessageState.CANCELLED, created_at=old + number * timedelta(seconds=1)))
    place = EPOCH
    while place:
        place = store.transact(lambda tx: maintenance.sweep(tx, before, 2, place))  # noqa: B023
    kept = store.read(lambda tx: list(tx.execute(select(message_table.c.id).order_by(message_table.c.id)).scalars()))
    assert kept == [4, 5, 7]  # an incident that lasts, or ended lately, still tells whom its messages reached
    assert [one.id for one in store.read(lambda tx: incidents.get(tx, range(10)))] == [4, 5]
    assert store.read(lambda tx: tx.execute(select(func.count()).select_from(notification_table)).scalar()) == 2


def test_a_number_is_never_used_twice(store):
    opened(store, incident(state=IncidentState.CLOSED, closed_at=NOW - timedelta(days=91)))
    store.transact(lambda tx: maintenance.prune(tx, NOW, 10))
    assert [one.id for one in opened(store, incident())] == [2]


def test_a_naive_time_is_refused(store):
    with pytest.raises(Exception, match="naive"):
        store.read(lambda tx: incidents.due(tx, datetime(2026, 3, 3), 1))
