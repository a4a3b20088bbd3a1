"""Messages that leave late, tried again and again for their number alone, though their texts were composed on time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from alertsms.core.incidents.timeline import EventKind
from alertsms.core.messages.digest_plan import DueNotification
from alertsms.core.messages.message import LIMITED, MessageState
from alertsms.core.messages.notification import NotificationKind, PageState
from alertsms.core.text.link import LINK_PATH, POSTED_LENGTH, TOKEN
from alertsms.core.text.wording import Wording, became_late
from alertsms.store import events, outbox, pages
from alertsms.store.outbox import SmsMessage
from alertsms.store.pages import LOOK, due_of
from alertsms.store.schema import incident_table, message_table, page_table, state_is, tokens


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
            pages.let_go(tx, row.id, now)  # what resolved in it meanwhile, while others still needed it
            teams.append(row.team)
    return teams


@dataclass(frozen=True, kw_only=True, slots=True)
class OutdatedMessage:
    """What a message tells, as it is now, and the token of the link in its text."""

    due: DueNotification
    token: str = ""


def look(tx: Connection, queued: Sequence[SmsMessage], now: datetime) -> Mapping[int, OutdatedMessage]:
    """Which of these messages were composed on time and are late by now; digests say since when anyhow."""
    late = {message.id: message for message in queued if _slow(message, now)}
    if not late:
        return {}
    carried: dict[int, list[DueNotification]] = {}
    for row in tx.execute(_CARRIED, {"ids": list(late)}).mappings():
        carried.setdefault(row["message_id"], []).append(due_of(row))
    return {
        number: OutdatedMessage(due=pages[0], token=_token(tx, late[number], pages[0]))
        for number, pages in carried.items()
        if len(pages) == 1
    }


def _slow(message: SmsMessage, now: datetime) -> bool:
    return (
        became_late(message.asked_at, message.created_at, now)
        and message.kind == NotificationKind.PAGE
        and message.digest is None
        and _sure(message)
    )


def _sure(message: SmsMessage) -> bool:
    """Whether it certainly never left. Of what OVH may have each copy says the same: a look-up knows it by its text."""
    return message.unknown_since is None and not message.resends


_CARRIED = (
    select(page_table, *LOOK)
    .join(incident_table, page_table.c.incident_id == incident_table.c.id)
    .where(page_table.c.message_id.in_(bindparam("ids", expanding=True)), page_table.c.state == PageState.CLAIMED)
)
_IN_TEXT = re.compile(rf"{LINK_PATH}({TOKEN})(?!\w)")


def _token(tx: Connection, message: SmsMessage, due: DueNotification) -> str:
    """The link stays the one that was made for it; a summary may contain what looks like one."""
    named = [token for token in _IN_TEXT.findall(message.text) if len(token) != POSTED_LENGTH]
    ours = (tokens.c.token.in_(named), tokens.c.person == message.person, tokens.c.incident_id == due.page.incident_id)
    return (tx.execute(select(tokens.c.token).where(*ours)).scalar() or "") if named else ""


def reword(tx: Connection, claimed: Sequence[SmsMessage], wordings: Mapping[int, Wording]) -> list[SmsMessage]:
    """Give messages that we hold other texts, by their numbers, before they are tried; returns all as they are then."""
    changed = {message.id for message in claimed if message.id in wordings and _sure(message)}
    if changed:
        tx.execute(
            _REWORD,
            [
                {"message": number, "says": wordings[number].text, "takes": wordings[number].segments}
                for number in changed
            ],
        )
    return [
        replace(message, text=wordings[message.id].text, segments=wordings[message.id].segments)
        if message.id in changed
        else message
        for message in claimed
    ]


_REWORD = (
    update(message_table)
    .where(message_table.c.id == bindparam("message"))
    .values(text=bindparam("says"), segments=bindparam("takes"))
)
