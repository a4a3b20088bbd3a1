"""Pages as they are asked for: each once, however often it is, and who has had or awaits one already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import ReturningInsert

from alertsms.core.incidents.decided import NotifiedPeople
from alertsms.core.incidents.escalation import place
from alertsms.core.incidents.incident import Change, Incident, IncidentReason
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import REMINDER, RETURN, Notification, NotificationKind, PageState, priority
from alertsms.core.routing.roster import persons
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.store.reached import progress
from alertsms.store.schema import insert_into, page_table


def add(tx: Connection, rows: Sequence[Notification]) -> int:
    """Store pages; one that is there already (a timer that fired twice) is not stored again. Returns how many."""
    if not rows:
        return 0
    values = [{name: getattr(row, name) for name in _NEW} for row in rows]
    return len(tx.execute(_add(tx.dialect.name), values).all())


_FIELDS = tuple(Notification.__dataclass_fields__)
_NEW = tuple(name for name in _FIELDS if name != "id")


def notification(values: Mapping[Any, Any]) -> Notification:
    """A row as the value that core decides about."""
    kept = {name: values[name] for name in _FIELDS}
    kept["kind"], kept["state"] = NotificationKind(kept["kind"]), PageState(kept["state"])
    return Notification(**kept)


@cache
def _add(dialect: str) -> ReturningInsert[Any]:
    return insert_into(page_table, dialect).on_conflict_do_nothing().returning(page_table.c.id)


@dataclass(kw_only=True, slots=True)
class RecipientSelection:
    """The pages of a set of changes, as they are found out one incident after the other."""

    now: datetime
    told: dict[int, NotifiedPeople]
    elsewhere: dict[bytes, dict[int, set[str]]] = field(default_factory=dict)  # names, by alert and incident
    had: set[tuple[int, str]] = field(default_factory=set)  # who had a page of an incident's present episode
    awaits: set[tuple[int, str]] = field(default_factory=set)  # whose is still on its way
    rows: list[Notification] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    spared: list[int] = field(default_factory=list)  # incidents that page nobody: others do for the same alert
    _names: dict[bytes, set[str]] = field(default_factory=dict)

    def look(self, tx: Connection, paging: Sequence[Change], others: Collection[int]) -> None:
        """Read who knows already: only where there may be somebody, most alerts are new."""
        again = {change.incident.id for change in paging if change.incident.paged > 1}
        about = {*others, *(change.incident.id for change in paging)} if others else again
        for page in progress(tx, about):
            if others and page.message != MessageState.CANCELLED:  # what was taken back is no page
                self.elsewhere.setdefault(page.key, {}).setdefault(page.incident_id, set()).add(page.person)
            if page.incident_id in again and (page.reached or page.pending):
                (self.had if page.reached else self.awaits).add((page.incident_id, page.person))

    def ask(self, change: Change, team: Team, also: Person | None = None) -> None:
        """Ask for the pages of one incident: an alert pages a person once, however many teams it reaches.

        `also` had its last episode, and hears of this one too.
        """
        one = change.incident
        names = self._names.setdefault(one.key, set())
        taken = names | _taken(self.elsewhere.get(one.key, {}), one.id)
        people = team.step(one.step).people(self.now)
        people = (*people, also) if also and also not in people else people
        spared = [] if not taken else [each.name for each in people if each.name in taken]
        # Whose page has not left yet hears by that one: a second one would be a double.
        awaits = [each.name for each in people if (one.id, each.name) in self.awaits]
        chosen = persons(people, taken.union(awaits))
        self.people |= {person.name: person for person in chosen}
        names.update(person.name for person in chosen)
        self.rows += [page_of(one, each.name, self.now, note=self._note(change, each.name)) for each in chosen]
        self.told[one.id] = NotifiedPeople(
            paged=[each.name for each in chosen], spared=spared, awaits=awaits, place=place(one, team)
        )  # no OK beside it
        if spared and not chosen and not awaits:
            self.spared.append(one.id)

    def _note(self, change: Change, person: str) -> str:
        if (
            change.reason is IncidentReason.UNPOSTED and change.rung is None
        ):  # a later page of the episode is a reminder
            return RETURN
        return REMINDER if (change.incident.id, person) in self.had else ""


def page_of(one: Incident, person: str, now: datetime, *, note: str) -> Notification:
    """The page of an incident's step for one person, as of when it is asked for."""
    return Notification(
        incident_id=one.id,
        person=person,
        team=one.team,
        kind=NotificationKind.PAGE,
        priority=priority(NotificationKind.PAGE, one.severity),
        due_at=now,
        created_at=now,
        episode=one.episode,
        round=one.round,
        step=one.step,
        nth=one.paged - 1,
        note=note,
    )


def _taken(paged: Mapping[int, set[str]], own: int) -> set[str]:
    """Whom the alert's other incidents page. Whom several of them have paged hears from the first of these."""
    mine = paged.get(own, set())
    return {
        name for number, names in paged.items() if number != own for name in names if name not in mine or number < own
    }
