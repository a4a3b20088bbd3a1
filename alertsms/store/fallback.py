"""What is written when SMS do not leave, or reach nobody: posts to a team's fallback, pages to the team behind it.

Notices about alertsms itself go the same way: to the channels of a fallback, and by SMS where one is worth it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, bindparam, select, union_all

from alertsms.core.incidents.incident import EventKind, Incident, IncidentState, event_of
from alertsms.core.messages.message import PENDING, REACHED
from alertsms.core.messages.notification import (
    REMINDER,
    NoticeBySms,
    Notification,
    NotificationKind,
    NotificationState,
    sms_at,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.team import Team
from alertsms.store import incidents, recipients, settings
from alertsms.store.cancellation import Teams
from alertsms.store.history import hoped_for, progress, since_start
from alertsms.store.schema import BY_SMS, incident_table, message_table, notification_table, state_is


def unsent(tx: Connection, about: Iterable[Incident], teams: Teams, now: datetime) -> int:
    """Tell the fallback's channels of incidents whose pages do not leave, once an episode. Returns how many posts."""
    return recipients.add(tx, _posts(list(about), NotificationKind.UNSENT, teams, now))


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
    paged = {page.person for page in since_start(pages, incident)}
    chosen = {person.name: person for person in second.first(now) if person.name not in paged}
    reached = {page.person for page in pages if page.reached}
    rows = [
        recipients.page_of(incident, name, now, note=REMINDER if name in reached else "", behind=second.name)
        for name in chosen
    ]
    recipients.add(tx, recipients.also(rows, chosen, teams, now))
    if rows:
        names = ", ".join(chosen)
        why = "fallback_unanswered" if kind is NotificationKind.UNANSWERED else "fallback"
        incidents.note_events(tx, [event_of(incident, now, EventKind.PAGED, why, f"team {second.name}: {names}")])
    return recipients.add(tx, rows)


def unheard(tx: Connection, numbers: Collection[int], teams: Teams, now: datetime) -> int:
    """Tell the fallback's channels of open incidents whose pages left while no phone confirms one: once an episode.

    Not those of which another page is still on its way, or in time. Returns how many posts.
    """
    hopeless = [
        incident
        for incident in incidents.get(tx, numbers)
        if incident.state is IncidentState.OPEN and not hoped_for(progress(tx, [incident.id]), incident)
    ]
    return recipients.add(tx, _posts(hopeless, NotificationKind.UNHEARD, teams, now))


def _posts(about: Sequence[Incident], kind: NotificationKind, teams: Teams, now: datetime) -> Sequence[Notification]:
    """One for each channel of each incident's team, and one more each time that it began anew."""
    return [
        recipients.for_channel(fallback.target, channel, kind, now, incident)
        for incident in about
        for fallback in [teams(incident.team).fallback]
        for channel in fallback.channels
    ]


def stuck(tx: Connection, before: datetime, after: int, most: int) -> list[tuple[int, tuple[int, int]]]:
    """Pages asked for by then that have not left, by number, and the open incident and its episode that they are about.

    Of incidents of which nobody has had a page. Those of before it began anew do not count: somebody had it since.
    """
    values = {"before": before, "after": after, "most": most}
    return [(row.id, (row.incident_id, row.episode)) for row in tx.execute(_STUCK, values)]


_QUEUED = select(notification_table.c.id).where(
    state_is(notification_table.c.state, NotificationState.QUEUED),
    BY_SMS,
    notification_table.c.created_at <= bindparam("before", type_=notification_table.c.created_at.type),
    notification_table.c.due_at <= bindparam("before", type_=notification_table.c.due_at.type),
)
_UNDER_WAY = [
    select(notification_table.c.id)
    .join(message_table, notification_table.c.message_id == message_table.c.id)
    .where(
        state_is(message_table.c.state, state),
        message_table.c.asked_at <= bindparam("before", type_=message_table.c.asked_at.type),
    )
    for state in PENDING
]
_had, _carrier = notification_table.alias("had"), message_table.alias("carrier")
_SOMEBODY_HAS = (
    select(_had.c.id)
    .join(_carrier, _had.c.message_id == _carrier.c.id)
    .where(_had.c.incident_id == notification_table.c.incident_id, _had.c.episode == notification_table.c.episode)
    .where(_had.c.kind == NotificationKind.PAGE, _had.c.nth >= incident_table.c.began, _carrier.c.state.in_(REACHED))
    .exists()
)
_STUCK = (
    select(notification_table.c.id, notification_table.c.incident_id, notification_table.c.episode)
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(notification_table.c.id.in_(union_all(_QUEUED, *_UNDER_WAY)), notification_table.c.id > bindparam("after"))
    .where(notification_table.c.kind == NotificationKind.PAGE, incident_table.c.state == IncidentState.OPEN)
    .where(incident_table.c.episode == notification_table.c.episode, ~_SOMEBODY_HAS)
    .order_by(notification_table.c.id)
    .limit(bindparam("most", type_=Integer))
)


def tell(tx: Connection, episodes: Collection[tuple[int, int]], teams: Teams, now: datetime) -> int:
    """Tell the fallbacks of what is stuck, unless it left meanwhile: decided anew on locked rows."""
    locked = incidents.get(tx, {number for number, _ in episodes})
    still = [incident for incident in locked if (incident.id, incident.episode) in episodes]
    return unsent(tx, [incident for incident in still if incident.state is IncidentState.OPEN], teams, now)


def notice(
    tx: Connection,
    roster: Roster,
    *,
    key: str,
    every: timedelta,
    text: str,
    now: datetime,
    sms: NoticeBySms,
    team: Team | None = None,
) -> bool:
    """Tell whoever runs this alertsms (or a team) something about it, at most once in `every` for each key.

    False where it was told within `every` already. After the commit wake what sends; the log is the caller's.
    """
    if not settings.once(tx, f"notice:{key}", every, now):
        return False
    team = team or roster.route.team
    rows = [
        recipients.for_channel(team.fallback.target, channel, NotificationKind.NOTICE, now, note=text)
        for channel in team.fallback.channels
    ]
    times = {
        person.name: sms_at(sms, channels=bool(team.fallback.channels), zone=person.time_zone, now=now)
        for person in team.first(now)
    }
    # One for the morning counts as asked for then: page_seconds is about what was slow.
    rows += [recipients.for_phone(name, text, at, team=team.name) for name, at in times.items() if at is not None]
    recipients.add(tx, rows)
    return True
