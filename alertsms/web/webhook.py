"""The door for alerts: a body in, incidents and pages written in one transaction, and only then 202."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial

from flask import Response, request

from alertsms.context import Context, after_commit
from alertsms.core.alerts.payload import Payload, parse
from alertsms.core.incidents.incident import Applied
from alertsms.core.incidents.intake import Twins
from alertsms.core.incidents.refusal import LOOKED_AT, SENDERS, PayloadError
from alertsms.core.text.subject import log_fields
from alertsms.logs import event
from alertsms.store import settings
from alertsms.store.apply import receive
from alertsms.store.error import StoreError
from alertsms.web.admission import MAX_BODY
from alertsms.web.auth import WRONG_SIGNATURE
from alertsms.web.guard import OLDER, STORED, Guard, Refused, answer, shown
from alertsms.web.refusals import Refusals
from alertsms.web.request_parser import AHEAD, BROKEN, HINT, MOST_READ, SEEN, Broken, too_large

log = logging.getLogger("alertsms.webhook")

MAX_BODIES = 32  # inside intake at once
MOST_LOGGED = 20  # incidents of one body, a line each: a storm is not to fill the disk
MAX_STUCK = 8  # of these behind an alert that has been inside for STUCK_SECONDS: a stalled replica may hold it
STUCK_SECONDS = 0.3
MAX_WAITING = 64  # bodies before its door; more are answered 503 at once, so that health and metrics never queue
PATIENCE_SECONDS = 2.0  # before the door: Grafana does not come again soon
WARN_EVERY = timedelta(minutes=1)
PLAIN_NAMES = frozenset({"", "alertmanager", "grafana"})  # URLs of one source: they are told apart by the body


class Webhook:
    """POST /webhook and its other names."""

    def __init__(
        self,
        *,
        context: Context,
        wake: Callable[[], None],
        wake_heartbeats: Callable[[], None],
        refusals: Refusals,
        guard: Guard,
    ) -> None:
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._metrics, self._wake, self._wake_heartbeats = context.metrics, wake, wake_heartbeats
        self._refusals, self._guard, self._config = refusals, guard, context.config
        self._twins, self._comparing = Twins(), threading.Lock()
        self._warned_at: datetime | None = None  # of an alert that comes by two names
        self._places = threading.BoundedSemaphore(MAX_BODIES)
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)
        self._inside: dict[bytes, float] = {}  # the keys of alerts that are being stored, on PostgreSQL; since when
        self._entering, self._stuck = threading.Lock(), threading.BoundedSemaphore(MAX_STUCK)

    def post(self, name: str = "") -> Response:
        """Take one body: 202 once it is stored; 400, 401, 413, 422 and 503 carry a sentence for the operator."""
        source = "unknown"
        try:
            with self._place():
                body = self._read("" if name in PLAIN_NAMES else name)
                source = body.source.format.value
                applied = self._take(body)
        except Refused as refused:
            self._metrics.webhook_requests.labels(source, refused.status).inc()
            return refused.answer()
        except Exception:
            self._metrics.webhook_requests.labels(source, 503).inc()
            raise
        self._announce(body, applied)
        self._compare(body)
        summary = {
            "alerts": len(body.alerts),
            "incidents": [f"#{change.incident.id}" for change in applied.changes],
            "pages": applied.pages,
        }
        if body.unlabelled:
            summary["skipped"] = len(body.unlabelled)
        return answer(202, summary)

    def _read(self, name: str) -> Payload:
        raw = request.get_data(cache=False)  # the server has it in memory by now, and a signature covers it
        wrong = self._let_in(raw)
        if request.environ.get(AHEAD) and not wrong:  # by its headers it was not let in, and since then it is
            wrong = Broken(503, "The configuration has just changed: send it again.")
        if wrong and wrong.status == 503:  # its sender comes again
            raise Refused(*wrong)
        if wrong:
            raise self._refusals.refuse(*wrong, raw)
        roster = self._roster()
        try:
            return parse(raw, name=name, ignore_labels=roster.ignore_labels, show_labels=roster.show_labels)
        except PayloadError as error:
            raise self._refusals.refuse(error.status, error.message, raw) from error

    def _let_in(self, raw: bytes) -> Broken | None:
        """Judge the sender; returns what is wrong with the request before anybody reads its body. Raises Refused.

        A signature over a body that is not here whole can be neither right nor wrong.
        """
        broken: Broken | None = request.environ.get(BROKEN)
        size, wrong = request.environ.get(SEEN) or len(raw), broken
        if not broken and size > MAX_BODY:
            wrong = too_large(f"more than {size}" if size >= MOST_READ else size, MAX_BODY, HINT)
        verdict = self._guard.verdict(raw)
        if verdict.skewed:
            event(log, logging.WARNING, "the sender's clock differs from ours", seconds=verdict.skew)
        if verdict.ok:
            return wrong
        fix = verdict.fix or "Give the sender one of the secrets under `server` here."
        status, sentence, why = 401, f"Not let in: {verdict.reason}. {fix}", verdict.reason
        if wrong and verdict.reason == WRONG_SIGNATURE:
            (status, sentence), why = wrong, f"{wrong.status}, its signature cannot be checked"
        elif wrong and verdict.fix and broken:
            (status, sentence), why = wrong, f"{wrong.status}, {wrong.sentence}"  # who sent it stood in its head
        event(log, logging.ERROR, "webhook refused", status=status, why=why, peer=request.remote_addr)
        self._refusals.stranger(why)
        raise Refused(status, sentence)

    def stray(self, status: int, sentence: str) -> Response:
        """Refuse what was posted where no door is: its sender may well believe that it pages people."""
        raw = request.get_data(cache=False)
        broken: Broken | None = request.environ.get(BROKEN)
        if broken and broken.status == 503:  # what it was about nobody has read
            return self.unreadable(broken)
        try:
            with self._place():
                if self._believes(raw) or (not self._guard.reach.gate.open and self._guard.verdict(raw).ok):
                    wrong = self._let_in(raw)
                    raise self._refusals.refuse(*(wrong or (status, sentence)), raw)
                raise self.odd(status, sentence)
        except Refused as refused:
            self._metrics.webhook_requests.labels("unknown", refused.status).inc()
            return refused.answer()

    def _believes(self, raw: bytes) -> bool:
        """Whether a sender takes the path for a webhook: by /webhooks, /api/v2/alerts, its agent or its body."""
        known = self._refusals.posted_by().agent in SENDERS
        return known or bool(re.search("webhook|alert", request.path, re.IGNORECASE)) or b'"alerts"' in raw[:LOOKED_AT]

    def unreadable(self, broken: Broken) -> Response:
        """Refuse what is no request at all, or not one for a webhook."""
        self._metrics.webhook_requests.labels("unknown", broken.status).inc()
        return self.odd(broken.status, broken.sentence).answer()

    @staticmethod
    def odd(status: int, sentence: str) -> Refused:
        """Log a request that nobody need be told of."""
        event(
            log,
            logging.WARNING,
            "request refused",
            status=status,
            why=sentence,
            path=shown(request.path)[:80],
            peer=request.remote_addr,
        )
        return Refused(status, sentence)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold a place inside intake, for which a burst waits a little while. Raises Refused.

        What is refused by its headers needs none.
        """
        if request.environ.get(AHEAD):
            yield
            return
        if self._config.newer_intake:
            raise Refused(503, OLDER)
        inside = self._places.acquire(blocking=False)
        if not inside and self._waiting.acquire(blocking=False):
            try:
                inside = self._places.acquire(timeout=PATIENCE_SECONDS)
            finally:
                self._waiting.release()
        if not inside:
            raise Refused(503, f"{MAX_BODIES} bodies are being taken already: send it again.")
        try:
            yield
        finally:
            self._places.release()

    def _take(self, body: Payload) -> Applied:
        now, roster = self._clock(), self._roster()
        own = self._refusals.left_out(body) if body.unlabelled else []
        store = partial(receive, alerts=body.alerts, roster=roster, now=now, own=own)
        try:
            self._store.whole()
            with nullcontext() if self._store.sqlite else self._turn(body):
                applied = self._store.transact(store)
        except StoreError as error:
            event(log, logging.ERROR, "webhook not stored", why=str(error))
            raise Refused(503, f"Not stored, send it again: {error}.") from error
        if body.alerts or own:
            request.environ[STORED] = True
        return applied

    @contextmanager
    def _turn(self, body: Payload) -> Iterator[None]:
        """Let few bodies wait for an incident that a transaction holds for long: places stay free for the others.

        Raises Refused.
        """
        moment, keys, stuck = time.monotonic(), {alert.key for alert in body.alerts}, False
        with self._entering:
            first = keys - self._inside.keys()
            self._inside |= dict.fromkeys(first, moment)
            stuck = any(moment - self._inside[key] > STUCK_SECONDS for key in keys - first)
        try:
            if stuck and not self._stuck.acquire(blocking=False):
                raise Refused(503, "Another transaction holds an incident of these alerts: send it again.")
            try:
                yield
            finally:
                if stuck:
                    self._stuck.release()
        finally:
            with self._entering:
                for key in first:
                    del self._inside[key]

    def _compare(self, body: Payload) -> None:
        """Warn of alerts that come by two names of the webhook: in the log, on `/` and by `doctor`."""
        now = self._clock()
        with self._comparing:
            twin = self._twins.look(body, now)
            if not twin or (self._warned_at and now - self._warned_at < WARN_EVERY):
                return
            self._warned_at = now
        event(log, logging.WARNING, "alerts come by two names of the webhook", what=twin)
        try:
            self._store.transact(lambda tx: settings.put(tx, settings.TWIN, twin, now))
        except StoreError as error:  # the body itself is stored
            event(log, logging.ERROR, "a warning could not be kept", why=str(error))

    def _announce(self, body: Payload, applied: Applied) -> None:
        source = body.source.format.value
        self._metrics.webhook_requests.labels(source, 202).inc()
        for alert in body.alerts:
            self._metrics.alerts_received.labels(source, alert.status.value).inc()
        if body.unlabelled:
            self._metrics.alerts_skipped.labels(source).inc(len(body.unlabelled))
        if applied.stirs:
            self._wake_heartbeats()
        event(
            log,
            logging.INFO,
            "alerts received",
            source=source,
            name=body.source.name,
            alerts=len(body.alerts),
            incidents=len(applied.changes),
            pages=applied.pages,
            resting=applied.resting,
            skipped=len(body.unlabelled),
            truncated=body.truncated,
        )
        after_commit(applied, self._metrics, self._wake)
        for change in [change for change in applied.changes if change.write][:MOST_LOGGED]:
            incident, why = change.incident, change.reason.value
            more = {"state": incident.state.value, "why": why, "pages": change.pages}
            event(log, logging.INFO, "incident changed", **log_fields(incident), **more)
