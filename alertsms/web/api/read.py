"""The API for reading: incidents, their stories and SMS, and who is on call. Phone numbers are masked."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, request

from alertsms.context import Context
from alertsms.core.incidents.incident import IncidentState
from alertsms.core.schedules import rota
from alertsms.core.text.json_form import INCIDENT, MESSAGE, STORY, Shape, many, maybe, text, whole
from alertsms.store import history
from alertsms.web.json_response import HIGHEST, Refused, answer, query_number

UNFINISHED, ALL = "unfinished", "all"
STATES = (UNFINISHED, ALL, *(state.value for state in IncidentState))
USUAL, MOST = 50, 500  # rows of one answer
USUAL_WEEKS, MOST_WEEKS = 4, 104  # of one answer
_NEXT = "The `before` of what follows; null: nothing does."
INCIDENTS: Shape[object] = Shape({"incidents": many(INCIDENT, "Newest first."), "next": maybe(whole(_NEXT))})
MESSAGES: Shape[object] = Shape({"messages": many(MESSAGE, "Newest first."), "next": maybe(text(_NEXT))})


class ReadView:
    """GET /api/v1/incidents, /api/v1/messages and /api/v1/on-call."""

    def __init__(self, *, context: Context) -> None:
        self._store, self._roster, self._clock = context.store, context.roster, context.clock

    def latest(self) -> Response:
        """GET /api/v1/incidents?state=&limit=&before=: the newest first; `next` is the `before` of what follows."""
        state, limit = request.args.get("state", UNFINISHED), query_number("limit", MOST, usual=USUAL)
        if state not in STATES:
            raise Refused(400, f"state is one of {', '.join(STATES)}.")
        before = query_number("before", HIGHEST) if "before" in request.args else None
        chosen = "" if state == ALL else state
        incidents = self._store.read(lambda tx: history.latest(tx, limit=limit, before=before, state=chosen))
        following = incidents[-1].id if len(incidents) == limit else None
        return answer(200, INCIDENTS.of(incidents=incidents, next=following))

    def story(self, number: int) -> Response:
        """GET /api/v1/incidents/42: one incident with its whole story."""
        story = self._store.read(lambda tx: history.story(tx, number)) if number <= HIGHEST else None
        if story is None:
            digest = self._store.read(lambda tx: history.digest(tx, number)) if number <= HIGHEST else []
            if not digest:
                raise Refused(404, f"There is no #{number}, or it was deleted when `retention` was over.")
            covers = ", ".join(f"#{incident}" for incident in digest[-1].incidents)
            raise Refused(404, f"#{number} is a digest for {digest[-1].person}, which covers {covers}.")
        return answer(200, STORY.json(story))

    def messages(self) -> Response:
        """GET /api/v1/messages?limit=&before=TAG: the newest SMS first. With ?page=N the SMS that carries a page."""
        limit = query_number("limit", MOST, usual=USUAL)
        if "page" in request.args:
            number = query_number("page", HIGHEST, "/api/v1/messages?page=N, N as POST /api/v1/send answered it")
            carrying = self._store.read(lambda tx: history.carrying(tx, number))
            return answer(200, [MESSAGE.json(message) for message in carrying])
        before = request.args.get("before", "")
        messages = self._store.read(lambda tx: history.sent(tx, limit=limit, before=before))
        following = messages[-1].tag if len(messages) == limit else None
        return answer(200, MESSAGES.of(messages=messages, next=following))

    def on_call(self) -> Response:
        """GET /api/v1/on-call?weeks=&at=: each schedule from a time on, and whom each team's steps page then."""
        text = request.args.get("at")
        try:
            at = datetime.fromisoformat(text.replace(" ", "+")) if text is not None else self._clock()  # a + in a query
        except ValueError:
            raise Refused(400, "at is a time: write at=2026-11-21T02:10Z.") from None
        if not 2000 <= at.year < 2200:
            raise Refused(400, "at is a time from 2000 to 2199.")
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        weeks = query_number("weeks", MOST_WEEKS, "write weeks=8", usual=USUAL_WEEKS)
        return answer(200, rota.as_dict(self._roster(), at, weeks))
