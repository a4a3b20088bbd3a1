"""Asks each phone of a person whether it is theirs: by a link, or by an answer where the sender can be answered.

A sender that is a name cannot be answered: whoever sends the SMS may see it arrive, and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, select

from alertsms.context import Context
from alertsms.core.schedules.person import Person
from alertsms.core.text.subject import link_to
from alertsms.delivery.accounts import Accounts
from alertsms.store import answers, apply, phones, tokens
from alertsms.store.error import StoreError
from alertsms.store.schema import notification_table
from alertsms.store.tokens import Token

QUESTION = "alertsms pages {name} on this phone."
ANY_QUESTION = QUESTION.format(name="%") + "%"  # as SQL's LIKE knows it
HOW = " To confirm, {how}"


class PhoneCheck:
    """What `alertsms send --confirm` has done."""

    def __init__(self, *, context: Context, accounts: Accounts, wake: Callable[[], None]) -> None:
        self._context, self._accounts, self._wake = context, accounts, wake

    @property
    def possible(self) -> bool:
        """Whether a phone can confirm, by a link or by an answer."""
        return bool(self._context.config.current.server.external_url) or self._accounts.first.inbox is not None

    def ask(self, person: Person) -> Sequence[int]:
        """Write the question to each of a person's numbers; returns the pages. Raises StoreError."""
        now, account, url = (
            self._context.clock(),
            self._accounts.first,
            self._context.config.current.server.external_url,
        )
        links = bool(url) and not account.sender_for_response  # a short number refuses links
        questions = [
            Token(token=tokens.new(), person=person.name, number=phone.e164, created_at=now) for phone in person.phones
        ]
        texts = []
        for token in questions:
            hints = (["answer OK"] if account.inbox else []) + ([f"open {link_to(url, token.token)}"] if links else [])
            texts.append(QUESTION.format(name=person.name) + (HOW.format(how=" or ".join(hints)) if hints else ""))

        def work(tx: Connection) -> list[int]:
            tokens.add(tx, questions if links else [])
            return [apply.page_by_hand(tx, person.name, words, now, phone=place) for place, words in enumerate(texts)]

        numbers = self._context.store.transact(work)
        self._wake()
        return numbers

    def note_sender(self) -> None:
        """Note what phones see as the sender: what was confirmed before another one does not count."""
        sender, now = self._accounts.first.shows, self._context.clock()
        with suppress(StoreError):  # the next reload or start notes it
            self._context.store.transact(lambda tx: phones.note_sender(tx, sender, now))

    def confirm_shown(self, page: int) -> bool:
        """Take somebody's word that the phone of a page showed its SMS; false for nobody's page. Raises StoreError."""
        now, roster = self._context.clock(), self._context.roster()

        def work(tx: Connection) -> bool:
            row = tx.execute(
                select(notification_table.c.person, notification_table.c.phone).where(notification_table.c.id == page)
            ).first()
            person = roster.people.get(row.person) if row else None
            if row is None or person is None or row.phone >= len(person.phones):
                return False
            answers.confirm(tx, person.phones[row.phone].e164, person.name, now)
            return True

        return self._context.store.transact(work)
