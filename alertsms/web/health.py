"""Prometheus' conventions: /-/healthy, /-/ready and /metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from alertsms.core.trouble import Trouble, hindering
from alertsms.web.answer import answer
from alertsms.web.guard import Guard


class Health:
    """Says whether it runs, and whether pages would leave."""

    def __init__(self, *, registry: CollectorRegistry, troubles: Callable[[], list[Trouble]],
                 sick: Callable[[], list[str]], guard: Guard) -> None:  # fmt: skip
        """`troubles` are all there are; `sick` names what a restart mends."""
        self._registry, self._troubles, self._sick, self._guard = registry, troubles, sick, guard

    def healthy(self) -> Response:
        """The process does its work, or waits for somebody else: whoever supervises it need not start it again."""
        found = self._sick()
        text = f"alertsms is to be restarted: {'; '.join(found)}.\n" if found else "alertsms is healthy.\n"
        return Response(text, 503 if found else 200, content_type="text/plain; charset=utf-8")

    def ready(self) -> Response:
        """Alerts are taken and sent: the store commits and the senders run. What is outside turns no webhook away."""
        return standing(self._troubles()) if self._guard.knows else outline(self._troubles())

    def metrics(self) -> Response:
        """All series."""
        return Response(generate_latest(self._registry), content_type=CONTENT_TYPE_LATEST)


def standing(troubles: list[Trouble]) -> Response:
    """200 or 503, with every trouble there is."""
    why = [each.says for each in hindering(troubles)]
    body: dict[str, Any] = {"ready": not why}
    body |= {"because": why} if why else {}
    body |= {"troubles": [_shown(each) for each in troubles]} if troubles else {}
    return answer(503 if why else 200, body)


def outline(troubles: list[Trouble]) -> Response:
    """The same for strangers: what is hindered, and no path, address or name that the words of a trouble may hold."""
    hindered = list(dict.fromkeys(each.hinders.value for each in troubles))
    body: dict[str, Any] = {"ready": not hindering(troubles)}
    body |= {"hindered": hindered, "see": "`alertsms doctor` on the machine itself says why"} if hindered else {}
    return answer(200 if body["ready"] else 503, body)


def _shown(one: Trouble) -> dict[str, Any]:
    since = one.since.isoformat(timespec="seconds") if one.since else None
    return {"hinders": one.hinders.value, "says": one.says, "fix": one.fix, "since": since}
