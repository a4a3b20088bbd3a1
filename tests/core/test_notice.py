"""Notices about alertsms itself: which of them are worth an SMS, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alertsms.core.messages.notification import NoticeBySms, sms_at

NIGHT = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # 08:00 in Paris


@pytest.mark.parametrize(
    ("sms", "channels", "at"),
    [
        (NoticeBySms.ALWAYS, True, NIGHT),
        (NoticeBySms.ALWAYS, False, NIGHT),
        (NoticeBySms.DAYTIME, True, MORNING),
        (NoticeBySms.DAYTIME, False, MORNING),
        (NoticeBySms.WITHOUT_CHANNELS, False, MORNING),
        (NoticeBySms.WITHOUT_CHANNELS, True, None),
        (NoticeBySms.NEVER, False, None),
    ],
)
def test_each_notice_has_its_time(sms, channels, at):
    assert sms_at(sms, channels=channels, zone="Europe/Paris", now=NIGHT) == at


@pytest.mark.parametrize(
    ("zone", "now", "at"),
    [
        ("Europe/Paris", "2026-03-03T06:59", "2026-03-03T07:00"),
        ("Europe/Paris", "2026-03-03T07:00", "2026-03-03T07:00"),
        ("Europe/Paris", "2026-03-03T18:59", "2026-03-03T18:59"),
        ("Europe/Paris", "2026-03-03T19:00", "2026-03-04T07:00"),
        ("Europe/Paris", "2026-03-28T22:30", "2026-03-29T06:00"),  # the night that loses an hour
        ("America/New_York", "2026-03-03T02:10", "2026-03-03T13:00"),
        ("Moon/Crater", "2026-03-03T02:10", "2026-03-03T08:00"),
    ],
)
def test_the_day_is_that_of_the_reader(zone, now, at):
    assert sms_at(NoticeBySms.DAYTIME, channels=True, zone=zone, now=_utc(now)) == _utc(at)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
