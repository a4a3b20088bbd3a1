"""Who may use which path: the table of paths applied to a request, by where it comes from and what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from flask import Request, request

from alertsms.web.auth import AuthVerdict, Gate
from alertsms.web.outside import cross_site, outside
from alertsms.web.paths import ACCESS, PathAccess

ASK_SECRET = "Set server.bearer_token here, and give it to the sender."  # noqa: S105 - a sentence
_OUTSIDE = "it comes from outside, and no secret is configured"
_OLD = "it speaks HTTP/1.0, as a proxy may, and no secret is configured"
_CROSS = "a page of elsewhere in a browser sent it, and no secret is configured"


class Grant(IntEnum):
    """What the token that a request shows is good for."""

    NOTHING = 0
    READ = 1
    FULL = 2
    OWN = 3  # the command's, made of the key: it alone makes tokens and revokes them


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Who can reach this process, as its configuration says."""

    listens_beyond: bool = False  # on an address that other machines have
    external_url: str = ""
    external: bool = False  # external_url is no loopback address: a proxy is on this machine, perhaps
    public_metrics: bool = False
    allow_unauthenticated: bool = False

    @property
    def public(self) -> bool:
        """Whether others may reach us, so that who comes from loopback need not be somebody of this machine."""
        return self.listens_beyond or self.external


class Guard:
    """Judges requests. Its questions are about the one that is being answered."""

    def __init__(self, *, reach: Callable[[], Reach], grant: Callable[[Request], Grant]) -> None:
        """`grant` reads the token that a request shows."""
        self._reach, self._grant = reach, grant

    @property
    def outside(self) -> bool:
        """Whether it came from outside, however it came."""
        return outside(request, external_url=self._reach().external_url)

    @property
    def alone(self) -> bool:
        """Whether it surely is this machine's own: a bare proxy_pass shows neither a header nor its Host."""
        return not self._reach().public and not self.outside

    @property
    def grant(self) -> Grant:
        """What its token is good for."""
        return self._grant(request)

    @property
    def knows(self) -> bool:
        """Whether it may be told what is wrong: words of a trouble may hold paths, addresses and names."""
        return self.alone or self.grant >= Grant.READ

    def open_to(self, gate: Gate) -> AuthVerdict | None:
        """Why a webhook is not taken although no secret is configured; None where the gate is to judge."""
        if not gate.open:
            return None
        reach = self._reach()
        if cross_site(request):
            return AuthVerdict(ok=False, reason=_CROSS, fix=ASK_SECRET)
        if reach.allow_unauthenticated:
            return None
        if self.outside:
            return AuthVerdict(ok=False, reason=_OUTSIDE, fix=ASK_SECRET)
        if reach.public and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            return AuthVerdict(ok=False, reason=_OLD, fix=ASK_SECRET)
        return None

    def anybody(self, gate: Gate) -> bool:
        """Whether its sender may be anyone: it came from outside, and showed no secret, since none is asked for."""
        return gate.open and self.outside

    def refuses(self, rule: str) -> str:
        """Why the path is not for this request; "" lets it through, to where a secret, a link or a login is judged."""
        access = ACCESS.get(rule)
        match access:
            case PathAccess.SENDER | PathAccess.LINK | PathAccess.ALL | PathAccess.LOGIN:
                return ""
            case PathAccess.RECEIPT:
                return f"{request.path} is not for pages of elsewhere." if cross_site(request) else ""
            case PathAccess.METRICS:
                return "" if self._reach().public_metrics or self.knows else _METRICS
            case PathAccess.RELOAD:
                return "" if self._reloads() else _RELOAD
            case PathAccess.TOKEN:
                least = Grant.READ if request.method in ("GET", "HEAD") else Grant.FULL
                return "" if self.grant >= least else _API.format(path=request.path)
            case PathAccess.OWN:
                return "" if self.grant >= Grant.OWN else _OWN
        return f"{request.path} does not answer."

    def _reloads(self) -> bool:
        if self.outside:
            return False
        return self.grant >= Grant.FULL or (self.alone and not cross_site(request))


_METRICS = (
    "/metrics is for this machine alone, and not even for that where others reach alertsms by server.external_url or"
    " server.listen: set server.public_metrics: true, or show a token as `Authorization: Bearer`."
)
_RELOAD = (
    "/-/reload is for this machine alone, and wants a token as `Authorization: Bearer` where others reach alertsms by"
    " server.external_url or server.listen: kill -HUP on the machine itself reloads too."
)
_API = (
    "{path} wants a token as `Authorization: Bearer`: `alertsms token NAME` makes one that reads,"
    " `alertsms token NAME --full` one that acts too."
)
_OWN = "Tokens are made, listed and revoked by `alertsms token` alone, on the machine that has the key."
