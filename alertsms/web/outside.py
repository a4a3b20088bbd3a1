"""Whether a request comes from this machine itself, or from elsewhere, by a proxy perhaps."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Request

# What a proxy adds: one of them is enough, for no program of this machine writes them to us.
PROXIES = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
           "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-Ip")  # fmt: skip


def outside(request: Request, *, external_url: str = "") -> bool:
    """Whether it may be a stranger's.

    A proxy on this machine that adds nothing looks like a program of this machine; where `external_url` says that
    others reach us, what speaks HTTP/1.0, as nginx does unless told otherwise, is taken for one.
    """
    if not loopback(request.remote_addr or "") or any(name in request.headers for name in PROXIES):
        return True
    if not names_us(request.headers.get("Host", "")):
        return True
    exposed = bool(external_url) and not names_us(urlsplit(external_url).netloc)
    return exposed and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"


def names_us(host: str) -> bool:
    """Whether a Host header names this machine: a page of elsewhere cannot have such a name (DNS rebinding)."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return loopback(name) or name == "localhost" or name.endswith(".localhost")


def loopback(address: str) -> bool:
    """Whether only this machine has this address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
