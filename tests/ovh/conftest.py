from __future__ import annotations

import pytest

from alertsms.ovh.client import Client
from alertsms.ovh.connection import ClientClocks, Credentials
from tests.ovh.peer import Peer

KEYS = Credentials(application_key="AppKey7", application_secret="AppSecret8", consumer_key="ConsumerKey9")


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def peer():
    peer = Peer()
    yield peer
    peer.stop()


@pytest.fixture
def client_of():
    made: list[Client] = []

    def make(base_url: str, timeout: tuple[float, float] = (3.0, 5.0), **options) -> Client:
        clocks = {name: options.pop(name) for name in ("wall", "monotonic") if name in options}
        if "monotonic" in clocks:
            clocks["ticks"] = clocks["monotonic"]
        made.append(
            Client(base_url=base_url, credentials=KEYS, timeout=timeout, clocks=ClientClocks(**clocks), **options)
        )
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(peer, client_of):
    return client_of(peer.url)
