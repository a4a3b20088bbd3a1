"""Replicas on one store: who is seen, who has a duty, and what one that stood still may write."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, literal, update

from alertsms.replicas import Replicas
from alertsms.store import replicas
from alertsms.store.replica_tables import lease_table, replica_table
from alertsms.store.schema import EPOCH
from tests.support.house import SimulatedClock


class Seconds:
    """A clock that only goes on, when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def shared(store):
    if store.sqlite:
        pytest.skip("an SQLite store is for one process")
    return store


def one(store, **more):
    seconds = more.pop("seconds", Seconds())
    return Replicas(store=store, clock=SimulatedClock(), seconds=seconds, **more)


def over(store, name="keeper"):
    """The lease's time is over."""
    store.transact(lambda tx: tx.execute(update(lease_table).where(lease_table.c.name == name).values(until=EPOCH)))


def asks(replica, name="keeper"):
    """It asks for a duty, and has had a round."""
    replica.duty(name)
    replica.step()
    return replica.duty(name)


def test_on_a_file_every_duty_is_ours_and_nothing_is_written(store):
    if not store.sqlite:
        pytest.skip("of files")
    alone = one(store)
    alone.step()
    duty = alone.duty("keeper")
    assert duty is not None
    assert store.transact(duty.hold)
    assert list(alone.alive()) == list(alone.troubles()) == []
    assert store.read(lambda tx: tx.execute(lease_table.select()).all()) == []


def test_one_has_a_duty_and_the_next_gets_it_when_its_lease_is_over(shared):
    first, second = one(shared), one(shared)
    duty = asks(first)
    assert asks(second) is None
    assert duty.term == 1
    over(shared)
    taken = asks(second)
    assert taken.term == 2
    assert not shared.transact(duty.hold)
    assert shared.transact(taken.hold)
    assert asks(first) is None


def test_a_holder_that_stood_still_trusts_itself_no_more(shared):
    seconds = Seconds()
    first = one(shared, seconds=seconds)
    assert asks(first)
    seconds.now = 9.0
    assert first.duty("keeper") is None
    first.step()
    assert first.duty("keeper").term == 1  # nobody wanted it meanwhile


def test_whoever_stops_leaves_its_duties_at_once_and_is_not_missed(shared):
    first, second = one(shared), one(shared)
    assert asks(first)
    first.stop()
    assert asks(second).term == 2
    assert [replica.id for replica in second.alive()] == [second.id]
    assert list(second.troubles()) == []


def test_a_duty_that_is_declined_goes_to_another_and_is_taken_again(shared):
    first, second = one(shared), one(shared)
    assert asks(first)
    first.decline("keeper")
    first.step()
    assert first.duty("keeper") is None
    assert asks(second)
    second.stop()
    first.decline("keeper", declined=False)
    assert asks(first).term == 3


def test_a_stalled_transaction_that_holds_a_lease_keeps_nobody_waiting(shared):
    first, second = one(shared), one(shared)
    duty = asks(first)

    def stalls(tx):
        assert duty.hold(tx)
        assert asks(second) is None
        first.step()  # it is passed over: not renewed, and not waited for
        return True

    assert shared.transact(stalls)


def gone(store, replica, seconds=60):
    """It was last seen so long ago."""
    back = replica_table.c.seen_at - literal(int(seconds * 1e6), BigInteger)
    mine = replica_table.c.id == replica.id
    store.transact(lambda tx: tx.execute(update(replica_table).where(mine).values(seen_at=back)))


def test_one_that_went_without_a_word_is_a_trouble_until_another_takes_its_place(shared):
    first, second = one(shared), one(shared)
    first.step()
    gone(shared, first)
    second.step()
    assert [replica.id for replica in second.alive()] == [second.id]
    [trouble] = second.troubles()
    assert "was last seen 60 s ago" in trouble.says


def test_nobody_who_sends_and_nobody_who_listens_are_troubles(shared):
    web = one(shared, worker=False)
    web.step()
    assert [trouble.key for trouble in web.troubles()] == ["replicas:worker"]
    web.stop()
    worker = one(shared, web=False)
    worker.step()
    assert [trouble.key for trouble in worker.troubles()] == ["replicas:web"]


def test_a_duty_that_nobody_does_is_a_trouble(shared):
    first, second = one(shared), one(shared)
    assert asks(first)
    first.decline("keeper")
    first.step()
    second.decline("keeper")
    assert asks(second) is None
    assert [trouble.key for trouble in second.troubles()] == ["duty:keeper"]


def test_it_is_noted_where_nobody_listened_for_a_minute(shared):
    first, second = one(shared), one(shared)
    first.step()
    assert shared.read(replicas.unheard)  # the first of all
    shared.transact(replicas.heard)
    gone(shared, first, 59)
    second.step()
    assert not shared.read(replicas.unheard)
    gone(shared, first, 61)
    gone(shared, second, 61)
    one(shared, web=False).step()
    assert shared.read(replicas.unheard)  # a worker hears nothing, and neither does anybody else
