"""Whom a request counts for."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from alertsms.web.peer import whence

TRUSTED = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "counts"),
    [
        ("93.184.216.34", "", "93.184.216.34"),
        ("93.184.216.34", "192.0.2.1", "93.184.216.34"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.9,192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.9, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("127.0.0.1", "10.1.2.4, 10.1.2.3", "10.1.2.4"),
        ("127.0.0.2", "192.0.2.1", "127.0.0.2"),
        ("::ffff:127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2a01:e0a:1:2:3::4", "2a01:e0a:1:2::/64"),
        ("2a01:e0a:1:2:3::4", "", "2a01:e0a:1:2::/64"),
        ("fe80::1%eth0", "", "fe80::/64"),
        ("127.0.0.1", "192.0.2.1:51234", "192.0.2.1"),
        ("127.0.0.1", "[2a01:e0a:1:2::4]:51234", "2a01:e0a:1:2::/64"),
        ("127.0.0.1", "192.0.2.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1, unknown, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "192.0.2.1, ", "127.0.0.1"),
        ("127.0.0.1", "," * 9000, "127.0.0.1"),
        ("", "192.0.2.1", ""),
        ("localhost", "192.0.2.1", "localhost"),
    ],
)
def test_the_right_most_address_that_is_no_trusted_proxy_counts(peer, forwarded, counts):
    assert whence(peer, forwarded, TRUSTED) == counts


def test_where_no_proxy_is_trusted_the_peer_counts():
    assert whence("127.0.0.1", "192.0.2.1", ()) == "127.0.0.1"
