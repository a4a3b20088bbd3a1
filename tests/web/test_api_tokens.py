"""Tokens for the API: made by the command alone, shown once, kept as hashes, good for reading or for all."""

from __future__ import annotations

import pytest
from flask import Request
from sqlalchemy import select

from alertsms.store.error import StoreError
from alertsms.store.replica_tables import api_tokens
from alertsms.web.admission import COMMAND, STRANGER
from tests.support.house import PLAN, House

PATH = "/api/v1/tokens"
EXPOSED = PLAN + 'server: {listen: "0.0.0.0:9095", bearer_token: let-me-in'


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make(house: House, name: str = "prometheus", *, full: bool = False) -> str:
    made = house.client.post(PATH, json={"name": name, "full": full}, headers=bearer(house.app.keys.token))
    assert made.status_code == 201, made.text
    return str(made.json["token"])


@pytest.fixture
def exposed(url, clock):
    house = House(url, clock, EXPOSED + "}\n")
    yield house
    house.close()


READS = [
    "/metrics",
    "/api/v1/incidents",
    "/api/v1/messages?page=1",
    "/api/v1/on-call",
    "/api/v1/pauses",
    "/api/v1/openapi.json",
]
ACTS = [
    ("POST", "/api/v1/incidents/1/ack"),
    ("POST", "/api/v1/send"),
    ("POST", "/api/v1/pauses"),
    ("DELETE", "/api/v1/pauses"),
    ("POST", "/-/reload"),
]


@pytest.mark.parametrize("path", READS)
def test_a_token_that_reads_opens_what_is_read(exposed, path):
    assert exposed.client.get(path).status_code == 403
    assert exposed.client.get(path, headers=bearer(make(exposed))).status_code == 200


@pytest.mark.parametrize(("method", "path"), ACTS)
def test_a_token_that_reads_does_nothing(exposed, method, path):
    answer = exposed.client.open(path, method=method, json={}, headers=bearer(make(exposed)))
    assert answer.status_code == 403


@pytest.mark.parametrize(("method", "path"), ACTS)
def test_a_full_token_acts(exposed, method, path):
    answer = exposed.client.open(path, method=method, json={}, headers=bearer(make(exposed, full=True)))
    assert answer.status_code != 403


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_token_makes_tokens_or_ends_them(house, method, full):
    """Else one that was stolen could not be ended for good."""
    answer = house.client.open(PATH, method=method, json={"name": "x"}, headers=bearer(make(house, full=full)))
    assert answer.status_code == 403


def test_what_reads_tells_whoever_wants_to_act_what_to_do(house):
    answer = house.client.post("/api/v1/incidents/1/ack", json={}, headers=bearer(make(house)))
    assert answer.json["error"] == (
        "/api/v1/incidents/1/ack wants a token as `Authorization: Bearer`: `alertsms token NAME` makes one that reads,"
        " `alertsms token NAME --full` one that acts too."
    )


def test_the_store_has_hashes_alone(house):
    token = make(house)
    rows = house.app.store.read(lambda tx: tx.execute(select(api_tokens)).all())
    assert [(row.name, len(row.hash), row.full) for row in rows] == [("prometheus", 64, False)]
    assert token not in str(rows)


def test_a_list_shows_names_and_no_tokens(house):
    tokens = [make(house, "b"), make(house, "a", full=True)]
    said = house.client.get(PATH, headers=bearer(house.app.keys.token))
    assert [(each["name"], each["full"]) for each in said.json["tokens"]] == [("a", True), ("b", False)]
    assert not [token for token in tokens if token in said.text]


def test_a_token_without_a_name_gets_one(house):
    for name in ("token-1", "token-2"):
        assert house.client.post(PATH, json={}, headers=bearer(house.app.keys.token)).json["name"] == name


def test_a_name_is_used_once(house):
    make(house)
    again = house.client.post(PATH, json={"name": "prometheus"}, headers=bearer(house.app.keys.token))
    assert (again.status_code, "prometheus already: revoke it first" in again.json["error"]) == (409, True)


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", 7])
def test_a_name_is_something_to_read(house, name):
    answer = house.client.post(PATH, json={"name": name}, headers=bearer(house.app.keys.token))
    assert answer.status_code == (201 if name == "" else 400)


@pytest.mark.parametrize("by", ["name", "token"])
def test_one_that_is_revoked_opens_nothing(house, by):
    kept, gone = make(house, "kept"), make(house, "gone")
    meant = {"name": "gone" if by == "name" else gone}
    assert house.client.delete(PATH, json=meant, headers=bearer(house.app.keys.token)).json == {"revoked": "gone"}
    assert house.client.get("/api/v1/pauses", headers=bearer(gone)).status_code == 403
    assert house.client.get("/api/v1/pauses", headers=bearer(kept)).status_code == 200
    again = house.client.delete(PATH, json=meant, headers=bearer(house.app.keys.token))
    assert (again.status_code, "alertsms token --list" in again.json["error"]) == (404, True)


def test_replicas_know_within_two_seconds_what_another_one_did(house):
    token, tokens = make(house), house.app.tokens
    now = [1000.0]
    tokens._monotonic = lambda: now[0]
    assert house.client.get("/api/v1/pauses", headers=bearer(token)).status_code == 200
    house.app.store.transact(lambda tx: tx.execute(api_tokens.delete()))
    now[0] += 0.5
    assert house.client.get("/api/v1/pauses", headers=bearer(token)).status_code == 200
    now[0] += 1.0
    assert house.client.get("/api/v1/pauses", headers=bearer(token)).status_code == 403


def test_while_the_store_is_away_metrics_are_shown_to_who_was_known(exposed, monkeypatch):
    token, now = make(exposed), [1000.0]
    exposed.app.tokens._monotonic = lambda: now[0]
    assert exposed.client.get("/metrics", headers=bearer(token)).status_code == 200

    def away(_work):
        raise StoreError("away")

    monkeypatch.setattr(exposed.app.store, "read", away)
    now[0] += 60.0
    assert exposed.client.get("/metrics", headers=bearer(token)).status_code == 200
    assert exposed.client.get("/metrics", headers=bearer(token + "x")).status_code == 403


def test_whoever_sends_a_request_is_judged_from_memory(exposed, monkeypatch):
    """By the thread that reads all requests: where it waited for a store that hangs, nobody would be answered."""
    token, asked = make(exposed), []
    assert exposed.client.get("/api/v1/pauses", headers=bearer(token)).status_code == 200
    exposed.app.tokens._monotonic = lambda: float("inf")
    monkeypatch.setattr(exposed.app.store, "read", asked.append)
    found = [exposed.app.judge.judge(request(shown)) for shown in (token, token + "x", exposed.app.keys.token)]
    assert (found, asked) == ([COMMAND, STRANGER, COMMAND], [])


def request(shown: str) -> Request:
    return Request(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/x",
            "wsgi.url_scheme": "http",
            "REMOTE_ADDR": "192.0.2.1",
            "HTTP_AUTHORIZATION": f"Bearer {shown}",
        }
    )


def test_where_the_store_fails_none_is_made(house, monkeypatch):
    def away(_work):
        raise StoreError("away")

    monkeypatch.setattr(house.app.store, "transact", away)
    answer = house.client.post(PATH, json={"name": "x"}, headers=bearer(house.app.keys.token))
    assert (answer.status_code, answer.json["error"]) == (503, "Not stored, try again: away.")


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", "Basic {0}", "{0}", "Bearer {0}x", "Bearer \xfc"])
def test_whatever_else_is_shown_opens_nothing(house, shown):
    headers = {"Authorization": shown.format(make(house))}
    assert house.client.get("/api/v1/pauses", headers=headers).status_code == 403
