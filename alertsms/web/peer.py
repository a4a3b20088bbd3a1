"""Whom a request counts for: the peer of its connection, or whom a trusted proxy names."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]


def whence(peer: str, forwarded: str, trusted: Networks) -> str:
    """Whom something counts for: the peer, unless it is a trusted proxy, which names somebody in X-Forwarded-For.

    Each proxy adds whom it heard at the end. So the right-most address that is no trusted proxy counts, and whatever
    stands before that was made up, perhaps. An IPv6 subscriber has 2^64 addresses: the network counts (RFC 6177).
    """
    address = read(peer)
    if address is None:
        return peer
    for written in reversed(forwarded.split(",")) if forwarded else ():
        if not trusts(address, trusted) or (named := read(written)) is None:
            break
        address = named
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


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
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
