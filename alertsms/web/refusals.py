"""What is refused at the door, and who is notified: a sender whose body is refused believes that it pages people.

A sender that was let in is an incident of the root team. A stranger shall cause no SMS, nor somebody from outside where
no secret is asked for: the fallback's channels are notified.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

from flask import request

from alertsms.context import Context, after_commit
from alertsms.core.alerts.alert import Alert
from alertsms.core.alerts.payload import Payload
from alertsms.core.incidents.refusal import OTHERS, SENDERS, BodySender, glimpse, plain, refused, sender, skipped
from alertsms.core.messages.notification import NoticeBySms
from alertsms.logs import event
from alertsms.store import fallback
from alertsms.store.apply import receive
from alertsms.store.error import StoreError
from alertsms.web.guard import Guard, Refused, shown

log = logging.getLogger("alertsms.webhook")

Stranger = tuple[BodySender, str]  # who came, for what
NOTICE_EVERY = timedelta(hours=1)
SEE = "the log says why"  # not here: the sentence may quote what was sent
MOST_NOTICES = 3  # about strangers, in that time; one more says that there are others


class Refusals:
    """Refuses requests, and notifies of it."""

    def __init__(self, *, context: Context, wake: Callable[[], None], guard: Guard) -> None:
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._metrics, self._wake, self._guard = context.metrics, wake, guard
        self._notified: dict[Stranger, datetime] = {}  # strangers that the channels of the fallback were notified of
        self._lock = threading.Lock()
        context.clock.on_step.append(self._shift)

    def _shift(self, step: timedelta) -> None:
        """The machine's clock was set: an hour lasts an hour."""
        with self._lock:
            self._notified = {stranger: at + step for stranger, at in self._notified.items()}

    def refuse(self, status: int, sentence: str, raw: bytes) -> Refused:
        """Refuse a body of a sender that was let in, once that is an incident; where it cannot be stored, with 503.

        Alertmanager does not send again what got a 4xx: that is final only when somebody is notified.
        """
        by, now, roster = self.posted_by(), self._clock(), self._roster()
        event(
            log,
            logging.ERROR,
            "webhook refused",
            status=status,
            why=sentence,
            sender=by.words,
            path=by.path,
            peer=request.remote_addr,
        )
        if self._guard.reach.gate.open and self._guard.outside:  # it showed no secret, since none is asked for
            words = f"a webhook of {by.unknown.words} was refused ({status}), from outside and without a secret: {SEE}"
            self._notify((by.unknown, f"refused {status}"), words)
            return Refused(status, sentence)
        alert = refused(by, status, sentence, glimpse(raw))
        try:
            self._store.whole()
            applied = self._store.transact(lambda tx: receive(tx, [], roster, now, [alert]))
        except StoreError as error:
            event(log, logging.ERROR, "webhook not stored", why=str(error), refused=status)
            return Refused(503, f"{sentence} That could not be stored, send it again: {error}.")
        after_commit(applied, self._metrics, self._wake)
        return Refused(status, sentence)

    def stranger(self, why: str, what: str = "webhook") -> None:
        """Somebody was not let in: a sender whose secret was changed here, or a stranger, who shall cause no SMS."""
        by = self.posted_by().unknown
        words = f"a {what} of {by.words} was not let in ({why}): if it is yours, nobody is paged by it"
        self._notify((by, what), words)

    def nowhere(self, name: str) -> None:
        """A sign of life came for a heartbeat that is none: whoever sends it believes that its absence pages people."""
        by, what = replace(self.posted_by().unknown, path=""), f"heartbeat {plain(name)}"
        self._notify((by, what), f"{by.words} sends the {what}, which is none of the configuration")

    def _notify(self, stranger: Stranger, words: str) -> None:
        """Notify the fallback of a stranger once an hour, of three at most, then that there are others."""
        now, roster = self._clock(), self._roster()
        place = self._place(stranger, now)
        if place is None:
            return
        text = words if place == stranger else f"and others within the hour, the first of them: {words}"
        key = f"refused:401:{blake2b(repr(place).encode(), digest_size=8).hexdigest()}"
        notice = partial(fallback.notice, key=key, every=NOTICE_EVERY, text=text, now=now, sms=NoticeBySms.NEVER)
        try:
            if self._store.transact(lambda tx: notice(tx, roster)):
                self._wake()
        except StoreError as error:
            self._notified.pop(place, None)  # the next one is to be tried
            event(log, logging.ERROR, "nobody could be told", why=str(error))

    def _place(self, stranger: Stranger, now: datetime) -> Stranger | None:
        with self._lock:
            self._notified = {known: at for known, at in self._notified.items() if now - at < NOTICE_EVERY}
            if stranger in self._notified or len(self._notified) > MOST_NOTICES:
                return None
            place = stranger if len(self._notified) < MOST_NOTICES else (BodySender(), OTHERS)
            self._notified[place] = now
            return place

    def left_out(self, body: Payload) -> list[Alert]:
        """The alerts about those of a body that have no labels."""
        by = self.posted_by()
        by = by if by.agent in SENDERS else replace(by, agent=str(body.source.format))
        return [skipped(by, words) for words in dict.fromkeys(body.unlabelled)]

    def posted_by(self) -> BodySender:
        """Who sent this request."""
        return sender(shown(request.path), request.headers.get("User-Agent", ""), self._guard.address)
