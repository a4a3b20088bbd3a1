"""What channels get, of the one queue: a row a channel, which is itself what is posted.

A claim is a later due time, so no crash can keep one: what its lease leaves over is due once more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, literal_column, select, update

from alertsms.core.incidents.incident import Change, Incident
from alertsms.core.messages.notification import (
    CHAT,
    FIRING,
    PERSON,
    Channel,
    Notification,
    NotificationKind,
    PageState,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.core.text.channel import PostedIncident
from alertsms.store.cancellation import Teams, minute
from alertsms.store.incidents import groups, incident_of
from alertsms.store.recipients import add, beside, notification
from alertsms.store.schema import BY_CHANNEL, incident_table, page_table, state_is

# What is to be given to channels.


def row(
    recipient: str,
    channel: Channel,
    kind: NotificationKind,
    now: datetime,
    incident: Incident | None = None,
    note: str = "",
) -> Notification:
    """What one channel of a recipient is to be given at once, about an incident or about alertsms itself."""
    about: dict[str, Any] = {"person": recipient, "destination": channel.mark, "kind": kind, "note": note}
    if incident:
        about |= {"incident_id": incident.id, "episode": incident.episode, "nth": incident.began}
    return Notification(team="", priority=0, due_at=now, created_at=now, **about)


def over(tx: Connection, closing: Sequence[Change], roster: Roster, now: datetime) -> int:
    """Tell the channels that were given these incidents, or may have been, that they are over. Returns how many."""
    ended = {
        change.incident.id: change.closes or 0
        for change in closing
        if change.tells and _tells(roster.team(change.incident.team))
    }
    given = _given_of(tx, closing, ended, roster)
    return add(tx, [beside(known, NotificationKind.RESOLVED, now, nth=0) for known in given])


def flap(tx: Connection, flapping: Sequence[Change], roster: Roster, now: datetime) -> int:
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
    only = {change.incident.id: PERSON + keeper for change in changes if (keeper := roster.keeper(change.incident))}
    by = {change.incident.id: PERSON + change.by for change in changes if change.by}
    return [
        known
        for number, known in _given(tx, episodes)
        if known.episode == episodes[number]
        and known.person != by.get(number)
        and (only.get(number, known.person) == known.person or known.person.startswith(CHAT))
    ]


def taken(tx: Connection, relieved: Sequence[Change], teams: Teams, *, recent: timedelta, now: datetime) -> int:
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
        late = late or not (teams(change.incident.team).tell_others or known.person.startswith(CHAT))
        if known.episode == change.incident.episode and known.person != PERSON + change.by and not late:
            rows.append(beside(known, NotificationKind.TAKEN, now, nth=change.incident.paged))
    return add(tx, rows)


def _tells(team: Team) -> bool:
    """Whether any channel could have been given the team's incidents: else nothing is read."""
    return team.send_resolved and bool(
        team.also or team.fallback.channels or team.fallback.team or any(person.also for person in team.people)
    )


_OWN = (PERSON, CHAT)
_GIVEN = (
    select(page_table)
    .where(page_table.c.incident_id.in_(bindparam("numbers", expanding=True)), BY_CHANNEL, page_table.c.attempts > 0)
    .where(page_table.c.kind.in_(FIRING), page_table.c.state.in_([PageState.QUEUED, PageState.SENT]))
)


def _given(tx: Connection, numbers: Collection[int]) -> list[tuple[int, Notification]]:
    """What channels have of these incidents that somebody is to answer, or may have."""
    answers = (tx.execute(_GIVEN, {"numbers": group}).mappings() for group in groups(numbers))
    return [(values["incident_id"], notification(values)) for rows in answers for values in rows]


# How it is given to them.


def claim(
    tx: Connection, now: datetime, lease: timedelta, most: int, passing_over: Collection[str] = ()
) -> list[Notification]:
    """Begin an attempt for what is due, the oldest first and of one recipient for each channel.

    Nobody else begins one within the lease; `passing_over` are channels that are given something just now.
    """
    due = (
        select(page_table.c.id, page_table.c.destination, page_table.c.person)
        .where(state_is(page_table.c.state, PageState.QUEUED), BY_CHANNEL, page_table.c.due_at <= now)
        .where(page_table.c.destination.not_in(list(passing_over)))
        .order_by(page_table.c.due_at, page_table.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    waiting = tx.execute(due).all()
    first = {row.destination: row.person for row in reversed(waiting)}
    chosen = [row.id for row in waiting if row.person == first[row.destination]]
    values = {"now": now, "until": now + lease}
    answers = [tx.execute(_BEGIN, values | {"rows": group}).mappings() for group in groups(chosen)]
    return sorted((notification(row) for rows in answers for row in rows), key=lambda begun: begun.id)


_BEGIN = (
    update(page_table)
    .where(page_table.c.id.in_(bindparam("rows", expanding=True)), state_is(page_table.c.state, PageState.QUEUED))
    .where(page_table.c.due_at <= bindparam("now", type_=page_table.c.due_at.type))
    .values(
        due_at=bindparam("until", type_=page_table.c.due_at.type),
        lease_until=bindparam("until", type_=page_table.c.due_at.type),
        attempts=page_table.c.attempts + 1,
    )
    .returning(page_table)
)


def with_incidents(tx: Connection, rows: Sequence[Notification]) -> list[PostedIncident]:
    """What channels are given, with the incidents that it is about, as these are now."""
    numbers = {row.incident_id for row in rows if row.incident_id is not None}
    queries = [select(incident_table).where(incident_table.c.id.in_(group)) for group in groups(numbers)]
    incidents = {values["id"]: incident_of(values) for query in queries for values in tx.execute(query).mappings()}
    return [PostedIncident(post=row, incident=incidents.get(row.incident_id or 0)) for row in rows]


_HELD = (
    update(page_table)
    .where(page_table.c.id == bindparam("row"), page_table.c.attempts == bindparam("attempt"))
    .where(state_is(page_table.c.state, PageState.QUEUED))
)
_END = _HELD.values(state=bindparam("end"), error=bindparam("why"), lease_until=None)
_LATER = _HELD.values(due_at=bindparam("at"), error=bindparam("why"), lease_until=None)


def end(tx: Connection, claimed: Notification, state: PageState, error: str) -> bool:
    """Note that the claimed attempt was the last one; false where somebody else began another one since."""
    values = {"row": claimed.id, "attempt": claimed.attempts, "end": state, "why": error[:300]}
    return tx.execute(_END, values).rowcount == 1


def later(tx: Connection, claimed: Notification, at: datetime, error: str) -> bool:
    """Note that the claimed attempt was in vain, and when the next one is due; false as in `end`."""
    values = {"row": claimed.id, "attempt": claimed.attempts, "at": at, "why": error[:300]}
    return tx.execute(_LATER, values).rowcount == 1


def took(tx: Connection, numbers: Sequence[int]) -> set[int]:
    """Note that their channel has these, whoever began another attempt since; returns those it was not known of."""
    return {number for group in groups(numbers) for number in tx.execute(_TOOK, {"rows": group}).scalars()}


_TOOK = (
    update(page_table)
    .where(page_table.c.id.in_(bindparam("rows", expanding=True)), state_is(page_table.c.state, PageState.QUEUED))
    .values(state=PageState.SENT, error="", lease_until=None)
    .returning(page_table.c.id)
)


def move(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    """Give what was for a channel that is gone from the configuration to those of its recipient that lack it."""
    _give(tx, claimed, channels, now)
    end(tx, claimed, PageState.CANCELLED, "its channels are gone from the configuration")


def spread(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    """Give what fires, and one channel does not take, to those of its recipient that lack it."""
    if claimed.kind in FIRING:
        _give(tx, claimed, channels, now)


def _give(tx: Connection, claimed: Notification, channels: Sequence[Channel], now: datetime) -> None:
    known = siblings(tx, claimed)
    given = replace(claimed, id=0, due_at=now, attempts=0, error="")
    add(tx, [replace(given, destination=channel.mark) for channel in channels if channel.mark not in known])


def siblings(tx: Connection, known: Notification) -> dict[str, PageState]:
    """How far the same thing came with each of its recipient's channels."""
    told_by = ("note", "created_at") if known.incident_id is None else ("incident_id", "episode", "nth")
    query = select(page_table.c.destination, page_table.c.state).where(BY_CHANNEL)
    rows = tx.execute(
        query.where(*(page_table.c[name] == getattr(known, name) for name in ("person", "kind", *told_by)))
    )
    return {destination: PageState(state) for destination, state in rows}


def adopt_earlier(tx: Connection, roster: Roster) -> None:
    """Let what version 0 gave to channels count for each of its recipient's: it kept no list of those that have it."""
    for values in tx.execute(_BY_VERSION_0).mappings().all():
        given = notification(values)
        if known := roster.channels(given.person):
            add(tx, [replace(given, destination=channel.mark) for channel in known])
            tx.execute(delete(page_table).where(page_table.c.id == given.id))


_BY_VERSION_0 = (
    select(page_table)
    .where(page_table.c.state != literal_column("'queued'"), BY_CHANNEL)  # as in the index
    .where(page_table.c.state == PageState.SENT, page_table.c.destination == "")
    .order_by(page_table.c.id)
)


def release(tx: Connection, now: datetime) -> int:
    """Make due what the last run had begun and did not end: it may be told twice, and is not lost."""
    begun = (state_is(page_table.c.state, PageState.QUEUED), BY_CHANNEL, page_table.c.lease_until.isnot(None))
    return tx.execute(update(page_table).where(*begun).values(due_at=now, lease_until=None)).rowcount


def next_due(tx: Connection, passing_over: Collection[str] = ()) -> datetime | None:
    """When the next one is due, without those for the channels passed over."""
    at: datetime | None = tx.execute(_NEXT, {"busy": list(passing_over)}).scalar()
    return at


_NEXT = (
    select(func.min(page_table.c.due_at, type_=page_table.c.due_at.type))
    .where(state_is(page_table.c.state, PageState.QUEUED), BY_CHANNEL)
    .where(page_table.c.destination.not_in(bindparam("busy", expanding=True)))
)
