"""The door for signs of life: /heartbeat/NAME for jobs, and the list of all heartbeats for programs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Response, request
from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.incidents.heartbeat import Beats, HeartbeatReport, key
from alertsms.core.incidents.incident import IncidentState
from alertsms.core.routing.roster import Roster
from alertsms.core.text.json_form import HEARTBEAT, Shape, many
from alertsms.logs import event
from alertsms.store import heartbeats, incidents
from alertsms.store.error import StoreError
from alertsms.web.guard import OLDER, STORED, Guard, Refused, answer
from alertsms.web.refusals import Refusals

log = logging.getLogger("alertsms.heartbeat")

HEARTBEATS: Shape[object] = Shape({"heartbeats": many(HEARTBEAT, "In the order of the file.")})
WRITE_EVERY = timedelta(seconds=1)  # of one heartbeat: more often is no better sign of life


class HeartbeatView:
    """GET, HEAD or POST /heartbeat/NAME, and GET /api/v1/heartbeats."""

    def __init__(
        self,
        *,
        context: Context,
        wake_heartbeats: Callable[[], None],
        refusals: Refusals,
        guard: Guard,
    ) -> None:
        self._metrics, self._refusals, self._guard = context.metrics, refusals, guard
        self._config = context.config
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._wake_heartbeats = wake_heartbeats
        self._written: dict[str, datetime] = {}  # when each was last written down
        self._lock = threading.Lock()

    def beat(self, name: str) -> Response:
        """Note a sign of life: 200 once that is stored. What the body holds is the sender's business."""
        try:
            self._let_in(name)
            self._write(name)
        except Refused as refused:
            self._metrics.webhook_requests.labels("heartbeat", refused.status).inc()
            raise
        return answer(200, {"heartbeat": name, "heard": True})

    def _let_in(self, name: str) -> None:
        """Refuse strangers, and names that are none: their senders believe that they are watched."""
        verdict = self._guard.verdict(request.get_data(cache=False))
        if not verdict.ok:
            event(log, logging.ERROR, "heartbeat refused", status=401, why=verdict.reason, peer=request.remote_addr)
            self._refusals.stranger(verdict.reason, "heartbeat")
            fix = verdict.fix or "Show one of the secrets under `server`, as webhooks do."
            raise Refused(401, f"Not let in: {verdict.reason}. {fix}")
        if self._config.newer_intake:  # which may name others
            raise Refused(503, OLDER)
        if name not in self._roster().heartbeats:
            event(log, logging.WARNING, "heartbeat unknown", name=name[:64], peer=request.remote_addr)
            self._refusals.nowhere(name)
            raise Refused(404, "There is no heartbeat of this name: write it below `heartbeats` first.")

    def _write(self, name: str) -> None:
        now = self._clock()
        with self._lock:
            last = self._written.get(name)
            if last is not None and abs(now - last) < WRITE_EVERY:
                return
            self._written[name] = now
        try:
            changed = self._store.transact(lambda tx: heartbeats.hear(tx, Beats(refreshed=frozenset({name})), now))
        except StoreError as error:
            self._written.pop(name, None)  # the next one is to be tried
            event(log, logging.ERROR, "heartbeat not stored", name=name, why=str(error))
            raise Refused(503, f"Not stored, send it again: {error}.") from error
        request.environ[STORED] = True
        if changed:
            self._wake_heartbeats()

    def listing(self) -> Response:
        """GET /api/v1/heartbeats: all of the configuration, in its order."""
        return answer(200, HEARTBEATS.of(heartbeats=self._store.read(lambda tx: _reports(tx, self._roster()))))


def _reports(tx: Connection, roster: Roster) -> list[HeartbeatReport]:
    known = heartbeats.every(tx)
    missing = incidents.current(tx, [key(name) for name in roster.heartbeats])
    numbers = {incident.key: incident.id for incident in missing if incident.state is not IncidentState.CLOSED}
    return [HeartbeatReport(beat, known.get(name), numbers.get(key(name))) for name, beat in roster.heartbeats.items()]
