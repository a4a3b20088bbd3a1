"""What becomes of one alert that its people may answer, told a second time: from the promises and not from the code.

Pure values. Seconds since some moment by our clock, but for starts and ends, which are the sender's. A function takes
what is known and what happens, and returns what is known then and the mark of the page that it causes: None for no
page, "" for a first one. Where the promises leave a case open it raises Unclear, and nobody is to try it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MINUTE = 60.0
LATE, STEP, RETURN, STABLE, HOUR = 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 15 * MINUTE, 60 * MINUTE
OFTEN = 3  # ends within an hour: it flaps
NEAR = 2.0  # seconds: what lies closer to a bound is not what this is about
AGAIN, FLAPPING, WOKEN = "AGAIN", "FLAPPING", "WOKEN"  # the last: a page after a snooze, whatever its mark


class Unclear(Exception):  # noqa: N818 - nothing is wrong
    """The promises do not say what happens now."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """An incident: `began` is its present episode's begin, `has` who has it."""

    number: int
    latest: float  # every start known of it
    opened: float
    began: float
    reopened: float | None = None
    reminded: float | None = None
    has: str = ""
    taken: tuple[float, float] = (0.0, 0.0)  # when that was written, and read
    snoozed: float | None = None  # until then
    woke: float | None = None  # when a snooze was over
    closed: tuple[float, ...] = ()  # since when: a copy that was resolved again leaves two readings
    ended: float | None = None  # what its sender said
    held: float | None = None  # a copy that may be late: until then
    ends: tuple[tuple[float, bool], ...] = ()  # when it ended, and whether that surely counts
    flaps: float | None = None  # if nothing happens until then, it is stable
    over: bool = False  # while it flaps

    @property
    def open(self) -> bool:
        return not self.closed and self.held is None

    def state(self) -> tuple[str, str]:
        """What the API says of it: a state, and who has it where that matters."""
        if self.held is not None:
            return "held", ""
        return ("closed", "") if self.closed else ("acknowledged", self.has) if self.has else ("open", "")

    def asleep(self, now: float) -> bool:
        """Whether somebody snoozed it for longer."""
        return bool(self.has) and self.snoozed is not None and after(self.snoozed, now)


Told = tuple[Life, str | None]


def after(one: float, other: float) -> bool:
    """Whether it comes later; what is too close to say is nothing to be tried."""
    if abs(one - other) < NEAR:
        raise Unclear
    return one > other


def agreed(readings: Iterable[bool]) -> bool:
    """What all readings of a promise say."""
    first, *others = readings
    if any(other != first for other in others):
        raise Unclear
    return first


def first(number: int, start: float, now: float) -> Told:
    return Life(number=number, latest=start, opened=now, began=now), ""


def fires(one: Life, start: float, now: float, number: int) -> Told:
    """A body says that it fires since `start`; `number` is the next incident's."""
    seen = replace(one, latest=max(one.latest, start))
    if one.held is not None:
        if _late(one, start) and any(after(now, closed + LATE) for closed in one.closed):
            raise Unclear  # "held for two minutes", or "after two minutes it means that it fires"?
        return (seen, None) if _late(one, start) else _returns(seen, now)
    if one.closed:
        if _late(one, start) and agreed(after(closed + LATE, now) for closed in one.closed):
            return replace(seen, held=now + LATE), None
        if agreed(after(closed + RETURN, now) for closed in one.closed):
            return _returns(seen, now)
        if one.asleep(now):
            raise Unclear  # whether a snooze outlasts the number
        return first(number, start, now)
    if one.flaps is not None:
        if one.over and one.ended is not None and start <= max(one.ended, one.latest):
            raise Unclear  # a late copy of what flaps
        stirred = one.over or _moved(one, start, now)
        return (replace(seen, over=False, flaps=now + STABLE) if stirred else seen), None
    if not _moved(one, start, now):
        return seen, None
    counted = _counted(seen, now)
    if _often(counted, now):
        return replace(counted, flaps=now + STABLE), FLAPPING
    return _returns(counted, now)


def ends(one: Life, end: float, now: float) -> Told:
    """A body says that it was over at `end`."""
    if one.open and after(one.latest, end):
        return one, None  # a late copy of an end before this start
    if one.held is not None:
        return replace(one, held=None, closed=(*one.closed, now), ended=end), None
    if one.closed or one.over:
        return one, None
    over = replace(_counted(one, now), ended=end)
    if one.flaps is not None or _often(over, now):
        return replace(over, over=True, flaps=now + STABLE), None if one.flaps is not None else FLAPPING
    return replace(over, closed=(now,)), None


def passes(one: Life, now: float) -> Told:
    """Time passed; whoever asks does so when each timer rings."""
    if one.held is not None and one.held <= now:
        return _returns(one, now)
    if one.flaps is not None and one.flaps <= now:
        calm = replace(one, flaps=None, over=False)
        return (replace(calm, closed=(now,), ends=(*one.ends, (now, False))) if one.over else calm), None
    if one.open and one.has and one.snoozed is not None and one.snoozed <= now:
        if one.flaps is not None:
            raise Unclear
        return replace(one, has="", snoozed=None, woke=now), WOKEN
    return one, None


def rings(one: Life) -> float | None:
    """When `passes` is to be asked."""
    timers = (one.held, one.flaps, one.snoozed if one.open and one.has else None)
    return min((at for at in timers if at is not None), default=None)


def counts(one: Life, written: float, slack: float = 0.0) -> bool:
    """Whether an answer that was written then is about this episode; times are whole seconds."""
    if one.held is not None or -1.0 < one.began - written < slack + 1.0:
        raise Unclear
    return not one.closed and one.began < written


def take(one: Life, by: str, written: float, now: float, until: float | None = None, slack: float = 0.0) -> Life:
    """Somebody has it, before `until` if they say so; nobody takes it from somebody else."""
    if not counts(one, written, slack) or one.has not in ("", by) or (one.has and until == one.snoozed):
        return one
    if one.has and one.snoozed is not None:
        raise Unclear  # whether an OK ends one's own snooze
    return replace(one, has=by, taken=(written, now), snoozed=until)


def resolve(one: Life, written: float, now: float) -> Life:
    """Somebody says that it is over."""
    if not counts(one, written):
        return one
    return replace(one, closed=(now,), ends=(*one.ends, (now, False)), flaps=None, over=False)


def _late(one: Life, start: float) -> bool:
    """Whether it may be about what is over: no newer start, or one before the end that its sender gave."""
    return start <= one.latest or (one.ended is not None and after(one.ended, start))


def _moved(one: Life, start: float, now: float) -> bool:
    """Whether its start moved so far that it must have ended in between."""
    if one.asleep(now) or not start > one.latest:
        return False
    sure = [one.latest, one.reminded, one.reopened]
    sure += [one.taken[0]] if one.has else []
    unsure = [one.opened, one.woke, one.taken[1] if one.has else None]
    if not all(after(start, at + STEP) for at in sure if at is not None):
        return False
    return agreed([True, *(after(start, at + STEP) for at in unsure if at is not None)])


def _returns(one: Life, now: float) -> Told:
    """It is back under its number: an acknowledgement is over, a snooze is not."""
    back = replace(one, began=now, reopened=now, closed=(), ended=None, held=None)
    if one.asleep(now):
        return back, None
    return replace(back, has="", snoozed=None), AGAIN


def _counted(one: Life, now: float) -> Life:
    return replace(one, ends=(*((at, sure) for at, sure in one.ends if after(at + HOUR, now)), (now, True)))


def _often(one: Life, now: float) -> bool:
    return agreed(len(some) >= OFTEN for some in (one.ends, [each for each in one.ends if each[1]]))
