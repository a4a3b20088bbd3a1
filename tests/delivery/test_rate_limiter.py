"""Places and pace."""

from __future__ import annotations

from alertsms.delivery.rate_limiter import RateLimiter


def test_places_are_taken_and_given_back():
    throttle = RateLimiter(max_in_flight=6, max_per_second=0)
    assert [throttle.take("alice") for _ in range(5)] == [True] * 4 + [False]
    assert (throttle.room(0), throttle.full(), throttle.flying) == (2, {"alice"}, 4)
    assert throttle.take("bob")
    assert throttle.take("bob")
    assert not throttle.take("carol")
    throttle.give_back("alice")
    assert (throttle.room(0), throttle.full(), throttle.flying) == (1, set(), 5)
    assert throttle.take("carol")


def test_the_pace_is_a_second_s_worth_at_once_and_then_so_many_a_second():
    throttle = RateLimiter(max_in_flight=100, max_per_second=10)
    assert throttle.room(0) == 10
    for number in range(10):
        throttle.take(f"p{number}")
    assert throttle.room(0) == 0
    assert throttle.pause() == 0.1
    assert throttle.room(0.35) == 3
    assert throttle.room(1000) == 10


def test_a_429_halves_the_pace_and_good_answers_bring_it_back():
    throttle = RateLimiter(max_in_flight=100, max_per_second=16)
    throttle.slow_down(0)
    throttle.slow_down(0.5)
    assert throttle.room(0) == 8
    throttle.slow_down(2)
    assert throttle.room(3) == 4
    assert throttle.room(1000) == 4
    for _ in range(18):
        throttle.speed_up()
    assert throttle.room(2000) == 15
    throttle.speed_up()
    assert throttle.room(2500) == 16
    for _ in range(100):
        throttle.speed_up()
    assert throttle.room(3000) == 16


def test_one_429_in_twenty_answers_never_costs_more_than_one_halving():
    """Told from nineteen good answers, one refusal is no wish to hear next to nothing any more."""
    throttle = RateLimiter(max_in_flight=100, max_per_second=16)
    for second in range(2, 202, 2):
        throttle.slow_down(second)
        assert throttle.room(second + 1) == 8
        for _ in range(19):
            throttle.speed_up()
        assert throttle.room(second + 2) == 16


def test_the_pace_never_falls_below_an_eighth():
    throttle = RateLimiter(max_in_flight=10, max_per_second=8)
    for second in range(100):
        throttle.slow_down(second * 2)
    assert throttle.take("alice")
    throttle.room(200)
    assert throttle.pause() <= 1
    assert throttle.room(201) == 1


def test_where_places_are_missing_no_time_helps():
    throttle = RateLimiter(max_in_flight=1, max_per_second=5)
    throttle.take("alice")
    assert throttle.room(0) == 0
    assert throttle.pause() is None
    assert RateLimiter(max_in_flight=1, max_per_second=0).pause() is None


def test_a_pace_that_a_reload_brings_owes_nothing_for_before():
    throttle = RateLimiter(max_in_flight=10, max_per_second=0)
    for _ in range(1000):
        throttle.take("alice")
        throttle.give_back("alice")
    throttle.limit(max_in_flight=5, max_per_second=10)
    assert throttle.places == 5
    assert throttle.room(0) >= 1
    assert throttle.room(1) == 5


def test_fewer_places_than_are_taken_leave_no_room():
    throttle = RateLimiter(max_in_flight=4, max_per_second=0)
    for _ in range(4):
        throttle.take("alice")
    throttle.limit(max_in_flight=2, max_per_second=0)
    assert throttle.room(0) == 0
