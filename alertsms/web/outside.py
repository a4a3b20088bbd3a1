"""Whether a request comes from this machine itself, or from elsewhere, by a proxy or by somebody's browser."""

from __future__ import annotations

import os
import re
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Request

# What a proxy adds: one of them is enough, for no program of this machine writes them to us.
PROXIES = ("Forwarded", "Via", "X-Real-IP")  # and whatever begins with X-Forwarded-
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z_.-]+)(:[0-9]*)?", re.IGNORECASE | re.ASCII)


def outside(request: Request, *, external_url: str = "") -> bool:
    """Whether it may be a stranger's: from another machine, by a proxy, or under a name that is not this machine's.

    The machine's own host name is this machine's too, unless `external_url` has given it to everybody.
    """
    if not loopback(request.remote_addr or "") or by_proxy(request):
        return True
    host = request.headers.get("Host", "")
    return not (names_us(host) or (own_name(host) and name_of(host) != (urlsplit(external_url).hostname or "")))


def by_proxy(request: Request) -> bool:
    """Whether a proxy says that it brings it."""
    named = any(name in request.headers for name in PROXIES)
    return named or any(name.startswith("HTTP_X_FORWARDED_") for name in request.environ)


def cross_site(request: Request) -> bool:
    """Whether a browser says that a page of elsewhere asks. Programs that are no browser send neither header.

    Of a page that hides its own address the origin is "null". Over TLS and to loopback browsers also say how the page
    and the address are related (https://www.w3.org/TR/fetch-metadata/), for images and links too.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return True
    host = request.headers.get("Host", "")
    return request.headers.get("Origin", f"http://{host}") not in (f"http://{host}", f"https://{host}")


def names_us(host: str) -> bool:
    """Whether a Host header names this machine: a page of elsewhere cannot have such a name (DNS rebinding)."""
    name = name_of(host)
    return loopback(name) or name == "localhost" or name.endswith(".localhost")


def own_name(host: str) -> bool:
    """Whether a Host header has the name that this machine was given."""
    return name_of(host) in _own_names()


def name_of(host: str) -> str:
    """The name or address of a Host header, in lower case; "" where it is none."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


@cache
def _own_names() -> frozenset[str]:
    whole = os.uname().nodename.lower()
    return frozenset({whole, whole.partition(".")[0]} - {""})


def loopback(address: str) -> bool:
    """Whether only this machine has this address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
