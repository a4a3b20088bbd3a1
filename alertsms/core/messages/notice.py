"""When a notice about alertsms itself goes out as an SMS: few of them are worth waking somebody."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING, EVENING = time(8), time(20)


class NoticeBySms(StrEnum):
    """Whether a notice is told by SMS too, beside the fallback's channels."""

    NEVER = "never"  # SMS is what does not work, or it is not worth one
    WITHOUT_CHANNELS = "without_channels"  # only where no channel can tell it; by day
    DAYTIME = "daytime"  # from 08:00 to 20:00 where its reader is
    ALWAYS = "always"  # at once: pages are being lost until somebody acts


def sms_at(sms: NoticeBySms, *, channels: bool, zone: str, now: datetime) -> datetime | None:
    """When a person whose clock shows `zone` gets the SMS; None: not at all. `channels`: others tell it too."""
    if sms is NoticeBySms.ALWAYS:
        return now
    if sms is NoticeBySms.NEVER or (sms is NoticeBySms.WITHOUT_CHANNELS and channels):
        return None
    return next_daytime(now, zone)


def next_daytime(now: datetime, zone: str) -> datetime:
    """Return `now` by day, else the next 08:00 of that zone (UTC where it is not known)."""
    clock = _clock(zone)
    there = now.astimezone(clock)
    if MORNING <= there.time() < EVENING:
        return now
    day = there.date() + timedelta(days=1 if there.time() >= EVENING else 0)
    return datetime.combine(day, MORNING, clock).astimezone(UTC)


def _clock(zone: str) -> tzinfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
