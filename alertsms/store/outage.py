"""What waited out an outage: messages are taken apart again, so that their pages leave as things are by then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from alertsms.core.incidents.timeline import EventKind
from alertsms.core.messages.message import LIMITED, MessageState
from alertsms.core.messages.notification import NotificationKind
from alertsms.store import cancellation, events, outbox, pages
from alertsms.store.schema import message_table, state_is


def take_apart(tx: Connection, before: datetime, now: datetime, most: int) -> list[str]:
    """Queue the pages of messages composed before `before` anew, of `most` at once; returns the team of each message.

    Only of those that certainly never left: what OVH may have is looked up, and goes on as it was composed.
    """
    certainly_not = (message_table.c.resends == 0, ~message_table.c.error.startswith(LIMITED, autoescape=True))
    waiting = (
        state_is(message_table.c.state, MessageState.QUEUED),
        *certainly_not,
        message_table.c.created_at < before,
    )
    rows = tx.execute(
        select(message_table.c.id, message_table.c.team).where(*waiting).order_by(message_table.c.id).limit(most)
    ).all()
    teams = []
    for row in rows:
        pages.lock(tx, row.id)
        if outbox.cancel(tx, row.id):  # else somebody claimed it meanwhile
            events.about(tx, row.id, at=now, kind=EventKind.ATTEMPT, reason="recomposed")
            pages.requeue(tx, row.id, now)
            # Of what resolved in it meanwhile, while others still needed it, nothing leaves any more.
            rest = [page.id for page in pages.of_message(tx, row.id)]
            cancellation.release(tx, rest, NotificationKind.MEANWHILE, now)
            teams.append(row.team)
    return teams
