"""Every path that answers, and what opens it: the guard goes by this table, and so does the printed proxy file.

What is SENDER, LINK, RECEIPT or (with a login) LOGIN here is for people and programs elsewhere; the rest is not
passed on by a proxy. A path that is missing here answers nobody, and a test names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from alertsms.core.text.link import LINK_PATH, OLD_LENGTH

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Path:
    """One rule of the table of URLs."""

    rule: str  # as Flask writes it
    access: PathAccess

    @property
    def fixed(self) -> str:
        """What every address of it begins with: `/a/` of `/a/<token>`."""
        return self.rule.partition("<")[0]

    @property
    def exact(self) -> bool:
        """Whether it is one address only."""
        return "<" not in self.rule


WEBHOOKS = ("/webhook", "/webhook/<name>", "/alert")
_RULES = {
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
PATHS = tuple(Path(rule=rule, access=access) for access, rules in _RULES.items() for rule in rules)
ACCESS = {path.rule: path.access for path in PATHS}


def beginnings(*access: PathAccess) -> tuple[str, ...]:
    """What addresses of these kinds begin with: `/webhook`, `/a`, each once and without its last slash."""
    return tuple(dict.fromkeys(path.fixed.rstrip("/") for path in PATHS if path.access in access))


def below(path: str, beginnings: Iterable[str]) -> str:
    """The one of these that a path is, or lies below; "" for none."""
    for beginning in beginnings:
        if path == beginning or path.startswith(f"{beginning}/"):
            return beginning
    return ""


# What is posted here is to be stored; whatever is refused there is counted.
INTAKE = beginnings(PathAccess.SENDER)
# What answers anybody who knocks, if only to ask for a secret; slashes too many are taken for what was meant.
OPEN_TO_ALL = beginnings(PathAccess.SENDER, PathAccess.ALL, PathAccess.RECEIPT)
KNOWN = OPEN_TO_ALL + beginnings(PathAccess.LINK)  # who asks there for what is not there is told so
# What stands there is no webhook, however it is posted to.
NO_WEBHOOK = ("/api/v1/", "/-/", "/a/", "/incidents", "/login", "/logout", "/on-call", RECEIPT, HEARTBEAT)
# What has forms for people, who log in or have a link; `/` itself has none.
FORMS = tuple(filter(None, beginnings(PathAccess.LINK, PathAccess.LOGIN)))

# Words of addresses that are no secret: of our own paths, and of senders that err.
_WORDS = frozenset(
    {word for path in PATHS for word in path.rule.split("/")}
    | {"alertmanager", "alertsms", "callback", "heartbeats", "prometheus", "receipts", "webhooks"}
)

NAMED = 3  # parts of /webhook/NAME, the first of them empty


def shown(path: str) -> str:
    """A path as logs, incidents and answers show it: a part that may be a secret is a dot-dot-dot.

    All that is as long as the shortest link and no known word may be one, wherever it stands: a proxy may have put
    something before it. What a sender of alerts calls itself, right behind /webhook, is none.
    """
    parts = path.split("/")
    if len(parts) == NAMED and f"/{parts[1]}" in WEBHOOKS:
        return path
    return "/".join(part if len(part) < OLD_LENGTH or part in _WORDS else "..." for part in parts)
