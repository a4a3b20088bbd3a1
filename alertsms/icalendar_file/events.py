"""iCalendar files (RFC 5545) that another tool writes: whose event it is, and when. Runs in the child process alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any
from urllib.parse import unquote
from warnings import filterwarnings
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from alertsms.core.schedules.person import Person
from alertsms.core.schedules.schedule import instant
from alertsms.icalendar_file.dialect import own_zone, put_right
from alertsms.icalendar_file.protocol import (
    DAY,
    MOST_EVENTS,
    MOST_OCCURRENCES,
    CalendarAnswer,
    IcsError,
    Occurrence,
    OutOfTime,
)

ONCALL = re.compile("Grafana On-?Call|//oncall//", re.IGNORECASE)  # PRODID
LEVEL = re.compile(r"\s*\[L(\d{1,2})\]", re.IGNORECASE)  # the priority of a shift in a calendar of Grafana OnCall
NEEDED = frozenset(
    [
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
    ]
)
BEGIN = re.compile(rb"^BEGIN:VEVENT\b", re.IGNORECASE | re.MULTILINE)


def answer(body: bytes) -> CalendarAnswer:
    """Answer the request of the parent process. Raises IcsError."""
    head, _, raw = body.partition(b"\n")
    zone, people, *span = json.loads(head)
    events = Events(raw, [Person(name=name, phones=(), email=email) for name, email in people], ZoneInfo(zone))
    begins, ends = (datetime.fromtimestamp(at, UTC) for at in span)
    return CalendarAnswer(sorted(events.named), list(events.occurrences(begins, ends)), events.broken)


class Events:
    """What one file said when it was read."""

    def __init__(self, raw: bytes, people: Sequence[Person], zone: ZoneInfo) -> None:
        """`zone` is that of all-day events and of times without one, unless the file names its own. Raises IcsError."""
        parts = _parse(raw)
        self._finder, self._zone = Finder(people), next(filter(None, map(own_zone, parts)), zone)
        for part in parts:
            _put_right(part, self._zone)
        self._series = [pair for part in parts for pair in _series(part)]
        self._leveled = any(ONCALL.search(str(part.get("PRODID", ""))) for part in parts)
        self.named = {
            person.name for part in parts for event in part.walk("VEVENT") for person in self._finder.people(event)
        }
        self.broken: list[str] = []  # UIDs of events that could not be unfolded

    def occurrences(self, begins: datetime, ends: datetime) -> Iterator[Occurrence]:
        """Every time of an event that overlaps a span, a day more at both ends for other zones. Raises IcsError."""
        count = 0
        for series, event in self._series:
            for occurrence in self._unfolded(series, event, begins - DAY, ends + DAY):
                count += 1
                if count > MOST_OCCURRENCES:
                    raise IcsError(
                        f"repeats too often: up to {called(event)} there are more than {MOST_OCCURRENCES:,} times from"
                        f" {begins:%Y-%m-%d} to {ends:%Y-%m-%d}, let old ones end (UNTIL) or export fewer events"
                    )
                yield occurrence

    def _unfolded(self, series: Any, event: Any, begins: datetime, ends: datetime) -> list[Occurrence]:  # noqa: ANN401
        """What one event and its repetitions have in a span: nothing, and a note, where they cannot be unfolded."""
        try:
            times = (time.as_component(keep_recurrence_attributes=False) for time in series.between(begins, ends))
            return [
                self._occurrence(time, begins, ends)
                for time in islice(times, MOST_OCCURRENCES + 1)
                if str(time.get("STATUS", "")).upper() != "CANCELLED"
            ]
        except (MemoryError, OutOfTime) as problem:
            raise _not_unfolded(event, problem) from problem
        except Exception:  # noqa: BLE001 - any rule may stand in a file, and a page must not fail for one
            self.broken.append(str(series.uid)[:60])
            return []

    def _occurrence(self, time: Any, begins: datetime, ends: datetime) -> Occurrence:  # noqa: ANN401
        people = [person.name for person in self._finder.people(time)]
        title = " ".join(str(time.get("SUMMARY", "")).split())[:60] or "an event without a title"
        return Occurrence(
            begins=max(self._moment(time.start), begins).timestamp(),
            ends=min(self._moment(time.end), ends).timestamp(),
            level=self._level(time),
            people=people,
            title="" if people else title,
        )

    def _level(self, event: Any) -> int:  # noqa: ANN401 - icalendar's event
        """Which of several at the same time counts; elsewhere [L1] and [L2] may be two lines that are both on call."""
        level = LEVEL.match(str(event.get("SUMMARY", ""))) if self._leveled else None
        return int(level[1]) if level else 0

    def _moment(self, at: date) -> datetime:
        if not isinstance(at, datetime):
            at = datetime(at.year, at.month, at.day)  # noqa: DTZ001 - a wall-clock time
        return at.astimezone(UTC) if at.tzinfo else instant(at, self._zone)


def _parse(raw: bytes) -> list[Any]:
    if not raw.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise IcsError("is no whole iCalendar file: it does not end with END:VCALENDAR")
    count = len(BEGIN.findall(raw))
    if count > MOST_EVENTS:
        raise IcsError(f"has {count:,} events, export at most {MOST_EVENTS:,}, without those long over")
    filterwarnings("ignore", message="Timezone .* is a globally unique TZID")  # /mozilla.org/…/Europe/Paris
    try:
        parts = [part for part in icalendar.Calendar.from_ical(raw, multiple=True) if part.name == "VCALENDAR"]
        events = [event for part in parts for event in part.walk("VEVENT")]
    except Exception as problem:  # whatever the library trips over
        raise IcsError(f"is no iCalendar file: {_words(problem)}") from problem
    for event in events:
        _check(event)
        _strip(event)
    return parts


def _check(event: Any) -> None:  # noqa: ANN401 - icalendar's event
    """Refuse an event whose times would be misunderstood. Raises IcsError."""
    if not isinstance(getattr(event.get("DTSTART"), "dt", None), date):
        raise IcsError(f"has {called(event)} without one DTSTART, write when it begins or leave it out")
    broken = {key: " ".join(str(why).split())[:120] for key, why in event.errors}
    rules = event.get("RRULE", [])
    if "RRULE" in broken or not all(rule.get("FREQ") for rule in (rules if isinstance(rules, list) else [rules])):
        raise IcsError(f"has {called(event)} with an RRULE that cannot be read: correct it or leave it out")
    if why := broken.get("RDATE") or broken.get("EXDATE"):
        raise IcsError(f"has {called(event)} that cannot be read ({why}): correct it or leave it out")


def _strip(event: Any) -> None:  # noqa: ANN401 - icalendar's event
    """Keep the properties that say who is on call and when: others would be copied for each repetition."""
    for key in [key for key in event if key not in NEEDED]:
        del event[key]
    event.subcomponents.clear()


def _put_right(part: Any, zone: ZoneInfo) -> None:  # noqa: ANN401 - icalendar's calendar
    try:
        put_right(part.walk("VEVENT"), zone)
    except Exception as problem:
        raise IcsError(f"has events whose times cannot be read ({_words(problem)}): export it anew") from problem


def _series(part: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - icalendar's calendar
    """What unfolds each event of a calendar, tried once, and that event. Raises IcsError."""
    try:
        query = recurring_ical_events.of(part, skip_bad_series=True)
    except Exception as problem:  # whatever the library says of what may stand in a file
        raise _not_unfolded(_culprit(part), problem) from problem
    by_uid = {str(event.get("UID", "")): event for event in reversed(part.walk("VEVENT"))}
    for series in query.series:
        event = by_uid.get(str(series.uid))
        try:
            day = series.components[0].start
            begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
            list(series.between(begins - DAY, begins + DAY))
        except (Exception, OutOfTime) as problem:
            raise _not_unfolded(event, problem) from problem
        yield series, event


def _culprit(part: Any) -> Any:  # noqa: ANN401 - icalendar's
    """The first event that is wrong all by itself; None where only several together are."""
    for event in part.walk("VEVENT"):
        alone = icalendar.Calendar()
        alone.add_component(event)
        with suppress(Exception):
            recurring_ical_events.of(alone, skip_bad_series=True)
            continue
        return event
    return None


def _not_unfolded(event: Any, problem: BaseException) -> IcsError:  # noqa: ANN401 - icalendar's event
    which = "events" if event is None else called(event)
    return IcsError(
        f"has {which} that cannot be unfolded ({type(problem).__name__}: {_words(problem)}):"
        " correct its times or leave it out"
    )


def _words(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:120] or "no memory is left"


def called(event: Any) -> str:  # noqa: ANN401 - icalendar's event
    """An event by its title and UID, as a sentence needs it: `an event "alice" (UID 4711)`."""
    title, uid = (" ".join(str(event.get(key, "")).split())[:60] for key in ("SUMMARY", "UID"))
    return f'an event "{title}" (UID {uid})' if uid else f'an event "{title}"'


class Finder:
    """Finds the people of an event."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._known: dict[tuple[int, int, str], tuple[Any, Any, list[Person]]] = {}
        by_email = {person.email.casefold(): person for person in people if person.email}
        self._called = {person.name.casefold(): person for person in people} | by_email
        # Longest first: "alice smith" is not alice, nor is alice@elsewhere.example.
        words = "|".join(map(re.escape, sorted(self._called, key=len, reverse=True))) or "(?!)"
        # Grafana OnCall's titles say @alice.
        self._named = re.compile(rf"(?<![\w.-])(?<![\w.-]@)(?:{words})(?![\w@-]|\.\w)")

    def people(self, event: Any) -> list[Person]:  # noqa: ANN401 - icalendar's event
        """Whose it is. What repeats is copied with the same guests, so it is looked through once."""
        guests, organiser = event.get("ATTENDEE"), event.get("ORGANIZER")
        key = id(guests), id(organiser), str(event.get("SUMMARY", ""))
        if key not in self._known:
            # Guests and organiser are kept beside their people, so that no other list gets their ids.
            self._known[key] = guests, organiser, self._find(_listed(guests), _listed(organiser), key[2])
        return self._known[key][2]

    def _find(self, guests: list[Any], organiser: list[Any], title: str) -> list[Person]:
        """Who attends; else whom the title names; else who organised it.

        A manager who invites somebody stands among the guests too: the organiser counts only where nobody else does.
        """
        invited, host = list(self._invited(guests)), list(self._invited(organiser))
        others = [person for person in invited if person not in host]
        words = self._named.findall(" ".join(title.casefold().split()))
        in_title = [self._called[word] for word in words]
        return list(dict.fromkeys(others or invited or in_title or host))

    def _invited(self, addresses: Iterable[Any]) -> Iterator[Person]:
        for address in addresses:
            declined = str(address.params.get("PARTSTAT", "")).upper() == "DECLINED"
            person = next(filter(None, map(self._called.get, _names(address))), None)
            if person and not declined:
                yield person


def _names(address: Any) -> Iterator[str]:  # noqa: ANN401 - icalendar's
    """What may name a guest: the address, the one that Apple writes beside it, the common name."""
    written = (unquote(re.sub("(?i)^mailto:", "", str(address))), *map(address.params.get, ("EMAIL", "CN")))
    yield from (" ".join(str(name).casefold().split()) for name in written if name)


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - one address, several, or None
    values = value if isinstance(value, list) else [value]
    return [address for address in values if hasattr(address, "params")]
