"""The API of operators: reload, a test SMS, the check of phones, what is paused, and the tokens that open the API."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from flask import Request, Response, request
from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.alerts.alert import scrub
from alertsms.core.routing.duration import canonical_duration
from alertsms.core.routing.roster import EVERYBODY, LONGEST, WORDS, Pause
from alertsms.core.schedules.person import Person
from alertsms.core.text.json_form import PAUSE, Shape, flag, local, many, numbers, text, whole
from alertsms.logs import event
from alertsms.oncall.pauses import Pauses
from alertsms.oncall.phone_check import PhoneCheck
from alertsms.readiness import Overdue, Patiently
from alertsms.store import tokens
from alertsms.store.apply import page_by_hand
from alertsms.store.engine import Store
from alertsms.store.error import StoreError
from alertsms.store.tokens import ApiToken, hashed
from alertsms.web.guard import Grant, Refused, answer
from alertsms.web.json_request import sent_duration, sent_object, storing

log = logging.getLogger("alertsms.web")

MAX_TEXT = 1000  # characters that a test SMS may be given; it is cut to its segments

SENT: Shape[object] = Shape(
    {
        "page": whole("The page to ask /api/v1/messages about."),
        "pages": numbers("All of them, where each number is asked to confirm."),
    }
)
CONFIRMED: Shape[object] = Shape({"confirmed": flag()})
RUNNING: Shape[object] = Shape({"pauses": many(PAUSE, "Those that run now.")})
ENDED: Shape[object] = Shape({"ended": whole("How many pauses that ended."), **RUNNING.fields})

FRESH_SECONDS = 1.0  # so long what the store said of tokens holds: one revoked at a replica ends at all of them
LONGEST_NAME = 60  # characters of a token's name
_NAME = "What it is called."
TOKEN: Shape[ApiToken] = Shape(
    {"name": text(_NAME), "full": flag("It may act too."), "created_at": local("When it was made.")}
)
TOKENS: Shape[object] = Shape({"tokens": many(TOKEN, "The oldest first.")})
MADE: Shape[Any] = Shape({**TOKEN.fields, "token": text("What to show; never told again.")})
REVOKED: Shape[object] = Shape({"revoked": text(_NAME)})


class ApiTokens:
    """Knows tokens, and answers for /api/v1/tokens."""

    def __init__(
        self, *, store: Store, own: str, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """`own` is the token of the alertsms command."""
        self._store, self._own, self._clock, self._monotonic = store, hashed(own), clock, monotonic
        self._ask = Patiently(self._read)
        self._known: Mapping[str, Grant] = {}
        self._known_at = float("-inf")

    def grant(self, request: Request) -> Grant:
        """What the token that a request shows is good for."""
        return self._judge(request, self._granted)

    def remembers(self, request: Request) -> bool:
        """Whether it shows a token that was good when the store was asked last: for whoever cannot wait for that."""
        return self._judge(request, lambda: self._known) > Grant.NOTHING

    def _judge(self, request: Request, granted: Callable[[], Mapping[str, Grant]]) -> Grant:
        kind, _, shown = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not shown:
            return Grant.NOTHING
        known = hashed(shown.strip())
        if secrets.compare_digest(known, self._own):
            return Grant.OWN
        return granted().get(known, Grant.NOTHING)

    def _granted(self) -> Mapping[str, Grant]:
        """By hashes. While the store does not answer, what it said last: metrics are wanted then most of all."""
        if not 0 <= self._monotonic() - self._known_at < FRESH_SECONDS:
            with suppress(Overdue):
                known = self._ask()
                if known is not None:
                    self._known, self._known_at = known, self._monotonic()
        return self._known

    def _read(self) -> Mapping[str, Grant] | None:
        try:
            known = self._store.read(tokens.for_api)
        except StoreError:
            return None
        return {token.hash: Grant.FULL if token.full else Grant.READ for token in known}

    # GET, POST and DELETE /api/v1/tokens.

    def listing(self) -> Response:
        """All tokens, without what is shown: that is known to whoever has it."""
        return answer(200, TOKENS.of(tokens=self._store.read(tokens.for_api)))

    def make(self) -> Response:
        """{"name": "prometheus", "full": false}: a new one, shown this once; without a name it gets one."""
        wanted, token, now = sent_object(), secrets.token_urlsafe(32), self._clock()
        name, full = wanted.get("name") and _name(wanted["name"]), wanted.get("full") is True

        def work(tx: Connection) -> ApiToken | None:
            new = ApiToken(name=name or tokens.unused_name(tx), hash=hashed(token), full=full, created_at=now)
            return new if tokens.add_for_api(tx, new) else None

        with storing():
            made = self._store.transact(work)
        self._known_at = float("-inf")
        if made is None:
            raise Refused(409, f"There is a token {name} already: revoke it first, or write another name.")
        event(
            log,
            logging.WARNING,
            "token made",
            name=made.name,
            may="read and act" if full else "read",
            by=request.remote_addr,
        )
        return answer(201, TOKEN.json(made) | {"token": token})

    def revoke(self) -> Response:
        """{"name": "prometheus"}, or the token itself: 403 for whoever shows it, at other replicas within 2 s."""
        meant = _name(sent_object().get("name"))
        with storing():
            name = self._store.transact(lambda tx: tokens.revoke(tx, meant, hashed(meant)))
        self._known_at = float("-inf")
        if name is None:
            raise Refused(404, "There is no such token: `alertsms token --list` names them.")
        event(log, logging.WARNING, "token revoked", name=name, by=request.remote_addr)
        return answer(200, REVOKED.of(revoked=name))


def _name(wanted: object) -> str:
    name = wanted.strip() if isinstance(wanted, str) else ""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(400, f"A token needs a name of 1 to {LONGEST_NAME} visible characters, such as prometheus.")
    return name


class AdminView:
    """Commands that change something ask here, so that only the running server writes."""

    def __init__(
        self,
        *,
        context: Context,
        tokens: ApiTokens,
        reload: Callable[[], list[str]],
        wake: Callable[[], None],
        phone_check: PhoneCheck,
        pauses: Pauses,
    ) -> None:
        """`tokens` open it; `reload` returns the mistakes it found."""
        self._phone_check, self._pauses, self.tokens = phone_check, pauses, tokens
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._config, self._reload, self._wake = context.config, reload, wake

    def reload(self) -> Response:
        """POST /-/reload: 200 once the new file is in force; 422 with its mistakes, and the old one stays."""
        mistakes = self._reload()
        if mistakes:
            return answer(
                422, {"error": "The file has mistakes; the running configuration stays.", "mistakes": mistakes}
            )
        return answer(200, {"reloaded": True})

    def send(self) -> Response:
        """POST /api/v1/send {"person": "alice", "text": "..."}: one test SMS to one person of the configuration.

        With {"confirm": true} in place of the text each of their numbers is asked whether it is theirs.
        """
        wanted = sent_object()
        people = self._roster().people
        person = people.get(str(wanted.get("person", "")))
        if person is None:
            raise Refused(
                404, f"{wanted.get('person')!r} is nobody of the configuration: it has {', '.join(sorted(people))}."
            )
        if wanted.get("confirm"):
            return self._confirm(person, witness=bool(wanted.get("witness")))
        text = scrub(str(wanted.get("text") or f"Test from alertsms: SMS paging works for {person.name}.")[:MAX_TEXT])
        now = self._clock()
        with storing():
            number = self._store.transact(lambda tx: page_by_hand(tx, person.name, text, now))
        self._wake()
        return answer(202, SENT.of(page=number, pages=[number]))

    def confirmed(self) -> Response:
        """POST /api/v1/confirmations {"page": 12}: somebody saw that phone show the SMS."""
        page = sent_object().get("page")
        with storing():
            known = type(page) is int and self._phone_check.confirm_shown(page)
        if not known:
            raise Refused(404, f"{page!r} is no page to anybody of the configuration.")
        return answer(200, CONFIRMED.of(confirmed=True))

    def _confirm(self, person: Person, *, witness: bool) -> Response:
        """`witness`: whoever sends it will see whether it arrives, so that the phone needs no way to say so."""
        if not self._phone_check.possible and not witness:
            raise Refused(
                409,
                "A phone has no way to confirm: set server.external_url, so that an SMS can carry a link, or send by a"
                " number that can be answered (ovh.sender_for_response, ovh.virtual_number).",
            )
        with storing():
            pages = self._phone_check.ask(person)
        return answer(202, SENT.of(page=pages[0], pages=pages))

    # GET, POST and DELETE /api/v1/pauses.

    def pauses(self) -> Response:
        """GET /api/v1/pauses: those that run."""
        return answer(200, RUNNING.of(pauses=self._running()))

    def pause(self) -> Response:
        """POST /api/v1/pauses {"teams": ["ops"], "for": "2h", "by": "alice", "reason": "..."}, or {"all": true, ...}.

        A pause takes the place of one that its team has already.
        """
        sent, now = sent_object(), self._clock()
        named = sent.get("teams")
        # No name means everybody: "" is what an unset variable of a script says.
        teams = (
            [EVERYBODY]
            if sent.get("all") is True
            else _known(named if isinstance(named, list) else [], self._roster().teams)
        )
        length = sent_duration(sent)
        if not timedelta() < length <= LONGEST:
            most = canonical_duration(LONGEST)
            raise Refused(400, f"for: a pause lasts at most {most}, so that none is forgotten: write for example 2h.")
        by, reason = (scrub(str(sent.get(name) or "")[:WORDS].strip()) for name in ("by", "reason"))
        with storing():
            self._pauses.begin(
                [Pause(team=team, begins_at=now, ends_at=now + length, by=by, reason=reason) for team in teams]
            )
        return answer(200, RUNNING.of(pauses=self._running()))

    def resume(self) -> Response:
        """DELETE /api/v1/pauses?team=ops&team=db; ?all=true ends each that there is."""
        everybody = request.args.get("all") == "true"
        paused = {pause.team for pause in self._config.pauses} - {EVERYBODY}  # of a team that is gone, perhaps
        teams = None if everybody else _known(request.args.getlist("team"), paused.union(self._roster().teams))
        with storing():
            ended = self._pauses.end(teams)
        return answer(200, ENDED.of(ended=ended, pauses=self._running()))

    def _running(self) -> list[Pause]:
        now = self._clock()
        return [pause for pause in self._config.pauses if pause.ends_at > now]


def _known(named: Sequence[Any], known: Collection[str]) -> list[str]:
    if not named:
        raise Refused(400, "Name teams, or say all.")
    for name in named:
        if not isinstance(name, str) or name not in known:
            there = ", ".join(sorted(filter(None, known)))
            raise Refused(404, f"{name!r} is no team of the configuration: it has {there}.")
    return list(dict.fromkeys(named))
