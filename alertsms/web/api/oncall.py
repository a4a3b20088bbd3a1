"""The API's answer to "who is on call?"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, request

from alertsms.core.routing.roster import Roster
from alertsms.core.schedules import rota
from alertsms.web.json_response import Refused, answer, query_number

USUAL, MOST = 4, 104  # weeks of one answer


class OnCallView:
    """GET /api/v1/on-call."""

    def __init__(self, *, roster: Callable[[], Roster], clock: Callable[[], datetime]) -> None:
        self._roster, self._clock = roster, clock

    def show(self) -> Response:
        """GET /api/v1/on-call?weeks=&at=: each schedule from a time on, and whom each team's steps page then."""
        return answer(
            200, rota.as_dict(self._roster(), self._at(), query_number("weeks", MOST, "write weeks=8", usual=USUAL))
        )

    def _at(self) -> datetime:
        text = request.args.get("at")
        if text is None:
            return self._clock()
        try:
            at = datetime.fromisoformat(text.replace(" ", "+"))  # what a + in a query becomes
        except ValueError:
            raise Refused(400, "at is a time: write at=2026-11-21T02:10Z.") from None
        if not 2000 <= at.year < 2200:
            raise Refused(400, "at is a time from 2000 to 2199.")
        return at if at.tzinfo else at.replace(tzinfo=UTC)
