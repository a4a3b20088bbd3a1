"""Who may see the pages for people: with `server.login` whoever is logged in, without it this machine alone."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Response, request
from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.logs import event
from alertsms.machine.password import hashed, password_matches
from alertsms.store import misses, settings
from alertsms.store.schema import EPOCH, MICROSECOND
from alertsms.web.capacity import REMEMBERED, WITHIN, Attempts, Few
from alertsms.web.guard import Guard, names_us
from alertsms.web.site import html

log = logging.getLogger("alertsms.login")

COOKIE = "alertsms"
DEVICE = "-device"  # the end of the name of the cookie by which a browser is known, logged in or not
LEFT = "logout:"  # facts: the cookies that were logged out, until they would be over
HASHES = 2  # passwords looked at at a time: each takes 32 MB
WAITING, WAITING_PER_ADDRESS = 24, 2  # logins at a time, those that wait for that included; from one address
KEPT_FREE = 4  # more, for browsers that are known; the rest is told to come again
LASTS = timedelta(days=30)
DEVICE_LASTS = timedelta(days=400)  # as long as browsers keep a cookie
MISSES = 10  # within ten minutes; people mistype theirs three times
LONGEST_QUERY = 256  # bytes
AHEAD = timedelta(minutes=5)  # a replica's clock may be so far before ours
_OURS = re.compile(r"/(on-call|incidents/[0-9]{1,18})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A cookie: who logged in when, and that we said so."""

    name: str = ""
    began: int = 0  # Unix seconds
    nonce: str = ""  # tells two logins of the same second apart
    signature: str = ""

    def signed(self, password: str, what: str) -> tuple[str, ...]:
        """What the signature covers; `what`: a login, or a device that somebody has logged in by.

        A cookie ends when the password changes.
        """
        return what, self.name, str(self.began), self.nonce, sha256(password.encode()).hexdigest()

    def written(self, signature: str) -> str:
        """The cookie's value."""
        return f"{base64.urlsafe_b64encode(self.name.encode()).decode()}.{self.began}.{self.nonce}.{signature}"

    @property
    def left(self) -> str:
        """The fact that it was logged out: nobody who reads that has the cookie."""
        return LEFT + sha256(self.signature.encode("utf-8", "replace")).hexdigest()


class Signing:
    """Signatures that only this alertsms can make: they prove that a cookie and a form are its own."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def sign(self, *parts: str) -> str:
        """The signature of these parts, in this order: 43 characters that a URL or a cookie can hold."""
        digest = hmac.digest(self._secret, json.dumps(parts).encode(), sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def proves(self, signature: str, *parts: str) -> bool:
        """Whether this is their signature; takes the same time for a wrong one."""
        return hmac.compare_digest(signature.encode("utf-8", "replace"), self.sign(*parts).encode())

    def stamp(self, at: datetime, *parts: str) -> str:
        """A signature of these parts that also says when it was made."""
        made = str((at - EPOCH) // MICROSECOND)
        return f"{made}.{self.sign(made, *parts)}"

    def stamped(self, signature: str, *parts: str) -> datetime | None:
        """When a signature of these parts was made; None where it is none of ours, or says no time."""
        made, _, signed = signature.partition(".")
        return EPOCH + int(made) * MICROSECOND if self.proves(signed, made, *parts) else None


class Login:
    """Lets people in, and knows who they are."""

    def __init__(self, *, context: Context, signing: Signing, guard: Guard) -> None:
        self._store, self._clock, self._config, self._signing = context.store, context.clock, context.config, signing
        self._hashes = threading.Semaphore(HASHES)
        self._waiting, self._kept_free = Few(WAITING, WAITING_PER_ADDRESS), Few(KEPT_FREE, KEPT_FREE)
        self._guard = guard
        self._attempts = Attempts(most=MISSES)

    @property
    def asks(self) -> bool:
        """Whether there is a login at all."""
        return bool(self._config.current.server.login)

    def admit(self) -> Response | None:
        """What a request for a page gets instead of it; None lets it through."""
        if self._guard.grant(request) and request.method in ("GET", "HEAD"):
            return None
        if not self.asks:
            return None if self._guard.alone else html.message(403, *_NO_LOGIN)
        if request.endpoint == "login" or self.who():  # which asks the store
            return None
        return html.see(f"login?next={request.path if _OURS.fullmatch(request.path) else '/'}")

    def who(self) -> str:
        """The name of whoever is logged in; "" for nobody. Raises StoreError."""
        known: str | None = request.environ.get("alertsms.who")
        if known is None:
            ticket = _parts(self._cookie())
            holds = self._holds(ticket, "login", LASTS) and not self._store.read(lambda tx: _left(tx, ticket))
            known = request.environ["alertsms.who"] = ticket.name if holds else ""
        return known

    def _holds(self, ticket: Ticket, what: str, lasts: timedelta) -> bool:
        """Whether a cookie is ours, of somebody who may log in with the same password still, and not too old."""
        password = dict(self._config.current.server.login).get(ticket.name)
        age = self._clock().timestamp() - ticket.began
        proven = password is not None and self._signing.proves(ticket.signature, *ticket.signed(password, what))
        return proven and -AHEAD.total_seconds() <= age < lasts.total_seconds()

    def form(self) -> Response:
        """GET and POST /login. Its form is read once there is a place for it: that takes longer than all before."""
        if not self.asks:
            return html.see("")
        if request.method != "POST":
            query = request.args if len(request.query_string) <= LONGEST_QUERY else {}
            return html.page("login", next=_following(query), wrong=False)
        ticket = _parts(request.cookies.get(self._name() + DEVICE, ""))
        device = ticket if self._holds(ticket, "device", DEVICE_LASTS) else None  # somebody has logged in by it before
        places, whose = self._kept_free if device else self._waiting, self._guard.address
        if not places.enter(whose):
            return html.later(429, "Too many at once", "Try it again in a few seconds.", 2)
        try:
            return self._judge(device)
        finally:
            places.leave(whose)

    def _judge(self, known: Ticket | None) -> Response:
        """Look at a name and a password: at once, or so slowly that nobody finds one by trying.

        Misses of the name that a browser is `known` for count for that browser.
        """
        now, whence, following = self._clock(), self._guard.address, _following(request.form)
        device = f"device {known.left}" if known and known.name == request.form.get("username") else ""
        whose = device if device and self._attempts.free(device, now) else whence
        wait = self._attempts.take(whose, now)
        if wait:
            event(log, logging.WARNING, "login not looked at", why="too many wrong ones", peer=whence)
            return html.later(429, "Too many attempts", _SLOWLY, wait)
        name = request.form.get("username", "")
        password = self._password(name, request.form.get("password", ""))
        if password is None or self.foreign():
            event(log, logging.WARNING, "login refused", peer=whence)
            return html.page("login", 403, next=following, wrong=True)
        self._attempts.right(whose, now)
        event(log, logging.INFO, "logged in", user=name, peer=whence)
        return self._welcome(name, password, following, now)

    def share(self) -> None:
        """Count misses together with other replicas, each second; where the store is away each counts its own."""
        now, fresh = self._clock(), self._attempts.fresh()
        if fresh:
            self._store.transact(lambda tx: misses.add(tx, fresh, WITHIN, now))
        if self.asks:
            self._attempts.note_often(self._store.read(lambda tx: misses.many(tx, MISSES, WITHIN, now, REMEMBERED)))

    def _password(self, name: str, given: str) -> str | None:
        """The configured password of a name where the given one is right.

        All in clear are compared, also after one fits; where there are hashes one is always looked at, so that the time
        taken does not tell whether there is such a name.
        """
        logins, digest = self._config.current.server.login, _digest(name, given)
        fits = [login[1] for login in logins if hmac.compare_digest(digest, _digest(*login))]
        slow = [login for login in logins if hashed(login[1])]
        named = [password for user, password in slow if user == name]
        if slow:
            with self._hashes:
                right = password_matches(given, named[0] if named else slow[0][1])
            fits = [password for password in fits if not hashed(password)] + (named if right else [])
        return fits[0] if fits else None

    def _welcome(self, name: str, password: str, following: str, now: datetime) -> Response:
        response = html.see(following.removeprefix("/"))
        for end, what, lasts in (("", "login", LASTS), (DEVICE, "device", DEVICE_LASTS)):
            ticket = Ticket(name=name, began=int(now.timestamp()), nonce=secrets.token_urlsafe(9))
            response.set_cookie(
                self._name() + end,
                ticket.written(self._signing.sign(*ticket.signed(password, what))),
                max_age=lasts,
                httponly=True,
                samesite="Lax",
                secure=self._tls(),
            )
        if self._tls():
            response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=True)  # an older version's
        return response

    def leave(self) -> Response:
        """POST /logout: the cookie ends, in this browser and wherever else somebody may have it."""
        if self.foreign():
            return html.message(403, "Nothing was done", "This form is not of this page.")
        response = html.see("login" if self.asks else "")
        if self.who():
            self._revoke(_parts(self._cookie()))
        response.delete_cookie(self._name(), httponly=True, samesite="Lax", secure=self._tls())
        return response

    def _revoke(self, ticket: Ticket) -> None:
        """Remember a cookie that is over before its time, and no longer than it would last. Raises StoreError."""
        now = self._clock()

        def work(tx: Connection) -> None:
            settings.forget(tx, LEFT, now - LASTS - AHEAD)
            settings.put(tx, ticket.left, "", now)

        self._store.transact(work)

    def _tls(self) -> bool:
        https = self._guard.reach.external_url.startswith("https://")
        return https and (not names_us(request.host) or request.headers.get("X-Forwarded-Proto") == "https")

    def _name(self) -> str:
        # Browsers take the first over TLS only, and from no neighbour of our host's.
        return f"__Host-{COOKIE}" if self._tls() else COOKIE

    def _cookie(self) -> str:
        return request.cookies.get(self._name(), "")

    # Forms.

    def token(self, drawn: datetime) -> str:
        """What a form of a page carries, so that no page of elsewhere can send it; `drawn` is when it was looked up."""
        return self._signing.stamp(drawn, *self._whose())

    def drawn(self) -> datetime | None:
        """When the page was drawn whose form this is; None where we did not make it for this browser."""
        return None if self.foreign() else self._signing.stamped(request.form.get("token", ""), *self._whose())

    def _whose(self) -> tuple[str, ...]:
        return "form", self.who(), self._cookie() if self.asks else ""

    def foreign(self) -> bool:
        """Whether the browser says that the form stood on somebody else's page.

        Some say "null" for its origin: they do not know, or a page that hides its own sent it. Over TLS and on
        loopback they also say how the two are related (https://www.w3.org/TR/fetch-metadata/), which no page can hide.
        """
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = request.headers.get("Origin", "null")
        ours = {f"{scheme}://{request.host}" for scheme in ("http", "https")}  # TLS may end before us
        external = urlsplit(self._guard.reach.external_url)
        return origin not in ours | {"null", f"{external.scheme}://{external.netloc}"}


_NO_LOGIN = (
    "No login is set",
    (
        "Without one these pages are for this machine alone, under a name such as 127.0.0.1, and for nobody where"
        " server.external_url or server.listen lets others in."
    ),
    "Write server.login: [{username: alice, password_file: /run/secrets/alice}] into the configuration.",
)
_SLOWLY = (
    "After too many wrong ones from your address each has to wait: try it again in five seconds. Links in SMS work"
    " without a login."
)


def _following(values: Mapping[str, str]) -> str:
    following = values.get("next", "/")
    return following if _OURS.fullmatch(following) else "/"


def _left(tx: Connection, ticket: Ticket) -> bool:
    """Whether it was logged out, by itself or with all that there were when a backup was restored."""
    every = settings.when(tx, settings.ALL_LEFT)
    return settings.when(tx, ticket.left) is not None or (every is not None and ticket.began <= every.timestamp())


def _parts(cookie: str) -> Ticket:
    try:
        name, began, nonce, signature = cookie.split(".")
        known = base64.urlsafe_b64decode(name.encode()).decode()
        return Ticket(name=known, began=int(began[:12]), nonce=nonce, signature=signature)
    except ValueError:
        return Ticket()


def _digest(name: str, password: str) -> bytes:
    return sha256(f"{name}\n{password}".encode("utf-8", "replace")).digest()
