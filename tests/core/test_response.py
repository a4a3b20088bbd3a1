"""What a phone that wrote back is told, and how rarely."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.gsm7 import measure
from alertsms.core.response import has, how_to_write, may_follow, over, put_off, unknown, you_have

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
