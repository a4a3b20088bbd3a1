"""How much work an iCalendar file is, counted before any of it is done: a few bytes can ask for hours.

The library that unfolds a rule walks through all its times from the first on, and looks for the next one until the
year 9999. So each rule is tried near that end first, where a search that finds nothing is short.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

DEEPEST = 4  # components in each other: an alarm of an event of a calendar is the third
LINES = 1000  # of one component: a guest, or a day that is left out, takes one
MOST = 5000  # events
PARTS = 20_000  # components, alarms and time zones among them
LONG = 1000  # characters of a rule, a title, or the parameters of anything
ZONE_RULES = 100  # changes of the clock in time zones that a file brings along: two each, or a history
ZONE_DATES = 5000  # changes that are listed by date, in all zones: half a second
ZONE_KEYS = frozenset({"FREQ", "BYMONTH", "BYMONTHDAY", "BYDAY", "UNTIL", "COUNT", "WKST"})
ZONE_ONCE = {"INTERVAL": "1", "BYHOUR": r"\d{1,2}", "BYMINUTE": r"\d{1,2}", "BYSECOND": r"\d{1,2}"}  # Exchange's

ENDS = ("UNTIL", "COUNT")
MOST_REPEATED = 500  # events that repeat, an hourly one counted as 24
MOST_STEPS = 750_000  # about seven seconds, once
# Not today: what is taken today must not be refused next year.
COUNTED_TO = datetime(2040, 1, 1)  # noqa: DTZ001 - a wall-clock time
YEARS = range(1583, 2200)  # from the first whole year of this calendar on; birthdays without a year stand in 1604
LONGEST, EVER = timedelta(days=366), timedelta(days=36525)  # of what repeats, and of what does not
WIDEST = 1000  # INTERVAL
DATE_STEPS = 20  # of a date that is added or left out
SAMPLE = 16  # times of a rule that tell how often it repeats; a quarter by the year, which takes long
LATE = 9940  # the year from which on they are looked for
_END = datetime(9999, 12, 31)  # noqa: DTZ001 - a wall-clock time
_QUOTED = re.compile('"[^"]*"')
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})
DAY = timedelta(days=1)
_DAYS = {"YEARLY": 365.25, "MONTHLY": 30.4, "WEEKLY": 7.0, "DAILY": 1.0, "HOURLY": 1 / 24}
_PRICE = {"YEARLY": 25.0, "MONTHLY": 3.0}  # of a period without a time in it; of the others, and of each time: 1


class IcsError(Exception):
    """A file that is no calendar, or cannot be read; the text says why, and what to do."""


def called(one: Any) -> str:  # noqa: ANN401 - icalendar's event
    """An event by its title and UID, as a sentence needs it: `an event "alice" (UID 4711)`."""
    title, uid = (" ".join(str(one.get(key, "")).split())[:60] for key in ("SUMMARY", "UID"))
    return f'an event "{title}" (UID {uid})' if uid else f'an event "{title}"'


# --- before it is parsed ---


def scan(raw: bytes) -> None:
    """Refuse what the parser would be lost in. Raises IcsError."""
    inside: list[str] = []
    lines = parts = rules = dates = events = 0
    for line in _unfolded(raw.decode("utf-8", errors="replace")):
        key, colon, rest = _QUOTED.sub("", line).partition(":")
        word, lines = key.partition(";")[0].strip().upper(), lines + 1
        of_zone = "VTIMEZONE" in inside
        if word in ("BEGIN", "END"):
            lines, parts = 0, parts + (word == "BEGIN")
            inside = [*inside, rest.strip().upper()] if word == "BEGIN" else inside[:-1]
            events += word == "BEGIN" and inside[-1] == "VEVENT"
        elif len(line) >= LONG and (not colon or word in ("RRULE", "SUMMARY") or (of_zone and word == "RDATE")):
            raise IcsError(f"has a line {word[:20]} of more than {LONG:,} characters, write a shorter one")
        elif word == "RRULE" and of_zone:
            rules += 1
            _check_zone(line)
        elif word == "RDATE" and of_zone:
            dates += 1 + rest.count(",")
        if len(inside) > DEEPEST:
            raise IcsError(f"has parts in parts, {DEEPEST} deep and more, which no calendar has: export it anew")
        if lines > LINES:
            raise IcsError(f"has an event of more than {LINES} lines, export it with fewer guests and exceptions")
    for count, what, most, advice in (
        (events, "events", MOST, ", without those long over"),
        (parts, "parts", PARTS, ", without those long over"),
        (rules, "rules of time zones", ZONE_RULES, ""),
        (dates, "dates in time zones", ZONE_DATES, ""),
    ):
        if count > most:
            raise IcsError(f"has {count:,} {what}, export at most {most:,}{advice}")


def _unfolded(text: str) -> Iterator[str]:
    """Whole lines (RFC 5545, 3.1), of long ones the beginning."""
    whole = ""
    for line in text.split("\n"):
        piece = line.rstrip("\r")
        if piece[:1] in (" ", "\t"):
            whole += piece[1 : LONG if len(whole) < LONG else 1]
        elif piece:
            yield whole
            whole = piece[:LONG]
    yield whole


def _check_zone(line: str) -> None:
    """A zone's clock changes once or twice a year; the parser lists every change that there ever will be."""
    parts = [part.partition("=") for part in line.partition(":")[2].strip().upper().split(";")]
    keys = [key for key, _, _ in parts]
    known = all(key in ZONE_KEYS or re.fullmatch(ZONE_ONCE.get(key, "(?!)"), value) for key, _, value in parts)
    yearly = ("FREQ", "=", "YEARLY") in parts and len(set(keys)) == len(keys) and known
    endless = ";".join("".join(part) for part in parts if part[0] not in ENDS)
    if not yearly or not _first(endless, datetime(LATE, 1, 1), 1):  # noqa: DTZ001 - a wall-clock time
        raise IcsError(
            f"has a time zone that changes by {line[:60]}, which none does: leave its VTIMEZONE out; names such as"
            " Europe/Paris are known without"
        )


def _first(rule: str, begins: datetime, most: int) -> list[datetime]:
    """The first times of a rule; none for one that is none."""
    from dateutil.rrule import rrulestr

    try:
        return list(islice(rrulestr(rule, dtstart=begins), most))
    except (ValueError, LookupError, TypeError, ArithmeticError, AttributeError):  # whatever the library trips over
        return []


# --- before it is unfolded ---


def check(events: Iterable[Any]) -> None:
    """Refuse events that are none, and rules that are too much work or never come. Raises IcsError."""
    steps, repeated = 0.0, 0
    for one in events:
        try:
            more, often = _counted(one)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as problem:
            why = " ".join(str(problem).split())[:120]
            raise IcsError(f"has {called(one)} that cannot be read ({why}): correct it or leave it out") from problem
        steps, repeated = steps + more, repeated + often
        if steps > MOST_STEPS:
            raise IcsError(
                f"repeats too often: up to {called(one)} its rules ask for more than {MOST_STEPS:,} steps until"
                f" {COUNTED_TO.year}, let old ones end (UNTIL) or begin later (DTSTART)"
            )
    if repeated > MOST_REPEATED:
        raise IcsError(f"has {repeated:,} events that repeat, export at most {MOST_REPEATED}")


def _counted(one: Any) -> tuple[float, int]:  # noqa: ANN401
    """The steps of an event, and how often it repeats in a day. Raises IcsError, and what icalendar raises."""
    begins = _wall(one, "DTSTART")
    if begins is None:
        raise IcsError(f"has {called(one)} without one DTSTART, write when it begins or leave it out")
    _wall(one, "DTEND")
    rules = _rules(one)
    _check_length(one, repeats=bool(rules))
    often = sum(_a_day(rule, one) for rule in rules)
    return DATE_STEPS * _dates(one) + sum(_steps(rule, begins, one) for rule in rules), often


def _wall(one: Any, key: str) -> datetime | None:  # noqa: ANN401
    """The wall-clock time of a property; None where it is missing, or there twice. Raises IcsError for a far one."""
    at = getattr(one.get(key), "dt", None)
    if not isinstance(at, date):
        return None
    if at.year not in YEARS:
        raise IcsError(f"has {called(one)} in the year {at.year}, write {YEARS[0]} to {YEARS[-1]} or leave it out")
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime(at.year, at.month, at.day)  # noqa: DTZ001


def _rules(one: Any) -> list[Any]:  # noqa: ANN401
    """Its rules. Raises IcsError where one cannot be read."""
    rules = [rule for rule in _as_list(one.get("RRULE")) if rule is not None]
    if not all(isinstance(rule, dict) for rule in rules):
        raise IcsError(f"has {called(one)} with an RRULE that cannot be read: correct it or leave it out")
    return rules


def _dates(one: Any) -> int:  # noqa: ANN401
    """How many dates are added and taken away one by one."""
    listed = [each for key in ("RDATE", "EXDATE") for each in _as_list(one.get(key))]
    return sum(len(each.dts) for each in listed if each is not None)


def _as_list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]


def _check_length(one: Any, *, repeats: bool) -> None:  # noqa: ANN401
    """A look at a day needs every time before it that may last till then."""
    most = LONGEST if repeats else EVER
    try:
        length = one.end - one.start
    except OverflowError:
        length = timedelta.max
    except (ValueError, LookupError, TypeError):  # which counts as no time at all
        return
    if length > most:
        raise IcsError(f"has {called(one)} that lasts more than {most.days:,} days{', again and again' * repeats}")


def _a_day(rule: Any, one: Any) -> int:  # noqa: ANN401
    """How often it repeats in a day, at least once. Raises IcsError for one by the minute."""
    freq = {str(word).upper() for word in rule.get("FREQ", [])}
    if freq & _TOO_OFTEN or len(rule.get("BYSECOND", [])) > 1 or len(rule.get("BYMINUTE", [])) > 1:
        raise IcsError(f"has {called(one)} that repeats by the minute, which no shift does: leave it out")
    interval = int(rule.get("INTERVAL", [1])[0])
    if not 0 < interval <= WIDEST:  # 0 would be unfolded for ever, and a wide one looked for month by month
        raise IcsError(f"has {called(one)} that repeats every {interval}, write an INTERVAL from 1 to {WIDEST:,}")
    return max(24 // interval if "HOURLY" in freq else 1, len(rule.get("BYHOUR", [])), 1)


def _steps(rule: Any, begins: datetime, one: Any) -> float:  # noqa: ANN401
    """What unfolding a rule takes: its times, and the periods without one."""
    freq = str(rule.get("FREQ", [""])[0]).upper()
    if freq not in _DAYS:
        raise IcsError(f"has {called(one)} with an RRULE that cannot be read: correct it or leave it out")
    interval = int(rule.get("INTERVAL", [1])[0])
    found, searched = _sample(rule, _late(begins, freq, interval))
    if not found:
        raise IcsError(f"has {called(one)} with the rule {_text(rule)}, on no day at all: correct it or leave it out")
    period = _DAYS[freq] * interval
    often = max(len(found) - 1, 1) / max((found[-1] - found[0]) / DAY, period)  # times a day
    days = max((min(_until(rule), COUNTED_TO) - begins) / DAY, 0.0)
    if "COUNT" in rule:
        days = min(days, 2 * int(rule["COUNT"][0]) / often)
    price = _PRICE.get(freq, 1.0) * (1 + len(rule.get("BYSETPOS", [])))
    return max(days * often, days / period * price) + searched / period * price


def _sample(rule: Any, late: datetime) -> tuple[list[datetime], float]:  # noqa: ANN401
    """The first times of a rule from `late` on, and for how many days they were looked for."""
    wanted = SAMPLE if str(rule["FREQ"][0]).upper() != "YEARLY" else SAMPLE // 4
    found = _first(_text(rule), late, wanted)
    return found, ((found[-1] if len(found) == wanted else _END) - late) / DAY


def _text(rule: Any) -> str:  # noqa: ANN401
    """Its text without its end, which a rule that never comes would not see."""
    endless = rule.copy()
    for key in ENDS:
        endless.pop(key, None)
    return str(endless.to_ical().decode())[:LONG]


def _until(rule: Any) -> datetime:  # noqa: ANN401
    until = rule.get("UNTIL")
    last = until[0] if until else date.max
    return datetime(last.year, last.month, last.day)  # noqa: DTZ001 - a wall-clock time


def _late(begins: datetime, freq: str, interval: int) -> datetime:
    """A first time near the end of all years, whole periods after the real one: what comes, comes there too."""
    if freq in ("YEARLY", "MONTHLY"):
        return next(filter(None, (_in_year(begins, year) for year in reversed(range(begins.year, LATE, interval)))))
    whole = {"HOURLY": math.lcm(interval, 24) // 24, "DAILY": interval, "WEEKLY": 7 * interval}[freq]
    return begins + (datetime(LATE, 1, 1) - begins) // DAY // whole * whole * DAY  # noqa: DTZ001


def _in_year(at: datetime, year: int) -> datetime | None:
    """The same day in another year; None for a 29 February that it does not have."""
    try:
        return at.replace(year=year)
    except ValueError:
        return None
