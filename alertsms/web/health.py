"""Whether it runs, and whether pages would leave: /-/healthy, /-/ready and /metrics, by Prometheus' conventions.

Until the store can be used nothing else answers: 503 to what is posted, not ready with the reason, healthy.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from alertsms.config import Config
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.machine.state import Home, home
from alertsms.metrics import Metrics
from alertsms.readiness import MEND_FILE, MEND_SERVER, STORE_SETTLES
from alertsms.web.admission import Doorkeeper
from alertsms.web.guard import Grant, Guard, Reach, Refused, answer
from alertsms.worker import STORE, Places


class Health:
    """Says whether it runs, and whether pages would leave."""

    def __init__(
        self,
        *,
        registry: CollectorRegistry,
        troubles: Callable[[], list[Trouble]],
        sick: Callable[[], list[str]],
        guard: Guard,
        home: Home,
    ) -> None:
        """`troubles` are all there are, `sick` what a restart mends; `home` is where this process keeps everything."""
        self._registry, self._troubles, self._sick, self._guard = registry, troubles, sick, guard
        self._home = home

    def healthy(self) -> Response:
        """The process does its work, or waits for somebody else: whoever supervises it need not start it again."""
        why = self._sick()
        text = f"alertsms is to be restarted: {'; '.join(why)}.\n" if why else "alertsms is healthy.\n"
        return Response(text, 503 if why else 200, content_type="text/plain; charset=utf-8")

    def ready(self) -> Response:
        """Alerts are taken and sent: the store commits and the senders run. What is outside turns no webhook away."""
        troubles = self._troubles()
        because = [trouble.says for trouble in troubles if trouble.hinders is not Hindrance.OUTSIDE]
        body: dict[str, Any] = {"ready": not because}
        if self._guard.knows:
            body |= {"because": because} if because else {}
            body |= {"troubles": list(map(_as_dict, troubles))} if troubles else {}
            body |= {"store": self._home.store, "state": self._home.state, "mark": self._home.mark}
            return answer(503 if because else 200, body)
        # A stranger gets no path, address or name, which the words of a trouble may hold.
        if troubles:
            hindered = list(dict.fromkeys(trouble.hinders.value for trouble in troubles))
            body |= {"hindered": hindered, "see": "`alertsms doctor` on the machine itself says why"}
        body |= {} if self._guard.outside else {"mark": self._home.mark}
        return answer(503 if because else 200, body)

    def metrics(self) -> Response:
        """All series."""
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


def _as_dict(trouble: Trouble) -> dict[str, Any]:
    since = trouble.since.isoformat(timespec="seconds") if trouble.since else None
    return {"hinders": trouble.hinders.value, "says": trouble.says, "fix": trouble.fix, "since": since}


class Front:
    """One application after the other behind one listener."""

    def __init__(self, wsgi: WSGIApplication) -> None:
        self.wsgi = wsgi
        self.judge: Doorkeeper | None = None  # nothing can be stored yet: no body is read to its end

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Whatever is in its place now answers."""
        return self.wsgi(environ, start_response)


class Waiting:
    """Says that the store is away, and since when."""

    def __init__(self, config: Config, places: Places, *, reach: Reach, good: bool) -> None:
        """`reach`: who can reach it; `good`: the file's own configuration is in force."""
        self._config, self._places = config, places
        self._guard = Guard(reach=reach, grant=lambda _: Grant.NOTHING)  # tokens are in the store
        self.why, self._since = "", datetime.fromtimestamp(time.time(), UTC)  # why the store could not be used just now
        self._metrics = Metrics(CollectorRegistry())
        self._metrics.reload_ok.set(good)
        self._metrics.watch(
            lambda: math.nan,
            lambda: 0.0,
            lambda hinders: float(sum(trouble.hinders is hinders for trouble in self.troubles())),
        )
        self.wsgi = self._build()

    def troubles(self) -> list[Trouble]:
        """What is wrong: it starts, or its store is away."""
        fix = MEND_FILE if self._config.store.startswith("sqlite") else MEND_SERVER
        starting = Trouble(
            key=STORE,
            hinders=Hindrance.INTAKE,
            says=self.why or "it is starting",
            fix=fix if self.why else "",
            since=self._since,
            settles=STORE_SETTLES,
            told=not self.why,
        )
        return [starting, *self._places.troubles()]

    def _build(self) -> Flask:
        app = Flask("alertsms", static_folder=None)
        health = Health(
            registry=self._metrics.registry,
            troubles=self.troubles,
            sick=list,
            guard=self._guard,
            home=home(self._config.store, self._config.file),
        )
        app.add_url_rule("/-/healthy", "healthy", health.healthy)
        app.add_url_rule("/-/ready", "ready", health.ready)
        app.add_url_rule("/metrics", "metrics", health.metrics)
        app.before_request(self._refuse)
        return app

    def _refuse(self) -> Response | None:
        if request.url_rule is not None and not self._guard.refuses(request.url_rule.rule):
            return None
        self._metrics.webhook_requests.labels("unknown", 503).inc()
        return Refused(503, f"Not stored, send it again: {self.why or 'alertsms is starting'}.").answer()
