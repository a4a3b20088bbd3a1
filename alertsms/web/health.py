"""Prometheus' conventions: /-/healthy, /-/ready and /metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.machine.state import Home
from alertsms.web.guard import Guard
from alertsms.web.json_response import answer


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
