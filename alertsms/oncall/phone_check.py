"""Asks each phone of a person whether it is theirs: by a link, or by an answer where the sender can be answered.

A sender that is a name cannot be answered: whoever sends the SMS may see it arrive, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, select

from alertsms.core.routing.roster import Roster
from alertsms.core.schedules.person import Person
from alertsms.core.text.link import link_to
from alertsms.ovh.sms import SmsAccount
from alertsms.store import apply, tokens, verified_phones
from alertsms.store.engine import Store, StoreError
from alertsms.store.schema import page_table
from alertsms.store.tokens import Token

QUESTION = "alertsms pages {name} on this phone."
ANY_QUESTION = QUESTION.format(name="%") + "%"  # as SQL's LIKE knows it
HOW = " To confirm, {how}"


class PhoneCheck:
    """What `alertsms send --confirm` has done."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
        address: Callable[[], str],
        outlet: Callable[[], SmsAccount],
    ) -> None:
        """`address` is where phones reach us, "" for nowhere; SMS leave by `outlet`."""
        self._store, self._clock, self._wake, self._address, self._outlet = store, clock, wake, address, outlet

    @property
    def possible(self) -> bool:
        """Whether a phone has any way to confirm."""
        return bool(self._address()) or self._outlet().inbox is not None

    def ask(self, person: Person) -> Sequence[int]:
        """Write the question to each of a person's numbers; returns the pages. Raises StoreError."""
        now = self._clock()
        links = bool(self._address()) and not self._outlet().sender_for_response  # a short number refuses links
        asked = [
            Token(token=tokens.new(), person=person.name, number=phone.e164, created_at=now) for phone in person.phones
        ]
        texts = [QUESTION.format(name=person.name) + self._how(token.token if links else "") for token in asked]

        def work(tx: Connection) -> list[int]:
            tokens.add(tx, asked if links else [])
            return [apply.page_by_hand(tx, person.name, words, now, phone=place) for place, words in enumerate(texts)]

        numbers = self._store.transact(work)
        self._wake()
        return numbers

    def _how(self, token: str) -> str:
        ways = ["answer OK"] if self._outlet().inbox else []
        ways += [f"open {link_to(self._address(), token)}"] if token else []
        return HOW.format(how=" or ".join(ways)) if ways else ""

    def note(self) -> None:
        """Note what phones see as the sender: what was confirmed before another one does not count."""
        sender, now = self._outlet().shows, self._clock()
        with suppress(StoreError):  # the next reload or start notes it
            self._store.transact(lambda tx: verified_phones.note_sender(tx, sender, now))

    def seen(self, roster: Roster, page: int) -> bool:
        """Take somebody's word that the phone of a page showed its SMS; false for nobody's page. Raises StoreError."""
        now = self._clock()

        def work(tx: Connection) -> bool:
            row = tx.execute(select(page_table.c.person, page_table.c.phone).where(page_table.c.id == page)).first()
            person = roster.people.get(row.person) if row else None
            if row is None or person is None or row.phone >= len(person.phones):
                return False
            verified_phones.confirm(tx, person.phones[row.phone].e164, person.name, now)
            return True

        return self._store.transact(work)
