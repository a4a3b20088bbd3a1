"""Prometheus' conventions: /-/healthy, /-/ready and /metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from alertsms.core.messages.trouble import Trouble, hindering
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
        if self._guard.knows:
            where = {"store": self._home.store, "state": self._home.state, "mark": self._home.mark}
            return standing(self._troubles(), where)
        return outline(self._troubles(), {} if self._guard.outside else {"mark": self._home.mark})

    def metrics(self) -> Response:
        """All series."""
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


def standing(troubles: list[Trouble], where: Mapping[str, str]) -> Response:
    """200 or 503, with every trouble there is, and where the store is."""
    why = [trouble.says for trouble in hindering(troubles)]
    body: dict[str, Any] = {"ready": not why}
    body |= {"because": why} if why else {}
    body |= {"troubles": [_shown(trouble) for trouble in troubles]} if troubles else {}
    return answer(503 if why else 200, {**body, **where})


def outline(troubles: list[Trouble], where: Mapping[str, str]) -> Response:
    """The same for strangers: what is hindered, and no path, address or name that the words of a trouble may hold."""
    hindered = list(dict.fromkeys(trouble.hinders.value for trouble in troubles))
    body: dict[str, Any] = {"ready": not hindering(troubles)}
    body |= {"hindered": hindered, "see": "`alertsms doctor` on the machine itself says why"} if hindered else {}
    return answer(200 if body["ready"] else 503, {**body, **where})


def _shown(one: Trouble) -> dict[str, Any]:
    since = one.since.isoformat(timespec="seconds") if one.since else None
    return {"hinders": one.hinders.value, "says": one.says, "fix": one.fix, "since": since}
