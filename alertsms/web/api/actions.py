"""The API by which people act on incidents: acknowledge, snooze, resolve, or silence them in Alertmanager."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from alertsms.core.alerts.alert import scrub
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.text.json_form import ANSWER, Shape, flag, text
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.alertmanager import SilenceOutcome, Silences
from alertsms.web.json_response import HIGHEST, Refused, answer, sent_duration, sent_object, storing

LONGEST = timedelta(days=7)
SHORTEST = timedelta(minutes=1)
NAME_MOST = 60  # characters of a name
NUMBERS_MOST = 1000
SILENCED: Shape[object] = Shape(
    {
        "silenced": flag("Of a digest: whether all that it covers is."),
        "words": text("What came of it, for people."),
    },
    "Silenced",
    "What Alertmanager was asked for, and took.",
)
_REFUSED = {SilenceOutcome.UNKNOWN: 404, SilenceOutcome.FAILED: 502}  # else 409: nothing that could be silenced


class IncidentActions:
    """POST /api/v1/incidents/ack, /snooze, /resolve for several, …/42/ack and so on for one; …/42/silence."""

    def __init__(self, *, acknowledgements: Acknowledgements, silences: Silences) -> None:
        self._acknowledgements, self._silences = acknowledgements, silences

    def acknowledge(self, number: int | None = None) -> Response:
        """POST …/ack {"by": "alice", "numbers": [42, 43]}, or {"by": "alice", "all": true}: somebody has them."""
        return self._act(number)

    def snooze(self, number: int | None = None) -> Response:
        """POST …/snooze {"by": "alice", "for": "2h", …}: somebody has them, and wants to be paged again after that."""
        return self._act(number, snoozes=True)

    def resolve(self, number: int | None = None) -> Response:
        """POST …/resolve {"by": "alice", …}: somebody says that they are over."""
        return self._act(number, resolves=True)

    def silence(self, number: int) -> Response:
        """POST …/42/silence {"by": "alice", "for": "2h"}: its Alertmanagers keep quiet about it for so long."""
        sent = sent_object()
        by, length = _by(sent), _length(sent)
        with storing():
            result = self._silences.silence(_number(number), length=length, by=by, written=self._seen_at(sent))
        if SilenceOutcome.DONE not in result.outcomes:
            raise Refused(_REFUSED.get(result.outcomes[0], 409), result.words)
        return answer(200, SILENCED.of(silenced=set(result.outcomes) == {SilenceOutcome.DONE}, words=result.words))

    def _act(self, number: int | None, *, snoozes: bool = False, resolves: bool = False) -> Response:
        sent = sent_object()
        by, snooze = _by(sent), _length(sent) if snoozes else None
        # The alertsms command says that it is one.
        via = AcknowledgedVia.COMMAND if sent.get("via") == AcknowledgedVia.COMMAND else AcknowledgedVia.API
        seen_at = self._seen_at(sent)  # before the list of what is open is read: what begins after that is not meant
        with storing():
            numbers = [_number(number)] if number is not None else self._numbers(sent)
            result = self._acknowledgements.acknowledge(
                numbers, by=by, via=via, written=seen_at, snooze=snooze, resolves=resolves
            )
        if number is not None and all(outcome.result is AckOutcome.UNKNOWN for outcome in result.outcomes):
            raise Refused(404, f"There is no #{number}, or it was deleted when `retention` was over.")
        return answer(200, ANSWER.json(result))

    def _seen_at(self, sent: Mapping[str, Any]) -> datetime:
        """When whoever acts has looked: now, unless the object says so. Raises Refused."""
        now, text = self._acknowledgements.now(), sent.get("seen_at")
        if text is None:
            return now
        try:
            at = datetime.fromisoformat(text if isinstance(text, str) else "")
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Refused(400, "seen_at: a time with its offset, such as 2026-03-03T02:10:00Z.")
        return min(at, now)

    def _numbers(self, sent: Mapping[str, Any]) -> list[int]:
        """The numbers that an object names. Raises Refused."""
        if sent.get("all") is True:
            return self._acknowledgements.open_numbers()
        named = sent.get("numbers")
        if not isinstance(named, list) or not named or len(named) > NUMBERS_MOST:
            raise Refused(
                400, f'numbers: a list of at most {NUMBERS_MOST}, such as {{"numbers": [42]}}, or "all": true.'
            )
        return [_number(number) for number in named]


def _by(sent: Mapping[str, Any]) -> str:
    name = sent.get("by")
    kept = " ".join(scrub(name[:NAME_MOST]).split()) if isinstance(name, str) else ""
    if not kept:
        raise Refused(400, 'by: write who answers, such as {"by": "alice"}.')
    return kept


def _length(sent: Mapping[str, Any]) -> timedelta:
    length = sent_duration(sent)
    if not SHORTEST <= length <= LONGEST:
        raise Refused(400, "for: from 1m to 1w, write for example 2h.")
    return length


def _number(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= HIGHEST:
        return value
    raise Refused(400, f"{value!r} is no number of an incident, write 42 for #42.")
