"""Who asks, from where, and what they may open: every path that answers, what opens it, and how a refusal is answered.

The printed proxy file goes by the same table. What is SENDER, LINK, RECEIPT or (with a login) LOGIN in it is for people
and programs elsewhere; a proxy does not pass on the rest. A path that is missing there answers nobody, and a test says
which.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from functools import cache
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from flask import Request, Response, request

from alertsms.core.text.subject import LINK_PATH, OLD_LENGTH
from alertsms.web.auth import CLOSED, AuthVerdict, Gate
from alertsms.web.peer import Networks, whence

HEARTBEAT = "/heartbeat"
RECEIPT = "/ovh/receipt"
TOKENS = "/api/v1/tokens"


class PathAccess(Enum):
    """What opens a path to whoever is not surely at this machine, alone with it."""

    SENDER = auto()  # a secret of `server`, as webhooks show it
    LINK = auto()  # the link of an SMS, and what its page loads
    RECEIPT = auto()  # the secret in its address
    ALL = auto()  # nothing: whether it is well, without a word of why
    METRICS = auto()  # public_metrics, or a token that may read
    LOGIN = auto()  # a login
    TOKEN = auto()  # a token, at this machine too: one that may read for GET, else a full one
    OWN = auto()  # the key, by which the alertsms command is known
    RELOAD = auto()  # a full token at this machine; from outside nothing


WEBHOOKS = ("/webhook", "/webhook/<name>", "/alert")
RULES = {
    PathAccess.SENDER: (*WEBHOOKS, f"{HEARTBEAT}/<name>"),
    PathAccess.LINK: (f"{LINK_PATH}<token>", "/style.css"),
    PathAccess.RECEIPT: (f"{RECEIPT}/<secret>",),
    PathAccess.ALL: ("/-/healthy", "/-/ready"),
    PathAccess.METRICS: ("/metrics",),
    PathAccess.LOGIN: ("/", "/on-call", "/incidents/<int:number>", "/login", "/logout"),
    PathAccess.RELOAD: ("/-/reload",),
    PathAccess.OWN: (TOKENS,),
    PathAccess.TOKEN: (
        "/api/v1/send",
        "/api/v1/confirmations",
        "/api/v1/messages",
        "/api/v1/on-call",
        "/api/v1/pauses",
        "/api/v1/heartbeats",
        "/api/v1/openapi.json",
        "/api/v1/incidents",
        "/api/v1/incidents/<int:number>",
        *(f"/api/v1/incidents/{act}" for act in ("ack", "snooze", "resolve")),
        *(f"/api/v1/incidents/<int:number>/{act}" for act in ("ack", "snooze", "resolve", "silence")),
    ),
}
ACCESS = {rule: access for access, rules in RULES.items() for rule in rules}


def beginnings(*access: PathAccess) -> tuple[str, ...]:
    """What addresses of these kinds begin with: `/webhook`, `/a`, each once and without its last slash."""
    rules = [rule for kind in access for rule in RULES[kind]]
    return tuple(dict.fromkeys(rule.partition("<")[0].rstrip("/") for rule in rules))


def below(path: str, beginnings: Iterable[str]) -> str:
    """The one of these that a path is, or lies below; "" for none."""
    for beginning in beginnings:
        if path == beginning or path.startswith(f"{beginning}/"):
            return beginning
    return ""


# What is posted here is to be stored; whatever is refused there is counted.
INTAKE = beginnings(PathAccess.SENDER)
# A key of an environ: something of this request was stored. That it was answered says nothing of the store.
STORED = "alertsms.stored"
# What answers anybody who knocks, if only to ask for a secret; slashes too many are taken for what was meant.
OPEN_TO_ALL = beginnings(PathAccess.SENDER, PathAccess.ALL, PathAccess.RECEIPT)
KNOWN = OPEN_TO_ALL + beginnings(PathAccess.LINK)  # who asks there for what is not there is told so
# What stands there is no webhook, however it is posted to.
NO_WEBHOOK = ("/api/v1/", "/-/", "/a/", "/incidents", "/login", "/logout", "/on-call", RECEIPT, HEARTBEAT)
# What has forms for people, who log in or have a link; `/` itself has none.
FORMS = tuple(filter(None, beginnings(PathAccess.LINK, PathAccess.LOGIN)))

# Words of addresses that are no secret: of our own paths, and of senders that err.
_WORDS = frozenset(
    {word for rule in ACCESS for word in rule.split("/")}
    | {"alertmanager", "alertsms", "callback", "heartbeats", "prometheus", "receipts", "webhooks"}
)


def shown(path: str) -> str:
    """A path as logs, incidents and answers show it: a part that may be a secret is a dot-dot-dot.

    All that is as long as the shortest link and no known word may be one, wherever it stands: a proxy may have put
    something before it. What a sender of alerts calls itself, right behind /webhook, is none.
    """
    parts = path.split("/")
    if len(parts) == len(("", "webhook", "NAME")) and f"/{parts[1]}" in WEBHOOKS:
        return path
    return "/".join(part if len(part) < OLD_LENGTH or part in _WORDS else "..." for part in parts)


# A header that a proxy adds, as an environ names it: no program of this machine writes any of them to us.
_BY_PROXY = re.compile(r"HTTP_(?:(?:FORWARDED|VIA|X_REAL_IP)\Z|X_FORWARDED_)")
_FIX = "Set server.bearer_token here, and give it to the sender."
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z_.-]+)(:[0-9]*)?", re.IGNORECASE | re.ASCII)


class Grant(IntEnum):
    """What the token that a request shows is good for."""

    NOTHING = 0
    READ = 1
    FULL = 2
    OWN = 3  # the command's, made of the key: it alone makes tokens and revokes them


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Who can reach this process, and what lets a sender in, as its configuration says."""

    # It listens beyond loopback, or external_url is no loopback address and a proxy of this machine brings requests.
    # Who comes from loopback need not be somebody of this machine then.
    public: bool = False
    external_url: str = ""
    public_metrics: bool = False
    allow_unauthenticated: bool = False
    gate: Gate = CLOSED
    trusted: Networks = ()  # proxies that are believed when they name somebody


class Guard:
    """Judges requests. What takes none is about the request that is being answered."""

    def __init__(self, *, reach: Reach, grant: Callable[[Request], Grant]) -> None:
        """`reach` is replaced by a reload; `grant` reads the token that a request shows."""
        self.reach, self.grant = reach, grant

    @property
    def address(self) -> str:
        """Whom the request counts for."""
        return whence(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), self.reach.trusted)

    @property
    def outside(self) -> bool:
        """Whether the request came from outside."""
        return outside(request, external_url=self.reach.external_url)

    @property
    def alone(self) -> bool:
        """Whether it surely is this machine's own: a bare proxy_pass shows neither a header nor its Host."""
        return not self.reach.public and not self.outside

    @property
    def knows(self) -> bool:
        """Whether it may be told what is wrong: words of a trouble may hold paths, addresses and names."""
        return self.alone or self.grant(request) >= Grant.READ

    def verdict(self, raw: bytes) -> AuthVerdict:
        """Whether a sender with this body is let in, and why not."""
        reach = self.reach
        if not reach.gate.open:
            return reach.gate.check(cast("Mapping[str, str]", request.headers), raw)  # they have get()
        if cross_site(request):
            refusal = "a page of elsewhere in a browser sent it, and no secret is configured"
        elif reach.allow_unauthenticated:
            refusal = ""
        elif outside(request, external_url=reach.external_url):
            refusal = "it comes from outside, and no secret is configured"
        else:
            old = reach.public and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
            refusal = "it speaks HTTP/1.0, as a proxy may, and no secret is configured" if old else ""
        return AuthVerdict(ok=not refusal, reason=refusal or "open", fix=refusal and _FIX)

    def refuses(self, rule: str) -> str:
        """Why the path is not for this request; "" lets it through, to where a secret, a link or a login is judged."""
        match ACCESS.get(rule):
            case PathAccess.SENDER | PathAccess.LINK | PathAccess.ALL | PathAccess.LOGIN:
                return ""
            case PathAccess.RECEIPT:
                return f"{request.path} is not for pages of elsewhere." if cross_site(request) else ""
            case PathAccess.METRICS:
                return "" if self.reach.public_metrics or self.knows else _METRICS
            case PathAccess.RELOAD:
                near = self.alone and not cross_site(request)
                return "" if not self.outside and (near or self.grant(request) >= Grant.FULL) else _RELOAD
            case PathAccess.TOKEN:
                least = Grant.READ if request.method in ("GET", "HEAD") else Grant.FULL
                return "" if self.grant(request) >= least else _API.format(path=request.path)
            case PathAccess.OWN:
                return "" if self.grant(request) >= Grant.OWN else _OWN
        return f"{request.path} does not answer."


def outside(request: Request, *, external_url: str = "") -> bool:
    """Whether it may be a stranger's: from another machine, by a proxy, or under a name that is not this machine's.

    The machine's own host name is this machine's too, unless `external_url` has given it to everybody.
    """
    if not loopback(request.remote_addr or "") or any(map(_BY_PROXY.match, request.environ)):
        return True
    return not names_us(request.headers.get("Host", ""), _own_names() - {urlsplit(external_url).hostname})


def cross_site(request: Request) -> bool:
    """Whether a browser says that a page of elsewhere asks. Programs that are no browser send neither header.

    Of a page that hides its own address the origin is "null". Over TLS and to loopback browsers also say how the page
    and the address are related (https://www.w3.org/TR/fetch-metadata/), for images and links too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return True
    host = request.headers.get("Host", "")
    return request.headers.get("Origin", f"http://{host}") not in (f"http://{host}", f"https://{host}")


def names_us(host: str, own_names: Collection[str] = ()) -> bool:
    """Whether a Host header names this machine: a page of elsewhere cannot have such a name (DNS rebinding)."""
    match = _HOST.fullmatch(host)
    name = match[1].strip("[]").lower() if match else ""
    return loopback(name) or name.endswith(".localhost") or name in own_names


@cache
def _own_names() -> frozenset[str]:
    whole = os.uname().nodename.lower()
    return frozenset({whole, whole.partition(".")[0]} - {""})


def loopback(address: str) -> bool:
    """Whether only this machine has this address, or this is the name for that."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def answer(status: int, body: object) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body, ensure_ascii=False) + "\n", status, content_type="application/json")


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """A request that is refused, with its status and sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def answer(self) -> Response:
        """What the sender gets; Alertmanager writes it to its log in full."""
        response = answer(self.status, {"error": self.sentence})
        if self.status == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="alertsms"'
        if self.status == 503:
            response.headers["Retry-After"] = "1"
        return response


OLDER = "Another replica has a newer configuration, by which alerts are routed: send it again, it gets there."
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
