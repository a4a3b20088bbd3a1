"""The section `server`: where webhooks come in, and which secrets open the door."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from alertsms.config import parsers
from alertsms.config.error import Place, Secret, quote
from alertsms.config.fields import Field, Got, Listing, Reading, Section, Table
from alertsms.config.scalars import FLAG, PATH, SECRET, SECRET_FILE, Text, secret
from alertsms.config.yaml import Node
from alertsms.core.text.gsm7 import measure
from alertsms.core.text.subject import SAMPLE, link_to
from alertsms.machine.key import MAKE_ONE, NoKey, read_key
from alertsms.machine.password import unusable

UNGUARDED = "server.external_url lets others reach it, and no webhook secret is set"
_UNENCRYPTED = "links in texts would travel unencrypted, write https:// and put a proxy with TLS in front"
_NO_PHONE = "only this machine can open it, and no phone: write the address by which phones reach alertsms"
LONGEST_LINK = 48  # septets; with more there is little room for what happened
_HEADER = Text("the name of an HTTP header", parsers.header)

BASIC_AUTH = Table(
    "username and password",
    (
        Field("username", Text("a user name", parsers.user), "The user name that the sender gives.", required=True),
        Field("password", SECRET, "The user's password."),
        Field("password_file", SECRET_FILE, "The path of a file that holds the password."),
    ),
)

HMAC = Table(
    "secret or secret_file",
    (
        Field("secret", SECRET, "The secret that Grafana signs its bodies with."),
        Field("secret_file", SECRET_FILE, "The path of a file that holds the secret."),
        Field("header", _HEADER, "The header that carries the signature.", "X-Grafana-Alerting-Signature"),
        Field(
            "timestamp_header", _HEADER, "The header with the signature's time, as set in Grafana's contact point.", ""
        ),
        Field("require_timestamp", FLAG, "Refuse bodies whose signature covers no time.", default=False),
    ),
)

LOGIN = Table(
    "username and password",
    (
        Field("username", Text("a name"), "The name, best that of one of `people`.", required=True),
        Field("password", SECRET, "Its password, or better what `alertsms hash-password` makes of it."),
        Field("password_file", SECRET_FILE, "The path of a file that holds either."),
    ),
)


@dataclass(frozen=True, slots=True)
class KeyFile(Text):
    """The path of the root key. It reads as a Path: what the file holds is read where it is used, and tried here."""

    def read(self, node: Node, at: Place, reading: Reading) -> Got | None:
        """Find the file, and see that it holds a key."""
        got = Text.read(self, node, at, reading)
        if got is None:
            return None
        path = reading.folder / got.value
        problem = _no_key(path) if reading.secrets else ""
        if problem and reading.lenient:  # the server then runs with a key of its own, and says so
            reading.report.warn(at, problem, found=got.found)
        elif problem:
            reading.report.error(at, problem, found=got.found)
            return None
        return replace(got, value=path)


def _no_key(path: Path) -> str:
    try:
        read_key(path)
    except FileNotFoundError:
        return f"there is no {path}: write a key into it, {MAKE_ONE}"
    except NoKey as problem:
        return str(problem)
    return ""


_BEARER = "What senders put behind `Authorization: Bearer`; a list while tokens are being exchanged."
SERVER = Table(
    "the settings of the server",
    (
        Field(
            "listen",
            Text("HOST:PORT", parsers.address),
            "Where webhooks are received: HOST:PORT, or :PORT for every address of this machine.",
            parsers.Address(host="127.0.0.1", port=9095),
        ),
        Field(
            "external_url",
            Text("a web address such as https://pager.example.org", parsers.web_address),
            "The address under which others reach this server: links in SMS, OVHcloud's receipts, `alertsms config`.",
            "",
        ),
        Field("bearer_token", Listing("a token or a list of tokens", SECRET, single=True), _BEARER),
        Field(
            "bearer_token_file",
            Listing("a path or a list of paths", replace(SECRET_FILE, lines=True), single=True),
            "The path of a file that holds the token, or several tokens, one a line.",
        ),
        Field(
            "basic_auth",
            Listing("username and password, or a list of them", BASIC_AUTH, single=True),
            "Users and passwords of senders that know HTTP Basic only.",
        ),
        Field(
            "hmac", Listing("secret or secret_file, or a list of them", HMAC, single=True), "Grafana's HMAC signature."
        ),
        Field(
            "allow_unauthenticated",
            FLAG,
            "Take webhooks without a secret from other machines: whoever reaches the port can page people.",
            default=False,
        ),
        Field(
            "trusted_proxies",
            Listing(
                "an address or a network, or a list of them",
                Text("an address or a network such as 10.0.0.0/24", parsers.network),
                single=True,
            ),
            "The proxies that tell by X-Forwarded-For whom they speak for.",
        ),
        Field("public_metrics", FLAG, "Show /metrics to other machines.", default=False),
        Field(
            "login",
            Listing("username and password, or a list of them", LOGIN, single=True),
            "Who opens the pages for people; without it this machine alone, and nobody where others reach it.",
        ),
        Field(
            "key_file",
            KeyFile("the path of a file that holds 32 random bytes", shape=PATH, filled=True),
            "The path of a file with 32 random bytes, from which alertsms derives its own secrets; the same for every"
            " replica. Without it one is made as alertsms.key in the state folder.",
        ),
    ),
    later=frozenset({"tls"}),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Hmac:
    """One of Grafana's signing secrets, and the headers that it comes with."""

    secret: Secret
    header: str = "X-Grafana-Alerting-Signature"
    timestamp_header: str = ""
    require_timestamp: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerConfig:
    """Where webhooks come in, and who may post them."""

    host: str = "127.0.0.1"
    port: int = 9095
    external_url: str = ""  # without a slash at the end
    bearer_tokens: tuple[Secret, ...] = ()
    basic: tuple[tuple[str, Secret], ...] = ()
    hmac: tuple[Hmac, ...] = ()
    allow_unauthenticated: bool = False
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    public_metrics: bool = False
    login: tuple[tuple[str, Secret], ...] = ()
    key_file: Path | None = None  # None: alertsms.key in the state folder

    @property
    def external(self) -> bool:
        """Whether external_url is an address of others too, so that what comes from loopback may be a proxy's."""
        return bool(self.external_url) and not parsers.loopback(self.external_url)

    @property
    def guarded(self) -> bool:
        """Whether webhooks need a secret."""
        return bool(self.bearer_tokens or self.basic or self.hmac)

    @property
    def unguarded(self) -> bool:
        """Whether others are meant to reach it, and cannot post: there is no secret to show."""
        return self.external and not self.guarded and not self.allow_unauthenticated


def server(section: Section, reading: Reading) -> ServerConfig:
    """Build the server's settings, and refuse an open door."""
    address = section.value("listen")
    built = ServerConfig(
        host=address.host,
        port=address.port,
        external_url=section.value("external_url"),
        bearer_tokens=(
            *(got.value for got in section.items("bearer_token")),
            *(token for got in section.items("bearer_token_file") for token in got.value),
        ),
        basic=tuple(
            (login.value("username") or "", secret(login, "password", reading))
            for login in _sections(section, "basic_auth")
        ),
        hmac=tuple(_hmac(signed, reading) for signed in _sections(section, "hmac")),
        allow_unauthenticated=section.value("allow_unauthenticated"),
        trusted_proxies=tuple(got.value for got in section.items("trusted_proxies")),
        public_metrics=section.value("public_metrics"),
        login=tuple(_users(section, reading)),
        key_file=section.value("key_file"),
    )
    _refuse_open_door(section, address, reading)
    _warn_of_strangers(section, built, address, reading)
    own = parsers.loopback(built.external_url)
    if own or built.external_url.startswith("http://"):
        written = section.got["external_url"].found
        advice = _NO_PHONE if own else _UNENCRYPTED
        reading.report.warn(section.place("external_url"), f"{quote(written)}: {advice}", found=written)
    _warn_of_long_link(section, built.external_url, reading)
    return built


def _warn_of_long_link(section: Section, url: str, reading: Reading) -> None:
    """Note an address that leaves little of an SMS for what it says: a page's link is its address and 14 more."""
    size = measure(link_to(url, SAMPLE)).units
    if size > LONGEST_LINK:
        reading.report.warn(
            section.place("external_url"),
            f"links in texts take {size} of 160 characters, write an address {size - LONGEST_LINK} shorter",
            found=section.got["external_url"].found,
        )


def _sections(section: Section, key: str) -> list[Section]:
    return [got.value for got in section.items(key)]


def _users(section: Section, reading: Reading) -> Iterable[tuple[str, Secret]]:
    known: set[str] = set()
    for user in _sections(section, "login"):
        name = user.value("username") or ""
        if name and name in known:
            reading.report.error(
                user.place("username"), f"{quote(name)} stands here twice, keep one of them", found=name
            )
        known.add(name)
        given = secret(user, "password", reading)
        if problem := unusable(given):
            reading.report.error(user.place("password" if "password" in user else "password_file"), problem)
        yield name, given


def warn_of_other_names(section: Section, people: Collection[str], reading: Reading) -> None:
    """Note logins by names that are none of `people`: a person who acknowledges by one cannot be notified."""
    for user in _sections(section, "login"):
        name = user.value("username")
        if name and name not in people:
            reading.report.warn(
                user.place("username"),
                f"{quote(name)} is none of people, and relieves nobody of hearing the end of what it has:"
                " write the name of one of them",
                found=name,
            )


def _hmac(section: Section, reading: Reading) -> Hmac:
    if section.value("require_timestamp") and "timestamp_header" not in section:
        reading.report.error(
            section.place("require_timestamp"),
            "timestamp_header is missing, without it no signature covers a time and every body is refused",
        )
    return Hmac(
        secret=secret(section, "secret", reading),
        header=section.value("header"),
        timestamp_header=section.value("timestamp_header"),
        require_timestamp=section.value("require_timestamp"),
    )


def _refuse_open_door(section: Section, address: parsers.Address, reading: Reading) -> None:
    """Note a server that lets every machine of the network page people: that must be asked for by name."""
    if (
        parsers.is_loopback(address.host)
        or _guarded(section)
        or section.value("allow_unauthenticated")
        or "listen" not in section.got
    ):
        return
    written = section.got["listen"].found
    reading.report.error(
        section.place("listen"),
        f"{quote(written)} lets other machines page people without a secret, "
        "write server.bearer_token, or server.allow_unauthenticated: true",
        found=written,
    )


def _guarded(section: Section) -> bool:
    return any(key in section for key in ("bearer_token", "bearer_token_file", "basic_auth", "hmac"))


def _warn_of_strangers(section: Section, built: ServerConfig, address: parsers.Address, reading: Reading) -> None:
    """Note an address for others without what others are to show.

    Without a secret that is a mistake where a file is checked. What serves by such a file goes on all the same, shut to
    them: an older version took their alerts, and an upgrade must not stop a pager.
    """
    if not built.external:
        return
    at, written = section.place("external_url"), section.got["external_url"].found
    if parsers.is_loopback(address.host) and not (_guarded(section) or built.allow_unauthenticated):
        note = reading.report.error if reading.thorough else reading.report.warn
        advice = "write server.bearer_token and give it to the senders, or server.allow_unauthenticated: true"
        note(at, f"others reach it at {quote(written)} and no webhook secret is set, {advice}", found=written)
    if "login" not in section:
        advice = "write server.login: [{username: alice, password_file: /run/secrets/alice}]"
        reading.report.warn(
            at, f"the pages for people answer nobody with an address for others, {advice}", found=written
        )
