"""Several replicas: nobody waits for one that stalls inside a transaction, or that woke with old messages in hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text, update

from alertsms.store.schema import incident_table, message_table, notification_table
from tests.conftest import BOTH
from tests.support.house import ALICE, BOB, House, page

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
TWO_TEAMS = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams:
  ops: {steps: [{page: [alice], wait: 1m}, {page: [bob]}]}
  db: {steps: [{page: [bob], wait: 1m}, {page: [alice]}]}
route: {team: ops, routes: [{matchers: ['instance=~"db.*"'], team: db}]}
"""


@pytest.fixture
def plan() -> str:
    return TWO_TEAMS


@pytest.fixture
def zombie(url, clock, plan, house) -> Iterator[House]:
    """A replica beside `house`."""
    built = House(url, clock, plan)
    built.sandbox = house.sandbox
    built.app.delivery.comparison.step()
    yield built
    built.close()


@contextmanager
def stalled(house: House, *statements) -> Iterator[None]:
    """A replica that came so far in a transaction, and no further."""
    with house.app.store.engine.connect() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        for statement in statements:
            connection.execute(statement)
        yield
        connection.rollback()


def claims_for(person: str):
    return text("SELECT pg_advisory_xact_lock(hashtext(:lock))").bindparams(lock=f"alertsms {person}")


def numbers(house: House) -> list[str]:
    return [message.receiver for message in house.sandbox.accepted]


def test_the_others_pages_leave_at_once_while_a_person_is_held(house, clock):
    house.fire("web-01", "db-01")
    with stalled(house, claims_for("alice")):
        house.settle()
        assert numbers(house) == [BOB]
        clock.advance(1)
        house.settle()
        assert numbers(house) == [BOB]
    clock.advance(1)
    house.settle()
    assert numbers(house) == [BOB, ALICE]


def test_a_person_who_is_held_is_looked_at_again_within_a_second(house):
    house.fire("web-01")
    with stalled(house, claims_for("alice")):
        pause = house.app.delivery.dispatcher.step()
        assert pause == 0.0  # for the others
        pause = house.app.delivery.dispatcher.step()
        assert pause is not None
        assert 0 < pause <= 1


def test_many_pages_of_one_who_is_held_hide_no_others(house):
    house.fire(*(f"web-{number:02}" for number in range(40)))
    house.fire("db-01")
    with stalled(house, claims_for("alice")):
        house.settle()
        assert numbers(house) == [BOB]


def test_a_page_that_another_transaction_holds_is_passed_over(house, clock):
    house.fire("web-01")
    house.fire("web-02")
    first = notification_table.c.id == select(notification_table.c.id).order_by("id").limit(1).scalar_subquery()
    with stalled(house, update(notification_table).where(first).values(plain=True)):
        house.settle()
        assert house.texts == [page("web-02", 2)]
    clock.advance(1)
    house.settle()
    assert house.texts == [page("web-02", 2), page("web-01", 1)]


def test_a_timer_whose_alert_is_held_in_another_team_keeps_no_others_waiting(house, clock):
    house.fire("web-01")
    house.fire("db-01")
    house.settle()
    clock.advance(61)
    house.app.oncall.replies.step()
    with stalled(house, select(incident_table).where(incident_table.c.id == 1).with_for_update()):
        house.app.oncall.escalate()
        house.settle()
        assert numbers(house) == [ALICE, BOB, ALICE]
    house.app.oncall.escalate()
    clock.advance(1)
    house.settle()
    assert numbers(house) == [ALICE, BOB, ALICE, BOB]


def test_what_was_in_flight_with_a_killed_replica_leaves_within_50_seconds(house, zombie, clock):
    zombie.pool.lazy = True  # its senders never come to it
    house.fire("web-01")
    zombie.settle()
    assert house.states() == [("page", "sending")]
    began = clock.ran
    while not house.texts and clock.ran - began < 60:
        clock.advance(2)
        house.app.watch.housekeeper.find_orphans()
        house.settle()
    assert house.texts == [page("web-01", 1)]
    assert clock.ran - began <= 50
    zombie.pool.run()  # it wakes
    assert house.texts == [page("web-01", 1)]
    assert house.states() == [("page", "sent")]


def test_a_late_mark_does_not_undo_what_is_known(house, zombie, clock):
    house.fire("web-01")
    zombie.pool.lazy = True
    zombie.settle()
    ((_, (message,)),) = zombie.pool.kept
    zombie.pool.kept.clear()
    account = zombie.app.delivery.accounts.first
    report = account.sms.send(account.job(number=message.number, text=message.text, tag=message.tag))
    zombie.app.delivery.rate_limiter.give_back(message.person)
    clock.advance(40)  # it stands still before it writes that down
    house.app.watch.housekeeper.find_orphans()
    clock.advance(2)
    house.settle()
    known = house.rows(*message_table.c)
    assert house.states() == [("page", "sent")]
    assert zombie.app.delivery.sender._sent(message, report, account) is None
    assert house.rows(*message_table.c) == known
    assert len(house.texts) == 1


def test_a_lease_is_signed_by_the_replica(house):
    house.pool.lazy = True
    house.fire("web-01")
    house.settle()
    assert house.rows(message_table.c.lease_owner) == [(house.app.context.replicas.id,)]


def test_a_message_that_comes_late_to_its_call_is_queued_again_while_it_is_ours(house, clock):
    house.pool.lazy = True
    house.fire("web-01")
    house.settle()
    clock.advance(10)
    house.pool.lazy = False
    house.pool.run()
    assert house.texts == []
    assert house.states() == [("page", "queued")]
    house.settle()
    assert house.texts == [page("web-01", 1)]
