"""Who may see the pages for people: with `server.login` whoever is logged in, without it this machine alone."""

from __future__ import annotations

import base64
import hmac
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Response, request

from alertsms.logs import event
from alertsms.web import html
from alertsms.web.attempts import Attempts, address
from alertsms.web.seal import Seal

log = logging.getLogger("alertsms.login")

COOKIE = "alertsms"
LASTS = timedelta(days=30)
AHEAD = timedelta(minutes=5)  # a replica's clock may be so far before ours
_OURS = re.compile(r"/(on-call|incidents/[0-9]{1,18})?", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    password: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What a cookie is bound to, so that it ends when the password changes."""
        return sha256(self.password.encode()).hexdigest()


class Login:
    """Lets people in, and knows who they are."""

    def __init__(self, *, users: Callable[[], Sequence[User]], seal: Seal, clock: Callable[[], datetime],
                 exposed: bool, external_url: Callable[[], str]) -> None:  # fmt: skip
        """`exposed`: other machines reach us; `external_url`: the address that they use, "" where none is known."""
        self._users, self._seal, self._clock = users, seal, clock
        self._exposed, self._external_url = exposed, external_url
        # A password of a dictionary is not found at this pace; people mistype theirs three times.
        self._attempts = Attempts(each=10, together=200)

    @property
    def asks(self) -> bool:
        """Whether there is a login at all."""
        return bool(self._users())

    def admit(self) -> Response | None:
        """What a request for a page gets instead of it; None lets it through."""
        if not self.asks:
            return self._alone()
        if self.who() or request.endpoint == "login":
            return None
        here = request.path if _OURS.fullmatch(request.path) else "/"
        return html.see(f"login?next={here}")

    def _alone(self) -> Response | None:
        """Without a login: this machine's own browsers, unless a page of elsewhere borrowed a name for it."""
        if self._exposed:
            return html.message(
                403, "No login is set", "On an address that other machines reach, these pages ask who you are.",
                "Write server.login: [{username: alice, password_file: /run/secrets/alice}] into the configuration.",
            )  # fmt: skip
        if not (_local(request.host) or request.host == urlsplit(self._external_url()).netloc):
            return html.message(
                403, "Not by this name", f"These pages do not answer as {request.host}.",
                "Set server.external_url to the address that you open, or server.login to be asked who you are.",
            )  # fmt: skip
        return None

    def who(self) -> str:
        """The name of whoever is logged in; "" for nobody."""
        name, began, signature = _parts(request.cookies.get(COOKIE, ""))
        user = next((each for each in self._users() if each.name == name), None)
        if not user or not self._seal.proves(signature, "login", name, str(began), user.digest):
            return ""
        age = self._clock().timestamp() - began
        return name if -AHEAD.total_seconds() <= age < LASTS.total_seconds() else ""

    def form(self) -> Response:
        """GET and POST /login."""
        following = request.values.get("next", "/")
        following = following if _OURS.fullmatch(following) else "/"
        if not self.asks:
            return html.see("")
        if request.method != "POST":
            return html.page("login", next=following, wrong=False)
        now, whence = self._clock(), address()
        if not self._attempts.allowed(whence, now):
            event(log, logging.WARNING, "login not looked at", why="too many wrong ones", peer=whence)
            return html.message(429, "Too many attempts", "Wait ten minutes. Links in SMS work without a login.")
        user = self._known(request.form.get("username", ""), request.form.get("password", ""))
        if not user or self.foreign():
            self._attempts.miss(whence, now)
            event(log, logging.WARNING, "login refused", peer=whence)
            return html.page("login", 403, next=following, wrong=True)
        event(log, logging.INFO, "logged in", user=user.name, peer=whence)
        return self._welcome(user, following, now)

    def _known(self, name: str, password: str) -> User | None:
        """Whose name and password these are. All are compared, also after one fits."""
        given = _digest(name, password)
        fits = [user for user in self._users() if hmac.compare_digest(given, _digest(user.name, user.password))]
        return fits[0] if fits else None

    def _welcome(self, user: User, following: str, now: datetime) -> Response:
        began = int(now.timestamp())
        name = base64.urlsafe_b64encode(user.name.encode()).decode()
        signature = self._seal.sign("login", user.name, str(began), user.digest)
        response = html.see(following.removeprefix("/"))
        response.set_cookie(
            COOKIE, f"{name}.{began}.{signature}", max_age=LASTS, httponly=True, samesite="Lax",
            secure=self._external_url().startswith("https://") and not _local(request.host),
        )  # fmt: skip
        return response

    def leave(self) -> Response:
        """POST /logout."""
        if self.foreign():
            return html.message(403, "Nothing was done", "This form is not of this page.")
        response = html.see("login" if self.asks else "")
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
        return response

    # Forms.

    def token(self, drawn: datetime) -> str:
        """What a form of a page carries, so that no page of elsewhere can send it; `drawn` is when it was looked up."""
        return self._seal.stamp(drawn, *self._whose())

    def drawn(self) -> datetime | None:
        """When the page was drawn whose form this is; None where we did not make it for this browser."""
        return None if self.foreign() else self._seal.stamped(request.form.get("token", ""), *self._whose())

    def _whose(self) -> tuple[str, ...]:
        return "form", self.who(), request.cookies.get(COOKIE, "") if self.asks else ""

    def foreign(self) -> bool:
        """Whether the browser says that the form stood on somebody else's page.

        Some say "null" for its origin: they do not know, or a page that hides its own sent it. Over TLS and on
        loopback they also say how the two are related (https://www.w3.org/TR/fetch-metadata/), which no page can hide.
        """
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = request.headers.get("Origin", "null")
        ours = {f"{scheme}://{request.host}" for scheme in ("http", "https")}  # TLS may end before us
        external = urlsplit(self._external_url())
        return origin not in ours | {"null", f"{external.scheme}://{external.netloc}"}


def _local(host: str) -> bool:
    """Whether a Host header names this machine: a page of elsewhere cannot have such a name (DNS rebinding)."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def _parts(cookie: str) -> tuple[str, int, str]:
    """Name, begin in Unix seconds and signature; empty ones where it is no cookie of ours."""
    name, _, rest = cookie.partition(".")
    began, _, signature = rest.partition(".")
    try:
        return base64.urlsafe_b64decode(name.encode()).decode(), int(began[:12]), signature
    except ValueError:
        return "", 0, ""


def _digest(name: str, password: str) -> bytes:
    return sha256(f"{name}\n{password}".encode("utf-8", "replace")).digest()
