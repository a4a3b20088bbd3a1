"""Notices about alertsms itself: to the root team's fallback channels, and by SMS where it is worth one."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.core.messages.notification import PRIORITIES, NoticeBySms, Notification, NotificationKind, sms_at
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.team import Team
from alertsms.store import recipients, settings
from alertsms.store.channels import row


def tell(
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
    kind = NotificationKind.NOTICE
    rows = [row(team.fallback.target, channel, kind, now, note=text) for channel in team.fallback.channels]
    for person in team.first(now):
        at = sms_at(sms, channels=bool(team.fallback.channels), zone=person.time_zone, now=now)
        if at is not None:  # one for the morning counts as asked for then: page_seconds is about what was slow
            rows.append(
                Notification(
                    person=person.name,
                    team=team.name,
                    kind=kind,
                    due_at=at,
                    created_at=at,
                    nth=0,
                    priority=PRIORITIES[kind],
                    note=text,
                )
            )
    recipients.add(tx, rows)
    return True
