"""The other side of the sandbox: a clock that tests move, and a client that signs on its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from alertsms.sandbox import Request, Response, Sandbox

TUESDAY_NOON = 1700564400.0  # 2023-11-21 12:00 in Paris
ORIGIN = "http://sandbox.test"


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Pager:
    def __init__(self, sandbox: Sandbox, clock: Callable[[], float]) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.key = sandbox.credentials.consumer_key

    def request(self, method: str, path: str, body: object = None, **headers: str) -> Request:
        credentials = self.sandbox.credentials
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = headers.pop("stamp", None) or str(int(self.clock()))
        url = f"{ORIGIN}/1.0{path}"
        plain = f"{credentials.application_secret}+{self.key}+{method}+{url}+".encode() + raw + f"+{stamp}".encode()
        signed = {
            "x-ovh-application": credentials.application_key,
            "x-ovh-consumer": self.key,
            "x-ovh-timestamp": stamp,
            "x-ovh-signature": "$1$" + hashlib.sha1(plain).hexdigest(),
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(method=method, url=url, headers=signed | given, body=raw)

    def answer(self, method: str, path: str, body: object = None, **headers: str) -> Response:
        return self.sandbox.answer(self.request(method, path, body, **headers))

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> object:
        response = self.answer(method, path, body, **headers)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def own(self, method: str, path: str = "", body: object = None, **headers: str) -> object:
        return self(method, f"/sms/{self.sandbox.account.name}{path}", body, **headers)

    def refused(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        response = self.answer(method, path, body, **headers)
        assert response.status >= 400, response.body
        return response.status, json.loads(response.body)["message"]

    def job(self, **changes: object) -> dict[str, object]:
        body = {"message": "db-1 is down", "receivers": ["+33612345678"], "noStopClause": True, "sender": "ACME"}
        return {name: value for name, value in {**body, **changes}.items() if value is not None}

    def send(self, **changes: object) -> dict[str, object]:
        return self.own("POST", "/jobs", self.job(**changes))  # type: ignore[return-value]

    def send_refused(self, **changes: object) -> tuple[int, str]:
        return self.refused("POST", f"/sms/{self.sandbox.account.name}/jobs", self.job(**changes))

    def page(self, method: str, path: str, body: object = None, **headers: str) -> Response:
        raw = b"" if body is None else json.dumps(body).encode()
        return self.sandbox.answer(Request(method=method, url=ORIGIN + path, headers=headers, body=raw))
