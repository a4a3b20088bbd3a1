"""Three replicas that start at the same moment on an empty database: each is whole, and what one gives holds at all."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.conftest import BOTH
from tests.reliability.driver import Alert, Body
from tests.reliability.phones import Phones
from tests.reliability.replica_files import Replica, stop
from tests.reliability.replica_pages import PLAN

pytestmark = pytest.mark.parametrize("bare_url", BOTH[1:], indirect=True)
USER = {"username": "alice", "password": "wonder-in-the-night"}
EMPTY = ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


@pytest.fixture
def three(tmp_path, bare_url, phones) -> Iterator[list[Replica]]:
    key = tmp_path / "key"
    key.write_bytes(b64encode(bytes(range(32))))
    key.chmod(0o600)
    built = [Replica(tmp_path / f"replica{number}", bare_url, phones, key) for number in range(3)]
    for each in built:
        server = {
            "listen": f"127.0.0.1:{each.port}",
            "key_file": str(key),
            "login": [USER],
            "external_url": built[0].url,
        }
        each.write({**PLAN, "server": server})
    yield built
    stop(built)


def shared(built: list[Replica], phones: Phones) -> None:
    """A cookie, a token and a link of the first are good at the others."""
    first, *others = built
    cookies = requests.Session()
    assert cookies.post(f"{first.url}/login", data=USER, allow_redirects=False, timeout=10).status_code in (302, 303)
    made = first.ask("POST", "/api/v1/tokens", {"name": "robot"}).json()["token"]
    body = Body(alerts=[Alert(name="A00001", person="all", starts_at=datetime.now(UTC))]).as_json()
    headers = {"Authorization": f"Bearer {made}"}
    assert first.ask("POST", "/webhook", body).status_code == 202
    until = time.monotonic() + 20
    while not phones.messages():
        assert time.monotonic() < until, "no SMS"
        time.sleep(0.1)
    (link,) = re.findall(r"/a/\S+", phones.messages()[0].text)
    for each in others:
        # Cookies know no port: one browser, and three names for the same pages.
        assert cookies.get(f"{each.url}/", allow_redirects=False, timeout=10).status_code == 200
        until = time.monotonic() + 3
        while not requests.get(f"{each.url}/api/v1/pauses", headers=headers, timeout=10).ok:
            assert time.monotonic() < until, "the token is not known"
            time.sleep(0.1)
        assert requests.get(f"{each.url}{link}", timeout=10).status_code == 200


def test_three_starts_on_an_empty_database(three, phones, size, report, bare_url):
    from tests.conftest import _on_postgresql

    rounds, began = size(3, 50), time.monotonic()
    for _ in range(rounds):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(Replica.start, three))
        shared(three, phones)
        stop(three)
        phones.reset()
        _on_postgresql(*EMPTY)
        logs = [Path(each.process.log).read_text() for each in three]
        wrong = [line for log in logs for line in log.splitlines() if " level=error " in line or "Traceback" in line]
        assert wrong == []
    report.count("three starts at once on an empty database", rounds, time.monotonic() - began)
