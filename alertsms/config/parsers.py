"""What a single text of the configuration must look like.

Each function gives the value, or raises ValueError with a sentence that says what was found and what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from alertsms.config.error import quote
from alertsms.core.messages.sender_rules import is_country
from alertsms.core.routing.time_interval import parse_location
from alertsms.core.schedules.person import PhoneError, PhoneNumber, parse_phone


def checked(good: Callable[[str], object], wrong: str, *, hidden: bool = False) -> Callable[[str], str]:
    """A parser of texts that pass a test; of another one `wrong` is what is said after it, or after "this"."""

    def parse(text: str) -> str:
        if not good(text):
            raise ValueError(f"{'this' if hidden else quote(text)} {wrong}")
        return text

    return parse


def matching(pattern: str, wrong: str) -> Callable[[str], str]:
    """A parser of texts that match as a whole; of another one `wrong` is what is said after it."""
    return checked(partial(re.fullmatch, pattern), wrong)


service_name = matching(
    "[A-Za-z0-9._-]+", "is no SMS account, write its name from the OVHcloud manager, such as sms-xx00000-1"
)
email = matching(r"[^@\s<>,]+@[^@\s<>,]+", "is no e-mail address, write one such as alice@example.org")
header = matching(  # RFC 9110, section 5.6.2
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "is no name of an HTTP header, write one such as X-Grafana-Alerting-Signature"
)
user = matching("(?s)[^:]*", "holds a colon, which no user name of HTTP Basic can")  # RFC 7617, section 2


# By its form only.
channel = checked(
    partial(re.match, r"[A-Za-z][A-Za-z0-9+.-]*://\S"),
    "is no Apprise URL, write one such as mailto://user:password@example.org",
    hidden=True,
)
country = checked(is_country, "is no country, write its two letters, such as ES for Spain")  # ISO 3166
# Newer Prometheus allows any UTF-8, so only spaces at the ends are refused.
label = checked(lambda text: text == text.strip(), "has a space at one end, write the label's name alone")


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where the server listens."""

    host: str
    port: int


def address(text: str) -> Address:
    """Read HOST:PORT; `:9095` means every address of the machine, an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535 or re.search("[^A-Za-z0-9.:_%-]", bare):
        raise ValueError(f"{quote(text)} is no HOST:PORT, write for example 127.0.0.1:9095")
    if ":" in bare and bare == host:
        raise ValueError(f"{quote(text)} is no HOST:PORT, an IPv6 address stands in brackets: write [{bare}]:{port}")
    return Address(host=bare or "0.0.0.0", port=int(port))  # noqa: S104 - that is what :PORT asks for


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # half an IPv6 address, a port that is no number
        return False
    return bool(whole and not re.search(r"\s", text))


def web_address(text: str) -> str:
    """Read the address under which people reach the server; without the last slash."""
    if not _is_web_address(text):
        raise ValueError(f"{quote(text)} is no web address, write for example https://pager.example.org")
    parts = urlsplit(text)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"{quote(text)} has more than a host and a path, write for example https://pager.example.org")
    return text.rstrip("/")


# An address to be fetched, whatever stands in its path and query.
ping_address = checked(
    _is_web_address, "is no web address, write for example https://hc-ping.com/YOUR-UUID", hidden=True
)


def network(text: str) -> IPv4Network | IPv6Network:
    """Read the address of a machine, or a network of them."""
    try:
        machines = ip_network(text.strip(), strict=False)
    except ValueError as problem:
        raise ValueError(
            f"{quote(text)} is neither an address nor a network, write 10.0.0.7 or 10.0.0.0/24"
        ) from problem
    if not machines.prefixlen:
        raise ValueError(f"{quote(text)} is every machine, write the address of the proxy")
    return machines


def loopback(url: str) -> bool:
    """Tell whether a web address is this machine's own."""
    return is_loopback(urlsplit(url).hostname or "")


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens on a host."""
    return host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host) is not None


def phone(text: str) -> PhoneNumber:
    """Read a phone number; the sentence shows it as logs may, since mistakes are logged too."""
    try:
        return parse_phone(text)
    except PhoneError as problem:
        raise ValueError(f"{quote(masked(text))}: {problem}") from problem


def masked(text: str) -> str:
    """Show a phone number, right or wrong, by its start and end."""
    return text if len(text) < 7 else f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}"


def store(text: str) -> str:
    """Read the SQLAlchemy URL of the store."""
    scheme, colon, rest = text.partition("://")
    if not colon:
        raise ValueError("this is no store, write sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE")
    if scheme == "sqlite":
        path = rest.removeprefix("/").partition("?")[0]
        if not rest.startswith("/") or not path:
            raise ValueError(
                "this names no file, write sqlite:///alertsms.db, or sqlite:////var/lib/… with four slashes"
            )
        if path == ":memory:" or path.startswith("file:"):
            raise ValueError(
                "this would forget every page when it stops, write the path of a file: sqlite:///alertsms.db"
            )
    elif scheme in ("postgres", "postgresql", "postgresql+psycopg2"):
        raise ValueError("this names another driver, write postgresql+psycopg://…")
    elif scheme != "postgresql+psycopg":
        raise ValueError("this is no known store, write sqlite:///PATH or postgresql+psycopg://…")
    return text


def sender(text: str) -> str:
    """Read an alphanumeric sender: 11 characters (3GPP TS 23.040, 9.1.2.5), and no space (OVHcloud)."""
    if len(text) > 11:
        raise ValueError(f"{quote(text)} has {len(text)} characters, a sender has 11 at most")
    if not re.fullmatch("[A-Za-z0-9]+", text):
        raise ValueError(f"{quote(text)} is no sender, write letters and digits only, without spaces or accents")
    if text.isdigit():
        raise ValueError(f"{quote(text)} has no letter, write a name (a number you rent from OVH is a virtual_number)")
    return text


def time_zone(text: str) -> str:
    """Read a name of the IANA time zone database. The zone of this machine is no zone of a person."""
    if text == "Local":
        raise ValueError(f"{quote(text)} is the zone of this machine, write an IANA name such as Europe/Paris")
    try:
        parse_location(text)
    except ValueError as problem:
        raise ValueError(str(problem).replace(" or Local", "")) from problem
    return text


def wall_time(text: str) -> datetime:
    """Read a date and a time of the day, without a zone: the wall clock's; a date alone is its midnight."""
    written = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2})(?::00)?)?", text)
    example = "write it like 2026-01-05 09:00"
    if not written and re.fullmatch(r"[0-9]{4}-.*([+-][0-9]{2}:?[0-9]{2}|Z)", text):
        raise ValueError(f"{quote(text)} names an offset, but this is the wall clock of the schedule's zone: {example}")
    if not written:
        raise ValueError(f"{quote(text)} is no date and time, {example}")
    try:
        at = datetime.fromisoformat(f"{written[1]} {written[2] or '00:00'}")
    except ValueError:
        raise ValueError(f"{quote(text)} is in no calendar, {example}") from None
    if not 2000 <= at.year < 2200:
        raise ValueError(f"{quote(text)} is far from now, write a year from 2000 to 2199")
    return at
