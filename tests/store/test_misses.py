"""Wrong passwords that replicas count together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from alertsms.store import misses
from alertsms.store.engine import Store
from tests.support.house import NIGHT

WITHIN = timedelta(minutes=10)


@pytest.fixture
def count(store: Store):
    def count(number: int, seconds: float, place: str = "a") -> None:
        at = NIGHT + timedelta(seconds=seconds)
        store.transact(lambda tx: misses.add(tx, {place: number, "z": 1}, WITHIN, at))

    return count


@pytest.fixture
def often(store: Store):
    def often(seconds: float, rows: int = 100) -> dict[str, datetime]:
        at = NIGHT + timedelta(seconds=seconds)
        return store.read(lambda tx: misses.many(tx, 10, WITHIN, at, rows))

    return often


def test_misses_of_several_replicas_add_up(count, often):
    count(6, 0)
    assert often(0) == {}
    count(4, 30)
    assert often(30) == {"a": NIGHT + timedelta(seconds=30)}
    count(-1, 40)  # the last one was right after all
    assert often(40) == {}


def test_who_goes_on_missing_stays_known_and_who_rests_is_forgotten(count, often):
    count(100, 0)
    count(1, 590)
    count(1, 601)
    assert often(601) == {"a": NIGHT + timedelta(seconds=601)}
    assert often(1202) == {}
    count(9, 1300)
    assert often(1300) == {}


def test_who_misses_now_and_then_is_never_known_for_it(count, often):
    for minute in range(0, 600, 2):
        count(1, 60.0 * minute)
    assert often(600 * 60.0) == {}


def test_of_many_the_latest_are_known(count, often):
    count(10, 0, "a")
    count(10, 1, "b")
    assert list(often(1, rows=1)) == ["b"]
