"""The API of maintenance: what is paused, and pausing and resuming it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from alertsms.core.alerts.alert import scrub
from alertsms.core.routing.duration import DurationError, canonical_duration, parse_duration
from alertsms.core.routing.pause import EVERYBODY, LONGEST, WORDS, Pause
from alertsms.core.routing.roster import Roster
from alertsms.core.text.json_form import PAUSE
from alertsms.core.text.json_shape import Shape, many, whole
from alertsms.oncall.pauses import Pauses
from alertsms.web.json_response import Refused, answer, sent_object, storing

RUNNING: Shape[object] = Shape({"pauses": many(PAUSE, "Those that run now.")})
ENDED: Shape[object] = Shape({"ended": whole("How many pauses that ended."), **RUNNING.fields})


class PauseView:
    """GET, POST and DELETE /api/v1/pauses."""

    def __init__(self, *, pauses: Pauses, roster: Callable[[], Roster], clock: Callable[[], datetime]) -> None:
        self._pauses, self._roster, self._clock = pauses, roster, clock

    def running(self) -> Response:
        """GET /api/v1/pauses: those that run."""
        return answer(200, RUNNING.of(pauses=self._running()))

    def begin(self) -> Response:
        """POST /api/v1/pauses {"teams": ["ops"], "for": "2h", "by": "alice", "reason": "..."}, or {"all": true, ...}.

        A pause takes the place of one that its team has already.
        """
        wanted = sent_object()
        listed = wanted.get("teams")
        named = listed if isinstance(listed, list) else []
        # No name means everybody: "" is what an unset variable of a script says.
        teams = [EVERYBODY] if wanted.get("all") is True else _known(named, self._roster().teams)
        length, now = _length(wanted.get("for")), self._clock()
        by, reason = _words(wanted, "by"), _words(wanted, "reason")
        pauses = [Pause(team=team, begins_at=now, ends_at=now + length, by=by, reason=reason) for team in teams]
        with storing():
            self._pauses.begin(pauses)
        return answer(200, RUNNING.of(pauses=self._running()))

    def end(self) -> Response:
        """DELETE /api/v1/pauses?team=ops&team=db; ?all=true ends each that there is."""
        everybody = request.args.get("all") == "true"
        paused = {pause.team for pause in self._pauses.running} - {EVERYBODY}  # of a team that is gone, perhaps
        teams = None if everybody else _known(request.args.getlist("team"), paused.union(self._roster().teams))
        with storing():
            ended = self._pauses.end(teams)
        return answer(200, ENDED.of(ended=ended, pauses=self._running()))

    def _running(self) -> list[Pause]:
        now = self._clock()
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


def _length(text: object) -> timedelta:
    """How long. Raises Refused."""
    try:
        length = parse_duration(str(text or ""))
    except DurationError as problem:
        raise Refused(400, f"for: {problem}.") from problem
    if not timedelta() < length <= LONGEST:
        most = canonical_duration(LONGEST)
        raise Refused(400, f"for: a pause lasts at most {most}, so that none is forgotten: write for example 2h.")
    return length


def _words(body: Mapping[str, Any], name: str) -> str:
    return scrub(str(body.get(name) or "")[:WORDS].strip())
