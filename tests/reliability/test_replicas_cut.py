"""One of three replicas is cut from OVHcloud, from Alertmanager or from PostgreSQL: the others page as if nothing were.

A cut is silent (a firewall that drops) or resets what is connected and refuses what comes.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.benchmarks.book import quantile
from tests.conftest import BOTH
from tests.reliability.driver import Alert
from tests.reliability.line import Cut, Line
from tests.reliability.phones import Phones
from tests.reliability.replica_files import Pair, Replica, replicas, stop

pytestmark = pytest.mark.parametrize("url", BOTH[1:], indirect=True)
PROMPT = 2.0  # seconds, of 99 in 100 alerts that the cut one had no hand in
AT_HAND = 2.0  # seconds before the cut: what came then the cut one may have in hand


@pytest.fixture
def posts() -> Iterator[tuple[str, list[bytes]]]:
    """A channel, and what it was given."""
    given: list[bytes] = []

    class Channel(BaseHTTPRequestHandler):
        def do_POST(self):
            given.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Channel)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}", given
    server.shutdown()
    server.server_close()


class Wire(Line):
    """A line on which a silent cut leaves connections as they are, and a proxy's requests become a server's."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self._absolute = f" http://127.0.0.1:{port}/".encode()

    def cut(self, how: Cut) -> None:
        if how is Cut.SILENT:
            self._cut = how
        else:
            super().cut(how)

    def _pass(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if self._cut is not Cut.SILENT:
                    other.sendall(data.replace(self._absolute, b" /"))
            other.shutdown(socket.SHUT_WR)


class CutReplica(Replica):
    """A replica with lines of its own to PostgreSQL, to OVHcloud, and from senders."""

    def __init__(self, folder: Path, url: str, phones: Phones, key: Path) -> None:
        database = make_url(url)
        self.lines = {"PostgreSQL": Wire(database.port or 5432), "OVHcloud": Wire(phones.port)}
        store = database.set(host="127.0.0.1", port=self.lines["PostgreSQL"].port)
        super().__init__(folder, store.render_as_string(hide_password=False), phones, key)
        self.lines["Alertmanager"] = Wire(self.port)
        self.process.command.insert(1, f"http_proxy={self.lines['OVHcloud'].url}")

    def start(self) -> None:
        super().start()
        self.url = self.lines["Alertmanager"].url


@pytest.mark.parametrize("how", [Cut.SILENT, Cut.REFUSED])
@pytest.mark.parametrize("what", ["OVHcloud", "Alertmanager", "PostgreSQL"])
def test_one_that_is_cut_off_keeps_no_other_from_paging(what, how, tmp_path, url, phones, posts, size, short, report):
    channel, told = posts
    plan = {
        "people": {f"p{number}": f"+3361200{number:04}" for number in range(4)},
        "teams": {f"t{number}": {"page": [f"p{number}"], "rounds": 1} for number in range(4)},
        "route": {"team": "t0", "routes": [{"matchers": [f'for="t{n}"'], "team": f"t{n}"} for n in range(4)]},
        "fallback": {"channels": [channel]},
    }
    count, began, every = size(60, 500), time.monotonic(), 0.2 if short else 0.3
    at = datetime.now(UTC) - timedelta(minutes=1)
    fired = [Alert(name=f"A{n:05}", person=f"t{n % 4}", starts_at=at) for n in range(count)]
    built = replicas(3, tmp_path, url, phones, plan, CutReplica)
    try:
        pair, cut = Pair(built), built[0]
        pair.post(fired[: count // 10], every)
        cut_at = time.time()
        cut.lines[what].cut(how)
        pair.post(fired[count // 10 : count * 9 // 10], every)  # of 500 for two minutes
        cut.lines[what].cut(Cut.NONE)
        pair.post(fired[count * 9 // 10 :], every)
        pair.end()
        names, deadline, got = {alert.name for alert in fired}, time.monotonic() + 120, Counter[str]()
        while time.monotonic() < deadline and names - got.keys():
            time.sleep(0.5)
            got = Counter(sms.text.split()[1] for sms in phones.messages())
    finally:
        stop(built)
        for line in (line for replica in built for line in replica.lines.values()):
            line.close()
    lost, doubled = names - got.keys(), [name for name, times in got.items() if times > 1]
    log = cut.process.log.read_text()
    waits = sorted(
        sms.at - min(taken)
        for sms in phones.messages()
        for taken in [pair.taken[sms.text.split()[1]]]
        if sms.tag not in log and not cut_at - AT_HAND < min(taken) < cut_at
    )
    slow = quantile(waits, 0.99)
    false = [post for post in told if re.search(rb"not usable|is usable|no SMS|pages wait", post)]
    report.count(
        f"one of three cut from {what} ({how}), p99 of the others' first SMS {slow:.1f} s",
        count,
        time.monotonic() - began,
        sms=got.total(),
        lost=len(lost),
        doubled=len(doubled),
    )
    assert (lost, doubled, false) == (set(), [], [])
    assert short or slow <= PROMPT  # a short form runs beside others: they take its time
