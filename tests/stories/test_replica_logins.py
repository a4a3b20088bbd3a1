"""Several replicas behind one address: what one lets in all let in, and misses count together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from alertsms.store.replica_tables import miss_table
from alertsms.web.capacity import TOLD_AT_ONCE, Attempts
from tests.conftest import BOTH
from tests.support.house import NIGHT, PLAN, House
from tests.web.test_login import LOGIN, log_in

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
FULL = {"name": "robot", "full": True}


@pytest.fixture
def two(url, clock) -> Iterator[tuple[House, House]]:
    built = House(url, clock, f"{PLAN}server: {{{LOGIN}}}\n"), House(url, clock, f"{PLAN}server: {{{LOGIN}}}\n")
    yield built
    for house in built:
        house.close()


def second(*houses: House) -> None:
    houses[0].clock.advance(1)
    for house in houses * 2:  # whoever looks first learns of the others a second later
        for share in house.app.watch.shares:
            share()


def carried(one: House, other: House) -> None:
    """The browser goes on with the other replica."""
    cookie = one.client.get_cookie("alertsms")
    other.client.set_cookie("alertsms", cookie.value)


def test_who_logged_in_at_one_is_logged_in_at_all_until_the_cookie_is_logged_out_anywhere(two):
    one, other = two
    assert log_in(one).status_code == 303
    carried(one, other)
    assert other.client.get("/").status_code == 200
    assert one.client.post("/logout").status_code == 303
    assert other.client.get("/").status_code == 303


def test_wrong_passwords_at_one_count_at_all(two):
    for house in two:
        for _ in range(5):
            assert log_in(house, password="x").status_code == 403
    second(*two)
    assert [log_in(house, password="x").status_code for house in two] == [429, 429]
    one = two[0]
    one.clock.advance(5)
    assert log_in(one).status_code == 303


def test_who_mistypes_and_is_right_then_has_missed_nothing(two):
    one, other = two
    for _ in range(9):
        log_in(one, password="x")
    for _ in range(5):
        assert log_in(one).status_code == 303
    second(*two)
    assert log_in(other).status_code == 303


def test_while_the_store_is_away_each_counts_its_own(two, monkeypatch):
    one, _ = two
    monkeypatch.setattr(one.app.store, "transact", None)
    for _ in range(10):
        assert log_in(one, password="x").status_code == 403
    assert log_in(one).status_code == 429


def test_a_flood_of_strangers_is_no_flood_of_rows(two):
    one, _ = two
    attempts: Attempts = next(each.__self__ for each in one.app.watch.shares)._attempts
    for number in range(10_000):
        attempts.take(str(number), NIGHT)
    second(one)
    rows = one.app.store.read(lambda tx: tx.scalar(select(func.count()).select_from(miss_table)))
    assert rows == 2 * TOLD_AT_ONCE
    assert len(attempts._fresh) <= 4096


def test_no_address_stands_in_the_store(two):
    one, _ = two
    log_in(one, password="x")
    second(one)
    (place,) = one.app.store.read(lambda tx: tx.scalars(select(miss_table.c.place)).all())
    assert len(place) == 32
    assert "." not in place


def test_a_token_revoked_at_one_ends_at_all_within_a_second(two, monkeypatch):
    one, other = two
    own = {"Authorization": f"Bearer {one.app.keys.token}"}
    made = one.client.post("/api/v1/tokens", json=FULL, headers=own).json["token"]
    shown = {"Authorization": f"Bearer {made}"}
    assert other.client.get("/api/v1/pauses", headers=shown).status_code == 200
    one.client.delete("/api/v1/tokens", json={"name": "robot"}, headers=own)
    known_at = other.app.tokens._known_at
    monkeypatch.setattr(other.app.tokens, "_monotonic", lambda: known_at + 1)
    assert other.client.get("/api/v1/pauses", headers=shown).status_code == 403
