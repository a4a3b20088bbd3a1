"""What somebody woken at night means by an SMS sent back: read leniently, in English and French.

But for one thing: what a telephone answers by itself must never look like a human who has it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from alertsms.core.routing.duration import DurationError, parse_duration

LONGEST = 200  # characters that are looked at; a quoted page below the answer is longer
SHORTEST_SNOOZE, LONGEST_SNOOZE = timedelta(minutes=1), timedelta(days=7)  # others are a slip of the thumb
HIGHEST = 2**63  # no incident has such a number


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
        "1",
        "ok",
        "okay",
        "okey",
        "oki",
        "k",
        "ack",
        "acknowledge",
        "acked",
        "yes",
        "mine",
        "taken",
        "pris",
        "prise",
        "oui",
        "recu",
        "vu",
        "daccord",
        "dac",
        "jai",
        "compris",
        "entendu",
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
_NOT = frozenset({"no", "non", "not", "nack", "cant", "cannot", "pas", "peux", "nope", "dont", "never", "jamais", "ne"})
_BUT = frozenset({"but", "except", "without", "sauf", "mais", "excepte", "hormis", "sans"})  # what follows is not meant
_TIMES = frozenset(
    {
        "min",
        "mn",
        "minute",
        "minutes",
        "h",
        "hour",
        "hours",
        "heure",
        "heures",
        "s",
        "sec",
        "seconds",
        "am",
        "pm",
        "percent",
    }
)
_WHEN = frozenset({"in", "at", "around", "within", "dans", "vers", "a", "avant", "before", "until", "depuis", "since"})
_ALL = frozenset({"all", "everything", "tout", "tous", "toutes"})
_SNOOZE = frozenset({"snooze", "later", "wait", "pause", "plus", "attendre", "tard", "dodo"})
# How telephones answer by themselves while their owner drives, sleeps or sits in a meeting.
_AUTOMATIC = frozenset(
    {
        "auto",
        "automatic",
        "automatically",
        "autoreply",
        "automatique",
        "automatiquement",
        "driving",
        "conduis",
        "volant",
        "meeting",
        "reunion",
        "vacation",
        "conges",
        "notifications",
        "disturb",
        "deranger",
        "missed",
        "focus",
    }
)
AT_MOST = 60  # characters of what somebody types when woken; sentences are written by machines, or by the wide awake
_NUMBER = re.compile(r"#?(\d{1,19})")
_WORD = re.compile(r"#?\w+")


def read_reply(text: str) -> Reply:
    """Read one reply. What says no, or cannot be understood, is UNCLEAR: silence must not look like consent."""
    words = _words(text)
    if not words:
        return Reply(wish=Intent.UNCLEAR)
    if len(" ".join(words)) > AT_MOST or _AUTOMATIC & set(words):
        return Reply(wish=Intent.AUTOMATIC)
    if words[0] in _STOP:
        return Reply(wish=Intent.STOP)
    if (_NOT | _BUT) & set(words):
        return Reply(wish=Intent.UNCLEAR)
    if words[0] in _SNOOZE:
        return _snooze(words[1:])
    if _of_time(words) or not (_has(words) or _numbers(words[:1])):
        return Reply(wish=Intent.UNCLEAR)
    # A first 1 is the shortest yes; behind another word it is an incident's number.
    named = _numbers(words[1:] if words[0] == "1" else words)
    return Reply(wish=Intent.ACKNOWLEDGE, numbers=named, everything=bool(_ALL & set(words)) and not named)


def _has(words: list[str]) -> bool:
    """Whether the first word says yes, alone or with the second one."""
    if words[0] in _ALONE:
        return len(_numbers(words[1:])) == len(words[1:])
    return words[0] in _HAVE or bool(_HAVE_WITH.get(words[0], frozenset()) & set(words[1:2]))


def _of_time(words: list[str]) -> bool:
    """Whether a number says when, as in "ok in 10 min": no incident is meant by that, and which one nobody knows."""
    return any(
        _NUMBER.fullmatch(word) and not word.startswith("#") and (before in _WHEN or after in _TIMES)
        for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False)
    )


def _words(text: str) -> list[str]:
    """The words of the first line that has any, without accents, case and apostrophes."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST]).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter) and letter not in "'’`")
    lines = (_WORD.findall(line) for line in plain.splitlines())
    return next((words for words in lines if words), [])


def _numbers(words: list[str]) -> tuple[int, ...]:
    matches = (_NUMBER.fullmatch(word) for word in words)
    numbers = (int(match[1]) for match in matches if match)
    return tuple(dict.fromkeys(number for number in numbers if 0 < number < HIGHEST))


def _snooze(words: list[str]) -> Reply:
    waits = [wait for word in words if (wait := _duration(word))]
    if len(waits) != 1 or not SHORTEST_SNOOZE <= waits[0] <= LONGEST_SNOOZE:
        return Reply(wish=Intent.UNCLEAR)
    named = _numbers(words)
    return Reply(wish=Intent.SNOOZE, numbers=named, everything=bool(_ALL & set(words)) and not named, wait=waits[0])


def _duration(word: str) -> timedelta | None:
    try:
        return parse_duration(word)
    except DurationError:
        return None
