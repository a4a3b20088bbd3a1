"""Phone numbers that proved to be their person's: somebody answered from there, used a link, or saw the SMS arrive.

Another sender has to prove itself anew: operators let one name through, and not the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from alertsms.core.routing.roster import Roster
from alertsms.store import settings
from alertsms.store.schema import EPOCH, confirmations, insert_into

SENDER = "sender"  # fact: what phones see, since when


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Whose a number was, and when that was shown."""

    person: str
    at: datetime


def confirm(tx: Connection, number: str, person: str, now: datetime) -> bool:
    """Remember that a number (E.164) reaches its person; false where that was known."""
    row = insert_into(confirmations, tx.dialect.name).values(number=number, person=person, at=now)
    other = or_(confirmations.c.person != person, confirmations.c.at < _since(tx))
    row_of = row.on_conflict_do_update(index_elements=["number"], set_={"person": person, "at": now}, where=other)
    return tx.execute(row_of.returning(confirmations.c.number)).first() is not None


def confirm_only(tx: Connection, roster: Roster, person: str, now: datetime) -> bool:
    """The same for somebody who used the link of a page: it says nothing where that person has several numbers."""
    known = roster.people.get(person)
    return known is not None and len(known.phones) == 1 and confirm(tx, known.phones[0].e164, person, now)


def confirmed(tx: Connection) -> dict[str, Confirmation]:
    """By number, what has been confirmed since the sender changed."""
    rows = tx.execute(
        select(confirmations.c.number, confirmations.c.person, confirmations.c.at).where(
            confirmations.c.at >= _since(tx)
        )
    )
    return {number: Confirmation(person=person, at=at) for number, person, at in rows}


def note_sender(tx: Connection, sender: str, now: datetime) -> None:
    """Remember what phones see as the sender. The first one that is noted has always been."""
    known = settings.get(tx, SENDER)
    if known != sender:
        settings.put(tx, SENDER, sender, EPOCH if known is None else now)


def _since(tx: Connection) -> datetime:
    return settings.when(tx, SENDER) or EPOCH


def unconfirmed(tx: Connection, roster: Roster, sender: str = "") -> list[tuple[str, str]]:
    """Person and masked number of each phone of the configuration that nobody confirmed as theirs.

    With a `sender` that no server has used yet, nobody has.
    """
    new = sender and settings.get(tx, SENDER) not in (None, sender)
    known = {} if new else confirmed(tx)
    return [
        (person.name, phone.masked)
        for person in roster.people.values()
        for phone in person.phones
        if phone.e164 not in known or known[phone.e164].person != person.name
    ]
