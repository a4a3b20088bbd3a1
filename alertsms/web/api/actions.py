"""The API by which somebody answers: acknowledge, snooze, resolve, or have Alertmanager keep quiet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from alertsms.core.alerts.alert import scrub
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome, AckResult
from alertsms.core.routing.duration import DurationError, parse_duration
from alertsms.core.text.json_form import ANSWER
from alertsms.core.text.json_shape import Shape, flag, text
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.silences import Came, Silences
from alertsms.web.json_response import Refused, answer, sent_object, storing

LONGEST = timedelta(days=7)
SHORTEST = timedelta(minutes=1)
NAME_MOST = 60  # characters of a name
NUMBERS_MOST = 1000
HIGHEST = 2**63 - 1
SILENCED: Shape[object] = Shape(
    {
        "silenced": flag("Of a digest: whether all that it covers is."),
        "words": text("What came of it, for people."),
    },
    "Silenced",
    "What Alertmanager was asked for, and took.",
)
_REFUSED = {Came.UNKNOWN: 404, Came.FAILED: 502}  # else 409: it is nothing that could be silenced


class IncidentActions:
    """POST /api/v1/incidents/ack, /snooze, /resolve for several, …/42/ack and so on for one; …/42/silence."""

    def __init__(self, *, answering: Acknowledgements, silencing: Silences) -> None:
        self._answering, self._silencing = answering, silencing

    def acknowledge(self, number: int | None = None) -> Response:
        """POST …/ack {"by": "alice", "numbers": [42, 43]}, or {"by": "alice", "all": true}: somebody has them."""
        asked = sent_object()
        by, via = _by(asked), _via(asked)
        return self._answer(
            number, asked, lambda numbers, seen: self._answering.acknowledge(numbers, by=by, via=via, written=seen)
        )

    def snooze(self, number: int | None = None) -> Response:
        """POST …/snooze {"by": "alice", "for": "2h", …}: somebody has them, and wants to be paged again after that."""
        asked = sent_object()
        by, via, length = _by(asked), _via(asked), _length(asked.get("for"))
        return self._answer(
            number,
            asked,
            lambda numbers, seen: self._answering.acknowledge(numbers, by=by, via=via, snooze=length, written=seen),
        )

    def resolve(self, number: int | None = None) -> Response:
        """POST …/resolve {"by": "alice", …}: somebody says that they are over."""
        asked = sent_object()
        by, via = _by(asked), _via(asked)
        return self._answer(
            number, asked, lambda numbers, seen: self._answering.resolve(numbers, by=by, via=via, written=seen)
        )

    def silence(self, number: int) -> Response:
        """POST …/42/silence {"by": "alice", "for": "2h"}: its Alertmanagers keep quiet about it for so long."""
        asked = sent_object()
        by, length = _by(asked), _length(asked.get("for"))
        with storing():
            came = self._silencing.ask(_number(number), length=length, by=by, written=self._seen(asked))
        if Came.DONE not in came.each:
            raise Refused(_REFUSED.get(came.each[0], 409), came.words)
        return answer(200, SILENCED.of(silenced=came.done, words=came.words))

    def _answer(
        self, number: int | None, asked: Mapping[str, Any], act: Callable[[Sequence[int], datetime], AckResult]
    ) -> Response:
        seen = self._seen(asked)  # before the list of what is open is read: what begins after that was not asked about
        with storing():
            numbers = [_number(number)] if number is not None else self._numbers(asked)
            came = act(numbers, seen)
        if number is not None and all(outcome.result is AckOutcome.UNKNOWN for outcome in came.outcomes):
            raise Refused(404, f"There is no #{number}, or it was deleted when `retention` was over.")
        return answer(200, ANSWER.json(came))

    def _seen(self, asked: Mapping[str, Any]) -> datetime:
        """As of when somebody answers: now, or when they looked. Raises Refused."""
        now, text = self._answering.now(), asked.get("seen_at")
        if text is None:
            return now
        try:
            at = datetime.fromisoformat(text if isinstance(text, str) else "")
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Refused(400, "seen_at: a time with its offset, such as 2026-03-03T02:10:00Z.")
        return min(at, now)

    def _numbers(self, asked: Mapping[str, Any]) -> list[int]:
        """The numbers that a body names. Raises Refused."""
        if asked.get("all") is True:
            return self._answering.open_ones()
        named = asked.get("numbers")
        if not isinstance(named, list) or not named or len(named) > NUMBERS_MOST:
            raise Refused(
                400, f'numbers: a list of at most {NUMBERS_MOST}, such as {{"numbers": [42]}}, or "all": true.'
            )
        return [_number(number) for number in named]


def _by(asked: Mapping[str, Any]) -> str:
    """Who answers. Raises Refused."""
    name = asked.get("by")
    kept = " ".join(scrub(name[:NAME_MOST]).split()) if isinstance(name, str) else ""
    if not kept:
        raise Refused(400, 'by: write who answers, such as {"by": "alice"}.')
    return kept


def _via(asked: Mapping[str, Any]) -> AcknowledgedVia:
    """The alertsms command says that it is one."""
    return AcknowledgedVia.COMMAND if asked.get("via") == AcknowledgedVia.COMMAND else AcknowledgedVia.API


def _length(text: object) -> timedelta:
    """For how long. Raises Refused."""
    try:
        length = parse_duration(text if isinstance(text, str) else "")
    except DurationError as problem:
        raise Refused(400, f"for: {problem}.") from problem
    if not SHORTEST <= length <= LONGEST:
        raise Refused(400, "for: from 1m to 1w, write for example 2h.")
    return length


def _number(value: object) -> int:
    """The number of an incident. Raises Refused."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST:
        return value
    raise Refused(400, f"{value!r} is no number of an incident, write 42 for #42.")
