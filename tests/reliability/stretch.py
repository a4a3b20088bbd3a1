"""One time during which an incident was to page somebody: what must happen in it when, reckoned from what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.reliability.duty import Squad

FALLBACK = 99  # the step under which the store keeps the pages of a fallback's team
LATE = timedelta(seconds=20)
EARLY = timedelta(seconds=1)
TRIES = 3  # a step whose SMS OVHcloud loses is paged so often
LOOK_AGAIN = timedelta(minutes=5)
RECEIPT = timedelta(seconds=15)  # so long after an SMS left its bad receipt is known
UNSENT = timedelta(minutes=5)  # longer than its wait a step stands of which no SMS left
Spans = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """The pages that were asked for at one moment; none where all of a step's people had one on its way."""

    asked: datetime
    place: tuple[int, int]  # round and step
    pages: Sequence[Any] = ()

    @property
    def people(self) -> set[str]:
        return {told.row.person for told in self.pages}

    @property
    def bad(self) -> bool:
        """Whether no phone got any of it."""
        return bool(self.pages) and all(told.bad for told in self.pages)

    @property
    def failed(self) -> bool:
        """Whether all of it was given up."""
        return bool(self.pages) and all(told.failed for told in self.pages)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """From when to when, and when the fallback was told."""

    begins: datetime
    ends: datetime
    fell: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next: a step of a round, the same anew since OVHcloud lost it, a nudge, a reminder, the fallback."""

    what: str
    at: datetime
    place: tuple[int, int] = (0, 0)
    wait: timedelta = timedelta()
    early: datetime | None = None  # it may come from then on


@dataclass(kw_only=True, slots=True)
class Walk:
    """A stretch, gone through ring by ring."""

    stretch: Stretch
    rings: Sequence[Ring]
    others: Sequence[Any]  # pages of the fallback's team
    squad: Squad
    excuses: Spans
    outages: Spans
    had: list[Ring] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    steps: int = 0
    exhausted: bool = False

    def go(self) -> Walk:
        """Compare each thing that is due with what came."""
        rest = list(self.rings)
        while True:
            due = self._due()
            if due.what == "fallback":
                if not self._falls(due):
                    break
            elif rest and (fitting := self._fitting(due, rest[0])):
                self._people(fitting, rest[0])
                self.steps += fitting.what == "step" and bool(self.had)
                self.had.append(rest.pop(0))
            elif unheard := self._unheard(due):
                self.had.append(unheard)
            elif not rest:
                if self._latest(due) < self.stretch.ends:
                    self.wrongs.append(f"{due.what} {due.place} was due at {due.at}, and never came")
                break
            else:
                self.wrongs.append(
                    f"{due.what} {due.place} was due at {due.at}, {rest[0].place} came at {rest[0].asked}"
                )
                return self
        if rest:
            self.wrongs.append(f"paged {rest[0].people} at {rest[0].asked} {rest[0].place} beyond what was due")
        return self

    def _unheard(self, due: Due) -> Ring | None:
        """A step that paged nobody: all of its people had a page on its way."""
        others = [self._due(lost=lost, counts=True) for lost in (True, False)]
        for each in (due, *others, self._due(lost=False)):
            if each.what == "step" and each.at < self.stretch.ends and self._all_wait(each.place[1], each.at, out=True):
                return Ring(asked=each.at, place=each.place)
        return None

    def _falls(self, due: Due) -> bool:
        """The rounds are over; false where the stretch ended before."""
        fell = self.stretch.fell
        if fell is None:
            if self._latest(due) < self.stretch.ends:
                self.wrongs.append(f"the fallback was due at {due.at}, and never told")
            return False
        if not self._early(due) <= fell <= self._latest(due):
            self.wrongs.append(f"the fallback was due at {due.at}, and told at {fell}")
        self.exhausted = True
        return True

    def _fitting(self, due: Due, ring: Ring) -> Due | None:
        """As what a ring came in time; where two things were due at one moment either may have been first."""
        others = [self._due(tie=EARLY), self._due(counts=True)]
        if due.what == "nudge" and overlaps(self.excuses, due.at, ring.asked):
            others.append(self._due(nudges=False))
        if due.what == "anew":  # or it was given up only after its wait
            others += [self._due(lost=False), self._due(lost=False, counts=True)]
        for each in (due, *others):
            place = ring.place if each.what != "reminder" else (each.place[0], ring.place[1])
            if place == each.place and self._early(each) <= ring.asked <= self._latest(each):
                return each
        return None

    def _people(self, due: Due, ring: Ring) -> None:
        people = self.squad.people(ring.place[1], ring.asked)
        if not people - self._waiting(ring.asked, perhaps=True) <= ring.people <= people:
            self.wrongs.append(f"{due.what} {ring.place} at {ring.asked} paged {ring.people}, on call were {people}")

    def _due(
        self, *, nudges: bool = True, lost: bool = True, counts: bool = False, tie: timedelta = timedelta()
    ) -> Due:
        """What comes next, from what came so far. `counts`: alertsms did not know of an outage, so its wait counts."""
        if not self.had:
            step = self.squad.next_step(self.stretch.begins)
            return Due("step", self.stretch.begins, (0, step or 0))
        if self.exhausted:
            return self._reminder()
        last = self.had[-1]
        number, step = last.place
        here = [ring for ring in self.had if ring.place == last.place]
        over, wait = self._over(here, step, counts=counts), self.squad.steps[step][1]
        bad = self._bad(here)
        if nudges and self.squad.nudge and (at := self._nudge(here, over, tie)) and not (bad and at > bad + RECEIPT):
            return Due("nudge", at, last.place, wait)
        if bad and (after := self.squad.next_step(bad + RECEIPT, after=step)) is not None:
            return Due("step", min(bad + RECEIPT, over), (number, after), wait, min(bad, over - EARLY))
        if (after := self.squad.next_step(over, after=step)) is not None:
            return Due("step", over, (number, after), wait)
        lost = lost and all(ring.failed for ring in here)
        if lost and len(here) < TRIES:
            return Due("anew", over, last.place, wait, last.asked)
        early = last.asked + wait if lost else None
        if number + 1 < self.squad.rounds:
            return Due("step", over, (number + 1, self.squad.next_step(over) or 0), wait, early)
        return Due("fallback", over, wait=wait, early=early)

    def _bad(self, here: Sequence[Ring]) -> datetime | None:
        """When the last SMS of a step left, where no phone got any of it."""
        pages = [told for ring in here for told in ring.pages]
        if not all(ring.bad for ring in here) or not pages:
            return None
        return max(told.accepted or told.row.created_at for told in pages)

    def _over(self, here: Sequence[Ring], step: int, *, counts: bool) -> datetime:
        """The end of a step's wait, counted from the first SMS; one that a storm puts off for longer moves nothing."""
        wait = self.squad.steps[step][1]
        begun = _begun(here)
        unsent = counted = begun + wait + UNSENT
        for since, until in () if counts else sorted(self.outages):
            if since <= counted and until >= begun:  # while nothing can leave the wait does not count
                counted = max(counted, until + UNSENT)
        left = min(self._left(begun), default=counted)
        return left + wait if left < counted else unsent

    def _nudge(self, here: Sequence[Ring], over: datetime, tie: timedelta) -> datetime | None:
        """When the step is paged again within its wait: so long after the last SMS, to those who got theirs."""
        left, begun = self._left(here[0].asked), here[-1].asked
        while (at := begun + self.squad.nudge) < over:
            if later := [each for each in left if begun < each < at + tie]:
                begun = max(later)
            elif not left or left[0] >= at or self._all_wait(here[-1].place[1], at):
                begun = at  # nobody has it yet: it is looked at again
            else:
                return at
        return None

    def _reminder(self) -> Due:
        """So long after the last SMS, unless all who are to get it still await one."""
        left, last, fell = self._left(self.stretch.begins), self.had[-1], self.stretch.fell or self.stretch.ends
        again = last.place[0] >= self.squad.rounds  # it is not the first
        here = [ring for ring in self.had if ring.place == last.place]
        begun = last.asked if again else max([_begun(here), *(each for each in left if each <= fell)])
        at = max(begun + self.squad.repeat, fell)
        while at < self.stretch.ends:
            latest = max((each for each in left if each < at), default=begun)
            if latest + self.squad.repeat > at:
                at = latest + self.squad.repeat
            elif self._all_wait(self.squad.next_step(at) or 0, at):
                at += LOOK_AGAIN
            else:
                break
        return Due("reminder", at, (-1, self.squad.next_step(at) or 0), LOOK_AGAIN)

    def _left(self, since: datetime) -> list[datetime]:
        """When SMS of the incident left as far as alertsms knows, in order."""
        return sorted(
            told.accepted for told in self._so_far() if told.accepted and told.accepted >= since and not told.failed
        )

    def _so_far(self) -> list[Any]:
        return [*(told for ring in self.had for told in ring.pages), *self.others]

    def _waiting(self, at: datetime, *, perhaps: bool = False) -> set[str]:
        """Whose page had not left by then: no second one is asked for meanwhile. `perhaps`: or not been given up."""
        return {
            told.row.person
            for told in self._so_far()
            if told.row.created_at < at and (told.accepted >= at if told.accepted else perhaps or not told.failed)
        }

    def _all_wait(self, step: int, at: datetime, *, out: bool = False) -> bool:
        """`out`: in an outage nobody can say from outside when a message was given up."""
        return self.squad.people(step, at) <= self._waiting(at, perhaps=out and overlaps(self.outages, at, at))

    def _early(self, due: Due) -> datetime:
        """Not before; but a step of which no phone got anything is over at once."""
        return due.early or due.at - EARLY

    def _latest(self, due: Due) -> datetime:
        """Not after; but what held it up in between, or was on when the step began, takes its time."""
        since = self.had[-1].asked if self.had else due.at
        latest = due.at + LATE
        for begin, end in sorted(self.excuses):
            if begin <= latest and end >= since:
                latest = max(latest, end + due.wait + UNSENT + timedelta(minutes=1) + LATE)
        return latest


def _begun(here: Sequence[Ring]) -> datetime:
    """When a step began that was paged so often: anew where it was lost."""
    return next((ring for ring in here if not ring.failed), here[-1]).asked


def overlaps(spans: Spans, begin: datetime, end: datetime) -> bool:
    """Whether any of the spans touches this one."""
    return any(since <= end and begin <= until for since, until in spans)
