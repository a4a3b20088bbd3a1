"""What somebody's answer means for everybody else: pages that need not leave any more, and word of who has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Change
from alertsms.core.messages.notification import Notification, NotificationKind, PageOutcome, PageState, priority
from alertsms.core.routing.roster import Roster
from alertsms.core.text.digest import RECENT, taken
from alertsms.core.text.language import ENGLISH
from alertsms.store import cancellation, channels, recipients
from alertsms.store.cancellation import UncancelledPage


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedOthers:
    """What an answer did to the outbox."""

    cancelled: tuple[str, ...] = ()  # the team of each message that will not leave
    texts: int = 0  # SMS and posts that say who has it


def relieve(tx: Connection, changes: Sequence[Change], roster: Roster, now: datetime) -> NotifiedOthers:
    """Cancel what has not left of incidents that somebody has now, and tell the others; the incidents are stored.

    Whoever was paged lately gets one SMS for all of them; one whose page is under way gets it behind that page.
    """
    relieved = {change.incident.id: change for change in changes if change.relieves}
    if not relieved:
        return NotifiedOthers()
    pages, cancelled = cancellation.spare(tx, list(relieved), now)
    rows = list(_remarks(_latest(pages, relieved, roster, now), relieved, roster, now))
    texts = recipients.add(tx, rows) + channels.taken(tx, list(relieved.values()), roster.team, recent=RECENT, now=now)
    return NotifiedOthers(cancelled=tuple(cancelled), texts=texts)


def _latest(
    pages: Iterable[UncancelledPage], relieved: Mapping[int, Change], roster: Roster, now: datetime
) -> Collection[UncancelledPage]:
    """Of each incident and each other person the page that matters: one under way, or else one that left lately."""
    latest: dict[tuple[int, str], UncancelledPage] = {}
    for page in pages:
        change, left = relieved[page.row.incident_id], page.left(now)
        if page.row.episode != change.incident.episode or page.row.person == change.by:
            continue
        lately = left is PageOutcome.AWAY and page.sent_at is not None and page.sent_at >= now - RECENT
        if roster.team(change.incident.team).tell_others and (lately or left is PageOutcome.BETWEEN):
            place = page.row.incident_id, page.row.person
            if place not in latest or left is PageOutcome.BETWEEN:
                latest[place] = page
    return latest.values()


def _remarks(
    pages: Iterable[UncancelledPage], relieved: Mapping[int, Change], roster: Roster, now: datetime
) -> Iterable[Notification]:
    """One page for each person, and one more for each message of theirs that is under way."""
    groups: dict[tuple[str, int | None], list[UncancelledPage]] = {}
    for page in pages:
        behind = page.row.message_id if page.left(now) is PageOutcome.BETWEEN else None
        groups.setdefault((page.row.person, behind), []).append(page)
    for (person, behind), together in groups.items():
        first, change = together[0].row, relieved[together[0].row.incident_id]
        until = change.incident.snoozed_until
        incidents = [relieved[page.row.incident_id].incident for page in together]
        reader = roster.people.get(person)
        words = taken(
            change.by,
            incidents,
            length=until - now if until else None,
            max_segments=roster.max_segments,
            language=reader.language if reader else ENGLISH,
        )
        yield Notification(
            incident_id=first.incident_id,
            person=person,
            team=change.incident.team,
            kind=NotificationKind.TAKEN,
            priority=priority(NotificationKind.TAKEN, Severity.CRITICAL),
            due_at=now,
            created_at=now,
            note=words,
            state=PageState.QUEUED if behind is None else PageState.WAITING,
            episode=first.episode,
            nth=change.incident.paged,
            after_page=None if behind is None else first.id,
        )
