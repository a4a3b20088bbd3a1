"""The door for alerts: a body in, incidents and pages written in one transaction, and only then 202."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from flask import Response, request
from sqlalchemy import Connection

from alertsms.core.decided import beating, contradicted, decided, resting
from alertsms.core.incident import Change
from alertsms.core.intake import Decision, decide
from alertsms.core.notice import Sms
from alertsms.core.payload import Body, PayloadError, parse
from alertsms.core.roster import Roster
from alertsms.core.story import Event
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.store import events, heartbeats, incidents, notices, pages
from alertsms.store.engine import Store, StoreError
from alertsms.web.answer import Refused, answer
from alertsms.web.auth import Gate

log = logging.getLogger("alertsms.webhook")

MAX_BODY = 16 * 1024 * 1024  # bytes
MAX_BODIES = 32  # inside intake at once
MAX_WAITING = 64  # bodies before its door; more are answered 503 at once, so that health and metrics never queue
PATIENCE_SECONDS = 2.0  # before the door: Grafana does not come again soon
NOTICE_EVERY = timedelta(hours=1)
PLAIN_NAMES = frozenset({"", "alertmanager", "grafana"})  # URLs of one source: they are told apart by the body


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """What one body did."""

    decision: Decision
    numbers: tuple[int, ...]
    written: pages.Written
    stirs: bool = False  # a heartbeat is back or over, which is to be told


class Webhook:
    """POST /webhook and its other names."""

    def __init__(self, *, store: Store, roster: Callable[[], Roster], gate: Callable[[], Gate], metrics: Metrics,
                 clock: Callable[[], datetime], wake: Callable[[], None],
                 stir: Callable[[], None]) -> None:  # fmt: skip
        """`wake` tells the dispatcher that there may be something to send, `stir` that a heartbeat has changed."""
        self._store, self._roster, self._gate = store, roster, gate
        self._metrics, self._clock, self._wake, self._stir = metrics, clock, wake, stir
        self._knocked_at: datetime | None = None  # when somebody without a secret was last told of
        self._places = threading.BoundedSemaphore(MAX_BODIES)
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)

    def post(self, name: str = "") -> Response:
        """Take one body: 202 once it is stored; 400, 401, 413, 422 and 503 carry a sentence for the operator."""
        source = "unknown"
        try:
            with self._place():
                raw = self._read()
                body = self._parse(raw, "" if name in PLAIN_NAMES else name)
                source = body.source.format.value
                received = self._take(body)
        except Refused as refused:
            self._metrics.webhook_requests.labels(source, refused.status).inc()
            return refused.answer()
        except Exception:
            self._metrics.webhook_requests.labels(source, 503).inc()
            raise
        self._tell(body, received)
        summary = {"alerts": len(body.alerts), "incidents": [f"#{number}" for number in received.numbers],
                   "pages": received.written.pages}  # fmt: skip
        if body.skipped:
            summary["skipped"] = body.skipped
        return answer(202, summary)

    def _read(self) -> bytes:
        """The body of an authenticated request of bearable size."""
        raw = request.get_data(cache=False)  # the server has it in memory by now, and a signature covers it
        verdict = self._gate().check(request.headers, raw)  # type: ignore[arg-type]  # Headers has get()
        if verdict.skewed:
            event(log, logging.WARNING, "the sender's clock differs from ours", seconds=verdict.skew)
        if not verdict.ok:
            event(log, logging.ERROR, "webhook refused", status=401, why=verdict.reason, peer=request.remote_addr)
            self._knocked(verdict.reason)
            raise Refused(401, f"Not let in: {verdict.reason}. Give the sender one of the secrets under `server` here.")
        if len(raw) > MAX_BODY:
            self._refuse(
                413,
                f"The body has {len(raw)} bytes, at most {MAX_BODY} are taken: set max_alerts, to 1000 for example, in"
                " the sender's webhook settings.",
            )
        return raw

    def _parse(self, raw: bytes, name: str) -> Body:
        try:
            body = parse(raw, name=name, ignore_labels=self._roster().ignore_labels)
        except PayloadError as error:
            if error.status == 400:
                event(log, logging.WARNING, "webhook refused", status=400, why=error.reason, peer=request.remote_addr)
                raise Refused(400, error.message) from error
            self._refuse(error.status, error.message)
        return body

    def _place(self) -> _Place:
        """A place inside; a burst waits for one a little while."""
        if self._places.acquire(blocking=False):
            return _Place(self._places)
        if self._waiting.acquire(blocking=False):
            try:
                if self._places.acquire(timeout=PATIENCE_SECONDS):
                    return _Place(self._places)
            finally:
                self._waiting.release()
        raise Refused(503, f"{MAX_BODIES} bodies are being taken already: send it again.")

    def _take(self, body: Body) -> Received:
        """Decide and store in one transaction. Raises Refused where it cannot be committed."""
        now, roster = self._clock(), self._roster()

        def page(tx: Connection) -> Received:
            known = incidents.find(tx, [alert.key for alert in body.alerts])
            decision = decide(body.alerts, known, roster, now)
            changes = incidents.save(tx, list(decision.changes.values()))
            written = pages.write(tx, changes, roster, now, decision.others)
            events.note(tx, _story(changes, decision, written, now))
            stirs = bool(decision.beats) and heartbeats.hear(tx, decision.beats, now)
            if body.skipped:
                notice(tx, roster, f"skipped:{body.source.format}", body.skipped_words, now)
            return Received(decision=decision, numbers=tuple(change.incident.id for change in changes), written=written,
                            stirs=stirs)  # fmt: skip

        try:
            self._store.whole()
            return self._store.transact(page)
        except StoreError as error:
            event(log, logging.ERROR, "webhook not stored", why=str(error))
            raise Refused(503, f"Not stored, send it again: {error}.") from error

    def _knocked(self, why: str) -> None:
        """Somebody has no secret: a sender whose secret was changed here, or a stranger, who shall cause no SMS.

        The fallback's channels hear of it once an hour, and nothing is written in between.
        """
        now, roster = self._clock(), self._roster()
        if self._knocked_at and now - self._knocked_at < NOTICE_EVERY:
            return
        self._knocked_at = now
        words = f"a webhook of {_sender()} was not let in ({why}): if it is yours, nobody is paged by it"

        def tell(tx: Connection) -> bool:
            return notices.tell(tx, roster, key="refused:401", every=NOTICE_EVERY, text=words, now=now, sms=Sms.NEVER)

        try:
            if self._store.transact(tell):
                self._wake()
        except StoreError as error:
            event(log, logging.ERROR, "nobody could be told", why=str(error))

    def _refuse(self, status: int, sentence: str) -> NoReturn:
        """Refuse a body whose sender believes that it pages people: the root team hears of it once an hour."""
        event(log, logging.ERROR, "webhook refused", status=status, why=sentence, peer=request.remote_addr)
        words = f"WEBHOOK REFUSED {status} from {_sender()}"
        roster, now = self._roster(), self._clock()
        try:
            if self._store.transact(lambda tx: notice(tx, roster, f"refused:{status}", words, now)):
                self._wake()
        except StoreError as error:
            event(log, logging.ERROR, "the root team could not be told", why=str(error))
        raise Refused(status, sentence)

    def _tell(self, body: Body, received: Received) -> None:
        """Count, log and wake, after the commit."""
        source = body.source.format.value
        self._metrics.webhook_requests.labels(source, 202).inc()
        for alert in body.alerts:
            self._metrics.alerts_received.labels(source, alert.status.value).inc()
        if body.skipped:
            self._metrics.alerts_skipped.labels(source).inc(body.skipped)
        for team in received.written.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        for team in received.written.unanswered:
            self._metrics.unanswered.labels(team).inc()
        if received.written.pages or received.written.oks or received.written.unanswered or body.skipped:
            self._wake()
        if received.stirs:
            self._stir()
        event(log, logging.INFO, "alerts received", source=source, name=body.source.name, alerts=len(body.alerts),
              incidents=len(received.numbers), pages=received.written.pages, resting=len(received.decision.resting),
              skipped=body.skipped, truncated=body.truncated)  # fmt: skip


def _story(changes: Sequence[Change], decision: Decision, written: pages.Written, now: datetime) -> list[Event]:
    """What `alertsms why` is to tell of a body."""
    told = [each for change in changes for each in decided(
        change, written.heard(change.incident.id), at=now,
        via=decision.via.get((change.incident.key, change.incident.team), ""),
    )]  # fmt: skip
    told += contradicted(decision.contradicted, now)
    return told + resting(decision.resting, now) + beating(decision.beating, now)


def _sender() -> str:
    """Who posted, as far as it says: a body that is no alert tells nothing."""
    agent = request.headers.get("User-Agent", "").lower()
    known = next((name for name in ("alertmanager", "grafana") if agent.startswith(name)), "")
    return known or request.remote_addr or "somebody"


class _Place:
    """One of the places inside intake, given back at the end."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._places.release()


def notice(tx: Connection, roster: Roster, key: str, words: str, now: datetime) -> bool:
    """Tell whoever runs us that a sender believes it pages people, at most once an hour for each key."""
    return notices.tell(tx, roster, key=key, every=NOTICE_EVERY, text=words, now=now, sms=Sms.ALWAYS)
