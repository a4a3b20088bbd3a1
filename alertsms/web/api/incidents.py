"""The API about incidents: reading them, their stories, their SMS and who is on call; and acting, as people do.

Phone numbers are masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, request

from alertsms.context import Context
from alertsms.core.alerts.alert import scrub
from alertsms.core.incidents.acknowledge import AcknowledgedVia, AckOutcome
from alertsms.core.incidents.incident import IncidentState
from alertsms.core.schedules import rota
from alertsms.core.text.json_form import ANSWER, INCIDENT, MESSAGE, STORY, Shape, flag, many, maybe, text, whole
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.oncall.alertmanager import SilenceOutcome, Silences
from alertsms.store import history
from alertsms.web.guard import Refused, answer
from alertsms.web.json_request import HIGHEST, query_number, sent_duration, sent_object, storing

UNFINISHED, ALL = "unfinished", "all"
STATES = (UNFINISHED, ALL, *(state.value for state in IncidentState))
USUAL, MOST = 50, 500  # rows of one answer
USUAL_WEEKS, MOST_WEEKS = 4, 104  # of one answer
_NEXT = "The `before` of what follows; null: nothing does."
INCIDENTS: Shape[object] = Shape({"incidents": many(INCIDENT, "Newest first."), "next": maybe(whole(_NEXT))})
MESSAGES: Shape[object] = Shape({"messages": many(MESSAGE, "Newest first."), "next": maybe(text(_NEXT))})

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=7)  # of a snooze or a silence
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


class IncidentApi:
    """GET /api/v1/incidents, /api/v1/messages and /api/v1/on-call; POST /api/v1/incidents/ack, and so on.

    What is posted carries {"by": "alice", …}, for several incidents also {"numbers": [42, 43]} or {"all": true}.
    """

    def __init__(self, *, context: Context, acknowledgements: Acknowledgements, silences: Silences) -> None:
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._acknowledgements, self._silences = acknowledgements, silences

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
        written = request.args.get("at")
        try:  # a + is a space in a query
            at = self._clock() if written is None else datetime.fromisoformat(written.replace(" ", "+"))
        except ValueError:
            raise Refused(400, "at is a time: write at=2026-11-21T02:10Z.") from None
        if not 2000 <= at.year < 2200:
            raise Refused(400, "at is a time from 2000 to 2199.")
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        weeks = query_number("weeks", MOST_WEEKS, "write weeks=8", usual=USUAL_WEEKS)
        return answer(200, rota.as_dict(self._roster(), at, weeks))

    # What people do.

    def act(self, number: int | None = None, *, snoozes: bool = False, resolves: bool = False) -> Response:
        """POST …/ack: somebody has them; /snooze: for the time of {"for": "2h"}; /resolve: says that they are over."""
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

    def silence(self, number: int) -> Response:
        """POST …/42/silence {"by": "alice", "for": "2h"}: its Alertmanagers keep quiet about it for so long."""
        sent = sent_object()
        by, length = _by(sent), _length(sent)
        with storing():
            result = self._silences.silence(_number(number), length=length, by=by, written=self._seen_at(sent))
        if SilenceOutcome.DONE not in result.outcomes:
            raise Refused(_REFUSED.get(result.outcomes[0], 409), result.words)
        return answer(200, SILENCED.of(silenced=set(result.outcomes) == {SilenceOutcome.DONE}, words=result.words))

    def _seen_at(self, sent: Mapping[str, Any]) -> datetime:
        now, written = self._clock(), sent.get("seen_at")
        if written is None:
            return now
        try:
            at = datetime.fromisoformat(written if isinstance(written, str) else "")
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Refused(400, "seen_at: a time with its offset, such as 2026-03-03T02:10:00Z.")
        return min(at, now)

    def _numbers(self, sent: Mapping[str, Any]) -> list[int]:
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
