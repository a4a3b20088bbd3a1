"""Where an incident had come to by the SMS that left about it, for a store that is older than those SMS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alertsms.core.escalation import UNSENT_AFTER, due, ring
from alertsms.core.incident import Incident
from alertsms.core.person import Person
from alertsms.core.team import Team

SLACK = timedelta(seconds=1)  # a tag's time has no microseconds
RINGS = 10_000  # timers of one incident that are rung at most, whatever its plan says


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An SMS that names an incident: when it was written, to which number (E.164), in which message."""

    at: datetime
    number: str
    message: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Had:
    """A page that had left: the incident as it was then, and whether it went to the fallback's team."""

    incident: Incident
    person: str
    told: Told
    fallback: bool


def replay(
    one: Incident, team: Team, told: Iterable[Told], fallback: Sequence[Person], now: datetime
) -> tuple[Incident, list[Had]]:
    """Ring an open incident's timers as they rang, as far as an SMS shows each of them; returns what had left so.

    A step counts as paged where one of its people got an SMS about the incident while it waited to be answered; the
    last such one is where the incident stands, and its wait counts from `now`: answers to it are lost. `fallback`: whom
    the fallback's team pages.
    """
    left = sorted(told, key=lambda each: each.at)
    trial, known, had = _begun(one, team, left), one, []
    for _ in range(RINGS):
        at = trial.step_due_at
        if at is None or not left or at > left[-1].at + SLACK:
            break
        change = ring(trial, team=team, muted=False, unsent=frozenset(), usable=True, now=at)
        trial = change.incident
        if not (change.pages or change.exhausted):
            continue
        people = fallback if change.exhausted else team.step(trial.step).people(at)
        heard = _heard(people, left, at, at + team.step(trial.step).wait + UNSENT_AFTER)
        if heard:
            had += [
                Had(incident=trial, person=name, told=each, fallback=change.exhausted) for name, each in heard.items()
            ]
            left = [each for each in left if each not in heard.values()]
            known = trial = trial if change.exhausted else _sent(trial, team, min(each.at for each in heard.values()))
        elif not change.exhausted:
            break
    return (_sent(known, team, now) if had else one), had


def _sent(one: Incident, team: Team, at: datetime) -> Incident:
    return _timed(replace(one, step_sent_at=at, last_paged_at=at), team)


def _begun(one: Incident, team: Team, left: Sequence[Told]) -> Incident:
    """The incident with its step's wait counted from the first SMS of that step."""
    since = one.step_at or one.begun
    until = one.step_sent_at or max((each.at for each in left), default=since)
    heard = _heard(team.step(one.step).people(since), left, since, until)
    first = min((each.at for each in heard.values()), default=one.step_sent_at)
    return _timed(replace(one, step_sent_at=first), team)


def _timed(one: Incident, team: Team) -> Incident:
    return replace(one, step_due_at=due(one, team))


def _heard(people: Iterable[Person], left: Sequence[Told], since: datetime, until: datetime) -> dict[str, Told]:
    """The first SMS of that time to each of these people."""
    found: dict[str, Told] = {}
    for person in people:
        numbers = {phone.e164 for phone in person.phones}
        for each in left:
            if each.number in numbers and since - SLACK <= each.at <= until:
                found.setdefault(person.name, each)
    return found
