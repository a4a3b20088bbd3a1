"""Where an incident had come to by the SMS that left about it, for a store that is older than those SMS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alertsms.core.incidents.escalation import UNSENT_AFTER, paged, ring, timed
from alertsms.core.incidents.incident import Incident
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team

SLACK = timedelta(seconds=1)  # the time in a tag is cut to milliseconds


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayedSms:
    """An SMS that names an incident: when it was written, to which number (E.164), in which message."""

    at: datetime
    number: str
    message: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SentPage:
    """A page that had left: the incident as it was then, and whether it went to the fallback's team."""

    incident: Incident
    person: str
    sms: ReplayedSms
    fallback: bool


def replay(
    incident: Incident, team: Team, named: Iterable[ReplayedSms], fallback: Sequence[Person], now: datetime
) -> Replay:
    """Page an open incident's steps as they were paged, as far as SMS show each of them.

    The last step that one of its people got an SMS of is where the incident stands, and its wait counts from `now`:
    answers to it are lost. `fallback`: whom the fallback's team pages.
    """
    replayed = Replay(
        incident=incident, trial=incident, team=team, fallback=fallback, left=sorted(named, key=lambda sms: sms.at)
    )
    replayed.begin()
    while replayed.left and replayed.go_on():
        pass
    if replayed.pages:
        replayed.incident = _sent(replayed.incident, team, now)
    return replayed


@dataclass(kw_only=True, slots=True)
class Replay:
    """An incident on its way through its steps: where it stands, what had left, and whom no SMS of its step shows."""

    incident: Incident  # as far as SMS show
    trial: Incident  # as its timers make it
    team: Team
    fallback: Sequence[Person]
    left: list[ReplayedSms]  # SMS that no step explains yet, in the order of their times
    pages: list[SentPage] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # people of the last step that was paged, without an SMS

    def begin(self) -> None:
        """Count the wait of the step that the store knows from the first SMS of it."""
        incident = self.trial
        since = incident.step_at or incident.begun_at or incident.opened_at
        people = self.team.step(incident.step).people(since)
        others = [sms.at for sms in self.left if sms.number not in _numbers(people)]
        first_sms = self._first_sms(people, since, incident.step_sent_at or min(others, default=None))
        if first_sms:
            self.trial = _sent(incident, self.team, _first(first_sms))

    def go_on(self) -> bool:
        """Explain the next SMS or ring the timer before it; whether there may be more to find out."""
        at = self.trial.step_due_at
        if at is None or at > self.left[0].at + SLACK:
            self._early(self.left.pop(0))
            return True
        change = ring(self.trial, team=self.team, muted=False, unsent=frozenset(), usable=True, now=at)
        self.trial = change.incident
        if not (change.pages or change.exhausted):
            return self.trial.step_due_at != at
        people = self.fallback if change.exhausted else self.team.step(self.trial.step).people(at)
        return self._took(people, at, fallback=change.exhausted) or change.exhausted

    def _early(self, sms: ReplayedSms) -> None:
        """An SMS before its time is of a later step if that alone pages its number: the one before reached nobody."""
        incident, people = self.trial, [step.people(sms.at) for step in self.team.steps]
        steps = [number for number, of_step in enumerate(people) if sms.number in _numbers(of_step)]
        if incident.round < self.team.rounds and steps and steps[0] > incident.step:
            self.trial = paged(incident, self.team, sms.at, place=(incident.round, steps[0]))
            self.left.insert(0, sms)
            self._took(people[steps[0]], sms.at, fallback=False)

    def _took(self, people: Sequence[Person], at: datetime, *, fallback: bool) -> bool:
        """A step was to page these people; false where no SMS shows that it did."""
        first_sms = self._first_sms(people, at)
        if not first_sms:
            return False
        self.missed = [person.name for person in people if person.name not in first_sms]
        incident = self.trial
        self.pages += [
            SentPage(incident=incident, person=name, sms=sms, fallback=fallback) for name, sms in first_sms.items()
        ]
        self.incident = self.trial = incident if fallback else _sent(incident, self.team, _first(first_sms))
        return True

    def _first_sms(
        self, people: Iterable[Person], since: datetime, until: datetime | None = None
    ) -> dict[str, ReplayedSms]:
        """The first SMS to each of these people while their step waited to be answered; they are explained by that."""
        until = until or since + self.team.step(self.trial.step).wait + UNSENT_AFTER
        first_sms: dict[str, ReplayedSms] = {}
        for person in people:
            numbers = _numbers([person])
            for sms in self.left:
                if sms.number in numbers and since - SLACK <= sms.at <= until:
                    first_sms.setdefault(person.name, sms)
        self.left = [sms for sms in self.left if sms not in first_sms.values()]
        return first_sms


def _numbers(people: Iterable[Person]) -> set[str]:
    return {phone.e164 for person in people for phone in person.phones}


def _first(first_sms: dict[str, ReplayedSms]) -> datetime:
    return min(sms.at for sms in first_sms.values())


def _sent(incident: Incident, team: Team, at: datetime) -> Incident:
    """The incident once OVHcloud took an SMS of its step."""
    return timed(replace(incident, step_sent_at=at, last_paged_at=at), team)
