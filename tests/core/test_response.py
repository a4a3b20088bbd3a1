"""What a phone that wrote back is told, and how rarely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.acknowledge import Outcome, Result
from alertsms.core.answered import Deed, may_confirm, to_all, to_named, too_many
from alertsms.core.gsm7 import measure
from alertsms.core.response import (
    has,
    how_to_write,
    may_follow,
    over,
    put_off,
    unknown,
    you_have,
)
from tests.core.night import incident

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (you_have([41, 42]), "You have #41 #42"),
        (put_off([41], "04:10"), "You have #41 until 04:10"),
        (has("bob", 42), "bob has #42"),
        (over(42), "#42 is over"),
        (unknown(42), "#42 is unknown"),
        (how_to_write(42), "Nobody has #42 yet. Write OK, OK 42 or SNOOZE 42 2h"),
    ],
)
def test_the_words(text, expected):
    assert text == expected


def test_many_numbers_fit_one_sms():
    text = you_have(range(99_001, 99_040))
    assert text.startswith("You have #99001 #99002 ")
    assert text.endswith(" #99012 and 27 more")
    assert measure(text).segments == 1


def outcome(number: int, result: Result, *, episode: int = 0, by: str = "") -> Outcome:
    return Outcome(number=number, result=result, incident=incident(id=number, episode=episode), by=by)


TAKEN = [outcome(number, Result.TAKEN) for number in (1, 2)]
BACK, NEW = outcome(3, Result.BACK, episode=1), outcome(4, Result.BACK)


@pytest.mark.parametrize(
    ("outcomes", "until", "words"),
    [
        (TAKEN[:1], "", "You have #1"),
        (TAKEN[:1], "04:10", "You have #1 until 04:10"),
        ([], "", ""),
        (TAKEN, "", "You have #1 #2"),
        (TAKEN, "04:10", "You have #1 #2 until 04:10"),
        ([BACK], "", "#3 is back, write OK"),
        ([NEW], "", "#4 came later, write OK"),
        ([TAKEN[0], NEW], "", "You have #1, #4 came later, write OK"),
        ([*TAKEN, BACK, NEW], "04:10", "You have #1 #2 until 04:10, #3 is back, #4 came later, write OK"),
    ],
)
def test_what_an_answer_to_all_came_too_early_for_is_said(outcomes, until, words):
    assert to_all(outcomes, until).words == words


def test_a_named_number_that_is_back_is_said_beside_other_troubles():
    also = outcome(5, Result.BACK, episode=2)
    assert to_named({3: [BACK]}, "alice").words == "#3 is back, write OK"
    assert to_named({9: [*TAKEN, BACK, also]}, "alice").words == "You have #9, #3 #5 are back, write OK"
    named = {3: [BACK], 6: [outcome(6, Result.OVER)], 7: [outcome(7, Result.ALREADY, by="bob")], 8: []}
    assert to_named(named, "alice").words == "#6 is over, bob has #7, #8 is unknown, #3 is back, write OK"


def test_however_many_they_are_it_is_one_sms():
    many = [outcome(99_000 + each, Result.TAKEN) for each in range(40)]
    many += [outcome(98_000 + each, Result.BACK, episode=each % 2) for each in range(40)]
    text = to_all(many, "04:10").words
    assert text.endswith(" and 17 more came later, write OK")
    assert measure(text).segments == 1


@pytest.mark.parametrize(
    ("minutes", "may"),
    [
        ([], True),
        ([9.9], False),
        ([10], True),
        ([10, 40, 60, 90], True),
        ([10, 40, 60, 90, 120], False),
        ([10, 40, 60, 90, 24 * 60], True),
    ],
)
def test_no_phone_is_answered_often(minutes, may):
    assert may_follow([NOW - timedelta(minutes=each) for each in minutes], NOW) is may


def test_what_several_answers_did_is_one_text():
    both = Deed(taken=(1, 2), more=("#3 is over",)).and_also(Deed(taken=(2, 4), more=("#3 is over", "#5 is unknown")))
    assert both.words == "You have #1 #2 #4, #3 is over, #5 is unknown"


@pytest.mark.parametrize(("minutes", "may"), [([], True), ([1, 2, 3, 4, 5], True), ([0, 1, 2, 3, 4, 5], False),
                                              ([60, 1, 2, 3, 4, 5], True)])  # fmt: skip
def test_six_texts_an_hour_say_to_a_phone_what_it_did(minutes, may):
    assert may_confirm([NOW - timedelta(minutes=each) for each in minutes], NOW) is may


@pytest.mark.parametrize(("minutes", "rest"), [([0, 1], False), ([0, 1, 59], True), ([0, 1, 60], False)])
def test_three_wrong_numbers_an_hour_are_too_many(minutes, rest):
    assert too_many([NOW - timedelta(minutes=each) for each in minutes], NOW) is rest
