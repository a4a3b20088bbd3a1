"""Choose who is to be told what, by phone and by channel, and insert their notifications, each once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, select

from alertsms.core.incidents.escalation import place
from alertsms.core.incidents.incident import Change, Incident, IncidentReason, NotifiedPeople, notified_words
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import (
    CHAT,
    FALLBACK_STEP,
    FIRING,
    PERSON,
    PRIORITIES,
    REMINDER,
    RETURN,
    Channel,
    Notification,
    NotificationKind,
    NotificationState,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.store.cancellation import Teams, minute
from alertsms.store.history import progress
from alertsms.store.incidents import groups
from alertsms.store.schema import BY_CHANNEL, insert_into, notification_table


def add(tx: Connection, rows: Sequence[Notification]) -> int:
    """Store pages; one that is there already (a timer that fired twice) is not stored again. Returns how many."""
    if not rows:
        return 0
    values = [dict(zip(_NEW, _VALUES(row), strict=True)) for row in rows]
    return len(tx.execute(_add(tx.dialect.name), values).all())


def put(tx: Connection, row: Notification) -> int:
    """Store one page and return its number."""
    new = insert(notification_table).values(dict(zip(_NEW, _VALUES(row), strict=True)))
    return int(tx.execute(new.returning(notification_table.c.id)).scalar_one())


_FIELDS = tuple(Notification.__dataclass_fields__)
_NEW = tuple(name for name in _FIELDS if name != "id")
_VALUES, _ROW = attrgetter(*_NEW), itemgetter(*_FIELDS)


def notification(values: Mapping[Any, Any]) -> Notification:
    """A row as the value that core decides about."""
    kept = dict(zip(_FIELDS, _ROW(values), strict=True))
    return Notification(**{**kept, "kind": NotificationKind(kept["kind"]), "state": NotificationState(kept["state"])})


_FRESH: dict[str, Any] = {"id": 0, "round": 0, "step": 0, "phone": 0, "note": "", "attempts": 0, "error": ""}


def beside(known: Notification, kind: NotificationKind, now: datetime, **changes: Any) -> Notification:  # noqa: ANN401
    """Another notification, for whoever got this one or gets it by phone."""
    fresh = _FRESH | {"state": NotificationState.QUEUED, "kind": kind, "due_at": now, "created_at": now}
    return replace(known, **(fresh | changes))


def also(
    pages: Sequence[Notification], people: Mapping[str, Person], teams: Teams, now: datetime
) -> Sequence[Notification]:
    """Pages for the channels that their people have beside the phone, and for the chats of their teams, once each."""
    rows = set[Notification]()
    for page in pages:
        team = teams(page.team)
        for channel in people[page.person].also:
            rows.add(beside(page, page.kind, now, person=PERSON + page.person, destination=channel.mark))
        for channel in team.also:
            rows.add(beside(page, page.kind, now, person=CHAT + team.name, destination=channel.mark))
    return sorted(rows, key=str)


@cache
def _add(dialect: str) -> Executable:
    return insert_into(notification_table, dialect).on_conflict_do_nothing().returning(notification_table.c.id)


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
        self.notified[number] = NotifiedPeople(informed=[*before.informed, notified_words(ok)])

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
        chosen = {person.name: person for person in people if not (person.name in taken or person.name in awaits)}
        names.update(chosen)
        self.people.update(chosen)
        returns = change.reason is IncidentReason.UNPOSTED and change.rung is None  # later pages of it are reminders
        for name in chosen:
            again = REMINDER if (incident.id, name) in self.reached else ""
            self.rows.append(page_of(incident, name, self.now, note=RETURN if returns else again))
        self.notified[incident.id] = NotifiedPeople(  # no OK beside it
            paged=list(chosen), spared=spared, awaits=awaits, place=place(incident, team) if change.rung else ""
        )
        if spared and not chosen and not awaits:
            self.spared.append(incident.id)


def page_of(incident: Incident, person: str, now: datetime, *, note: str, behind: str = "") -> Notification:
    """The page of an incident's step for one person, as of when it is asked for; `behind`: by which fallback's team."""
    return Notification(
        incident_id=incident.id,
        person=person,
        team=behind or incident.team,
        kind=NotificationKind.PAGE,
        priority=int(incident.severity),
        due_at=now,
        created_at=now,
        episode=incident.episode,
        round=incident.round,
        step=FALLBACK_STEP if behind else incident.step,
        nth=incident.paged - 1,
        note=note,
    )


def _taken(paged: Mapping[int, set[str]], own: int) -> set[str]:
    """People already paged for this alert by another team's incident; the lowest number owns whom several paged."""
    mine = paged.get(own, set())
    return {
        name for number, names in paged.items() if number != own for name in (names if number < own else names - mine)
    }


def for_phone(
    person: str,
    note: str,
    at: datetime,
    *,
    team: str = "",
    kind: NotificationKind = NotificationKind.NOTICE,
    phone: int = 0,
) -> Notification:
    """An SMS that is about no incident."""
    rank = PRIORITIES[kind]
    return Notification(
        person=person, team=team, kind=kind, priority=rank, due_at=at, created_at=at, phone=phone, note=note
    )


# What channels are to be given beside it: that it is over, flaps, or is acknowledged.


def for_channel(
    recipient: str,
    channel: Channel,
    kind: NotificationKind,
    now: datetime,
    incident: Incident | None = None,
    note: str = "",
) -> Notification:
    """What one channel of a recipient is to be given at once, about an incident or about alertsms itself."""
    return Notification(
        person=recipient,
        destination=channel.mark,
        team="",
        kind=kind,
        priority=0,
        due_at=now,
        created_at=now,
        note=note,
        incident_id=incident.id if incident else None,
        episode=incident.episode if incident else 0,
        nth=incident.began if incident else 0,
    )


def channels_over(tx: Connection, closing: Sequence[Change], roster: Roster, now: datetime) -> int:
    """Tell the channels that were given these incidents, or may have been, that they are over. Returns how many."""
    ended = {
        change.incident.id: change.closes or 0
        for change in closing
        if change.tells and _tells(roster.team(change.incident.team))
    }
    given = _given_of(tx, closing, ended, roster)
    return add(tx, [beside(known, NotificationKind.RESOLVED, now, nth=0) for known in given])


def channels_flap(tx: Connection, flapping: Sequence[Change], roster: Roster, now: datetime) -> int:
    """Tell the channels that people have beside the phone, and that were given these incidents, that they flap.

    Returns how many.
    """
    owners: list[Person | Team] = [*roster.people.values(), *roster.teams.values()]
    any_channel = any(owner.also for owner in owners)
    begun = {change.incident.id: change.incident.episode for change in flapping if any_channel}
    given = [known for known in _given_of(tx, flapping, begun, roster) if known.person.startswith(_OWN)]
    return add(tx, [beside(known, NotificationKind.FLAPPING, now, nth=minute(now)) for known in given])


def _given_of(
    tx: Connection, changes: Sequence[Change], episodes: Mapping[int, int], roster: Roster
) -> list[Notification]:
    """What channels were given of these episodes, or may have been, but for theirs who did this by hand.

    Of what somebody of `people` has, only their own and the chats'.
    """
    only = {
        change.incident.id: PERSON + acknowledger
        for change in changes
        if (acknowledger := roster.acknowledger(change.incident))
    }
    by = {change.incident.id: PERSON + change.by for change in changes if change.by}
    return [
        known
        for number, known in _given(tx, episodes)
        if known.episode == episodes[number]
        and known.person != by.get(number)
        and (only.get(number, known.person) == known.person or known.person.startswith(CHAT))
    ]


def channels_taken(
    tx: Connection, relieved: Sequence[Change], teams: Teams, *, recent: timedelta, now: datetime
) -> int:
    """Tell the channels that were given these incidents who has them: a fallback's, and people's of lately.

    A team's chat is told always. Returns how many.
    """
    changes = {
        change.incident.id: change
        for change in relieved
        if (team := teams(change.incident.team)).tell_others or team.also
    }
    rows = []
    for number, known in _given(tx, changes):
        change = changes[number]
        late = known.person.startswith(PERSON) and known.created_at < now - recent
        told = teams(change.incident.team).tell_others or known.person.startswith(CHAT)
        other = known.episode == change.incident.episode and known.person != PERSON + change.by
        if other and told and not late:
            rows.append(beside(known, NotificationKind.TAKEN, now, nth=change.incident.paged))
    return add(tx, rows)


def _tells(team: Team) -> bool:
    """Whether any channel could have been given the team's incidents: else nothing is read."""
    return team.send_resolved and bool(
        team.also or team.fallback.channels or team.fallback.team or any(person.also for person in team.people)
    )


_OWN = (PERSON, CHAT)
_GIVEN = (
    select(notification_table)
    .where(
        notification_table.c.incident_id.in_(bindparam("numbers", expanding=True)),
        BY_CHANNEL,
        notification_table.c.attempts > 0,
    )
    .where(
        notification_table.c.kind.in_(FIRING),
        notification_table.c.state.in_([NotificationState.QUEUED, NotificationState.SENT]),
    )
)


def _given(tx: Connection, numbers: Collection[int]) -> list[tuple[int, Notification]]:
    """What channels have of these incidents that somebody is to answer, or may have."""
    return [
        (row["incident_id"], notification(row))
        for group in groups(numbers)
        for row in tx.execute(_GIVEN, {"numbers": group}).mappings()
    ]
