"""What calendar tools write beside the standard (RFC 5545), put right before a calendar is unfolded.

Exchange lets its time zones begin in 1601, names them as Windows does, and gives the days that it leaves out or changes
of an all-day event as moments; so does the end of a series that Google or Apple wrote.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HALF = timedelta(hours=12)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_LATEST = datetime(2200, 1, 1)  # noqa: DTZ001 - a wall-clock time


class Onsets:
    """When a zone's clock changes, as a list: the library walks over a rule from its first year on for each look.

    Exchange's rules begin in 1601: one shift would take a quarter of a second to unfold.
    """

    def __init__(self, rule: Iterable[datetime]) -> None:
        self._times = list(takewhile(lambda at: at < _LATEST, rule))

    def before(self, at: datetime, *, inc: bool = False) -> datetime | None:
        """The last change before a time, or at it."""
        place = bisect_right(self._times, at) if inc else bisect_left(self._times, at)
        return self._times[place - 1] if place else None


def hasten(zones: Iterable[Any]) -> None:
    """Give every zone that a file brings along (dateutil's) its list of changes."""
    for zone in zones:
        for part in getattr(zone, "_comps", ()):
            if not isinstance(part.rrule, Onsets):
                part.rrule = Onsets(part.rrule)


def own_zone(part: Any) -> ZoneInfo | None:  # noqa: ANN401 - icalendar's calendar
    """The zone that a calendar names as a whole (X-WR-TIMEZONE, as Google and Apple write it); None for none.

    A Windows name gives way to its IANA name, and one that nobody knows goes: the library would stumble over either.
    """
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    written = str(part.pop("X-WR-TIMEZONE", "")).strip()
    try:
        zone = ZoneInfo(WINDOWS_TO_OLSON.get(written, written))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    part.add("X-WR-TIMEZONE", zone.key)
    return zone


def put_right(events: Iterable[Any], zone: ZoneInfo) -> None:
    """Let what each series leaves out, changes and ends with be of the kind of its first time: a day, or a moment.

    `zone` is that in which whole days are meant.
    """
    events = list(events)
    hasten(event["DTSTART"].dt.tzinfo for event in events if isinstance(event["DTSTART"].dt, datetime))
    first = {
        str(event.get("UID", "")): event["DTSTART"].dt for event in reversed(events) if "RECURRENCE-ID" not in event
    }
    for event in events:
        begins = first.get(str(event.get("UID", "")), event["DTSTART"].dt)
        _convert(event, partial(_moment, begins) if isinstance(begins, datetime) else partial(_day, zone))
        if "RECURRENCE-ID" not in event:
            _end(event, begins, zone)


def _convert(event: Any, rule: Callable[[date], date]) -> None:  # noqa: ANN401 - icalendar's event
    """Write the times by which an event names others of its series anew, where a rule changes them."""
    from icalendar.prop import vDDDLists, vDDDTypes

    for key in ("RECURRENCE-ID", "EXDATE", "RDATE"):
        written = event.get(key)
        if written is None:
            continue
        groups = written if isinstance(written, list) else [written]
        if key == "RECURRENCE-ID":
            if isinstance(groups[0].dt, date) and rule(groups[0].dt) != groups[0].dt:
                event[key] = vDDDTypes(rule(groups[0].dt))
            continue
        times = [at.dt for group in groups for at in group.dts]
        kept = [rule(at) if isinstance(at, date) else at for at in times]
        if kept != times:
            event[key] = vDDDLists(kept)


def _day(zone: ZoneInfo, at: date) -> date:
    """The day that a moment stands for: its midnight, or its last minute, in `zone`, else wherever that may be."""
    if not isinstance(at, datetime):
        return at
    if str(at.tzinfo) != "UTC" or at.year == date.max.year:  # of a zone that it names, or of none; or for ever
        return at.date()
    last = at.minute % 15 == 14  # 23:59, whatever the offset is
    midnight = at + _MINUTE if last else at
    here = midnight.astimezone(zone)
    day = (here if (here.hour, here.minute) == (0, 0) else midnight + _HALF).date()
    return day - _DAY if last else day


def _moment(begins: datetime, at: date) -> date:
    """The moment of a series that begins so, on a day that is named without one."""
    return at if isinstance(at, datetime) else datetime.combine(at, begins.time(), begins.tzinfo)


def _end(event: Any, begins: date, zone: ZoneInfo) -> None:  # noqa: ANN401 - icalendar's event
    """The last day belongs to a series, whichever way it is written."""
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules]:
        if not rule or not rule.get("UNTIL"):
            continue
        until = rule["UNTIL"][0]
        if not isinstance(begins, datetime):
            rule["UNTIL"] = [_day(zone, until)]
        elif not isinstance(until, datetime):
            last = datetime.combine(until, time(23, 59, 59), begins.tzinfo)
            rule["UNTIL"] = [last.astimezone(UTC) if last.tzinfo else last]
