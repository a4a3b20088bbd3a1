"""The API of maintenance: what is paused, and pausing and resuming it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from flask import Response, request

from alertsms.context import Context
from alertsms.core.alerts.document import scrub
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.pause import EVERYBODY, LONGEST, WORDS, Pause
from alertsms.core.text.json_form import PAUSE
from alertsms.core.text.json_shape import Shape, many, whole
from alertsms.oncall.pauses import Pauses
from alertsms.web.json_response import Refused, answer, sent_duration, sent_object, storing

RUNNING: Shape[object] = Shape({"pauses": many(PAUSE, "Those that run now.")})
ENDED: Shape[object] = Shape({"ended": whole("How many pauses that ended."), **RUNNING.fields})


class PauseView:
    """GET, POST and DELETE /api/v1/pauses."""

    def __init__(self, *, context: Context, pauses: Pauses) -> None:
        self._context, self._pauses = context, pauses

    def running(self) -> Response:
        """GET /api/v1/pauses: those that run."""
        return answer(200, RUNNING.of(pauses=self._running()))

    def begin(self) -> Response:
        """POST /api/v1/pauses {"teams": ["ops"], "for": "2h", "by": "alice", "reason": "..."}, or {"all": true, ...}.

        A pause takes the place of one that its team has already.
        """
        sent, now = sent_object(), self._context.clock()
        named = sent.get("teams")
        # No name means everybody: "" is what an unset variable of a script says.
        teams = (
            [EVERYBODY]
            if sent.get("all") is True
            else _known(named if isinstance(named, list) else [], self._context.roster().teams)
        )
        length = sent_duration(sent)
        if not timedelta() < length <= LONGEST:
            most = canonical_duration(LONGEST)
            raise Refused(400, f"for: a pause lasts at most {most}, so that none is forgotten: write for example 2h.")
        by, reason = (scrub(str(sent.get(name) or "")[:WORDS].strip()) for name in ("by", "reason"))
        pauses = [Pause(team=team, begins_at=now, ends_at=now + length, by=by, reason=reason) for team in teams]
        with storing():
            self._pauses.begin(pauses)
        return answer(200, RUNNING.of(pauses=self._running()))

    def end(self) -> Response:
        """DELETE /api/v1/pauses?team=ops&team=db; ?all=true ends each that there is."""
        everybody = request.args.get("all") == "true"
        paused = {pause.team for pause in self._pauses.running} - {EVERYBODY}  # of a team that is gone, perhaps
        teams = None if everybody else _known(request.args.getlist("team"), paused.union(self._context.roster().teams))
        with storing():
            ended = self._pauses.end(teams)
        return answer(200, ENDED.of(ended=ended, pauses=self._running()))

    def _running(self) -> list[Pause]:
        now = self._context.clock()
        return [pause for pause in self._pauses.running if pause.ends_at > now]


def _known(named: Sequence[Any], known: Collection[str]) -> list[str]:
    """The teams meant. Raises Refused where there are none, or one is not known."""
    if not named:
        raise Refused(400, "Name teams, or say all.")
    for name in named:
        if not isinstance(name, str) or name not in known:
            there = ", ".join(sorted(filter(None, known)))
            raise Refused(404, f"{name!r} is no team of the configuration: it has {there}.")
    return list(dict.fromkeys(named))
