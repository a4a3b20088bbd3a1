"""The words of one round: notifications become messages, with links, and messages that are late get other words."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alertsms.core.incidents.incident import Incident, IncidentReason
from alertsms.core.messages.digest_plan import DueNotification
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.text.digest import digest
from alertsms.core.text.link import link_to
from alertsms.core.text.subject import Style, clock_time
from alertsms.core.text.wording import Wording, measured, word
from alertsms.delivery.claim import Digest, Outgoing
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.ovh.sms import SmsAccount
from alertsms.store import tokens
from alertsms.store.digests import DigestPart, OutdatedMessage
from alertsms.store.messages import Ids, Lease, SmsMessage
from alertsms.store.tokens import Token

log = logging.getLogger("alertsms.dispatcher")


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
    links: dict[int, Token]  # by message id, as they are made

    def single(self, parcel: Outgoing, due: DueNotification, person: Person) -> SmsMessage:
        """Word a page and make it a message of ours. The tag stays, and so does the text once it may have left."""
        page = due.page
        token = self._token(person, incident=due.incident) if page.kind is NotificationKind.PAGE else None
        wording = self._word(due, self._style(person, self._link(token)))
        return self._message(parcel, person, wording, token, digest=None)

    def digest(self, parcel: Outgoing, person: Person, number: int | None) -> Digest:
        """Word several pages as one message."""
        token = self._token(person, digest=number)
        of = clock_time(parcel.backup_of, person.time_zone, self.now) if parcel.backup_of else ""
        style = replace(self._style(person, self._link(token)), backup_of=of)

        def worded(parts: Sequence[DigestPart]) -> Wording:
            lines, bare = [part.line for part in parts], any(part.plain for part in parts)
            return measured(digest(lines, number or 0, replace(style, bare=bare), more=parcel.more))

        message = self._message(parcel, person, worded(parcel.parts), token, digest=number)
        return Digest(message=message, parts=parcel.parts, word=worded)

    def reworded(self, message: SmsMessage, late: OutdatedMessage | None, person: Person) -> dict[int, Wording]:
        """Other words for a message that is late by now: as it would be worded today, with the link that it has."""
        if late is None:
            return {}
        wording = self._word(late.due, self._style(person, link_to(self.address, late.token)))
        return {message.id: wording} if wording.text != message.text else {}

    def _message(
        self, parcel: Outgoing, person: Person, wording: Wording, token: Token | None, *, digest: int | None
    ) -> SmsMessage:
        team, kind, phone = parcel.first
        number, tag = self.ids.next(self.now)
        if token:
            self.links[number] = token
        return SmsMessage(
            id=number,
            tag=tag,
            person=person.name,
            team=team,
            number=person.phones[min(phone, len(person.phones) - 1)].e164,  # a reload may have left fewer
            text=wording.text,
            segments=wording.segments,
            kind=kind.value,
            priority=parcel.rank,
            due_at=self.now,
            lease_owner=self.lease.owner,
            lease_until=self.lease.until,
            asked_at=parcel.since,
            created_at=self.now,
            account=self.lease.account,
            digest=digest,
            streak=parcel.streak,
        )

    def _token(self, person: Person, *, incident: Incident | None = None, digest: int | None = None) -> Token | None:
        """A link for somebody; None where there is nothing to answer, or nobody could open one."""
        if not self.address or (incident is None and digest is None):
            return None
        if incident and incident.reason is IncidentReason.TEST:
            return None
        number = incident.id if incident else None
        return Token(token=tokens.new(), person=person.name, incident_id=number, digest=digest, created_at=self.now)

    def _link(self, token: Token | None) -> str:
        return link_to(self.address, token.token) if token else ""

    def _style(self, person: Person, link: str) -> Style:
        return Style(
            zone=person.time_zone,
            now=self.now,
            language=person.language,
            max_segments=self.roster.max_segments,
            short_number=self.account is not None and self.account.sender_for_response,
            link=link,
        )

    def _word(self, due: DueNotification, style: Style) -> Wording:
        """Word a page. What nobody foresaw must not keep it, and all pages behind it, from leaving."""
        team = self.roster.team(due.page.team)
        try:
            wording = word(due.page, due.incident, style, template=team.template, spent=time.thread_time)
        except Exception:
            log.exception("a text could not be composed", extra={"fields": {"page": due.page.id, "team": team.name}})
            number = f" #{due.page.incident_id}" if due.page.incident_id else ""
            return Wording(text=f"{due.page.kind.upper()} without text{number}: see alertsms", segments=1)
        if wording.error:
            self.metrics.templates_failed.labels(team.name).inc()
            event(log, logging.WARNING, "template failed, built-in text used", team=team.name, why=wording.error)
        return wording
