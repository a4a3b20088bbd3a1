"""Who may use the API: the alertsms command by the key, and people and programs by tokens that the command makes."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Request, Response, request
from sqlalchemy import Connection

from alertsms.core.text.json_shape import Shape, flag, local, many, text
from alertsms.logs import event
from alertsms.readiness import Overdue, Patiently
from alertsms.store import api_tokens
from alertsms.store.api_tokens import ApiToken
from alertsms.store.engine import Store, StoreError
from alertsms.store.root_key import hashed
from alertsms.web.guard import Grant
from alertsms.web.json_response import Refused, answer, sent_object, storing

log = logging.getLogger("alertsms.web")

FRESH_SECONDS = 1.0  # so long what the store said of tokens holds: one revoked at a replica ends at all of them
LONGEST_NAME = 60
BYTES = 32

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
            known = self._store.read(api_tokens.every)
        except StoreError:
            return None
        return {token.hash: Grant.FULL if token.full else Grant.READ for token in known}

    # GET, POST and DELETE /api/v1/tokens.

    def listing(self) -> Response:
        """All tokens, without what is shown: that is known to whoever has it."""
        return answer(200, TOKENS.of(tokens=self._store.read(api_tokens.every)))

    def make(self) -> Response:
        """{"name": "prometheus", "full": false}: a new one, shown this once; without a name it gets one."""
        wanted, token, now = sent_object(), secrets.token_urlsafe(BYTES), self._clock()
        name, full = wanted.get("name") and _name(wanted["name"]), wanted.get("full") is True

        def work(tx: Connection) -> ApiToken | None:
            new = ApiToken(name=name or api_tokens.unused_name(tx), hash=hashed(token), full=full, created_at=now)
            return new if api_tokens.add(tx, new) else None

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
            name = self._store.transact(lambda tx: api_tokens.revoke(tx, meant, hashed(meant)))
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
