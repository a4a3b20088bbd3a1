"""Who is behind a request: the machine that connected, or whom a proxy that is trusted names in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]
FROM = "alertsms.from"  # a key of an environ


def whence(peer: str, forwarded: str, trusted: Networks) -> str:
    """Whom something counts for: the peer, unless it is a trusted proxy, which names somebody in X-Forwarded-For.

    Each proxy adds whom it heard at the end. So the right-most address that is no trusted proxy counts, and whatever
    stands before that was made up, perhaps. An IPv6 subscriber has 2^64 addresses: the network counts (RFC 6177).
    """
    found = read(peer)
    if found is None:
        return peer
    for written in reversed(forwarded.split(",")) if forwarded else ():
        if not trusts(found, trusted) or (named := read(written)) is None:
            break
        found = named
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def trusts(address: Address | None, trusted: Networks) -> bool:
    """Whether a proxy of this address is believed."""
    return address is not None and any(address in network for network in trusted)


def read(written: str) -> Address | None:
    """An address, as a socket or a proxy writes it: with a port perhaps, or an IPv4 one as IPv6 shows it."""
    bare = written.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def naming(inner: WSGIApplication, trusted: Callable[[], Networks]) -> WSGIApplication:
    """Tell an application whom each request counts for."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ[FROM] = whence(environ.get("REMOTE_ADDR", ""), forwarded, trusted())
        return inner(environ, start_response)

    return app


def address() -> str:
    """Whom this request counts for."""
    named: str = request.environ.get(FROM) or request.remote_addr or ""
    return named
