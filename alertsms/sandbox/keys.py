"""Who may call what: the application, its consumer keys, their access rules, and the signature of each request."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from alertsms.sandbox.exchange import RefusedError, Request


class KeyState(StrEnum):
    """The states of a consumer key."""

    PENDING = "pendingValidation"  # until its owner opens the validation link
    VALIDATED = "validated"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningSecrets:
    """The three secrets that sign a request; those of the defaults open nothing but a sandbox."""

    application_key: str = "sandbox-key"
    application_secret: str = "sandbox-secret"  # noqa: S105 - opens nothing but a sandbox
    consumer_key: str = "sandbox-consumer"


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRule:
    """One access rule; `*` in its path stands for any characters, `/` too, so /sms, /sms/ and /sms/* all differ."""

    method: str
    path: str


@dataclass(kw_only=True, slots=True)
class Consumer:
    """A consumer key and what it may do."""

    id: int
    key: str
    rules: tuple[AccessRule, ...]
    created: float  # Unix seconds, as every time here
    state: KeyState = KeyState.VALIDATED
    expires_at: float | None = None
    last_use: float | None = None
    redirection: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))  # names the key in its validation link

    def standing(self, now: float) -> KeyState:
        """Return the key's state at `now`."""
        return KeyState.EXPIRED if self.expires_at is not None and now >= self.expires_at else self.state


def pager_rules(service: str) -> tuple[AccessRule, ...]:
    """Return the rules that a pager on the account `service` needs; GET /sms/ is not among them, GET /sms is."""
    own = f"/sms/{service}"
    reads = ("jobs", "outgoing", "senders", "incoming", "blacklists", "virtualNumbers")
    below = [path for what in reads for path in (f"{own}/{what}", f"{own}/{what}/*")]
    paths = {
        "GET": ["/auth/currentCredential", "/sms", own, "/sms/ptts", *below],
        "POST": ["/sms/estimate", f"{own}/jobs", f"{own}/virtualNumbers/*/jobs"],
        "PUT": [own],
        "DELETE": [f"{own}/jobs/*", f"{own}/incoming/*", f"{own}/blacklists/*"],
    }
    return tuple(AccessRule(method=method, path=path) for method, listed in paths.items() for path in listed)


@lru_cache(maxsize=1024)
def granted(rules: tuple[AccessRule, ...], method: str, path: str) -> bool:
    """Tell whether one of `rules` lets `method` through to `path`."""
    return any(
        rule.method == method and re.fullmatch(".*".join(map(re.escape, rule.path.split("*"))), path) for rule in rules
    )


def signature(credentials: SigningSecrets, request: Request, timestamp: str) -> str:
    """Return the signature that `request` should carry (G-API: "Premiers pas avec les API OVHcloud").

    A URL that ends in an empty query is verified without its question mark, so a client that signed it is refused.
    """
    parts = (
        credentials.application_secret.encode(),
        credentials.consumer_key.encode(),
        request.method.encode(),
        request.url.removesuffix("?").encode(),
        request.body,
        timestamp.encode(),
    )
    return "$1$" + hashlib.sha1(b"+".join(parts)).hexdigest()  # noqa: S324 - OVHcloud's choice


class ConsumerKeys:
    """The consumer keys of one application."""

    def __init__(self, credentials: SigningSecrets, *, window: float) -> None:
        """`window`: how many seconds a timestamp may be off; OVHcloud's own figure is not public."""
        self.credentials = credentials
        self.window = window
        self.consumers: dict[str, Consumer] = {}

    def grant(
        self,
        rules: Iterable[AccessRule],
        *,
        now: float,
        key: str = "",
        state: KeyState = KeyState.VALIDATED,
        expires_at: float | None = None,
        redirection: str | None = None,
    ) -> Consumer:
        """Make a consumer key, or replace the one called `key`."""
        consumer = Consumer(
            id=len(self.consumers) + 1,
            key=key or secrets.token_hex(16),
            rules=tuple(rules),
            created=now,
            state=state,
            expires_at=expires_at,
            redirection=redirection,
        )
        self.consumers[consumer.key] = consumer
        return consumer

    def validate(self, token: str) -> Consumer | None:
        """Open the validation link that ends in `token`; None when no key waits for it."""
        for consumer in self.consumers.values():
            if hmac.compare_digest(consumer.token.encode(), token.encode()):
                consumer.state = KeyState.VALIDATED
                return consumer
        return None

    def check_application(self, request: Request) -> None:
        """Raise RefusedError unless the request names the application."""
        if request.headers.get("x-ovh-application", "") != self.credentials.application_key:
            raise RefusedError(403, "INVALID_KEY", "This application key is invalid")

    def check(self, request: Request, path: str, now: float) -> Consumer:
        """Return who signed `request` for `path` (below /1.0, decoded), or raise RefusedError with OVHcloud's error."""
        headers = request.headers
        if "x-ovh-signature" not in headers:
            raise RefusedError(401, "UNAUTHORIZED", "You must login first")
        self.check_application(request)
        consumer = self._consumer(headers.get("x-ovh-consumer", ""), now)
        stamp = headers.get("x-ovh-timestamp", "")
        if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > self.window:
            raise RefusedError(400, "QUERY_TIME_OUT", "Query out of time")
        expected = signature(replace(self.credentials, consumer_key=consumer.key), request, stamp)
        if not hmac.compare_digest(expected.encode(), headers["x-ovh-signature"].encode()):
            raise RefusedError(400, "INVALID_SIGNATURE", "Invalid signature")
        if not granted(consumer.rules, request.method, path):
            raise RefusedError(403, "NOT_GRANTED_CALL", "This call has not been granted")
        consumer.last_use = now
        return consumer

    def _consumer(self, key: str, now: float) -> Consumer:
        consumer = self.consumers.get(key)
        if consumer is None:
            raise RefusedError(403, "NOT_CREDENTIAL", "This credential does not exist")
        if consumer.standing(now) is not KeyState.VALIDATED:
            raise RefusedError(403, "INVALID_CREDENTIAL", "This credential is not valid")
        return consumer
