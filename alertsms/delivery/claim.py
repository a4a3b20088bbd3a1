"""What leaves in one round: pages are worded as messages, and all are claimed in one transaction.

In it are also other words for messages that are late, and what is put off.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from sqlalchemy import Connection

from alertsms.core.incidents.incident import IncidentReason
from alertsms.core.messages.digest_plan import DigestPlan, DigestRules, DueNotification, HoldReason, RecentTraffic
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import FALLBACK_STEP, NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.text.digest import digest
from alertsms.core.text.subject import Style, clock_time, link_to
from alertsms.core.text.wording import Wording, measured, word
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.ovh.sms import SmsAccount
from alertsms.store import digests, fallback, messages, notifications, recipients, tokens
from alertsms.store.digests import DigestPart, OutdatedMessage
from alertsms.store.engine import Store
from alertsms.store.messages import Ids, Lease, SmsMessage
from alertsms.store.tokens import Token

log = logging.getLogger("alertsms.dispatcher")

ROWS = 20  # messages taken apart in one transaction: some 50 ms


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """What may leave as one SMS: one page, several, or a message that waits."""

    person: str
    rank: int
    since: datetime  # when the pages were asked for, or when the message was composed
    due: DueNotification | None = None
    parts: tuple[DigestPart, ...] = ()
    streak: int = 0  # which text of its storm
    more: bool = False  # others of the same storm left before
    numbered: bool = False  # a digest with a number of its own: one page beside OKs needs one to be answered by
    backup_of: datetime | None = None  # these waited in a backup of that time
    message: SmsMessage | None = None
    late: OutdatedMessage | None = None  # what the message tells, where its text may have become too old
    news_since: datetime | None = None  # since when it waits to say what an answer did; None: something else

    @classmethod
    def single(cls, due: DueNotification, streak: int = 0) -> Self:
        """One page that is due."""
        page = due.page
        since = page.due_at if streak else page.created_at  # what was gathered was not slow
        news = page.created_at if page.kind is NotificationKind.ANSWERED else None
        return cls(person=page.person, rank=due.page.priority, since=since, due=due, streak=streak, news_since=news)

    @classmethod
    def waiting(cls, message: SmsMessage, late: OutdatedMessage | None = None) -> Self:
        """A message to be sent again, or to be looked up."""
        queued, answered = message.state is MessageState.QUEUED, message.kind == NotificationKind.ANSWERED
        return cls(
            person=message.person,
            rank=message.priority,
            since=message.created_at,
            message=message,
            late=late,
            news_since=message.asked_at if queued and answered else None,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRound:
    """One round's plan."""

    outgoing: list[Outgoing] = field(default_factory=list)
    waits: dict[str, DigestPlan] = field(default_factory=dict)  # of the people to whom not all leaves now
    # What the plan of each person counted on: the ranks of what was due, and what they got.
    traffic: dict[str, tuple[set[int], RecentTraffic]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    """Words what one round claims under a lease."""

    roster: Roster
    lease: Lease
    now: datetime
    account: SmsAccount | None  # by which it leaves; None where a reload took it
    address: str  # where links lead; "" for nowhere
    ids: Ids
    metrics: Metrics
    links: dict[int, Token] = field(default_factory=dict)  # by message id, as they are made

    def single(self, outgoing: Outgoing, due: DueNotification, person: Person) -> SmsMessage:
        """Word a page and make it a message of ours. The tag stays, and so does the text once it may have left."""
        incident, token = due.incident, None
        asks = due.page.kind is NotificationKind.PAGE and self.address
        if asks and incident and incident.reason is not IncidentReason.TEST:
            token = Token(token=tokens.new(), person=person.name, incident_id=incident.id, created_at=self.now)
        wording = self._word(due, self._style(person, token.token if token else ""))
        return self._message(outgoing, person, wording, token)

    def digest(self, outgoing: Outgoing, person: Person, number: int | None) -> Digest:
        """Word several pages as one message."""
        token = None
        if self.address and number is not None:
            token = Token(token=tokens.new(), person=person.name, digest=number, created_at=self.now)
        of = clock_time(outgoing.backup_of, person.time_zone, self.now) if outgoing.backup_of else ""
        style = replace(self._style(person, token.token if token else ""), backup_of=of)

        def worded(parts: Sequence[DigestPart]) -> Wording:
            lines, bare = [part.line for part in parts], any(part.plain for part in parts)
            return measured(digest(lines, number or 0, replace(style, bare=bare), more=outgoing.more))

        message = self._message(outgoing, person, worded(outgoing.parts), token, number)
        return Digest(message=message, parts=outgoing.parts, word=worded)

    def reworded(self, message: SmsMessage, late: OutdatedMessage | None, person: Person) -> dict[int, Wording]:
        """Other words for a message that is late by now: as it would be worded today, with the link that it has."""
        if late is None:
            return {}
        wording = self._word(late.due, self._style(person, late.token))
        return {message.id: wording} if wording.text != message.text else {}

    def _message(
        self, outgoing: Outgoing, person: Person, wording: Wording, token: Token | None, digest: int | None = None
    ) -> SmsMessage:
        first = outgoing.due.page if outgoing.due else outgoing.parts[0]
        kind = outgoing.due.page.kind if outgoing.due else outgoing.parts[0].line.kind
        number, tag = self.ids.next(self.now)
        if token:
            self.links[number] = token
        return SmsMessage(
            id=number,
            tag=tag,
            person=person.name,
            team=first.team,
            number=person.phones[min(first.phone, len(person.phones) - 1)].e164,  # a reload may have left fewer
            text=wording.text,
            segments=wording.segments,
            kind=kind.value,
            priority=outgoing.rank,
            due_at=self.now,
            lease_owner=self.lease.owner,
            lease_until=self.lease.until,
            asked_at=outgoing.since,
            created_at=self.now,
            account=self.lease.account,
            digest=digest,
            streak=outgoing.streak,
        )

    def _style(self, person: Person, token: str) -> Style:
        return Style(
            zone=person.time_zone,
            now=self.now,
            language=person.language,
            max_segments=self.roster.max_segments,
            short_number=self.account is not None and self.account.sender_for_response,
            link=link_to(self.address, token),
        )

    def _word(self, due: DueNotification, style: Style) -> Wording:
        """Word a page. What nobody foresaw must not keep it, and all pages behind it, from leaving."""
        page, team = due.page, self.roster.team(due.page.team)
        try:
            wording = word(page, due.incident, style, template=team.template, spent=time.thread_time)
        except Exception:
            log.exception("a text could not be composed", extra={"fields": {"page": page.id, "team": team.name}})
            number = f" #{page.incident_id}" if page.incident_id else ""
            return Wording(text=f"{page.kind.upper()} without text{number}: see alertsms", segments=1)
        if wording.error:
            self.metrics.templates_failed.labels(team.name).inc()
            event(log, logging.WARNING, "template failed, built-in text used", team=team.name, why=wording.error)
        return wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A message that stands for several pages."""

    message: SmsMessage
    parts: Sequence[DigestPart]
    word: Callable[[Sequence[DigestPart]], Wording]

    def claim(self, tx: Connection) -> SmsMessage | None:
        """Claim its pages; where some of them resolved since they were read, the text says only what is left."""
        ours = notifications.claim_together(tx, [part.id for part in self.parts], self.message.id)
        if len(ours) == len(self.parts) or not ours:
            return self.message if ours else None
        left = [part for part in self.parts if part.id in ours]
        wording, first = self.word(left), left[0].line
        return replace(
            self.message,
            text=wording.text,
            segments=wording.segments,
            kind=first.kind.value,
            priority=first.rank,
        )


@dataclass(kw_only=True, slots=True)
class ClaimBatch:
    """What one round claims."""

    planned: PlannedRound
    rules: DigestRules
    links: dict[int, Token]  # by message id
    new: dict[int, SmsMessage] = field(default_factory=dict)  # by page id
    several: dict[int, Digest] = field(default_factory=dict)  # by message id
    old: list[SmsMessage] = field(default_factory=list)
    reworded: dict[int, Wording] = field(default_factory=dict)  # by message id: other words for some of the old ones
    gone: list[Outgoing] = field(default_factory=list)  # to people and numbers that a reload took away
    stale: list[Outgoing] = field(default_factory=list)  # what an answer did, too late or while credits are short
    # People to whom another replica sends just now, or sent something since the plan.
    outdated: set[str] = field(default_factory=set)

    def claim(self, tx: Connection, lease: Lease, roster: Roster, now: datetime) -> tuple[list[SmsMessage], list[str]]:
        """Claim what is still there to be claimed.

        Returns the messages that are ours now, and the teams of those that were cancelled: nobody has their number.
        """
        cancelled = [*self._readdress(tx, roster, now), *self._drop(tx)] if self.gone or self.stale else []
        new = self.new
        if tx.dialect.name != "sqlite":  # from an SQLite file nobody else sends
            self._compare(tx, now)
            new = {page: message for page, message in new.items() if message.person not in self.outdated}
        claimed = notifications.claim(tx, new) if new else []
        if len(claimed) < len(new) and tx.dialect.name != "sqlite":  # cancelled since, or held: planned again
            self.outdated |= {message.person for message in new.values() if message not in claimed}
        for several in self.several.values():
            if several.message.person not in self.outdated and (message := several.claim(tx)):
                claimed.append(message)
        if claimed:
            messages.add(tx, claimed)
        if self.links:
            links = [(self.links.get(message.id), message.text) for message in claimed]
            tokens.add(tx, [link for link, text in links if link and link.token in text])
        if self.old:
            claimed += self._claim_old(tx, lease, now)
        for person, plan in self.planned.waits.items():
            if person not in self.outdated:
                _put_off(tx, person, plan, roster, now)
        return claimed, cancelled

    def _claim_old(self, tx: Connection, lease: Lease, now: datetime) -> list[SmsMessage]:
        claimed: list[SmsMessage] = []
        for state in (MessageState.QUEUED, MessageState.UNKNOWN):
            ids = [message.id for message in self.old if message.state is state]
            claimed += messages.claim(tx, state, ids, lease, now) if ids else []
        return digests.reword(tx, claimed, self.reworded) if self.reworded else claimed

    def _readdress(self, tx: Connection, roster: Roster, now: datetime) -> Iterator[str]:
        """Page the teams of today in the place of people and numbers that a reload took away; yields as _drop."""
        for outgoing in self.gone:
            page = outgoing.due.page if outgoing.due else None
            if outgoing.message and notifications.readdress(tx, outgoing.message.id, now):
                yield outgoing.message.team
            elif page and notifications.cancel(tx, page.id) and page.kind is NotificationKind.PAGE:
                team = roster.team(page.team)
                people = team.first(now) if page.step == FALLBACK_STEP else team.step(page.step).people(now)
                recipients.add(tx, [replace(page, person=person.name, due_at=now, phone=0) for person in people])

    def _drop(self, tx: Connection) -> Iterator[str]:
        """The team of each stale message that waited; "" where none carried the page yet."""
        for outgoing in self.stale:
            if outgoing.message and messages.cancel(tx, outgoing.message.id):
                yield outgoing.message.team
            elif outgoing.due and notifications.cancel(tx, outgoing.due.page.id):
                yield ""

    def _compare(self, tx: Connection, now: datetime) -> None:
        """Find the people whose plan does not hold any more; the lock keeps the others' so until the commit."""
        ours = digests.lock(tx, self.planned.traffic) if self.planned.traffic else set()
        self.outdated = self.planned.traffic.keys() - ours
        for person in ours:
            ranks, traffic = self.planned.traffic[person]
            latest = notifications.recent_traffic(tx, person, ranks, self.rules, now)
            if len(traffic.sent) != len(latest.sent) or traffic.recent_pages != latest.recent_pages:
                self.outdated.add(person)


def _put_off(tx: Connection, person: str, plan: DigestPlan, roster: Roster, now: datetime) -> None:
    """Let it wait. What waits for credits may wait for days: other channels are told at once."""
    leaving = [notification.page.id for notification in plan.singles]
    for rank, until in plan.later.items():
        why = plan.why.get(rank)
        if why is HoldReason.RESERVE:
            fallback.unsent(tx, digests.unsaved(tx, person, rank, now), roster.team, now)
        digests.put_off(tx, person, rank, until, now, leaving, why)


def recompose(store: Store, metrics: Metrics, before: datetime, now: datetime) -> None:
    """Take apart what was composed before then and never left: it leaves in other words."""
    while teams := store.transact(lambda tx: notifications.requeue_outdated(tx, before, now, ROWS)):
        for team in teams:
            metrics.sms.labels(team, "cancelled").inc()
        if len(teams) < ROWS:
            return
