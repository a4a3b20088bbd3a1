"""iCalendar files (RFC 5545) that another tool writes: whose event it is, and when.

Read by icalendar and recurring-ical-events, which are imported with the first such file.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote
from warnings import filterwarnings
from zoneinfo import ZoneInfo

from alertsms.core.schedules.calendar import Calendar, CalendarShift
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import instant
from alertsms.icalendar_file.dialect import own_zone, put_right
from alertsms.icalendar_file.limits import IcsError, called, check, scan
from alertsms.logs import event
from alertsms.machine.files import opened

log = logging.getLogger("alertsms.ics")

INSTALL = "pip install -r requirements.txt"
LARGEST = 2 * 1024 * 1024  # bytes; a year of daily shifts takes 100 KiB
ONCALL = re.compile("Grafana On-?Call|//oncall//", re.IGNORECASE)  # PRODID
LEVEL = re.compile(r"\s*\[L(\d{1,2})\]", re.IGNORECASE)  # the priority of a shift in a calendar of Grafana OnCall
NEEDED = frozenset(
    {
        "UID",
        "SEQUENCE",
        "RECURRENCE-ID",
        "STATUS",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "SUMMARY",
        "ATTENDEE",
        "ORGANIZER",
    }
)
_DAY = timedelta(days=1)


def installed() -> bool:
    """Whether the libraries are there, without importing them."""
    return all(find_spec(name) for name in ("icalendar", "recurring_ical_events"))


class Events:
    """What one file said when it was read."""

    def __init__(self, raw: bytes, people: Sequence[Person], zone: ZoneInfo) -> None:
        """`zone` is that of all-day events and of times without one, unless the file names its own. Raises IcsError."""
        parts = _parse(raw)
        self._finder, self._zone = Finder(people), next(filter(None, map(own_zone, parts)), zone)
        for part in parts:
            _put_right(part, self._zone)
        self._series = [series for part in parts for series in _query(part).series]
        self._leveled = any(ONCALL.search(str(part.get("PRODID", ""))) for part in parts)
        self._turn = Lock()  # a query keeps what it found, and is no thing for two threads
        named = {person.name for part in parts for one in part.walk("VEVENT") for person in self._finder.people(one)}
        self.calendar = Calendar((person for person in people if person.name in named), self._unfold)

    def strangers(self, begins: datetime, ends: datetime) -> list[str]:
        """The titles of events in a span that name nobody of the configuration, each once."""
        titles = [
            str(one.get("SUMMARY", "")) for one in self._occurrences(begins, ends) if not self._finder.people(one)
        ]
        return list(dict.fromkeys(" ".join(title.split())[:60] or "an event without a title" for title in titles))

    def _unfold(self, begins: datetime, ends: datetime) -> list[CalendarShift]:
        return [
            CalendarShift(
                person=person, begins=self._moment(one.start), ends=self._moment(one.end), level=self._level(one)
            )
            for one in self._occurrences(begins, ends)
            for person in self._finder.people(one)
        ]

    def _level(self, one: Any) -> int:  # noqa: ANN401 - icalendar's event
        """Which of several at the same time counts; elsewhere [L1] and [L2] may be two lines that are both on call."""
        level = LEVEL.match(str(one.get("SUMMARY", ""))) if self._leveled else None
        return int(level[1]) if level else 0

    def _occurrences(self, begins: datetime, ends: datetime) -> list[Any]:
        """Every event that overlaps a span, a day more at both ends for those of other zones."""
        with self._turn:
            found = [one for series in self._series for one in _between(series, begins - _DAY, ends + _DAY)]
        return [one for one in found if str(one.get("STATUS", "")).upper() != "CANCELLED"]

    def _moment(self, at: date) -> datetime:
        if not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall-clock time
        return at.astimezone(UTC) if at.tzinfo else instant(at, self._zone)


def _between(series: Any, begins: datetime, ends: datetime) -> list[Any]:  # noqa: ANN401 - the libraries' own
    """What one event and its repetitions have in a span."""
    try:
        return [each.as_component(keep_recurrence_attributes=False) for each in series.between(begins, ends)]
    except Exception:  # any rule may stand in a file, and a page must not fail for one
        fields = {"uid": str(series.uid)[:60], "from": begins}
        log.exception("an event of a calendar cannot be unfolded: nobody is on call by it", extra={"fields": fields})
        return []


def _parse(raw: bytes) -> list[Any]:
    import icalendar

    if not raw.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise IcsError("is no whole iCalendar file: it does not end with END:VCALENDAR")
    scan(raw)
    filterwarnings("ignore", message="Timezone .* is a globally unique TZID")  # /mozilla.org/…/Europe/Paris
    try:
        parts = [part for part in icalendar.Calendar.from_ical(raw, multiple=True) if part.name == "VCALENDAR"]
        events = [one for part in parts for one in part.walk("VEVENT")]
        check(events)
        for one in events:
            _strip(one)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as problem:
        raise IcsError(f"is no iCalendar file: {' '.join(str(problem).split())[:120]}") from problem
    return parts


def _put_right(part: Any, zone: ZoneInfo) -> None:  # noqa: ANN401 - icalendar's calendar
    try:
        put_right(part.walk("VEVENT"), zone)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as problem:
        why = " ".join(str(problem).split())[:120]
        raise IcsError(f"has events whose times cannot be read ({why}): export it anew") from problem


def _strip(one: Any) -> None:  # noqa: ANN401 - icalendar's event
    """Leave what tells who is on call and when: all the rest would be copied for each time that it repeats."""
    for key in [key for key in one if key not in NEEDED]:
        del one[key]
    one.subcomponents.clear()


def _query(part: Any) -> Any:  # noqa: ANN401 - the libraries' own
    """What unfolds the events of a calendar, each tried once. Raises IcsError."""
    import recurring_ical_events

    try:
        query = recurring_ical_events.of(part, skip_bad_series=True)
    except Exception as problem:  # whatever the library says of what may stand in a file
        raise _not_unfolded(_culprit(part), problem) from problem
    by_uid = {str(one.get("UID", "")): one for one in reversed(part.walk("VEVENT"))}
    for series in query.series:
        try:
            day = series.components[0].start
            begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
            list(series.between(begins - _DAY, begins + _DAY))
        except Exception as problem:
            raise _not_unfolded(by_uid.get(str(series.uid)), problem) from problem
    return query


def _culprit(part: Any) -> Any:  # noqa: ANN401 - icalendar's
    """The first event that is wrong all by itself; None where only several together are."""
    import icalendar
    import recurring_ical_events

    for one in part.walk("VEVENT"):
        alone = icalendar.Calendar()
        alone.add_component(one)
        with suppress(Exception):
            recurring_ical_events.of(alone, skip_bad_series=True)
            continue
        return one
    return None


def _not_unfolded(one: Any, problem: Exception) -> IcsError:  # noqa: ANN401 - icalendar's event
    why = f"that cannot be unfolded ({type(problem).__name__}: {problem}): correct its times or leave it out"
    return IcsError(f"has {called(one)} {why}" if one is not None else f"has events {why}")


class Finder:
    """Finds the people of an event."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._known: dict[tuple[int, int, str], tuple[Any, Any, list[Person]]] = {}
        self._by_email = {person.email.casefold(): person for person in people if person.email}
        self._by_name = {person.name.casefold(): person for person in people}
        # Longest first: "alice smith" is not alice, nor is alice@elsewhere.example.
        words = "|".join(map(re.escape, sorted([*self._by_email, *self._by_name], key=len, reverse=True)))
        # Grafana OnCall's titles say @alice.
        self._named = re.compile(rf"(?<![\w.-])(?<![\w.-]@)(?:{words})(?![\w@-]|\.\w)")

    def people(self, one: Any) -> list[Person]:  # noqa: ANN401 - icalendar's event
        """Whose it is. What repeats is copied with the same guests, so it is looked through once."""
        guests, organiser = one.get("ATTENDEE"), one.get("ORGANIZER")
        key = id(guests), id(organiser), str(one.get("SUMMARY", ""))
        if key not in self._known:
            # They are kept beside what was found, so that no other list gets their ids.
            self._known[key] = guests, organiser, self._find(_listed(guests), _listed(organiser), key[2])
        return self._known[key][2]

    def _find(self, guests: list[Any], organiser: list[Any], title: str) -> list[Person]:
        """Who attends; else whom the title names; else who organised it.

        A manager who invites somebody stands among the guests too: the organiser counts only where nobody else does.
        """
        invited, host = list(self._invited(guests)), list(self._invited(organiser))
        others = [person for person in invited if person not in host]
        return list(dict.fromkeys(others or invited or self._in_title(title) or host))

    def _in_title(self, title: str) -> list[Person]:
        words = self._named.findall(" ".join(title.casefold().split()))
        return [self._by_email.get(word) or self._by_name[word] for word in words]

    def _invited(self, addresses: Iterable[Any]) -> Iterator[Person]:
        for address in addresses:
            declined = str(address.params.get("PARTSTAT", "")).upper() == "DECLINED"
            person = next(filter(None, map(self._called, _names(address))), None)
            if person and not declined:
                yield person

    def _called(self, name: str) -> Person | None:
        return self._by_email.get(name) or self._by_name.get(name)


def _names(address: Any) -> Iterator[str]:  # noqa: ANN401 - icalendar's
    """What may name a guest: the address, the one that Apple writes beside it, the common name."""
    written = (unquote(re.sub("(?i)^mailto:", "", str(address))), *map(address.params.get, ("EMAIL", "CN")))
    yield from (" ".join(str(each).casefold().split()) for each in written if each)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - one address, several, or None
    values = value if isinstance(value, list) else [value]
    return [each for each in values if hasattr(each, "params")]


class File:
    """A calendar that follows its file: what is read anew takes the old one's place at once, or not at all."""

    def __init__(self, path: Path, people: Sequence[Person], zone: ZoneInfo) -> None:
        self.path = path
        self._given, self._zone = tuple(people), zone
        self._stamp: tuple[int, ...] = ()
        self._events: Events | None = None
        self.raw = b""  # what is in force, as it was read

    def renew(self) -> bool:
        """Read the file if it changed since; whether it had. Raises IcsError, and what was read before stays."""
        try:
            with opened(self.path) as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
                if stamp == self._stamp:
                    return False
                raw = file.read(LARGEST + 1)
        except (OSError, ValueError) as problem:
            raise IcsError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem
        if len(raw) > LARGEST:
            raise IcsError(f"is larger than {LARGEST // 1024} KiB, export fewer events")
        self.take(raw)
        self._stamp = stamp
        event(log, logging.INFO, "calendar read", file=str(self.path), people=len(self.people))
        return True

    def take(self, raw: bytes) -> None:
        """Let this be in force until the file can be read. Raises IcsError."""
        self._events = Events(raw, self._given, self._zone)
        self.raw = raw

    def prepare(self, at: datetime) -> None:
        """Unfold what is asked for soon."""
        if self._events:
            self._events.calendar.prepare(at)

    def strangers(self, begins: datetime, ends: datetime) -> list[str]:
        """The titles of events in a span that name nobody of the configuration."""
        return self._events.strangers(begins, ends) if self._events else []

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom any event names."""
        return self._events.calendar.people if self._events else ()

    def on_call(self, at: datetime) -> tuple[Person, ...]:
        """Who is on call at `at` (aware); nobody while no file was read."""
        return self._events.calendar.on_call(at) if self._events else ()

    def changes(self, begins: datetime, ends: datetime) -> Iterator[datetime]:
        """Every moment at which an event begins or ends."""
        return self._events.calendar.changes(begins, ends) if self._events else iter(())
