"""An upgrade stops no pager: what a release left goes on paging, and what version 0 had open to strangers is shut.

`version0.sql` is the store of a version 0 that was killed: an incident whose page a phone has, and two whose pages
OVHcloud did not take, since it was away. Stores of releases since then lie in `tests/support/stores`.
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from alertsms.machine.key import Purpose, read_key
from tests.reliability.conftest import missing
from tests.reliability.nginx import PROGRAM, naive
from tests.reliability.process import ALERTSMS, Process
from tests.support.ports import free_port
from tests.support.stores import RELEASES, body, heading, left, names, now, put

DUMP = Path(__file__).with_name("version0.sql")
WAITING = ["Waiting1", "Waiting2"]
TOKEN = "let-me-in"
PATIENCE = 60.0
UPGRADE_SECONDS = 150.0
QUIET = 3.0  # seconds in which what is doubled would leave
KINDS = {
    "a proxy, no secret": {"server": {"external_url": "https://pager.example.org"}},
    "secrets in the file": {"server": {"external_url": "https://pager.example.org", "bearer_token": TOKEN}},
    "the usual store": {},  # no `store`: beside wherever it was started
}


class Channel(BaseHTTPRequestHandler):
    """Takes the posts of the fallback."""

    told: list[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.append(f"{body['title']}\n{body['message']}")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """In silence."""


@pytest.fixture
def channel() -> Iterator[Callable[[], list[str]]]:
    """Where the fallback is told, as a URL, and what it was told."""
    heard = type("Heard", (Channel,), {"told": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), heard)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield lambda: [str(server.server_port), *heard.told]
    server.shutdown()
    thread.join()
    server.server_close()


def version_0(database: Path) -> None:
    """The store as version 0 left it, a moment ago."""
    text = DUMP.read_text(encoding="utf-8")
    ago = time.time_ns() // 1000 - int(re.match(r"-- at (\d+)\n", text)[1])
    with closing(sqlite3.connect(database)) as store:
        store.executescript(re.sub(r"\b1[5-9]\d{14}\b", lambda stored: str(int(stored[0]) + ago), text))


@pytest.fixture
def upgraded(tmp_path, phones, channel, request) -> Iterator[Process]:
    """Today's alertsms by the file and with the store of version 0."""
    port, usual = free_port(), request.param == "the usual store"
    database = tmp_path / ("alertsms.db" if usual else "kept.db")
    version_0(database)
    config = {
        "ovh": {
            "endpoint": f"{phones.url}/1.0",
            "application_key": "sandbox-key",
            "consumer_key": "sandbox-consumer",
            "application_secret": "sandbox-secret",
            "service_name": "sms-xx00000-1",
            "sender": "ACME",
        },
        "people": {"alice": "+33612345678"},
        "teams": {"ops": {"page": ["alice"], "rounds": 1}},
        "route": {"team": "ops"},
        "storm": {"after": 0},
        "fallback": {"channels": [f"json://127.0.0.1:{channel()[0]}"]},
    } | ({} if usual else {"store": f"sqlite:///{database}"})
    config["server"] = KINDS[request.param].get("server", {}) | {"listen": f"127.0.0.1:{port}"}
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(config), encoding="utf-8")
    process = Process((*ALERTSMS, "serve", "--config", str(file)), tmp_path / "alertsms.log")
    process.start()
    process.url, process.channel, process.database, process.port = f"http://127.0.0.1:{port}", channel, database, port
    with suppress(requests.RequestException):
        process.until(lambda: requests.get(f"{process.url}/-/ready", timeout=5).ok)
    yield process
    process.kill()


def until(said: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if said():
            return True
        time.sleep(0.2)
    return False


def fire(url: str, name: str, **headers: str) -> int:
    alert = {"status": "firing", "labels": {"alertname": name, "instance": "web-01", "severity": "critical"}}
    return requests.post(f"{url}/webhook", json={"alerts": [alert]}, headers=headers, timeout=10).status_code


@pytest.mark.parametrize("upgraded", KINDS, indirect=True)
def test_an_upgrade_stops_no_pager(upgraded, phones, tmp_path, request, report):
    """Nothing lost, nothing doubled; the Alertmanager of this machine goes on posting as it did."""
    began, kind = time.monotonic(), request.node.callspec.params["upgraded"]
    shown = {"Authorization": f"Bearer {TOKEN}"} if kind == "secrets in the file" else {}
    assert fire(upgraded.url, "New", **shown) == 202
    assert until(lambda: len(phones.messages()) >= 3), upgraded.tail()
    behind_a_naive_proxy(upgraded, tmp_path, shown, alone=kind == "the usual store")
    if kind == "a proxy, no secret":
        assert until(lambda: any("no webhook secret is set" in text for text in upgraded.channel()[1:]))
    texts = [sms.text for sms in phones.messages()]
    for name in (*WAITING, "New"):
        assert sum(name in text for text in texts) == 1, texts
    assert not any("Sent" in text for text in texts)
    assert in_clear(upgraded.database) == []
    report.count(f"upgrade: {kind}", 3, time.monotonic() - began, sms=len(texts))


def in_clear(database: Path) -> list[str]:
    """What version 0 kept in its store as it was, and is left in the file or its log."""
    kept = re.findall(r"VALUES\('(?:receipt_secret|page_secret|api_token)','([^']+)'", DUMP.read_text(encoding="utf-8"))
    assert len(kept) >= 2
    files = b"".join(
        path.read_bytes() for path in database.parent.glob(f"{database.name}*") if ".before-" not in path.name
    )
    return [secret for secret in (*kept, "sandbox-secret") if secret.encode() in files]


def behind_a_naive_proxy(upgraded: Process, folder: Path, shown: dict[str, str], *, alone: bool) -> None:
    """What strangers got from version 0. Where no address for others is set, alertsms knows of no proxy."""
    if not PROGRAM:
        missing("nginx is not installed (Debian: nginx-light)")
    proxy = naive(folder / "nginx", upgraded.port, "naive")
    try:
        proxy.start()
        url = f"http://127.0.0.1:{proxy.port}"
        near = [] if alone else ["/", "/on-call", "/incidents/1", "/metrics"]
        got = [(path, requests.get(f"{url}{path}", timeout=10).status_code) for path in near]
        assert got == [(path, 403) for path in near]
        if not alone:
            assert requests.post(f"{url}/-/reload", timeout=10).status_code == 403
            assert fire(url, "Stranger") == 401
        if shown:
            assert fire(url, "New", **shown) == 202  # known already: a sender with its secret is let in
    finally:
        proxy.process.kill()


def pages(phones, person: str, alerts: list[str]) -> Counter[str]:
    """In how many pages each alert is named on a person's phone."""
    number = {"alice": "+33612345678", "bob": "+33698765432"}[person]
    texts = [sms.text for sms in phones.messages() if sms.receiver == number]
    return Counter({name: sum(f"CRITICAL {name} " in text for text in texts) for name in alerts})


def states(url: str, token: str) -> Mapping[str, str]:
    """What the API says of each alert's incident that is not over."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{url}/api/v1/incidents", params={"limit": 200}, headers=headers, timeout=10)
    return {incident["labels"]["alertname"]: incident["state"] for incident in answer.json()["incidents"]}


@pytest.mark.parametrize("release", RELEASES)
def test_an_upgrade_of_a_release_loses_and_doubles_nothing(release, phones, tmp_path, report):
    """It takes longer than the first step waits, so that the next one is paged, once for each incident.

    What waited is paged once, what somebody has pages nobody, links of before open, and its sender's repeats and ends
    find each incident.
    """
    began, listen = time.monotonic(), f"127.0.0.1:{free_port()}"
    store = left(release, UPGRADE_SECONDS)
    config = put(release, store, tmp_path, phones.url, listen)
    since, url = heading(store, "since"), f"http://{listen}"
    unanswered, waiting, mine = names("Open"), names("Wait"), names("Mine")
    process = Process((*ALERTSMS, "serve", "--config", str(config)), tmp_path / "alertsms.log")

    def post(state: str, alerts: list[str], since: int) -> None:
        headers = {"Authorization": "Bearer let-me-in"}
        answer = requests.post(f"{url}/webhook", json=body(state, alerts, since), headers=headers, timeout=10)
        assert answer.status_code == 202, answer.text

    try:
        process.start()
        process.until(lambda: requests.get(f"{url}/-/ready", timeout=5).ok)
        token = read_key(tmp_path / "alertsms.key").derive(Purpose.COMMAND)
        assert until(lambda: all(pages(phones, "alice", waiting).values())), process.tail()
        assert until(lambda: all(pages(phones, "bob", unanswered).values())), process.tail()
        post("firing", [*unanswered, *mine, *waiting], since)
        post("firing", ["New"], now())
        assert until(lambda: pages(phones, "alice", ["New"])["New"] == 1), process.tail()
        time.sleep(QUIET)
        assert set(pages(phones, "alice", waiting).values()) == {1}
        assert set(pages(phones, "bob", unanswered).values()) == {1}
        assert not any(pages(phones, "alice", [*unanswered, *mine]).values())
        assert not any(pages(phones, "bob", [*mine, *waiting, "New"]).values())
        known = {**dict.fromkeys([*unanswered, *waiting, "New"], "open"), **dict.fromkeys(mine, "acknowledged")}
        assert states(url, token) == known
        links = re.findall(r"/a/[\w-]{11}(?=')", store)
        assert len(links) >= len([*unanswered, *mine])
        assert all(requests.get(f"{url}{link}", timeout=10).ok for link in links[:3])
        post("resolved", [*known], since)
        assert until(lambda: not states(url, token)), process.tail()
    finally:
        process.kill()
    report.count(f"upgrade: a store of {release}", len(known), time.monotonic() - began, sms=len(phones.messages()))
