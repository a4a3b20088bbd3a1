"""Who counts as a stranger."""

from __future__ import annotations

import pytest
from flask import Flask, request

from alertsms.web.outside import PROXIES, outside

APP = Flask("test")


def asked(*, peer: str = "127.0.0.1", host: str | None = "127.0.0.1:9095", external_url: str = "",
          protocol: str = "HTTP/1.1", **headers: str) -> bool:  # fmt: skip
    environ = {"REMOTE_ADDR": peer, "SERVER_PROTOCOL": protocol}
    with APP.test_request_context("/", headers={k.replace("_", "-"): v for k, v in headers.items()},
                                  environ_overrides=environ):  # fmt: skip
        request.environ.pop("HTTP_HOST", None) if host is None else request.environ.update(HTTP_HOST=host)
        return outside(request, external_url=external_url)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:9095", "127.8.9.1:1", "localhost", "[::1]:9095", "a.localhost"]
)
def test_this_machine_asks_by_its_own_names(host):
    assert not asked(host=host)
    assert not asked(host=host, peer="::1", external_url="https://pager.example.org")


@pytest.mark.parametrize("peer", ["192.0.2.1", "10.0.0.1", "fe80::1", "::ffff:192.0.2.1", "", "unix"])
def test_who_is_elsewhere_is_a_stranger(peer):
    assert asked(peer=peer)


@pytest.mark.parametrize("header", PROXIES)
def test_who_comes_by_a_proxy_is_a_stranger(header):
    assert asked(**{header: ""})
    assert asked(**{header.lower(): "127.0.0.1"})


@pytest.mark.parametrize(
    "host", [None, "", "pager.example.org", "10.0.0.1:9095", "localhost.example.org", "[::2]", "["]
)
def test_who_calls_us_by_another_name_or_none_is_a_stranger(host):
    assert asked(host=host)


def test_a_proxy_that_adds_nothing_is_known_by_its_protocol_where_there_is_one():
    assert not asked(protocol="HTTP/1.0")
    assert not asked(protocol="HTTP/1.0", external_url="http://127.0.0.1:9095")
    assert asked(protocol="HTTP/1.0", external_url="https://pager.example.org")
