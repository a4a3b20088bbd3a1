"""Prometheus' conventions: /-/healthy, /-/ready and /metrics."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from alertsms.web.answer import answer


class Health:
    """Says whether it runs, and whether pages would leave."""

    def __init__(self, *, registry: CollectorRegistry, troubles: Callable[[], list[str]]) -> None:
        """`troubles` names what keeps pages from being taken or sent; empty when all is well."""
        self._registry = registry
        self._troubles = troubles

    def healthy(self) -> Response:
        """The process answers."""
        return Response("alertsms is healthy.\n", content_type="text/plain; charset=utf-8")

    def ready(self) -> Response:
        """Alerts are taken and sent: the store commits and the senders run."""
        troubles = self._troubles()
        return answer(503, {"ready": False, "because": troubles}) if troubles else answer(200, {"ready": True})

    def metrics(self) -> Response:
        """All series."""
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)
