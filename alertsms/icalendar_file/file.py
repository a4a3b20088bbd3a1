"""A calendar that follows its file: a child process reads it, and what it answers is kept until the file changes."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alertsms.core.schedules.calendar import Calendar, CalendarShift
from alertsms.core.schedules.person import Person
from alertsms.icalendar_file.protocol import DAY, CalendarAnswer, CalendarRequest, IcsError, Occurrence
from alertsms.logs import event
from alertsms.machine.files import opened

log = logging.getLogger("alertsms.ics")

INSTALL = "pip install -r requirements.txt"
LARGEST = 2 * 1024 * 1024  # bytes; a year of daily shifts takes 100 KiB
DEADLINE = 60.0  # seconds for a child; its processor time is bounded too, but it may wait for a busy machine
RETRY = timedelta(
    minutes=10
)  # after which a refused file that has not changed is read again: the machine may be at fault
# The pages for people look 60 weeks back and ahead, by blocks of 90 days: no child is asked for them.
BEHIND, AHEAD = timedelta(weeks=74), timedelta(weeks=126)  # the span that is read around a moment
ENOUGH = timedelta(weeks=74)  # what has to be known of the time to come
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MEMORY = 256 * 1024 * 1024  # bytes of address space; 100,000 occurrences take 130 MiB, 2 MiB of guests 70
PROCESSOR_SECONDS = 10  # 100,000 occurrences take 6, a year of shifts 0.2
COMMAND = (sys.executable, "-P", "-s", "-m", "alertsms.icalendar_file.child")
PASSED_ON = ("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONTZPATH")  # variables without which some Pythons do not start


class MachineError(IcsError):
    """The machine had no process or no time for a calendar, which may be sound."""


def installed() -> bool:
    """Whether the libraries are there, without importing them."""
    return all(find_spec(name) for name in ("icalendar", "recurring_ical_events"))


def ask_child(request: CalendarRequest) -> CalendarAnswer:
    """Let a fresh process read a calendar: no fork beside threads, no secrets, an end in any case. Raises IcsError."""
    environ = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    environ["LC_ALL"] = "C"  # others are mapped into the memory that it may use
    environ["PYTHONPATH"] = os.pathsep.join(str(Path(path).absolute()) for path in sys.path)  # a zip too
    command = [*COMMAND, str(MEMORY), str(PROCESSOR_SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603 - this Python
            command, input=request.encoded(), capture_output=True, timeout=DEADLINE, env=environ, cwd="/", check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise MachineError(
            f"was not read within {DEADLINE:.0f} s: export fewer events, and fewer that repeat"
        ) from problem
    except (OSError, ValueError) as problem:
        raise MachineError(f"cannot be read, since no process can be started for it: {problem}") from problem
    if done.returncode != 0:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:500] or f"status {done.returncode}"
        raise IcsError(f"cannot be read, its reader came to an end ({why}): export fewer events, and fewer that repeat")
    try:
        reply = json.loads(done.stdout)
        if isinstance(reply, dict):
            raise IcsError(reply["error"])
        named, occurrences, broken = reply
        return CalendarAnswer(named, [Occurrence(*row) for row in occurrences], broken)
    except (ValueError, TypeError, LookupError) as problem:
        raise IcsError(f"cannot be read, since its reader answered nonsense: {problem}") from problem


class KnownSpan(NamedTuple):
    """What was read of some time."""

    begins: datetime
    ends: datetime
    occurrences: Sequence[Occurrence]

    def covers(self, begins: datetime, ends: datetime) -> bool:
        """Whether all of a time was read."""
        return self.begins <= begins and ends <= self.ends


class Contents:
    """What one version of a file says: around the present, and around whatever other time somebody asks for."""

    def __init__(self, raw: bytes, people: Sequence[Person], zone: ZoneInfo, at: datetime) -> None:
        """Read what is around a moment. Raises IcsError."""
        self._raw, self._people, self._zone = raw, {person.name: person for person in people}, zone
        self._turn = Lock()  # one child at a time
        self._present, named = self._read(at)
        self._elsewhere = self._present
        self.calendar = Calendar([person for person in people if person.name in named], self._unfold)

    def lasts(self, at: datetime) -> bool:
        """Whether enough is known of what is around a moment."""
        return self._present.covers(at, at + ENOUGH)

    def strangers(self, begins: datetime, ends: datetime) -> list[str]:
        """The titles of events in a span that name nobody of the configuration, each once."""
        titles = [occurrence.title for occurrence in self._occurrences(begins - DAY, ends + DAY)]
        return list(dict.fromkeys(filter(None, titles)))

    def _unfold(self, begins: datetime, ends: datetime) -> list[CalendarShift]:
        return [
            CalendarShift(
                person=self._people[name],
                begins=datetime.fromtimestamp(occurrence.begins, UTC),
                ends=datetime.fromtimestamp(occurrence.ends, UTC),
                level=occurrence.level,
            )
            for occurrence in self._occurrences(begins, ends)
            for name in occurrence.people
        ]

    def _occurrences(self, begins: datetime, ends: datetime) -> list[Occurrence]:
        low, high = begins.timestamp(), ends.timestamp()
        occurrences = self._covering(begins, ends).occurrences
        return [occurrence for occurrence in occurrences if occurrence.begins <= high and occurrence.ends >= low]

    def _covering(self, begins: datetime, ends: datetime) -> KnownSpan:
        if self._present.covers(begins, ends) or not FIRST <= begins <= LAST:
            return self._present
        with self._turn:
            if not self._elsewhere.covers(begins, ends):
                self._elsewhere, _ = self._read(begins)
            return self._elsewhere

    def _read(self, at: datetime) -> tuple[KnownSpan, Sequence[str]]:
        begins, ends = at - BEHIND, at + AHEAD
        people = [(person.name, person.email) for person in self._people.values()]
        answer = ask_child(CalendarRequest(str(self._zone), people, begins.timestamp(), ends.timestamp(), self._raw))
        for uid in answer.broken:
            fields = {"uid": uid, "from": begins}
            event(log, logging.ERROR, "an event of a calendar cannot be unfolded: nobody is on call by it", **fields)
        return KnownSpan(begins, ends, answer.occurrences), answer.named


class File:
    """What is read anew takes the old one's place at once, or not at all."""

    def __init__(self, path: Path, people: Sequence[Person], zone: ZoneInfo) -> None:
        self.path = path
        self._given, self._zone = tuple(people), zone
        self._stamp: tuple[int, ...] = ()
        self._contents: Contents | None = None
        self._refused: tuple[bytes, str, datetime] = (b"", "", FIRST)  # what, why, and since when: RETRY has to be over
        self.raw = b""  # what is in force, as it was read

    def renew(self, at: datetime) -> bool:
        """Read the file if it changed since; whether it had. Raises IcsError, and what was read before stays."""
        try:
            with opened(self.path) as file:
                status = os.fstat(file.fileno())
                stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
                if stamp == self._stamp:
                    return False
                raw = file.read(LARGEST + 1)
        except (OSError, ValueError) as problem:
            raise IcsError(f"cannot be read: {getattr(problem, 'strerror', None) or problem}") from problem
        if len(raw) > LARGEST:
            raise IcsError(f"is larger than {LARGEST // 1024} KiB, export fewer events")
        if raw != self.raw:
            self.take(raw, at)
            event(log, logging.INFO, "calendar read", file=str(self.path), people=len(self.people))
        self._stamp = stamp
        return True

    def take(self, raw: bytes, at: datetime) -> None:
        """Let this be in force until the file can be read, and read what is around `at`. Raises IcsError."""
        refused, why, since = self._refused
        if raw == refused and timedelta() <= at - since < RETRY:  # the clock may have been set back
            raise IcsError(why)
        try:
            self._contents = Contents(raw, self._given, self._zone, at)
        except MachineError:  # the next round tries again: until then nobody may be on call
            raise
        except IcsError as problem:
            self._refused = raw, str(problem), at
            raise
        self.raw = raw

    def prepare(self, at: datetime) -> None:
        """Unfold what is asked for soon. Raises IcsError where it has to be read again, and cannot."""
        if self._contents:
            if not self._contents.lasts(at):
                self.take(self.raw, at)
            self._contents.calendar.prepare(at)

    def strangers(self, begins: datetime, ends: datetime) -> list[str]:
        """The titles of events in a span that name nobody of the configuration."""
        return self._contents.strangers(begins, ends) if self._contents else []

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom any event names."""
        return self._contents.calendar.people if self._contents else ()

    def on_call(self, at: datetime) -> tuple[Person, ...]:
        """Who is on call at `at` (aware); nobody while no file was read, or that time of it cannot be."""
        try:
            return self._contents.calendar.on_call(at) if self._contents else ()
        except IcsError as problem:  # a page must not fail for it
            self._not_known(at, problem)
            return ()

    def changes(self, begins: datetime, ends: datetime) -> Iterator[datetime]:
        """Every moment at which an event begins or ends."""
        try:
            if self._contents:
                yield from self._contents.calendar.changes(begins, ends)
        except IcsError as problem:
            self._not_known(begins, problem)

    def _not_known(self, at: datetime, problem: IcsError) -> None:
        fields = {"file": str(self.path), "from": at, "why": str(problem)}
        event(log, logging.ERROR, "a time of a calendar cannot be read: nobody is on call by it", **fields)
