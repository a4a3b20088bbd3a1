"""Posts as rows: what other channels than SMS are to tell. A claim is a later due time, so no crash can keep one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.sql.dml import ReturningInsert

from alertsms.core.incidents.incident import Change, Incident
from alertsms.core.messages.channel import chat_target, person_target
from alertsms.core.messages.notification import Notification, NotificationKind
from alertsms.core.messages.post import FIRING, Post, PostKind, PostState
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.core.text.channel import PostedIncident
from alertsms.store.cancellation import Teams, minute
from alertsms.store.incidents import IN_ONE_QUERY, incident_of
from alertsms.store.schema import incident_table, insert_into, post_table, state_is

_FIELDS = tuple(Post.__dataclass_fields__)
_NEW = tuple(name for name in _FIELDS if name != "id")


def add(tx: Connection, rows: Sequence[Post]) -> int:
    """Store posts; what the same channels are told already is not stored again. Returns how many."""
    if not rows:
        return 0
    values = [{name: getattr(row, name) for name in _NEW} for row in rows]
    return len(tx.execute(_add(tx.dialect.name), values).all())


@cache
def _add(dialect: str) -> ReturningInsert[Any]:
    return insert_into(post_table, dialect).on_conflict_do_nothing().returning(post_table.c.id)


def also(tx: Connection, rows: Sequence[Notification], people: Iterable[Person], teams: Teams, now: datetime) -> int:
    """Write pages to the channels that their people have beside the phone, and to the chats of their teams, once.

    Returns how many.
    """
    more = {person.name for person in people if person.also}
    chats = {name: chat_target(team.name) for name in {row.team for row in rows} if (team := teams(name)).also}
    found = [
        (row, person_target(row.person)) for row in rows if row.person in more and row.kind is NotificationKind.PAGE
    ]
    found += [(row, chats[row.team]) for row in rows if row.team in chats and row.kind is NotificationKind.PAGE]
    once = {(target, row.incident_id, row.episode, row.nth) for row, target in found}
    return add(
        tx,
        [
            Post(
                target=target,
                incident_id=incident,
                kind=PostKind.PAGE,
                nth=nth,
                episode=episode,
                created_at=now,
                due_at=now,
            )
            for target, incident, episode, nth in sorted(once, key=str)
        ],
    )


def over(tx: Connection, closing: Sequence[Change], roster: Roster, now: datetime) -> int:
    """Tell the channels that heard of these incidents, or may have, that they are over. Returns how many posts."""
    ended = {
        change.incident.id: change.closes or 0
        for change in closing
        if change.tells and _tells(roster.team(change.incident.team))
    }
    return add(
        tx,
        [
            Post(
                target=target,
                incident_id=number,
                kind=PostKind.RESOLVED,
                episode=ended[number],
                created_at=now,
                due_at=now,
            )
            for number, target in _heard(tx, closing, ended, roster)
        ],
    )


def flap(tx: Connection, flapping: Sequence[Change], roster: Roster, now: datetime) -> int:
    """Tell the channels that people have beside the phone, and that heard of these incidents, that they flap.

    Returns how many posts.
    """
    owners: list[Person | Team] = [*roster.people.values(), *roster.teams.values()]
    some = any(owner.also for owner in owners)
    began = {change.incident.id: change.incident.episode for change in flapping if some}
    return add(
        tx,
        [
            Post(
                target=target,
                incident_id=number,
                kind=PostKind.FLAPPING,
                episode=began[number],
                nth=minute(now),
                created_at=now,
                due_at=now,
            )
            for number, target in _heard(tx, flapping, began, roster)
            if target.startswith(_OWN)
        ],
    )


def _heard(
    tx: Connection, changes: Sequence[Change], episodes: Mapping[int, int], roster: Roster
) -> Sequence[tuple[int, str]]:
    """The channels that heard of these episodes of incidents, or may have, but for theirs who did this by hand.

    Of what somebody of `people` has, only their own and the chats'.
    """
    only = {
        change.incident.id: person_target(keeper) for change in changes if (keeper := roster.keeper(change.incident))
    }
    by = {change.incident.id: person_target(change.by) for change in changes if change.by}
    told: set[tuple[int, str]] = set()
    numbers = sorted(episodes)
    for at in range(0, len(numbers), IN_ONE_QUERY):
        found = tx.execute(_HEARD, {"numbers": numbers[at : at + IN_ONE_QUERY]})
        told |= {
            (row.incident_id, row.target)
            for row in found
            if row.episode == episodes[row.incident_id]
            and row.target != by.get(row.incident_id)
            and (only.get(row.incident_id, row.target) == row.target or row.target.startswith(_CHAT))
        }
    return sorted(told)


def taken(tx: Connection, relieved: Sequence[Change], teams: Teams, *, recent: timedelta, now: datetime) -> int:
    """Tell the channels that heard of these incidents who has them: a fallback's, and people's that did so lately.

    A team's chat hears it always. Returns how many posts.
    """
    rows: list[Post] = []
    told = {
        change.incident.id: change
        for change in relieved
        if (team := teams(change.incident.team)).tell_others or team.also
    }
    numbers = sorted(told)
    for at in range(0, len(numbers), IN_ONE_QUERY):
        for row in tx.execute(_HEARD, {"numbers": numbers[at : at + IN_ONE_QUERY]}):
            change = told[row.incident_id]
            late = row.target.startswith(person_target("")) and row.created_at < now - recent
            late = late or not (teams(change.incident.team).tell_others or row.target.startswith(_CHAT))
            if row.episode == change.incident.episode and row.target != person_target(change.by) and not late:
                rows.append(
                    Post(
                        target=row.target,
                        incident_id=row.incident_id,
                        kind=PostKind.TAKEN,
                        episode=row.episode,
                        nth=change.incident.paged,
                        created_at=now,
                        due_at=now,
                    )
                )
    return add(tx, rows)


def _tells(team: Team) -> bool:
    """Whether anybody could have heard of the team's incidents by a channel: else nothing is read."""
    return team.send_resolved and bool(
        team.also or team.fallback.channels or team.fallback.team or any(person.also for person in team.people)
    )


_CHAT = chat_target("")
_OWN = (person_target(""), _CHAT)
_HEARD = (
    select(post_table.c.incident_id, post_table.c.episode, post_table.c.target, post_table.c.created_at)
    .where(post_table.c.incident_id.in_(bindparam("numbers", expanding=True)), post_table.c.attempts > 0)
    .where(post_table.c.kind.in_(FIRING), post_table.c.state.in_([PostState.QUEUED, PostState.SENT]))
)


def claim(tx: Connection, now: datetime, lease: timedelta, most: int, passing_over: Collection[str] = ()) -> list[Post]:
    """Begin an attempt for posts that are due, the oldest first; nobody else begins one within the lease."""
    due = (
        select(post_table.c.id)
        .where(state_is(post_table.c.state, PostState.QUEUED), post_table.c.due_at <= now)
        .where(post_table.c.target.not_in(list(passing_over)))
        .order_by(post_table.c.due_at, post_table.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    begun = (
        update(post_table)
        .where(post_table.c.id.in_(due.scalar_subquery()))
        .values(due_at=now + lease, lease_until=now + lease, attempts=post_table.c.attempts + 1)
        .returning(post_table)
    )
    return sorted((post(row) for row in tx.execute(begun).mappings()), key=lambda each: each.id)


def post(values: Mapping[Any, Any]) -> Post:
    """A row as a value."""
    kept = {name: values[name] for name in _FIELDS}
    kept["kind"], kept["state"] = PostKind(kept["kind"]), PostState(kept["state"])
    return Post(**kept)


def told(tx: Connection, ones: Sequence[Post]) -> list[PostedIncident]:
    """Posts with the incidents that they are about, as these are now."""
    numbers = sorted({one.incident_id for one in ones if one.incident_id is not None})
    found: dict[int, Incident] = {}
    for at in range(0, len(numbers), IN_ONE_QUERY):
        about = tx.execute(select(incident_table).where(incident_table.c.id.in_(numbers[at : at + IN_ONE_QUERY])))
        found |= {row["id"]: incident_of(row) for row in about.mappings()}
    return [PostedIncident(post=one, incident=found.get(one.incident_id or 0)) for one in ones]


def took(tx: Connection, numbers: Sequence[int], mark: str) -> None:
    """Note that a channel has these posts: whoever begins the next attempt, after a crash say, leaves it out."""
    for at in range(0, len(numbers), IN_ONE_QUERY):
        tx.execute(_TOOK, {"rows": numbers[at : at + IN_ONE_QUERY], "more": f"{mark} "})


_TOOK = (
    update(post_table)
    .where(post_table.c.id.in_(bindparam("rows", expanding=True)))
    .values(took=post_table.c.took + bindparam("more", type_=post_table.c.took.type))
)


_MARK = (
    update(post_table)
    .where(post_table.c.id == bindparam("row"), post_table.c.attempts == bindparam("attempt"))
    .where(state_is(post_table.c.state, PostState.QUEUED))
)
_END = _MARK.values(state=bindparam("end"), error=bindparam("why"), lease_until=None)
_LATER = _MARK.values(due_at=bindparam("at"), error=bindparam("why"), lease_until=None)


def end(tx: Connection, one: Post, state: PostState, error: str = "") -> bool:
    """Note how the claimed attempt ended for good; false where somebody else began another one since."""
    values = {"row": one.id, "attempt": one.attempts, "end": state, "why": error[:300]}
    return tx.execute(_END, values).rowcount == 1


def later(tx: Connection, one: Post, at: datetime, error: str) -> bool:
    """Note that the claimed attempt was in vain, and when the next one is due; false as in `end`."""
    values = {"row": one.id, "attempt": one.attempts, "at": at, "why": error[:300]}
    return tx.execute(_LATER, values).rowcount == 1


def release(tx: Connection, now: datetime) -> int:
    """Make due what the last run had begun and did not end: it may be told twice, and is not lost."""
    begun = (state_is(post_table.c.state, PostState.QUEUED), post_table.c.lease_until.isnot(None))
    return tx.execute(update(post_table).where(*begun).values(due_at=now, lease_until=None)).rowcount


def next_due(tx: Connection, passing_over: Collection[str] = ()) -> datetime | None:
    """When the next post is due, if there is one, without those for the targets passed over."""
    found: datetime | None = tx.execute(_NEXT, {"busy": list(passing_over)}).scalar()
    return found


_NEXT = (
    select(func.min(post_table.c.due_at, type_=post_table.c.due_at.type))
    .where(state_is(post_table.c.state, PostState.QUEUED))
    .where(post_table.c.target.not_in(bindparam("busy", expanding=True)))
)
