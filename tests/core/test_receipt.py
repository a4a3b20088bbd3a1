"""What OVHcloud's codes mean, when it is asked, and when its silence says nothing any more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alertsms.core.messages.message import DLR, POLLS, PTT, Judgement, ReceiptVerdict, broken, judge, next_poll
from tests.support.house import NIGHT

GOOD, BAD, PENDING = ReceiptVerdict.GOOD, ReceiptVerdict.BAD, ReceiptVerdict.PENDING


@pytest.mark.parametrize(
    ("dlr", "ptt", "verdict"),
    [
        (1, 4, GOOD),
        (1, None, GOOD),
        (1, 24, GOOD),  # the DLR id decides
        (2, 4, BAD),
        (2, 3, BAD),
        (16, 0, BAD),
        (0, 4, PENDING),
        (4, 3, PENDING),
        (8, 5, PENDING),
        (None, 4, GOOD),  # without one, the status code does
        (None, 24, BAD),
        (None, 3, PENDING),
        (None, 6, PENDING),
        (5, 23, BAD),
        (3, 4, GOOD),
        (None, 0, PENDING),
        (None, 4711, PENDING),
        (7, 4711, PENDING),
        (None, None, PENDING),
    ],
)
def test_the_dlr_id_decides_and_the_status_code_only_without_it(dlr, ptt, verdict):
    assert judge(dlr, ptt).verdict is verdict


def test_a_number_that_will_never_take_an_sms_is_told_from_a_phone_that_is_off():
    assert judge(2, 23) == Judgement(verdict=BAD, permanent=True, words="wrong, invalid, blacklisted or barred number")
    assert judge(2, 24) == Judgement(verdict=BAD, words="phone off or not found")
    assert {code for code, status in PTT.items() if status.permanent} == {23, 27}


def test_words_that_contradict_the_dlr_id_are_left_out():
    assert judge(2, 4) == Judgement(verdict=BAD)
    assert judge(1, 23) == Judgement(verdict=GOOD)


def test_the_tables_are_those_of_the_guide():
    assert sorted(DLR) == [0, 1, 2, 4, 8, 16]
    assert sorted(PTT) == [1, 2, 3, 4, 5, 6, 8, 20, 21, 23, 24, 25, 26, 27, 28, 29, 33, 39, 73, 74, 76, 202, 1999]
    assert [code for code, status in PTT.items() if status.verdict is GOOD] == [4]


def questions(timeout: timedelta, validity: timedelta) -> list[int]:
    """When a message without a receipt is asked about, in seconds after it left."""
    asked, at = [], NIGHT + min(POLLS[0], timeout)
    while at:
        asked.append(int((at - NIGHT).total_seconds()))
        at = next_poll(NIGHT, at, timeout=timeout, validity=validity)
    return asked


@pytest.mark.parametrize(
    ("timeout", "validity", "seconds"),
    [
        (120, 1800, [10, 30, 60, 120, 240, 480, 960, 1560, 2160, 2400]),
        (30, 60, [10, 30, 60, 120, 240, 480, 660]),
        (90, 1800, [10, 30, 60, 90, 180, 360, 720, 1320, 1920, 2400]),
        (5, 60, [5, 10, 20, 40, 80, 160, 320, 640, 660]),
        (3600, 600, [10, 30, 60, 3600, 4200]),
    ],
)
def test_ovh_is_asked_soon_then_less_often_until_the_message_cannot_arrive(timeout, validity, seconds):
    assert questions(timedelta(seconds=timeout), timedelta(seconds=validity)) == seconds


def test_a_question_that_a_callback_brought_forward_leaves_the_others_in_their_places():
    now = NIGHT + timedelta(seconds=12)
    following = next_poll(NIGHT, now, timeout=timedelta(minutes=2), validity=timedelta(minutes=30))
    assert following == NIGHT + timedelta(seconds=30)


def test_receipts_are_broken_when_more_than_half_of_the_last_twenty_are_missing():
    assert [broken(number) for number in (0, 10, 11, 20)] == [False, False, True, True]
