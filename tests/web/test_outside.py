"""Who counts as a stranger, and which requests a page of elsewhere made a browser send."""

from __future__ import annotations

import pytest
from flask import Flask, request

from alertsms.web.guard import cross_site, outside

APP = Flask("test")
PROXIES = [
    "Forwarded",
    "Via",
    "X-Real-IP",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Forwarded-Anything",
]


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    monkeypatch.setattr("alertsms.web.guard._own_names", lambda: frozenset({"web-01.example.org", "web-01"}))


def asked(
    *, peer: str = "127.0.0.1", host: str | None = "127.0.0.1:9095", external_url: str = "", **headers: str
) -> bool:
    environ = {"REMOTE_ADDR": peer}
    with APP.test_request_context(
        "/", headers={k.replace("_", "-"): v for k, v in headers.items()}, environ_overrides=environ
    ):
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
    "host",
    [
        None,
        "",
        "pager.example.org",
        "10.0.0.1:9095",
        "0.0.0.0:9095",
        "localhost.example.org",
        "[::2]",
        "[",
        "127.0.0.1, x",
        "evil.example@127.0.0.1",
        "127.0.0.1/evil.example",
        "127.0.0.1#",
        "127.1",
        "2130706433",
        "localhost.",
    ],
)
def test_who_calls_us_by_another_name_or_none_is_a_stranger(host):
    assert asked(host=host)


@pytest.mark.parametrize("host", ["web-01", "WEB-01:9095", "web-01.example.org"])
def test_the_machines_own_name_is_this_machines(host):
    """Unless a proxy says that it brings the request, or others have been given that name."""
    assert not asked(host=host)
    assert not asked(host=host, external_url="https://pager.example.org")
    assert asked(host=host, X_Forwarded_For="127.0.0.1")
    assert asked(host=host, peer="10.0.0.1")
    assert asked(host=host, external_url=f"https://{host.lower().partition(':')[0]}")


def crosses(**headers: str) -> bool:
    with APP.test_request_context("/", headers={k.replace("_", "-"): v for k, v in headers.items()}):
        request.environ["HTTP_HOST"] = "127.0.0.1:9095"
        return cross_site(request)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "new-word"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
    ],
)
def test_a_browser_says_that_a_page_of_elsewhere_asks(headers):
    assert crosses(**headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:9095"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://127.0.0.1:9095"},
    ],
)
def test_programs_and_pages_of_our_own_cross_nothing(headers):
    assert not crosses(**headers)
