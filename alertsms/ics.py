"""iCalendar files (RFC 5545) that another tool writes: whose event it is, and when.

Read by icalendar and recurring-ical-events, which are imported with the first such file.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from alertsms.core.calendar import Calendar, Duty
from alertsms.core.person import Person
from alertsms.core.schedule import instant
from alertsms.logs import event

log = logging.getLogger("alertsms.ics")

INSTALL = "pip install 'alertsms[calendar]'"
LARGEST = 2 * 1024 * 1024  # bytes; a year of daily shifts takes 100 KiB
MOST = 5000  # events
MOST_REPEATED = 500  # repeating ones, an hourly one counted as 24: that many take five seconds to unfold
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})  # a rule of seconds would be unfolded for hours
_DAY = timedelta(days=1)


class IcsError(Exception):
    """A file that is no calendar, or cannot be read; the text says why, and what to do."""


def installed() -> bool:
    """Whether the libraries are there, without importing them."""
    return all(find_spec(name) for name in ("icalendar", "recurring_ical_events"))


class Events:
    """What one file said when it was read."""

    def __init__(self, raw: bytes, people: Sequence[Person], zone: ZoneInfo) -> None:
        """`zone` is that of all-day events and of times without one. Raises IcsError."""
        self._finder, self._zone = Finder(people), zone
        parts = _parse(raw)
        self._queries = [_query(part) for part in parts]
        self._turn = Lock()  # a query keeps what it found, and is no thing for two threads
        named = {person.name for part in parts for one in part.walk("VEVENT") for person in self._finder.people(one)}
        self.calendar = Calendar((person for person in people if person.name in named), self._unfold)

    def strangers(self, begins: datetime, ends: datetime) -> list[str]:
        """The titles of events in a span that name nobody of the configuration, each once."""
        titles = [
            str(one.get("SUMMARY", "")) for one in self._occurrences(begins, ends) if not self._finder.people(one)
        ]
        return list(dict.fromkeys(" ".join(title.split())[:60] or "an event without a title" for title in titles))

    def _unfold(self, begins: datetime, ends: datetime) -> list[Duty]:
        try:
            return [Duty(person=person, begins=self._moment(one.start), ends=self._moment(one.end))
                    for one in self._occurrences(begins, ends) for person in self._finder.people(one)]  # fmt: skip
        except Exception:  # any rule may stand in a file, and a page must not fail for one
            log.exception("a calendar cannot be unfolded: nobody is on call by it", extra={"fields": {"from": begins}})
            return []

    def _occurrences(self, begins: datetime, ends: datetime) -> list[Any]:
        """Every event that overlaps a span, a day more at both ends for those of other zones."""
        with self._turn:
            return [one for query in self._queries for one in query.between(begins - _DAY, ends + _DAY)
                    if str(one.get("STATUS", "")).upper() != "CANCELLED"]  # fmt: skip

    def _moment(self, at: date) -> datetime:
        if not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall-clock time
        return at.astimezone(UTC) if at.tzinfo else instant(at, self._zone)


def _parse(raw: bytes) -> list[Any]:
    import icalendar

    if not raw.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise IcsError("is no whole iCalendar file: it does not end with END:VCALENDAR")
    try:
        parts = [part for part in icalendar.Calendar.from_ical(raw, multiple=True) if part.name == "VCALENDAR"]
        events = [one for part in parts for one in part.walk("VEVENT")]
        repeated = sum(_often(one) for one in events)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as problem:
        raise IcsError(f"is no iCalendar file: {' '.join(str(problem).split())[:120]}") from problem
    if len(events) > MOST:
        raise IcsError(f"has {len(events):,} events, export at most {MOST:,}, without those long over")
    if repeated > MOST_REPEATED:
        raise IcsError(f"has {repeated:,} events that repeat, export at most {MOST_REPEATED}")
    return parts


def _often(one: Any) -> int:  # noqa: ANN401 - icalendar's event
    """How often an event repeats in a day, at least once if at all. Raises IcsError for one by the minute."""
    rules = one.get("RRULE") or []
    times = 0
    for rule in rules if isinstance(rules, list) else [rules]:
        often = {str(word).upper() for word in rule.get("FREQ", [])} & _TOO_OFTEN
        if often or len(rule.get("BYSECOND", [])) > 1 or len(rule.get("BYMINUTE", [])) > 1:
            title = " ".join(str(one.get("SUMMARY", "")).split())[:60]
            raise IcsError(f'has an event "{title}" that repeats by the minute, which no shift does: leave it out')
        hourly = "HOURLY" in {str(word).upper() for word in rule.get("FREQ", [])}
        interval = int(rule.get("INTERVAL", [1])[0])
        if interval < 1:  # it would be unfolded for ever
            raise IcsError(f"has an event that repeats every {interval}, write an INTERVAL of at least 1")
        times += max(24 // interval if hourly else 1, len(rule.get("BYHOUR", [])), 1)
    return times


def _query(part: Any) -> Any:  # noqa: ANN401 - the libraries' own
    import recurring_ical_events

    return recurring_ical_events.of(part, skip_bad_series=True)


class Finder:
    """Finds the people of an event."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._by_email = {person.email.casefold(): person for person in people if person.email}
        self._by_name = {person.name.casefold(): person for person in people}
        # Longest first: "alice smith" is not alice, nor is alice@elsewhere.example.
        words = "|".join(map(re.escape, sorted([*self._by_email, *self._by_name], key=len, reverse=True)))
        self._named = re.compile(rf"(?<![\w.@-])(?:{words})(?![\w@-]|\.\w)")

    def people(self, one: Any) -> list[Person]:  # noqa: ANN401 - icalendar's event
        """Who attends; else whom the title names; else who organised it.

        A manager who invites somebody stands among the guests too: the organiser counts only where nobody else does.
        """
        organiser = list(self._invited(_listed(one.get("ORGANIZER"))))
        guests = list(self._invited(_listed(one.get("ATTENDEE"))))
        others = [person for person in guests if person not in organiser]
        found = others or guests or self._in_title(str(one.get("SUMMARY", ""))) or organiser
        return list(dict.fromkeys(found))

    def _in_title(self, title: str) -> list[Person]:
        words = self._named.findall(title.casefold())
        return [self._by_email.get(word) or self._by_name[word] for word in words]

    def _invited(self, addresses: Iterable[Any]) -> Iterator[Person]:
        for address in addresses:
            declined = str(address.params.get("PARTSTAT", "")).upper() == "DECLINED"
            email = re.sub("(?i)^mailto:", "", str(address)).strip().casefold()
            person = self._by_email.get(email) or self._by_name.get(str(address.params.get("CN", "")).casefold())
            if person and not declined:
                yield person


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

    def renew(self) -> bool:
        """Read the file if it changed since; whether it had. Raises IcsError, and what was read before stays."""
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
                if stamp == self._stamp:
                    return False
                raw = file.read(LARGEST + 1)
        except (OSError, ValueError) as problem:
            raise IcsError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem
        if len(raw) > LARGEST:
            raise IcsError(f"is larger than {LARGEST // 1024} KiB, export fewer events")
        self._events = Events(raw, self._given, self._zone)
        self._stamp = stamp
        event(log, logging.INFO, "calendar read", file=str(self.path), people=len(self.people))
        return True

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
