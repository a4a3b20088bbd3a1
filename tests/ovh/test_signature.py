"""The signature: OVHcloud's published vector, others beyond ASCII, and the official client, thousands of times."""

from __future__ import annotations

import json
import random
from urllib.parse import quote, urlencode

import ovh
import pytest
import requests
from requests.adapters import BaseAdapter

from alertsms.ovh.client import ApiCall, Client
from alertsms.ovh.connection import sign
from tests.ovh.conftest import KEYS

SECRET, CONSUMER = "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"
JOBS = "https://eu.api.ovh.com/1.0/sms/sms-ab12345-1/jobs"
OUTGOING = "https://eu.api.ovh.com/1.0/sms/sms-ab12345-1/outgoing"
WHOSE = "receiver=%2B33612345678&tag=a1b2c3d4e5f60718"
REST = '"noStopClause":true,"priority":"high","receivers":["+33612345678"],"sender":"OPS","tag":"a1b2c3d4e5f60718"}'

VECTORS = {
    "published": (
        ("GET", "https://eu.api.ovh.com/1.0/domain/", "", 1366560945),
        "$1$6a77f43f2871db97a029f1d1d81c4dcd3c6f7265",
    ),
    "raw UTF-8": (
        ("POST", JOBS, '{"message":"Alerte: défaut réseau à Orléans, coût 5€",' + REST, 1700000000),
        "$1$b852bc243483a4840f18f69a171774743aae02f7",
    ),
    "ASCII escapes": (
        (
            "POST",
            JOBS,
            r'{"message":"Alerte: d\u00e9faut r\u00e9seau \u00e0 Orl\u00e9ans, co\u00fbt 5\u20ac",' + REST,
            1700000000,
        ),
        "$1$dfaf4eef5f7d34e847c6e37079020511f753de88",
    ),
    "emoji and slash": (
        ("POST", JOBS, '{"message":"🔥 disque /var à 95% — “srv-1”",' + REST, 1700000001),
        "$1$9ae3b0cf44f5de8c460b0f04820117a55048747c",
    ),
    "encoded query": (
        (
            "GET",
            f"{OUTGOING}?creationDatetime.from=2024-01-01T00%3A00%3A00%2B01%3A00&{WHOSE}",
            "",
            1700000002,
        ),
        "$1$d191201ef387edc36114e0e1ef022735ba9415a1",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_known_call_has_its_known_signature(name):
    (method, url, body, timestamp), signature = VECTORS[name]
    assert sign(SECRET, CONSUMER, method, url, body.encode(), timestamp) == signature


class Listener(BaseAdapter):
    """Keeps what would have been sent; answers the time, and null to all else."""

    def __init__(self, now: int = 0):
        super().__init__()
        self.now = now
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request, **_options):
        self.sent.append(request)
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url
        response._content_consumed = True
        response._content = str(self.now).encode() if request.url.endswith("/auth/time") else b"null"
        return response

    def close(self):
        pass


LETTERS = "azAZ09 +&=?/%#\"'\\{}[]~.,:;éèçœ€ß—“”’中ж🔥\n\t\x00"


def _text(rnd: random.Random) -> str:
    return "".join(rnd.choices(LETTERS, k=rnd.randrange(20)))


def _call(rnd: random.Random) -> tuple[str, str, object]:
    method = rnd.choice(["GET", "POST", "PUT", "DELETE"])
    # The official client signs /sms/../jobs and sends /jobs, so a part never is dots alone.
    path = "/sms/sms-" + quote(_text(rnd), safe=",") + rnd.choice(["", "/jobs", "/jobs/1,2,3"])
    if rnd.random() < 0.4:
        path += "?" + urlencode({rnd.choice(["tag", "receiver"]): _text(rnd), "x": "+33612345678"}, quote_via=quote)
    if method in ("GET", "DELETE"):
        return method, path, None
    values = [_text(rnd), rnd.random(), rnd.randrange(-9, 9), True, False, None, [_text(rnd)], {_text(rnd): _text(rnd)}]
    return method, path, {_text(rnd) or "a": rnd.choice(values) for _ in range(rnd.randrange(1, 5))}


def test_three_thousand_random_calls_are_sent_and_signed_as_the_official_client_does():
    theirs, ours = Listener(), Listener()
    official = ovh.Client(
        endpoint="ovh-eu",
        application_key=KEYS.application_key,
        application_secret=KEYS.application_secret,
        consumer_key=KEYS.consumer_key,
    )
    official._time_delta = 0
    official._session.trust_env = False  # looking for proxies at each call would take most of the test's time
    official._session.mount("https://", theirs)
    session = requests.Session()
    session.mount("https://", ours)
    client = Client(base_url="https://eu.api.ovh.com/1.0", credentials=KEYS, session_factory=lambda: session)
    rnd = random.Random(20240607)
    for _ in range(3000):
        method, path, body = _call(rnd)
        official.raw_call(method, path, body)
        client.answer(ApiCall(name="any", method=method, path=path, body=None if method == "GET" else body))
        their, our = theirs.sent[-1], ours.sent[-1]
        assert (our.method, our.url) == (their.method, their.url)
        assert (our.body or b"") == (their.body or "").encode()
        for request in (their, our):
            signed = sign(
                KEYS.application_secret,
                KEYS.consumer_key,
                request.method,
                request.url,
                our.body or b"",
                int(request.headers["X-Ovh-Timestamp"]),
            )
            assert request.headers["X-Ovh-Signature"] == signed
            assert request.headers["X-Ovh-Application"] == KEYS.application_key
            assert request.headers["X-Ovh-Consumer"] == KEYS.consumer_key
        if body is not None:
            assert json.loads(our.body) == body
