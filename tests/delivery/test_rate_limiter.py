"""Places and pace."""

from __future__ import annotations

from alertsms.delivery.accounts import RateLimiter


def test_places_are_taken_and_given_back():
    limiter = RateLimiter(max_in_flight=6, max_per_second=0)
    assert [limiter.take("alice") for _ in range(5)] == [True] * 4 + [False]
    assert (limiter.room(0), limiter.full(), limiter.in_flight) == (2, {"alice"}, 4)
    assert limiter.take("bob")
    assert limiter.take("bob")
    assert not limiter.take("carol")
    limiter.give_back("alice")
    assert (limiter.room(0), limiter.full(), limiter.in_flight) == (1, set(), 5)
    assert limiter.take("carol")


def test_the_pace_is_a_second_s_worth_at_once_and_then_so_many_a_second():
    limiter = RateLimiter(max_in_flight=100, max_per_second=10)
    assert limiter.room(0) == 10
    for number in range(10):
        limiter.take(f"p{number}")
    assert limiter.room(0) == 0
    assert limiter.pause() == 0.1
    assert limiter.room(0.35) == 3
    assert limiter.room(1000) == 10


def test_a_429_halves_the_pace_and_good_answers_bring_it_back():
    limiter = RateLimiter(max_in_flight=100, max_per_second=16)
    limiter.slow_down(0)
    limiter.slow_down(0.5)
    assert limiter.room(0) == 8
    limiter.slow_down(2)
    assert limiter.room(3) == 4
    assert limiter.room(1000) == 4
    for _ in range(18):
        limiter.speed_up()
    assert limiter.room(2000) == 15
    limiter.speed_up()
    assert limiter.room(2500) == 16
    for _ in range(100):
        limiter.speed_up()
    assert limiter.room(3000) == 16


def test_one_429_in_twenty_answers_never_costs_more_than_one_halving():
    """Told from nineteen good answers, one refusal is no wish to hear next to nothing any more."""
    limiter = RateLimiter(max_in_flight=100, max_per_second=16)
    for second in range(2, 202, 2):
        limiter.slow_down(second)
        assert limiter.room(second + 1) == 8
        for _ in range(19):
            limiter.speed_up()
        assert limiter.room(second + 2) == 16


def test_the_pace_never_falls_below_an_eighth():
    limiter = RateLimiter(max_in_flight=10, max_per_second=8)
    for second in range(100):
        limiter.slow_down(second * 2)
    assert limiter.take("alice")
    limiter.room(200)
    assert limiter.pause() <= 1
    assert limiter.room(201) == 1


def test_where_places_are_missing_no_time_helps():
    limiter = RateLimiter(max_in_flight=1, max_per_second=5)
    limiter.take("alice")
    assert limiter.room(0) == 0
    assert limiter.pause() is None
    assert RateLimiter(max_in_flight=1, max_per_second=0).pause() is None


def test_a_pace_that_a_reload_brings_owes_nothing_for_before():
    limiter = RateLimiter(max_in_flight=10, max_per_second=0)
    for _ in range(1000):
        limiter.take("alice")
        limiter.give_back("alice")
    limiter.limit(max_in_flight=5, max_per_second=10)
    assert limiter.places == 5
    assert limiter.room(0) >= 1
    assert limiter.room(1) == 5


def test_fewer_places_than_are_taken_leave_no_room():
    limiter = RateLimiter(max_in_flight=4, max_per_second=0)
    for _ in range(4):
        limiter.take("alice")
    limiter.limit(max_in_flight=2, max_per_second=0)
    assert limiter.room(0) == 0
