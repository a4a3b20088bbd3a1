"""Asks each phone of a person whether it is theirs: by a link, or by an answer where the sender can be answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from alertsms.core.alert import Severity
from alertsms.core.link import link_to
from alertsms.core.page import Kind, Page, priority
from alertsms.core.person import Person
from alertsms.outlet import Outlet
from alertsms.store import pages, tokens
from alertsms.store.engine import Store
from alertsms.store.tokens import Token

QUESTION = "alertsms pages {name} on this phone. To confirm, {how}"


class Confirming:
    """What `alertsms send --confirm` has done."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime], wake: Callable[[], None],
                 address: Callable[[], str], outlet: Callable[[], Outlet]) -> None:  # fmt: skip
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
        rank = priority(Kind.NOTICE, Severity.CRITICAL)
        rows = [
            Page(person=person.name, team="", kind=Kind.NOTICE, priority=rank, due_at=now, created_at=now, nth=0,
                 phone=place, note=QUESTION.format(name=person.name, how=self._how(token.token if links else "")))
            for place, token in enumerate(asked)
        ]  # fmt: skip

        def work(tx: Connection) -> list[int]:
            tokens.add(tx, asked if links else [])
            return [pages.put(tx, row) for row in rows]

        numbers = self._store.transact(work)
        self._wake()
        return numbers

    def _how(self, token: str) -> str:
        ways = ["answer OK"] if self._outlet().inbox else []
        ways += [f"open {link_to(self._address(), token)}"] if token else []
        return " or ".join(ways)
