"""What OVHcloud took of an installation and its store does not know, since a backup was put in the store's place."""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, text

from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState
from alertsms.core.incidents.replay import SLACK, ReplayedSms, SentPage, replay
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import Notification, NotificationKind, NotificationState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.gsm7 import measure, transliterate
from alertsms.core.text.subject import name_of
from alertsms.store import history, incidents, messages, notifications, recipients, settings
from alertsms.store.messages import ALPHABET, LOW, Lease, SmsMessage
from alertsms.store.schema import (
    BY_SMS,
    EPOCH,
    MICROSECOND,
    fact_table,
    incident_table,
    insert_into,
    message_table,
    notification_table,
    state_is,
)

INSTALLATION, UNREAD, RESTORED = "installation", "history_unread", "restored"  # facts
JUMP = 1000  # numbers: so many incidents may have been opened that no SMS tells of
FARTHEST = 1_000_000  # a number beyond that is a word of some alert's, not one of ours
SEQUENCE = "pg_get_serial_sequence('incidents', 'id')"
NAME_COMPARED = 12  # letters and digits: an SMS may cut a name
NUMBER = re.compile(r"#([0-9]{1,9})(?![0-9])")

# When the store was last written to, in microseconds; the same words for a file that no server has open.
LAST_WRITTEN = (
    "SELECT max(at) FROM (SELECT max(at) AS at FROM facts WHERE key NOT IN ('restored', 'logout:all')"
    " UNION ALL SELECT at FROM (SELECT created_at AS at FROM pages ORDER BY id DESC LIMIT 1) AS page"
    " UNION ALL SELECT at FROM (SELECT created_at AS at FROM messages ORDER BY id DESC LIMIT 1) AS message)"
    " AS every_one"
)


def last_written(tx: Connection) -> datetime | None:
    """When the last run, whichever wrote this store, was alive for sure."""
    at = tx.scalar(text(LAST_WRITTEN))
    return None if at is None else EPOCH + int(at) * MICROSECOND


def installation(tx: Connection, now: datetime) -> tuple[str, bool]:
    """The four characters that each tag begins with, and whether they were made just now.

    The first is a digit or one of a to l: no tag of version 0 begins so.
    """
    made = secrets.choice(ALPHABET[:22]) + "".join(secrets.choice(ALPHABET) for _ in range(3))
    known = settings.get(tx, INSTALLATION)
    if known is None:
        row = insert_into(fact_table, tx.dialect.name).values(key=INSTALLATION, value=made, at=now)
        tx.execute(row.on_conflict_do_nothing())
    return settings.get(tx, INSTALLATION) or made, known is None


def unread(tx: Connection, now: datetime) -> datetime:
    """Since when OVHcloud's list is to be compared; remembered until that is done, however often it starts."""
    known = settings.when(tx, UNREAD)
    since = known or min(last_written(tx) or now, now)
    if known is None:
        settings.put(tx, UNREAD, "", since)
    return since


def done(tx: Connection) -> None:
    """All accounts have been compared."""
    settings.prune(tx, UNREAD, [])
    settings.prune(tx, RESTORED, [])


def known_ids(tx: Connection, account: str, since: datetime) -> set[int]:
    """The ids that OVHcloud gave by this account for what the store has, since then."""
    taken = (message_table.c.account == account, message_table.c.created_at >= since)
    known = select(message_table.c.ovh_id).where(*taken, message_table.c.ovh_id.isnot(None))
    return set(tx.execute(known).scalars())


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedSms:
    """An SMS of this installation as OVHcloud lists it."""

    tag: str
    ovh_id: int
    number: str  # digits
    text: str
    at: datetime  # as its tag says
    id: int  # of the message, as its tag says
    delivered_at: datetime | None = None  # where its receipt says that a phone has it


def id_of(tag: str, installation: str) -> int | None:
    """The id of the message that an installation gave this tag; None for a tag of anybody else's."""
    digits = tag.removeprefix(installation)
    if len(digits) != 12 or len(tag) == 12 or not set(digits) <= set(ALPHABET):
        return None
    low = int(digits[8:], 36)
    return int(digits[:8], 36) << LOW | low if low < 1 << LOW else None


def made_at(number: int) -> datetime:
    """When the message with this id was made."""
    return EPOCH + timedelta(milliseconds=number >> LOW)


def states(tx: Connection, tags: Collection[str]) -> dict[str, SmsMessage]:
    """What the store has by these tags."""
    return {
        row["tag"]: messages.message(row)
        for group in incidents.groups(tags)
        for row in tx.execute(select(message_table).where(message_table.c.tag.in_(group))).mappings()
    }


def settle(tx: Connection, waiting: SmsMessage, listed: ListedSms, now: datetime, receipt_in: timedelta) -> bool:
    """A message that waits to be sent has left: OVHcloud lists its tag. False where somebody else holds it by now."""
    lease = Lease(owner="comparison", until=now, account=waiting.account)
    return any(
        messages.sent(tx, mine, now, ovh_id=listed.ovh_id, receipt_in=receipt_in) is not None
        for mine in messages.claim(tx, MessageState.QUEUED, [waiting.id], lease, now)
    )


@dataclass(kw_only=True, slots=True)
class Caught:
    """What one comparison changed."""

    unknown: int = 0  # SMS that the store did not know
    had: int = 0  # pages that waited and had left
    highest: int = 0  # number that those SMS tell of
    settled: int = 0  # messages that waited and had left
    certain: int = 0  # of them, those that this store knows had not left

    @property
    def older(self) -> bool:
        """Whether the store is older than what left."""
        return self.unknown > 0 or self.certain > 0


def adopt(
    tx: Connection, roster: Roster, account: str, strange: Sequence[ListedSms], ours: Iterable[ListedSms], now: datetime
) -> Caught:
    """Take over SMS that the store does not know, and with them the pages that wait to be sent and had left.

    Open incidents go on from the step that `ours` tell of, those known here included.
    """
    caught = Caught(unknown=len(strange))
    people = {_digits(phone.e164): person.name for person in roster.people.values() for phone in person.phones}
    ordered = sorted(strange, key=lambda listed: listed.id)
    rows = [_message(listed, people.get(listed.number, ""), roster, account) for listed in ordered]
    for group in incidents.groups(rows):
        messages.add(tx, group)
    farthest = last_number(tx) + FARTHEST
    caught.highest = max(
        (number for listed in ordered for number in _numbers(listed.text) if number <= farthest), default=0
    )
    for row, carried in _had(tx, roster, list(zip(ordered, rows, strict=True))):
        caught.had += len(notifications.claim_together(tx, carried, row.id))
        incidents.note_paged(tx, row.id, now)
    _go_through(tx, roster, ours, now)
    for row in rows:
        messages.note_attempt(tx, row, now, "found", f"OVH id {row.ovh_id}, tag {row.tag}")
        messages.follow(tx, row.id, now)
    return caught


def _go_through(tx: Connection, roster: Roster, left: Iterable[ListedSms], now: datetime) -> None:
    """Bring open incidents to the step that these SMS tell of: it is not to be paged a second time."""
    by_number: defaultdict[int, list[ListedSms]] = defaultdict(list)
    for listed in left:
        for number in _numbers(listed.text):
            by_number[number].append(listed)
    for group in incidents.groups(sorted(by_number)):
        for incident in incidents.get(tx, group):
            named = [
                listed
                for listed in by_number[incident.id]
                if _names(listed, incident.labels) and incident.opened_at <= listed.at + SLACK
            ]
            if named and incident.state is IncidentState.OPEN:
                _go_on(tx, roster, incident, named, now)


def _go_on(tx: Connection, roster: Roster, incident: Incident, named: Iterable[ListedSms], now: datetime) -> None:
    team = roster.team(incident.team)
    second = roster.team(team.fallback.team) if team.fallback.team else team
    named_by = [ReplayedSms(at=listed.at, number=f"+{listed.number}", message=listed.id) for listed in named]
    stand = replay(incident, team, named_by, second.first(now) if second != team else (), now)
    if stand.pages:
        incidents.save(tx, [Change(incident=stand.incident, reason=IncidentReason.TIMER)])
        sent = [_sent_page(page, second.name if page.fallback else team.name) for page in stand.pages]
        missed = replace(sent[-1], due_at=now, state=NotificationState.QUEUED, message_id=None)
        recipients.add(tx, [*sent, *(replace(missed, person=name) for name in stand.missed)])


def _sent_page(sent: SentPage, team: str) -> Notification:
    page = recipients.page_of(sent.incident, sent.person, sent.sms.at, note="", behind=team if sent.fallback else "")
    return replace(page, team=team, state=NotificationState.CLAIMED, message_id=sent.sms.message)


def _message(left: ListedSms, person: str, roster: Roster, account: str) -> SmsMessage:
    return SmsMessage(
        id=left.id,
        tag=left.tag,
        person=person,
        team=roster.route.team.name,
        number=f"+{left.number}",
        text=left.text,
        segments=measure(left.text).segments,
        kind=NotificationKind.PAGE.value,
        priority=0,
        state=MessageState.DELIVERED if left.delivered_at else MessageState.SENT,
        due_at=left.at,
        lease_owner="",
        ovh_id=left.ovh_id,
        asked_at=left.at,
        created_at=left.at,
        sent_at=left.at,
        account=account,
        delivered_at=left.delivered_at,
        poll_at=None if left.delivered_at else left.at,
        dlr=1 if left.delivered_at else None,
    )


def _had(
    tx: Connection, roster: Roster, left: Sequence[tuple[ListedSms, SmsMessage]]
) -> list[tuple[SmsMessage, list[int]]]:
    """The pages that wait though an SMS to a number of their person names their incident, by the first such SMS."""
    told: defaultdict[tuple[str, int], list[tuple[ListedSms, SmsMessage]]] = defaultdict(list)
    for listed, row in left:
        for number in _numbers(listed.text):
            told[listed.number, number].append((listed, row))
    carried: defaultdict[int, list[int]] = defaultdict(list)
    for group in incidents.groups({number for _, number in told}):
        for page in tx.execute(_WAITING, {"numbers": group}).mappings():
            person = roster.people.get(page["person"])
            carrying = [
                row.id
                for phone in (person.phones if person else ())
                for listed, row in told.get((_digits(phone.e164), page["incident_id"]), ())
                if _names(listed, page["labels"]) and page["created_at"] <= listed.at + SLACK
            ]
            if carrying:
                carried[min(carrying)].append(page["id"])
    return [(row, carried[row.id]) for _, row in left if row.id in carried]


_WAITING = (
    select(
        notification_table.c.id,
        notification_table.c.incident_id,
        notification_table.c.person,
        notification_table.c.created_at,
        incident_table.c.labels,
    )
    .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
    .where(state_is(notification_table.c.state, NotificationState.QUEUED), BY_SMS)
    .where(notification_table.c.incident_id.in_(bindparam("numbers", expanding=True)))
)


def _names(left: ListedSms, labels: Mapping[str, str]) -> bool:
    """Whether an SMS holds the name of an alert, as far as an SMS shows it."""
    return _bare(transliterate(name_of(labels)[:200]))[:NAME_COMPARED] in _bare(left.text)


def _bare(words: str) -> str:
    return "".join(filter(str.isalnum, words)).lower()


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number)).removeprefix("00")


def _numbers(words: str) -> set[int]:
    return {int(number) for number in NUMBER.findall(words)}


def last_number(tx: Connection) -> int:
    """The highest number that this store knows to be given."""
    known = history.newest(tx)
    if tx.dialect.name == "postgresql":
        return max(known, int(tx.execute(text(f"SELECT nextval({SEQUENCE})")).scalar_one()))
    return max(known, tx.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'incidents'")) or 0)


def number_on(tx: Connection, highest: int) -> int:
    """Let incidents and digests be numbered from far behind every number that may have been given; returns the next.

    `highest`: that SMS tell of.
    """
    last = max(last_number(tx), highest) + JUMP
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"SELECT setval({SEQUENCE}, :last)"), {"last": last})
    else:
        tx.execute(text("DELETE FROM sqlite_sequence WHERE name = 'incidents'"))
        tx.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES ('incidents', :last)"), {"last": last})
    return last + 1


def waits(tx: Connection) -> int:
    """How many pages wait to be sent."""
    return (
        tx.scalar(select(func.count()).where(state_is(notification_table.c.state, NotificationState.QUEUED), BY_SMS))
        or 0
    )
