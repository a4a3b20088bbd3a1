"""What is written when SMS do not leave, or reach nobody: posts to a team's fallback, pages to the team behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, select, union_all

from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import EventKind, event_of
from alertsms.core.messages.message import PENDING, REACHED
from alertsms.core.messages.notification import (
    FALLBACK_STEP,
    REMINDER,
    Notification,
    NotificationKind,
    PageState,
)
from alertsms.core.routing.roster import persons
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.store import channels, events, recipients
from alertsms.store import incidents as incident_rows
from alertsms.store.cancellation import Teams
from alertsms.store.recipients import hoped_for, progress, since_start
from alertsms.store.schema import BY_SMS, incident_table, message_table, page_table, state_is


def unsent(tx: Connection, about: Iterable[Incident], teams: Teams, now: datetime) -> int:
    """Tell the fallback's channels of incidents whose pages do not leave, once an episode. Returns how many posts."""
    return recipients.add(tx, _posts(list(about), NotificationKind.UNSENT, teams, now))


def people(team: Team, now: datetime) -> tuple[Person, ...]:
    """Whom a fallback's team gets paged: its first step that has somebody."""
    return next((known for step in team.steps if (known := step.people(now))), ())


def notify(tx: Connection, incident: Incident, kind: NotificationKind, teams: Teams, now: datetime) -> int:
    """Tell a fallback's channels, and page its team but for whom this incident has paged since it last began anew.

    `kind`: no phone of the incident's team could be reached, its SMS did not leave, or nobody answered in all rounds.
    Returns how many pages were added.
    """
    recipients.add(tx, _posts([incident], kind, teams, now))
    team = teams(incident.team)
    if not team.fallback.team or team.fallback.team == team.name:
        return 0
    second = teams(team.fallback.team)
    pages = progress(tx, [incident.id])
    chosen = persons(people(second, now), {page.person for page in since_start(pages, incident)})
    reached = {page.person for page in pages if page.reached}
    rows = [
        Notification(
            incident_id=incident.id,
            person=person.name,
            team=second.name,
            kind=NotificationKind.PAGE,
            step=FALLBACK_STEP,
            priority=int(incident.severity),
            due_at=now,
            created_at=now,
            episode=incident.episode,
            nth=incident.paged - 1,
            round=incident.round,
            note=REMINDER if person.name in reached else "",
        )
        for person in chosen
    ]
    recipients.add(tx, recipients.also(rows, chosen, teams, now))
    if rows:
        names = ", ".join(person.name for person in chosen)
        why = "fallback_unanswered" if kind is NotificationKind.UNANSWERED else "fallback"
        events.note(tx, [event_of(incident, now, EventKind.PAGED, why, f"team {second.name}: {names}")])
    return recipients.add(tx, rows)


def unheard(tx: Connection, numbers: Collection[int], teams: Teams, now: datetime) -> int:
    """Tell the fallback's channels of open incidents whose pages left while no phone confirms one: once an episode.

    Not those of which another page is still on its way, or in time. Returns how many posts.
    """
    unresolved = [incident for incident in incident_rows.get(tx, numbers) if incident.state is IncidentState.OPEN]
    hopeless = [incident for incident in unresolved if not hoped_for(progress(tx, [incident.id]), incident)]
    return recipients.add(tx, _posts(hopeless, NotificationKind.UNHEARD, teams, now))


def _posts(about: Sequence[Incident], kind: NotificationKind, teams: Teams, now: datetime) -> Sequence[Notification]:
    """One for each channel of each incident's team, and one more each time that it began anew."""
    fallbacks = [(incident, teams(incident.team).fallback) for incident in about]
    return [
        channels.row(fallback.target, channel, kind, now, incident)
        for incident, fallback in fallbacks
        for channel in fallback.channels
    ]


def stuck(tx: Connection, before: datetime, after: int, most: int) -> list[tuple[int, tuple[int, int]]]:
    """Pages asked for by then that have not left, by number, and the open incident and its episode that they are about.

    Of incidents of which nobody has had a page. Those of before it began anew do not count: somebody had it since.
    """
    rows = tx.execute(_STUCK, {"before": before, "after": after, "most": most})
    return [(row.id, (row.incident_id, row.episode)) for row in rows]


_QUEUED = select(page_table.c.id).where(
    state_is(page_table.c.state, PageState.QUEUED),
    BY_SMS,
    page_table.c.created_at <= bindparam("before", type_=page_table.c.created_at.type),
    page_table.c.due_at <= bindparam("before", type_=page_table.c.due_at.type),
)
_UNDER_WAY = [
    select(page_table.c.id)
    .join(message_table, page_table.c.message_id == message_table.c.id)
    .where(
        state_is(message_table.c.state, state),
        message_table.c.asked_at <= bindparam("before", type_=message_table.c.asked_at.type),
    )
    for state in PENDING
]
_had, _carrier = page_table.alias("had"), message_table.alias("carrier")
_SOMEBODY_HAS = (
    select(_had.c.id)
    .join(_carrier, _had.c.message_id == _carrier.c.id)
    .where(_had.c.incident_id == page_table.c.incident_id, _had.c.episode == page_table.c.episode)
    .where(_had.c.kind == NotificationKind.PAGE, _had.c.nth >= incident_table.c.began, _carrier.c.state.in_(REACHED))
    .exists()
)
_STUCK = (
    select(page_table.c.id, page_table.c.incident_id, page_table.c.episode)
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(page_table.c.id.in_(union_all(_QUEUED, *_UNDER_WAY)), page_table.c.id > bindparam("after"))
    .where(page_table.c.kind == NotificationKind.PAGE, incident_table.c.state == IncidentState.OPEN)
    .where(incident_table.c.episode == page_table.c.episode, ~_SOMEBODY_HAS)
    .order_by(page_table.c.id)
    .limit(bindparam("most", type_=Integer))
)


def tell(tx: Connection, episodes: Collection[tuple[int, int]], teams: Teams, now: datetime) -> int:
    """Tell the fallbacks of what is stuck, unless it left meanwhile: decided anew on locked rows."""
    about = [
        incident
        for incident in incident_rows.get(tx, {number for number, _ in episodes})
        if incident.state is IncidentState.OPEN
    ]
    return unsent(tx, [incident for incident in about if (incident.id, incident.episode) in episodes], teams, now)
