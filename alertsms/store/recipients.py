"""Choose the recipients of an escalation step and insert their notifications, each once; read who was reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from alertsms.core.incidents.escalation import place
from alertsms.core.incidents.incident import Change, Incident, IncidentReason
from alertsms.core.incidents.timeline import NotifiedPeople, told_words
from alertsms.core.messages.message import PENDING, REACHED, MessageState
from alertsms.core.messages.notification import (
    CHAT,
    FALLBACK_STEP,
    PERSON,
    REMINDER,
    RETURN,
    Notification,
    NotificationKind,
    PageState,
)
from alertsms.core.routing.roster import persons
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.store.cancellation import Teams
from alertsms.store.incidents import groups
from alertsms.store.schema import BY_SMS, incident_table, insert_into, message_table, page_table, state_is


def add(tx: Connection, rows: Sequence[Notification]) -> int:
    """Store pages; one that is there already (a timer that fired twice) is not stored again. Returns how many."""
    if not rows:
        return 0
    values = [dict(zip(_NEW, _VALUES(row), strict=True)) for row in rows]
    return len(tx.execute(_add(tx.dialect.name), values).all())


_FIELDS = tuple(Notification.__dataclass_fields__)
_NEW = tuple(name for name in _FIELDS if name != "id")
_VALUES, _ROW = attrgetter(*_NEW), itemgetter(*_FIELDS)


def notification(values: Mapping[Any, Any]) -> Notification:
    """A row as the value that core decides about."""
    kept = dict(zip(_FIELDS, _ROW(values), strict=True))
    kept["kind"], kept["state"] = NotificationKind(kept["kind"]), PageState(kept["state"])
    return Notification(**kept)


_FRESH: dict[str, Any] = {"id": 0, "round": 0, "step": 0, "phone": 0, "note": "", "attempts": 0, "error": ""}


def beside(known: Notification, kind: NotificationKind, now: datetime, **changes: Any) -> Notification:  # noqa: ANN401
    """Another notification, for whoever got this one or gets it by phone."""
    values = _FRESH | {"state": PageState.QUEUED, "kind": kind, "due_at": now, "created_at": now} | changes
    return replace(known, **values)


def also(
    pages: Sequence[Notification], people: Iterable[Person], teams: Teams, now: datetime
) -> Sequence[Notification]:
    """Pages for the channels that their people have beside the phone, and for the chats of their teams, once each."""
    channels = {person.name: person.also for person in people}
    rows = set[Notification]()
    for page in pages:
        team = teams(page.team)
        for channel in channels.get(page.person, ()):
            recipient = PERSON + page.person
            rows.add(beside(page, page.kind, now, person=recipient, destination=channel.mark))
        for channel in team.also:
            rows.add(beside(page, page.kind, now, person=CHAT + team.name, destination=channel.mark))
    return sorted(rows, key=str)


@cache
def _add(dialect: str) -> ReturningInsert[Any]:
    return insert_into(page_table, dialect).on_conflict_do_nothing().returning(page_table.c.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageProgress:
    """A page that is not cancelled, and how far it came."""

    incident_id: int
    key: bytes  # of the alert
    person: str
    round: int
    step: int
    nth: int
    queued: bool  # in no message yet
    message: str | None  # the state of the message that carries it
    sent_at: datetime | None
    receipt_due_at: datetime | None

    @property
    def pending(self) -> bool:
        """Whether it still waits, or nobody knows yet whether it left."""
        return self.queued or self.message in PENDING

    @property
    def reached(self) -> bool:
        """Whether its person has it, as far as anybody knows."""
        return self.message in REACHED

    @property
    def hoped_for(self) -> bool:
        """Whether a phone has it for certain, or may yet say so in time."""
        return self.pending or self.message == MessageState.DELIVERED or self.receipt_due_at is not None


_PROGRESS = (
    select(
        page_table.c.incident_id,
        incident_table.c.key,
        page_table.c.person,
        page_table.c.round,
        page_table.c.step,
        page_table.c.nth,
        state_is(page_table.c.state, PageState.QUEUED).label("queued"),
        message_table.c.state.label("message"),
        message_table.c.sent_at,
        message_table.c.receipt_due_at,
    )
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .outerjoin(message_table, page_table.c.message_id == message_table.c.id)
    .where(page_table.c.incident_id.in_(bindparam("numbers", expanding=True)))
    .where(BY_SMS, page_table.c.kind == NotificationKind.PAGE, page_table.c.state != PageState.CANCELLED)
)
_CURRENT = _PROGRESS.where(page_table.c.episode == incident_table.c.episode)


def progress(tx: Connection, numbers: Collection[int], *, earlier: bool = False) -> list[PageProgress]:
    """The pages of these incidents' present episodes; with `earlier` those of all episodes."""
    query = _PROGRESS if earlier else _CURRENT
    answers = (tx.execute(query, {"numbers": group}).mappings() for group in groups(numbers))
    return [PageProgress(**dict(row)) for rows in answers for row in rows]


def pending(tx: Connection, numbers: Collection[int]) -> dict[int, set[str]]:
    """Whose page of an incident is still under way: queued, being sent, or its answer lost. By incident."""
    people: dict[int, set[str]] = {}
    for page in progress(tx, numbers, earlier=True):
        if page.pending:
            people.setdefault(page.incident_id, set()).add(page.person)
    return people


def since_start(pages: Iterable[PageProgress], incident: Incident) -> list[PageProgress]:
    """Those since the incident's escalation last began anew."""
    return [page for page in pages if page.nth >= incident.began]


def step_reached(pages: Iterable[PageProgress], incident: Incident, *, whole_round: bool = False) -> bool:
    """Whether a page of the incident's latest step, or round, left or still may, as far as is known.

    One that the phone did not get did not. True where the step had none to send: its people were paged for the alert
    through another team.
    """
    counted = [page for page in pages if _counts(page, incident) and (whole_round or page.step == incident.step)]
    return not counted or any(page.pending or page.reached for page in counted)


def _counts(page: PageProgress, incident: Incident) -> bool:
    """Whether it is of the present round, and did not leave before somebody had the incident for a while.

    What was under way then stands for the step's own.
    """
    own = page.round == incident.round and page.step != FALLBACK_STEP
    before = page.reached and not (page.sent_at and incident.step_at and page.sent_at >= incident.step_at)
    return own and (page.nth >= incident.began or not before)


def tries(pages: Iterable[PageProgress], incident: Incident) -> int:
    """How often the incident's latest step was paged in this round."""
    latest = (incident.round, incident.step)
    return len({page.nth for page in since_start(pages, incident) if (page.round, page.step) == latest})


def hoped_for(pages: Iterable[PageProgress], incident: Incident) -> bool:
    """Whether a phone has a page of the incident's latest step, or may yet say so in time."""
    latest = [page for page in since_start(pages, incident) if page.step in (incident.step, FALLBACK_STEP)]
    return any(page.hoped_for for page in latest if page.round == incident.round)


@dataclass(kw_only=True, slots=True)
class RecipientSelection:
    """The pages of a set of changes, as they are found out one incident after the other."""

    now: datetime
    notified: dict[int, NotifiedPeople] = field(default_factory=dict)  # by incident
    elsewhere: dict[bytes, dict[int, set[str]]] = field(default_factory=dict)  # names, by alert and incident
    reached: set[tuple[int, str]] = field(default_factory=set)  # who got a page of an incident's present episode
    awaits: set[tuple[int, str]] = field(default_factory=set)  # whose is still on its way
    rows: list[Notification] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    spared: list[int] = field(default_factory=list)  # incidents that page nobody: others do for the same alert
    _names: dict[bytes, set[str]] = field(default_factory=dict)

    def note_over(self, ok: Notification) -> None:
        """Note for the timeline whom an OK tells that an incident is over."""
        number = ok.incident_id or 0
        before = self.notified.get(number, NotifiedPeople())
        self.notified[number] = NotifiedPeople(informed=[*before.informed, told_words(ok)])

    def look(self, tx: Connection, paging: Sequence[Change], others: Collection[int]) -> None:
        """Read who was paged already: only where there may be somebody, most alerts are new."""
        again = {change.incident.id for change in paging if change.incident.paged > 1}
        about = {*others, *(change.incident.id for change in paging)} if others else again
        for page in progress(tx, about) if about else ():
            if others and page.message != MessageState.CANCELLED:  # what was taken back is no page
                self.elsewhere.setdefault(page.key, {}).setdefault(page.incident_id, set()).add(page.person)
            if page.incident_id in again and (page.reached or page.pending):
                (self.reached if page.reached else self.awaits).add((page.incident_id, page.person))

    def ask(self, change: Change, team: Team, also: Person | None = None) -> None:
        """Ask for the pages of one incident: an alert pages a person once, however many teams it reaches.

        `also` had acknowledged its last episode, and is notified of this one too.
        """
        incident = change.incident
        names = self._names.setdefault(incident.key, set())
        elsewhere = self.elsewhere.get(incident.key)
        taken = names | _taken(elsewhere, incident.id) if elsewhere else names.copy()
        people = team.step(incident.step).people(self.now)
        people = (*people, also) if also and also not in people else people
        spared = [] if not taken else [person.name for person in people if person.name in taken]
        # A person whose page has not left yet is notified by that page: a second one would be a double.
        awaits = [person.name for person in people if (incident.id, person.name) in self.awaits] if self.awaits else []
        chosen = persons(people, taken.union(awaits))
        paged = [person.name for person in chosen]
        names.update(paged)
        for person in chosen:
            self.people[person.name] = person
            self.rows.append(page_of(incident, person.name, self.now, note=self._note(change, person.name)))
        self.notified[incident.id] = NotifiedPeople(  # no OK beside it
            paged=paged, spared=spared, awaits=awaits, place=place(incident, team)
        )
        if spared and not chosen and not awaits:
            self.spared.append(incident.id)

    def _note(self, change: Change, person: str) -> str:
        if (
            change.reason is IncidentReason.UNPOSTED and change.rung is None
        ):  # a later page of the episode is a reminder
            return RETURN
        return REMINDER if (change.incident.id, person) in self.reached else ""


def page_of(incident: Incident, person: str, now: datetime, *, note: str) -> Notification:
    """The page of an incident's step for one person, as of when it is asked for."""
    return Notification(
        incident_id=incident.id,
        person=person,
        team=incident.team,
        kind=NotificationKind.PAGE,
        priority=int(incident.severity),
        due_at=now,
        created_at=now,
        episode=incident.episode,
        round=incident.round,
        step=incident.step,
        nth=incident.paged - 1,
        note=note,
    )


def _taken(paged: Mapping[int, set[str]], own: int) -> set[str]:
    """People already paged for this alert by another team's incident; the lowest number owns whom several paged."""
    mine = paged.get(own, set())
    return {
        name for number, names in paged.items() if number != own for name in names if name not in mine or number < own
    }
