"""Ten years of a schedule of Europe/Paris: each minute asked for one by one, and told as shifts."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alertsms.core.routing.time_interval import NamedInterval, TimeInterval, parse_times
from alertsms.core.schedules.person import Person, PhoneNumber
from alertsms.core.schedules.schedule import Override, Rotation, Schedule
from tests.benchmarks.book import Book

PARIS = ZoneInfo("Europe/Paris")
FIRST, MINUTE = datetime(2026, 1, 5, 8, tzinfo=UTC), timedelta(minutes=1)
YEARS = 10


def plan() -> Schedule:
    """Weeks, nights by the day over them, and a holiday."""
    alice, bob, carol = (Person(name=name, phones=(PhoneNumber(e164="+33612345678"),)) for name in ("a", "b", "c"))
    nights = NamedInterval(
        name="nights",
        intervals=(TimeInterval(times=(parse_times("00:00", "07:00"), parse_times("22:00", "24:00")), location=PARIS),),
    )
    begins = datetime(2026, 1, 5, 9)
    return Schedule(
        name="primary",
        zone=PARIS,
        rotations=(
            Rotation(people=(alice, bob), every=timedelta(weeks=1), begins=begins),
            Rotation(people=(carol, alice, bob), every=timedelta(days=1), begins=begins, during=(nights,)),
        ),
        overrides=(Override(person=bob, begins=FIRST + timedelta(days=200), ends=FIRST + timedelta(days=214)),),
    )


def walk(book: Book, years: int) -> None:
    """Ask for each minute, beside a walk that only reads the clock of the zone; then tell all shifts at once."""
    schedule, minutes = plan(), years * 365 * 24 * 60
    began, at = time.perf_counter(), FIRST
    for _ in range(minutes):
        at.astimezone(PARIS)
        at += MINUTE
    read = time.perf_counter()
    at, before, handed = FIRST, schedule.on_call(FIRST), 0
    for _ in range(minutes):
        now = schedule.on_call(at)
        if now is not before and now != before:
            before, handed = now, handed + 1
        at += MINUTE
    walked = time.perf_counter()
    shifts = schedule.shifts(FIRST, at)
    told = time.perf_counter()
    if len(shifts) != handed + 1:
        raise RuntimeError(f"{handed} hand-offs were walked over, {len(shifts) - 1} are told")
    scale = YEARS / years
    book.note("zone walk", (read - began) * scale)
    book.note("walk", (walked - read) * scale)
    book.note("on call", (walked - read) / minutes * 1e6)
    book.note("shifts", (told - walked) * scale * 1000)
