"""An Alertmanager's own API for tests: mounted on a Session, or served, it lists and silences what a test says."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from requests.adapters import BaseAdapter

UUID = "5b0a1c3e-9d7f-4e52-8a44-0c1d2e3f4a5b"


class FakeAlertmanager(BaseAdapter):
    """One Alertmanager: `alerts` are label sets, `silenced` those of them that are suppressed."""

    def __init__(self, clock: Callable[[], datetime], *, up: timedelta = timedelta(days=30)) -> None:
        super().__init__()
        self._clock = clock
        self.up_since = self.starts_at = clock() - up
        self.alerts: list[dict[str, str]] = []
        self.silenced: list[dict[str, str]] = []
        self.muted: list[dict[str, str]] = []  # those of alerts that a time interval mutes: only groups say so
        self.also: str = ""  # another receiver of the same alerts, which nothing mutes
        self.config = ""  # as /status shows it
        self.receivers = ["sms"]
        self.peers: list[str] = []  # names of its cluster's members
        self.down = False
        self.wants = ""  # the Authorization header that it wants
        self.answers: dict[str, tuple[int, bytes]] = {}  # by path, in place of its own
        self.seen: list[tuple[str, str]] = []
        self.silences: list[dict] = []

    def close(self) -> None:
        pass

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        path = (request.path_url or "").partition("/api/v2")[2]
        self.seen.append((request.method or "", path))
        if self.down:
            raise requests.ConnectionError("nobody is there")
        if self.wants and request.headers.get("Authorization") != self.wants:
            return self._answer(request, 401, b"Unauthorized\n")
        if path in self.answers:
            return self._answer(request, *self.answers[path])
        status, value = self._said(request.method or "", path, request)
        return self._answer(request, status, json.dumps(value).encode())

    def _said(self, method: str, path: str, request: requests.PreparedRequest) -> tuple[int, object]:
        if (method, path) == ("GET", "/alerts"):
            return 200, [self._row(each, "active") for each in self.alerts] + [
                self._row(each, "suppressed") for each in self.silenced
            ]
        if (method, path) == ("GET", "/alerts/groups"):
            rows = [self._row(each, "active") for each in self.alerts if each not in self.muted]
            muted = [self._row(each, "suppressed", muted=["nights"]) for each in self.muted]
            quiet = [self._row(each, "suppressed") for each in self.silenced]
            groups = [{"labels": {}, "receiver": {"name": "sms"}, "alerts": [*rows, *muted, *quiet]}]
            if self.also:
                loud = [self._row(each, "active") for each in self.alerts]
                groups.append({"labels": {}, "receiver": {"name": self.also}, "alerts": loud + quiet})
            return 200, groups
        if (method, path) == ("GET", "/status"):
            cluster = {"name": "a", "status": "ready", "peers": [{"name": each, "address": "x"} for each in self.peers]}
            return 200, {
                "uptime": self.up_since.isoformat().replace("+00:00", "Z"),
                "cluster": cluster,
                "versionInfo": {"version": "0.34.0"},
                "config": {"original": self.config},
            }
        if (method, path) == ("GET", "/receivers"):
            return 200, [{"name": each} for each in self.receivers]
        if (method, path) == ("POST", "/silences"):
            wanted = json.loads(request.body or b"")
            self.silences.append(wanted)
            self._hush({each["name"]: each["value"] for each in wanted["matchers"]})
            return 200, {"silenceID": UUID}
        return 404, "not found"

    def _hush(self, matchers: dict[str, str]) -> None:
        hit = [each for each in self.alerts if matchers.items() <= each.items()]
        self.alerts = [each for each in self.alerts if each not in hit]
        self.silenced += hit

    def _row(self, labels: dict[str, str], state: str, muted: list[str] | None = None) -> dict[str, object]:
        return {
            "annotations": {},
            "endsAt": self._clock().isoformat(),
            "fingerprint": "0123456789abcdef",
            "receivers": [{"name": each} for each in self.receivers],
            "startsAt": self.starts_at.isoformat(),
            "status": {
                "inhibitedBy": [],
                "mutedBy": muted or [],
                "state": state,
                "silencedBy": [UUID] if state == "suppressed" and not muted else [],
            },
            "updatedAt": self._clock().isoformat(),
            "generatorURL": "",
            "labels": labels,
        }

    def _answer(self, request: requests.PreparedRequest, status: int, body: bytes) -> requests.Response:
        answer = requests.Response()
        answer.status_code, answer._content, answer.request = status, body, request
        answer._content_consumed = True
        answer.headers["Content-Type"] = "application/json"
        return answer


@contextmanager
def served(fake: FakeAlertmanager) -> Iterator[str]:
    """Serve it on 127.0.0.1, for what opens its own connections; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = requests.Request(self.command, f"http://am.test{self.path}", dict(self.headers), data=body)
            said = fake.send(asked.prepare())
            self.send_response(said.status_code)
            self.send_header("Content-Length", str(len(said.content)))
            self.end_headers()
            self.wfile.write(said.content)

        do_POST = do_GET  # noqa: N815 - the server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def basic(user: str, password: str) -> str:
    """The header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
