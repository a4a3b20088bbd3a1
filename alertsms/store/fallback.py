"""What is written when SMS do not leave, or reach nobody: posts to a team's fallback, pages to the team behind it.

Notices about alertsms itself go the same way: to the channels of a fallback, and by SMS where one is worth it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Integer, and_, bindparam, select, tuple_, union_all

from alertsms.core.incidents.incident import EventKind, Incident, IncidentState, event_of
from alertsms.core.messages.digest_plan import PAGES
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
from alertsms.store.engine import Store
from alertsms.store.history import hoped_for, progress, since_start
from alertsms.store.schema import BY_SMS, EPOCH, Time, incident_table, message_table, notification_table, state_is

LOOK_ANEW = timedelta(minutes=5)
MOST_LATE = 500  # looked at in one go


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


Episode = tuple[int, int]  # the number of an incident, and which time it fires
Place = tuple[datetime, int]  # among what waits: when a page is due, and its number
FIRST: Place = (EPOCH, 0)


class LatePages:
    """Has fallbacks told of pages that wait too long.

    What it looked at is passed over for five minutes, however much waits. By then a phone that had a page may turn out
    not to have it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._anew_at: datetime | None = None
        self._places: dict[int | None, Place] = {}  # how far the looks since then came, by rank

    def tell(self, before: datetime, teams: Teams, now: datetime) -> None:
        """Tell of what was to leave by then."""
        if self._anew_at is None or abs(now - self._anew_at) >= LOOK_ANEW:
            self._anew_at, self._places = now, {}
        for rank in (*PAGES, None):
            place: Place | None = self._places.get(rank, FIRST)
            while place:
                found, following = self._store.read(partial(stuck, before=before, rank=rank, after=place))
                if fresh := {(number, episode) for team, number, episode in found if teams(team).fallback.channels}:
                    self._store.transact(partial(tell, episodes=fresh, teams=teams, now=now))
                if following and rank is not None:  # of what is under way there is little
                    self._places[rank] = following
                place = following


def stuck(
    tx: Connection, before: datetime, rank: int | None, after: Place = FIRST
) -> tuple[list[tuple[str, int, int]], Place | None]:
    """Team, incident and episode of pages of a rank that wait and were due by then; no rank: whose SMS has not left.

    Of open incidents of which nobody has had a page, and no channel of a fallback was told. A page of before an
    incident began anew does not count: somebody had it since. Also the place of the last one that was looked at, None
    where there was none.
    """
    values = {"before": before, "rank": rank, "due": after[0], "page": after[1], "most": MOST_LATE}
    rows = tx.execute(_STUCK_UNDER_WAY if rank is None else _STUCK_QUEUED, values).all()
    found = [(row.team, row.incident_id, row.episode) for row in rows if row.stuck]
    return found, (rows[-1].due_at, rows[-1].id) if rows else None


_BEFORE = bindparam("before", type_=Time)
_AFTER = tuple_(bindparam("due", type_=Time), bindparam("page", type_=Integer))
_MOST = bindparam("most", type_=Integer)
_QUEUED = (
    select(notification_table.c.id)
    .where(state_is(notification_table.c.state, NotificationState.QUEUED), BY_SMS)
    .where(notification_table.c.priority == bindparam("rank", type_=Integer), notification_table.c.due_at <= _BEFORE)
    .where(tuple_(notification_table.c.due_at, notification_table.c.id) > _AFTER)
    .order_by(notification_table.c.due_at, notification_table.c.id)
    .limit(_MOST)
)
_UNDER_WAY = (
    select(notification_table.c.id)
    .join(message_table, notification_table.c.message_id == message_table.c.id)
    .where(state_is(message_table.c.state, state), message_table.c.asked_at <= _BEFORE)
    .where(tuple_(notification_table.c.due_at, notification_table.c.id) > _AFTER)
    for state in PENDING
)
_had, _carrier = notification_table.alias("had"), message_table.alias("carrier")
_SOMEBODY_HAS = (
    select(_had.c.id)
    .join(_carrier, _had.c.message_id == _carrier.c.id)
    .where(_had.c.incident_id == notification_table.c.incident_id, _had.c.episode == notification_table.c.episode)
    .where(_had.c.kind == NotificationKind.PAGE, _had.c.nth >= incident_table.c.began, _carrier.c.state.in_(REACHED))
    .exists()
)
_TOLD = (
    select(_had.c.id)
    .where(_had.c.incident_id == notification_table.c.incident_id, _had.c.episode == notification_table.c.episode)
    .where(_had.c.kind == NotificationKind.UNSENT, _had.c.nth == incident_table.c.began)
    .exists()
)
_STUCK = (
    select(
        notification_table.c.id,
        notification_table.c.due_at,
        notification_table.c.incident_id,
        notification_table.c.episode,
        incident_table.c.team,
        and_(
            notification_table.c.kind == NotificationKind.PAGE,
            notification_table.c.created_at <= _BEFORE,
            incident_table.c.state == IncidentState.OPEN,
            incident_table.c.episode == notification_table.c.episode,
            ~_SOMEBODY_HAS,
            ~_TOLD,
        ).label("stuck"),
    )
    .outerjoin(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .order_by(notification_table.c.due_at, notification_table.c.id)
    .limit(_MOST)
)
_STUCK_QUEUED = _STUCK.where(notification_table.c.id.in_(_QUEUED))
_STUCK_UNDER_WAY = _STUCK.where(notification_table.c.id.in_(union_all(*_UNDER_WAY)))


def tell(tx: Connection, episodes: Collection[Episode], teams: Teams, now: datetime) -> int:
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
