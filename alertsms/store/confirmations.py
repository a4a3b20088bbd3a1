"""Phone numbers that proved to be their person's: somebody answered from there, or used a link that was sent there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from alertsms.core.roster import Roster
from alertsms.store.schema import confirmations, insert_into


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Whose a number was, and when that was shown."""

    person: str
    at: datetime


def confirm(tx: Connection, number: str, person: str, now: datetime) -> bool:
    """Remember that a number (E.164) reaches its person; false where that was known."""
    row = insert_into(confirmations, tx.dialect.name).values(number=number, person=person, at=now)
    other = confirmations.c.person != person
    told = row.on_conflict_do_update(index_elements=["number"], set_={"person": person, "at": now}, where=other)
    return tx.execute(told.returning(confirmations.c.number)).first() is not None


def confirm_only(tx: Connection, roster: Roster, person: str, now: datetime) -> bool:
    """The same for somebody who used the link of a page: it says nothing where that person has several numbers."""
    known = roster.people.get(person)
    return known is not None and len(known.phones) == 1 and confirm(tx, known.phones[0].e164, person, now)


def confirmed(tx: Connection) -> dict[str, Confirmation]:
    """By number, what has been confirmed."""
    rows = tx.execute(select(confirmations.c.number, confirmations.c.person, confirmations.c.at))
    return {number: Confirmation(person=person, at=at) for number, person, at in rows}


def unconfirmed(tx: Connection, roster: Roster) -> list[tuple[str, str]]:
    """Person and masked number of each phone of the configuration that nobody confirmed as theirs."""
    known = confirmed(tx)
    return [
        (person.name, phone.masked)
        for person in roster.people.values()
        for phone in person.phones
        if phone.e164 not in known or known[phone.e164].person != person.name
    ]
