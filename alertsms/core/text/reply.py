"""A reply by SMS: what somebody woken at night means by it, in English and French, and the words of what it did.

It is read leniently, but for one thing: what a telephone answers by itself must never look like a human who has it.
Whoever sends an SMS can forge the number that it shows: the owner of the phone is to notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import filterfalse

from alertsms.core.incidents.acknowledge import AckOutcome, Outcome
from alertsms.core.routing.duration import DurationError, parse_duration
from alertsms.core.text.gsm7 import measure

GATHERED = timedelta(seconds=12)  # answers written within 10 s are read within so long, and said back in one SMS
AN_HOUR = 6  # of them at most for one phone, whatever else it gets
DROPPED = timedelta(minutes=5)  # older ones are no news
HOUR = timedelta(hours=1)
WRONG = 3  # numbers within an hour that the phone was never sent: then its answers count for nothing for an hour
FEW = 3  # numbers that are written out where more than one list of them must fit
DAY = timedelta(days=1)
CONFIRMED = "Confirmed."  # to an OK that answers the question whose phone it is, and takes nothing


class Mode(StrEnum):
    """Which answers by SMS count."""

    ANY = "any"
    NUMBERED = "numbered"  # those that name what this phone was paged for: others cannot know the numbers for sure
    OFF = "off"  # none, and nobody reads them


class Intent(StrEnum):
    """What a reply asks for."""

    ACKNOWLEDGE = "acknowledge"  # "I have it"
    SNOOZE = "snooze"  # not before so long
    STOP = "stop"  # OVHcloud stops sending to this number by itself: somebody has to undo that
    AUTOMATIC = "automatic"  # no human wrote it: answering could go on for ever
    UNCLEAR = "unclear"  # answered by one short SMS that says what to write


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What was asked for, and for which incidents."""

    wish: Intent
    numbers: tuple[int, ...] = ()  # named ones; empty: all that this phone was notified of before
    everything: bool = False  # "ack all", "snooze all 2h": whatever is open for this person
    wait: timedelta | None = None  # of a snooze


_STOP = frozenset({"stop", "arret", "unsubscribe", "desabonner"})  # as operators act on the first
_HAVE = frozenset(
    {
        *("1", "ok", "okay", "okey", "oki", "k", "ack", "acknowledge", "acked", "yes", "mine", "taken"),
        *("pris", "prise", "oui", "recu", "vu", "daccord", "dac", "jai", "compris", "entendu"),
    }
)
_ALONE = frozenset({"y", "o", "moi", "note"})  # these begin sentences, too: they say yes with nothing but numbers
# Words that begin all sorts of sentences ("Je conduis"): they say yes with the right one behind them only.
_HAVE_WITH = {
    "je": frozenset({"prends", "prend", "gere", "regarde", "men", "my", "lai", "vois", "suis"}),
    "on": frozenset({"it", "regarde", "gere"}),
    "got": frozenset({"it", "this"}),
    "i": frozenset({"have", "got", "take"}),
    "ive": frozenset({"got"}),
}
_NOT = frozenset(
    {
        *("no", "non", "not", "nack", "cant", "cannot", "pas", "peux", "nope", "dont", "never", "jamais", "ne"),
        *("but", "except", "without", "sauf", "mais", "excepte", "hormis", "sans"),  # what follows is not meant
    }
)
_TIMES = frozenset(
    {
        *("min", "mn", "minute", "minutes", "h", "hour", "hours", "heure", "heures", "s", "sec", "seconds"),
        *("am", "pm", "percent"),
    }
)
_WHEN = frozenset({"in", "at", "around", "within", "dans", "vers", "a", "avant", "before", "until", "depuis", "since"})
_ALL = frozenset({"all", "everything", "tout", "tous", "toutes"})
_SNOOZE = frozenset({"snooze", "later", "wait", "pause", "plus", "attendre", "tard", "dodo"})
# How telephones answer by themselves while their owner drives, sleeps or sits in a meeting.
_AUTOMATIC = frozenset(
    {
        *("auto", "automatic", "automatically", "autoreply", "automatique", "automatiquement", "driving", "conduis"),
        *("volant", "meeting", "reunion", "vacation", "conges", "notifications", "disturb", "deranger", "missed"),
        "focus",
    }
)
_NUMBER = re.compile(r"#?(\d{1,19})")
_WORD = re.compile(r"#?\w+")
_APOSTROPHES = str.maketrans("", "", "'’`")


def read_reply(text: str) -> Reply:
    """Read one reply. What says no, or cannot be understood, is UNCLEAR: silence must not look like consent."""
    words = _words(text)
    if not words:
        return Reply(wish=Intent.UNCLEAR)
    # Who is woken types 60 characters at most; sentences are written by machines, or by the wide awake.
    if len(" ".join(words)) > 60 or _AUTOMATIC & set(words):
        return Reply(wish=Intent.AUTOMATIC)
    if words[0] in _STOP:
        return Reply(wish=Intent.STOP)
    if _NOT & set(words):
        return Reply(wish=Intent.UNCLEAR)
    if words[0] in _SNOOZE:
        return _snooze(words[1:])
    if _says_when(words) or not (_says_yes(words) or _numbers(words[:1])):
        return Reply(wish=Intent.UNCLEAR)
    # A first 1 is the shortest yes; behind another word it is an incident's number.
    named = _numbers(words[1:] if words[0] == "1" else words)
    return Reply(wish=Intent.ACKNOWLEDGE, numbers=named, everything=bool(_ALL & set(words)) and not named)


def _words(text: str) -> list[str]:
    """The words of the first line that has any, without accents, case and apostrophes."""
    # The first 200 characters are looked at; a quoted page below the answer is longer.
    decomposed = unicodedata.normalize("NFKD", text[:200]).casefold()
    plain = "".join(filterfalse(unicodedata.combining, decomposed)).translate(_APOSTROPHES)
    return next(filter(None, map(_WORD.findall, plain.splitlines())), [])


def _says_yes(words: list[str]) -> bool:
    if words[0] in _ALONE:
        return len(_numbers(words[1:])) == len(words[1:])
    return words[0] in _HAVE or bool(_HAVE_WITH.get(words[0], frozenset()) & set(words[1:2]))


def _says_when(words: list[str]) -> bool:
    """Whether a number says when, as in "ok in 10 min": no incident is meant by that, and which one nobody knows."""
    return any(
        _NUMBER.fullmatch(word) and not word.startswith("#") and (before in _WHEN or after in _TIMES)
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
    )


def _numbers(words: list[str]) -> tuple[int, ...]:
    matches = filter(None, map(_NUMBER.fullmatch, words))
    # No incident has a number of more than 63 bits.
    return tuple(dict.fromkeys(number for match in matches if 0 < (number := int(match[1])) < 2**63))


def _snooze(words: list[str]) -> Reply:
    waits = [wait for word in words if (wait := _duration(word))]
    # Less than a minute and more than a week are a slip of the thumb.
    if len(waits) != 1 or not timedelta(minutes=1) <= waits[0] <= timedelta(days=7):
        return Reply(wish=Intent.UNCLEAR)
    named = _numbers(words)
    return Reply(wish=Intent.SNOOZE, numbers=named, everything=bool(_ALL & set(words)) and not named, wait=waits[0])


def _duration(word: str) -> timedelta | None:
    try:
        return parse_duration(word)
    except DurationError:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Until:
    """The end of a snooze."""

    at: datetime
    clock: str  # as the clock of whoever wrote shows it


# How many numbers of each kind and how many troubles are written out: as many as fit one SMS; 12 numbers alone do.
_SHORTER = ((12, 3), (FEW, 3), (FEW, 1), (1, 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerEffect:
    """What came of answers: the numbers that were taken, and until when, and what else is to be said."""

    taken: Mapping[int, Until | None] = field(default_factory=dict)
    troubles: tuple[str, ...] = ()
    back: tuple[int, ...] = ()  # what came back since, and what began since: neither was meant
    new: tuple[int, ...] = ()

    def and_also(self, later: AnswerEffect) -> AnswerEffect:
        """The effects of both answers, each thing once; of a number the later answer counts."""
        late = {*later.back, *later.new}
        return AnswerEffect(
            taken={number: until for number, until in self.taken.items() if number not in late} | dict(later.taken),
            troubles=tuple(dict.fromkeys((*self.troubles, *later.troubles))),
            back=_both(self.back, later.back, later.taken),
            new=_both(self.new, later.new, later.taken),
        )

    @property
    def words(self) -> str:
        """As one SMS says it: what was taken, to what end and what was not meant stand in it whatever the rest is."""
        return next(
            (text for most, troubles in _SHORTER if measure(text := self._said(most, troubles)).segments <= 1),
            self._said(1, 0),
        )

    def _said(self, most: int, troubles: int) -> str:
        own = [number for number, until in self.taken.items() if until is None]
        snoozed = {number: until for number, until in self.taken.items() if until}
        have = [_listed(own, most)] if own else []
        if snoozed:  # until different times: the last one, which hides no longer one
            clock = max(snoozed.values(), key=lambda until: until.at).clock
            latest = "" if len({until.clock for until in snoozed.values()}) == 1 else " at the latest"
            have.append(f"{_listed(list(snoozed), most)} until {clock}{latest}")
        few = min(most, FEW)
        later = [f"{_listed(self.back, few)} {'is' if len(self.back) == 1 else 'are'} back"] if self.back else []
        later += [f"{_listed(self.new, few)} came later"] if self.new else []
        said = [f"You have {', '.join(have)}"] if have else []
        return ", ".join([*said, *self.troubles[:troubles], *later, *(["write OK"] if later else [])])


def _both(before: Sequence[int], later: Sequence[int], taken: Mapping[int, object]) -> tuple[int, ...]:
    over = taken.keys() - set(later)
    return tuple(dict.fromkeys(filterfalse(over.__contains__, (*before, *later))))


def _listed(numbers: Sequence[int], most: int) -> str:
    """At least one number as a text lists them, as many as `most`."""
    more = len(numbers) - most
    return f"#{' #'.join(map(str, numbers[:most]))}{f' and {more} more' if more > 0 else ''}"


def to_all(outcomes: Sequence[Outcome], until: Until | None = None, along: Sequence[int] = ()) -> AnswerEffect:
    """What came of an answer to all that a phone was notified of; `along`: what else it took, in other teams."""
    return replace(to_named({outcome.number: [outcome] for outcome in outcomes}, "", until, along), troubles=())


def to_named(
    named: Mapping[int, Sequence[Outcome]], by: str, until: Until | None = None, along: Sequence[int] = ()
) -> AnswerEffect:
    """What came of an answer that names numbers, of incidents or digests; `by` is who wrote."""
    taken: list[int] = []
    troubles: list[str] = []
    for number, outcomes in named.items():
        by_result = {outcome.result: outcome for outcome in outcomes}
        if AckOutcome.TAKEN in by_result:
            taken.append(number)
        else:
            troubles.append(_trouble(number, by_result, by))
    late = {
        outcome.number: outcome.incident
        for outcomes in named.values()
        for outcome in outcomes
        if outcome.result is AckOutcome.BACK
    }
    back = tuple(number for number, incident in late.items() if incident and incident.episode)
    return AnswerEffect(
        taken=dict.fromkeys((*taken, *along), until),
        troubles=tuple(filter(None, troubles)),
        back=back,
        new=tuple(filterfalse(back.__contains__, late)),
    )


def _trouble(number: int, by_result: Mapping[AckOutcome, Outcome], by: str) -> str:
    """What did not go as meant with a number that `by` wrote; "" where all did but for what is back since."""
    already = by_result.get(AckOutcome.ALREADY)
    if already:
        return f"{already.by} has #{number}" if already.by != by else ""
    if AckOutcome.OVER in by_result:
        return f"#{number} is over"
    return "" if AckOutcome.BACK in by_result else f"#{number} is unknown"


def may_confirm(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more SMS may say what an answer did, after those `before`."""
    return sum(now - at < HOUR for at in before) < AN_HOUR


def too_many(misses: Sequence[datetime], now: datetime) -> bool:
    """Whether so many numbers were wrong lately that the answers of a phone rest."""
    return sum(now - at < HOUR for at in misses) >= WRONG


def resting(until: str) -> str:
    """The notice to the owner of a phone whose answers rest."""
    return (
        f"{WRONG} wrong numbers came in answers from this phone. Until {until} none of its answers counts: use a link"
        " or alertsms ack"
    )


def how_to_write(number: int, *, bare: bool = True) -> str:
    """What could not be read; `number` is one that pages this phone. `bare`: an OK without a number counts too."""
    return f"Nobody has #{number} yet. Write {'OK, ' if bare else ''}OK {number} or SNOOZE {number} 2h"


def may_follow(before: Sequence[datetime], now: datetime) -> bool:
    """Whether one more such SMS may follow those `before`: five a day at most, with ten minutes between two.

    Two machines must not talk to each other.
    """
    lately = [at for at in before if now - at < DAY]
    return len(lately) < 5 and all(now - at >= timedelta(minutes=10) for at in lately)
