"""A schedule as iCalendar (RFC 5545), for the calendars that people look into anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from alertsms.core.schedules.person import Person
from alertsms.core.schedules.rota import Rota

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})  # 3.3.11
_LONGEST = 75  # octets of a line, section 3.1


def calendar(rotas: list[Rota], now: datetime) -> str:
    """Every shift of some schedules as an event; `now` stands in each as the time of writing."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//alertsms//on-call//EN"]
    for one in rotas:
        lines += _events(one, now)
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _events(rota: Rota, now: datetime) -> Iterator[str]:
    name = rota.schedule.name
    # The shift that runs is told from its beginning: read again a day later, it is the same event.
    first = replace(rota.now, begins=rota.since or rota.now.begins)
    for shift in (first, *rota.shifts[1:]):
        for person in shift.people:
            yield from (
                "BEGIN:VEVENT",
                f"UID:{_utc(shift.begins)}-{escaped(person.name)}-{escaped(name)}@alertsms",
                f"DTSTAMP:{_utc(now)}",
                f"DTSTART:{_utc(shift.begins)}",
                f"DTEND:{_utc(shift.ends)}",
                f"SUMMARY:{escaped(f'{person.name} on call ({name})')}",
                *_attendee(person),
                "END:VEVENT",
            )


def _attendee(person: Person) -> Iterator[str]:
    if person.email:
        # A quote cannot stand in a parameter (3.2), whatever somebody is called.
        yield f'ATTENDEE;CN="{person.name.replace(chr(34), chr(39))}":mailto:{person.email}'


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A text as a value of a property; vCards have the same rule (RFC 2426, 5)."""
    return text.translate(_ESCAPES)


def _folded(line: str) -> str:
    """Break a long line between characters; what follows begins with a space."""
    parts, size = [""], 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _LONGEST:
            parts.append("")
            size = 1
        parts[-1] += char
        size += octets
    return "\r\n ".join(parts)
