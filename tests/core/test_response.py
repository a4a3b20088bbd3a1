"""What a phone that wrote back is told, and how rarely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.incidents.acknowledge import AckOutcome, Outcome
from alertsms.core.text.gsm7 import measure
from alertsms.core.text.reply import (
    AnswerEffect,
    Until,
    how_to_write,
    may_confirm,
    may_follow,
    to_all,
    to_named,
    too_many,
)
from tests.core.night import incident

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


def test_what_cannot_be_read_is_answered_with_what_to_write():
    assert how_to_write(42) == "Nobody has #42 yet. Write OK, OK 42 or SNOOZE 42 2h"


def test_many_numbers_fit_one_sms():
    text = AnswerEffect(taken=dict.fromkeys(range(99_001, 99_040))).words
    assert text.startswith("You have #99001 #99002 ")
    assert text.endswith(" #99012 and 27 more")
    assert measure(text).segments == 1


def outcome(number: int, result: AckOutcome, *, episode: int = 0, by: str = "") -> Outcome:
    return Outcome(number=number, result=result, incident=incident(id=number, episode=episode), by=by)


HOUR = Until(at=NOW + timedelta(hours=1), clock="04:10")
WEEK = Until(at=NOW + timedelta(days=7), clock="10 Mar 03:10")
TAKEN = [outcome(number, AckOutcome.TAKEN) for number in (1, 2)]
BACK, NEW = outcome(3, AckOutcome.BACK, episode=1), outcome(4, AckOutcome.BACK)


@pytest.mark.parametrize(
    ("outcomes", "until", "words"),
    [
        (TAKEN[:1], None, "You have #1"),
        (TAKEN[:1], HOUR, "You have #1 until 04:10"),
        ([], None, ""),
        (TAKEN, None, "You have #1 #2"),
        (TAKEN, HOUR, "You have #1 #2 until 04:10"),
        ([BACK], None, "#3 is back, write OK"),
        ([NEW], None, "#4 came later, write OK"),
        ([TAKEN[0], NEW], None, "You have #1, #4 came later, write OK"),
        ([*TAKEN, BACK, NEW], HOUR, "You have #1 #2 until 04:10, #3 is back, #4 came later, write OK"),
    ],
)
def test_what_an_answer_to_all_came_too_early_for_is_said(outcomes, until, words):
    assert to_all(outcomes, until).words == words


def test_a_named_number_that_is_back_is_said_beside_other_troubles():
    also = outcome(5, AckOutcome.BACK, episode=2)
    assert to_named({3: [BACK]}, "alice").words == "#3 is back, write OK"
    assert to_named({9: [*TAKEN, BACK, also]}, "alice").words == "You have #9, #3 #5 are back, write OK"
    named = {3: [BACK], 6: [outcome(6, AckOutcome.OVER)], 7: [outcome(7, AckOutcome.ALREADY, by="bob")], 8: []}
    assert to_named(named, "alice").words == "#6 is over, bob has #7, #8 is unknown, #3 is back, write OK"


def test_however_many_they_are_it_is_one_sms():
    many = [outcome(99_000 + each, AckOutcome.TAKEN) for each in range(40)]
    many += [outcome(98_000 + each, AckOutcome.BACK, episode=each % 2) for each in range(40)]
    text = to_all(many, HOUR).words
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
    one = AnswerEffect(taken={1: None, 2: None}, troubles=("#3 is over",))
    two = AnswerEffect(taken={2: None, 4: None}, troubles=("#3 is over", "#5 is unknown"))
    assert one.and_also(two).words == "You have #1 #2 #4, #3 is over, #5 is unknown"


def test_of_a_number_the_later_answer_is_said():
    one = AnswerEffect(taken={1: HOUR, 2: None, 3: None}, back=(4,), new=(5,))
    two = AnswerEffect(taken={1: WEEK, 4: None}, back=(3,), new=(6,))
    both = "You have #2 #4, #1 until 10 Mar 03:10, #3 is back, #5 #6 came later, write OK"
    assert one.and_also(two).words == both
    assert AnswerEffect(taken={1: WEEK}).and_also(AnswerEffect(taken={1: None})).words == "You have #1"


@pytest.mark.parametrize("more", [(), ("bob has #8", "#9 is over", "#10 is unknown", "#11 is unknown")])
def test_the_longest_of_several_snoozes_is_said_whatever_came_before_it(more):
    """However many answers a forger sends at once, the one that hides an incident for a week shows."""
    deed = AnswerEffect(taken=dict.fromkeys(range(1, 7), HOUR), troubles=more).and_also(AnswerEffect(taken={7: WEEK}))
    assert " until 10 Mar 03:10 at the latest" in deed.words
    assert deed.words.startswith("You have #1 #2 #3")
    assert measure(deed.words).segments == 1


def test_what_does_not_fit_is_what_did_not_go_as_meant():
    long = tuple(f"somebody-with-quite-a-long-name has #{number}" for number in range(6))
    deed = AnswerEffect(
        taken=dict.fromkeys(range(99_000, 99_040)) | {7: WEEK}, troubles=long, back=(3,), new=(4, 5, 6, 8)
    )
    assert deed.words == (
        "You have #99000 #99001 #99002 and 37 more, #7 until 10 Mar 03:10, somebody-with-quite-a-long-name has #0,"
        " #3 is back, #4 #5 #6 and 1 more came later, write OK"
    )
    alone = AnswerEffect(taken={7: WEEK}, troubles=("x" * 160,), back=(3,))
    assert alone.words == "You have #7 until 10 Mar 03:10, #3 is back, write OK"


def test_what_was_taken_in_another_team_alone_is_said():
    have = outcome(1, AckOutcome.ALREADY, by="alice")
    assert to_named({1: [have]}, "alice", along=[2]).words == "You have #2"
    assert to_all([have], HOUR, along=[2]).words == "You have #2 until 04:10"


@pytest.mark.parametrize(
    ("minutes", "may"), [([], True), ([1, 2, 3, 4, 5], True), ([0, 1, 2, 3, 4, 5], False), ([60, 1, 2, 3, 4, 5], True)]
)
def test_six_texts_an_hour_say_to_a_phone_what_it_did(minutes, may):
    assert may_confirm([NOW - timedelta(minutes=each) for each in minutes], NOW) is may


@pytest.mark.parametrize(("minutes", "rest"), [([0, 1], False), ([0, 1, 59], True), ([0, 1, 60], False)])
def test_three_wrong_numbers_an_hour_are_too_many(minutes, rest):
    assert too_many([NOW - timedelta(minutes=each) for each in minutes], NOW) is rest
