"""Who gets in by which path: this machine, somebody behind a proxy, a stranger, a page of elsewhere in a browser."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from alertsms.store.schema import incident_table
from alertsms.web.guard import ACCESS, RULES, Grant, Guard, PathAccess, Reach, shown
from tests.support.house import PLAN, House, alert

FALLBACK = "fallback: {channels: 'json://ops'}\n"
OPEN = PLAN + FALLBACK  # as version 0 documented it: loopback, no secret
BEHIND = OPEN + 'server: {external_url: "https://pager.example.org"}\n'
GUARDED = OPEN + 'server: {external_url: "https://pager.example.org", bearer_token: let-me-in}\n'
ANYBODY = OPEN + 'server: {listen: "0.0.0.0:9095", allow_unauthenticated: true}\n'
LET_IN = {"Authorization": "Bearer let-me-in"}
BODY = {"alerts": [alert()]}
# However a request comes from outside: what a proxy adds or leaves out, another machine, a borrowed name.
OUTSIDE = {
    "X-Forwarded-For": {"headers": {"X-Forwarded-For": "192.0.2.1"}},
    "X-Forwarded-Anything": {"headers": {"X-Forwarded-Anything": ""}},
    "Forwarded": {"headers": {"Forwarded": "for=127.0.0.1"}},
    "Via": {"headers": {"Via": "1.1 localhost"}},
    "the public name": {"headers": {"Host": "pager.example.org"}},
    "a rebound name": {"headers": {"Host": "evil.example:9095"}},
    "no name": {"headers": {"Host": ""}},
    "another machine": {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}},
}
NAIVE = {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}}  # a bare proxy_pass: no header, our address as Host
CROSS = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.fixture
def build(url, clock):
    built: list[House] = []

    def build(plan: str) -> House:
        built.append(House(url, clock, plan))
        return built[-1]

    yield build
    for house in built:
        house.close()


def token(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.app.keys.token}"}


def count(house: House) -> int:
    return len(house.rows(incident_table.c.id))


def told(house: House) -> list[str]:
    house.app.delivery.channels.step()
    return [body for channel, _, body in house.posted if channel == "json://ops"]


def test_every_path_stands_in_the_table(house):
    """Whoever adds one says what opens it: until then it answers nobody."""
    assert {rule.rule for rule in house.app.wsgi.url_map.iter_rules()} == set(ACCESS)
    assert sum(map(len, RULES.values())) == len(ACCESS)


def test_a_path_without_a_row_answers_nobody():
    guard = Guard(reach=Reach(), grant=lambda _: Grant.FULL)
    with Flask("test").test_request_context("/new"):
        assert guard.refuses("/new") == "/new does not answer."


def address(rule: str) -> str:
    return rule.replace("<int:number>", "1").replace("<name>", "x").replace("<token>", "abcd").replace("<secret>", "x")


@pytest.mark.parametrize("way", OUTSIDE)
@pytest.mark.parametrize("plan", [OPEN, BEHIND, GUARDED], ids=["open", "behind", "guarded"])
def test_a_stranger_gets_nothing(build, plan, way):
    """Whatever the method, with slashes too many or at the end, and in any case."""
    house = build(plan)
    house.post(alert("secret-host"), path="/webhook") if plan is not GUARDED else None
    before = count(house)
    for rule, access in ACCESS.items():
        path = address(rule)
        for where in (path, f"/{path}", f"{path}/", path.upper()):
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
                asked = {"method": method, "data": b"{}", **OUTSIDE[way]}
                asked["environ_overrides"] = {"PATH_INFO": where}
                answer = house.client.open("/x", **asked)
                assert answer.status_code in allowed(access, method), (method, where, answer.status_code)
                assert "secret-host" not in answer.text
    assert count(house) == before
    house.settle()
    assert all("secret-host" in text for text in house.texts)


def allowed(access: PathAccess, method: str) -> set[int]:
    """What a stranger may get, who shows nothing; 200 is for OPTIONS, which names methods, and for what is for all."""
    wrong = {403, 404, 405}
    if access is PathAccess.SENDER:
        return wrong | {401, 200} if method == "OPTIONS" else wrong | {401}
    if access in (PathAccess.ALL, PathAccess.LINK):
        return wrong | {200, 503}
    return wrong | ({200} if access is PathAccess.RECEIPT and method == "OPTIONS" else set())


@pytest.mark.parametrize("way", OUTSIDE)
def test_without_a_secret_what_comes_from_outside_is_refused_and_told(build, way):
    house = build(BEHIND)
    for path in ("/webhook", "/webhook/prod", "//alert", "/webhooks", "/heartbeat/x"):
        answer = house.client.open(
            "/x", method="POST", json=BODY, environ_overrides={"PATH_INFO": path}, **OUTSIDE[way]
        )
        assert answer.status_code == 401, path
        assert answer.json["error"] == (
            "Not let in: it comes from outside, and no secret is configured. Set server.bearer_token here, and give it"
            " to the sender."
        )
    assert count(house) == 0
    assert "was not let in (it comes from outside, and no secret is configured)" in told(house)[0]
    assert house.texts == []


def test_behind_a_proxy_loopback_may_still_post_but_not_as_nginx_speaks(build):
    """An upgrade must not stop a pager: the Alertmanager of this machine goes on posting."""
    house = build(BEHIND)
    refused = house.client.post("/webhook", json=BODY, **NAIVE)
    assert refused.status_code == 401
    assert refused.json["error"].startswith("Not let in: it speaks HTTP/1.0, as a proxy may")
    assert house.client.post("/heartbeat/x", **NAIVE).status_code == 401
    assert house.client.post("/webhook", json=BODY).status_code == 202


def test_the_machines_own_name_may_post(build, monkeypatch):
    monkeypatch.setattr("alertsms.web.guard._own_names", lambda: frozenset({"web-01"}))
    house = build(BEHIND)
    assert house.client.post("/webhook", json=BODY, headers={"Host": "web-01:9095"}).status_code == 202
    proxied = {"Host": "web-01:9095", "X-Forwarded-For": "192.0.2.1"}
    assert house.client.post("/webhook", json=BODY, headers=proxied).status_code == 401


@pytest.mark.parametrize("way", [*OUTSIDE, "naive"])
def test_with_a_secret_senders_get_in_however_they_come(build, way):
    house = build(GUARDED)
    more = dict((OUTSIDE | {"naive": NAIVE})[way])
    headers = LET_IN | more.pop("headers", {})
    assert house.client.post("/webhook", json=BODY, headers=headers, **more).status_code == 202


@pytest.mark.parametrize("path", ["/", "/on-call", "/incidents/1", "/metrics", "/-/reload", "/api/v1/incidents"])
def test_where_others_reach_it_loopback_opens_nothing_by_itself(build, path):
    """A bare proxy_pass looks like a program of this machine."""
    house = build(GUARDED)
    house.client.post("/webhook", json=BODY, headers=LET_IN)
    ask = house.client.post if path == "/-/reload" else house.client.get
    for more in ({}, NAIVE):
        answer = ask(path, **more)
        assert answer.status_code == 403
        assert "HighCPU" not in answer.text
    assert ask(path, headers=token(house)).status_code == 200


def test_a_reload_is_never_taken_from_outside(build):
    house = build(GUARDED)
    for more in OUTSIDE.values():
        headers = token(house) | more.get("headers", {})
        assert house.client.post("/-/reload", **{**more, "headers": headers}).status_code == 403


def test_metrics_from_outside_want_the_files_word_or_a_token(build):
    house = build(GUARDED.replace("bearer_token", "public_metrics: true, bearer_token"))
    assert house.client.get("/metrics", headers={"Host": "pager.example.org"}).status_code == 200
    house.reload(GUARDED)
    assert house.client.get("/metrics", headers={"Host": "pager.example.org"}).status_code == 403
    shown = {"Host": "pager.example.org", **token(house)}
    assert house.client.get("/metrics", headers=shown).status_code == 200


@pytest.mark.parametrize("grant", Grant)
@pytest.mark.parametrize(
    ("rule", "method", "least"),
    [
        ("/metrics", "GET", Grant.READ),
        ("/api/v1/incidents", "GET", Grant.READ),
        ("/api/v1/pauses", "DELETE", Grant.FULL),
        ("/api/v1/send", "POST", Grant.FULL),
        ("/-/reload", "POST", Grant.FULL),
    ],
)
def test_a_token_that_may_read_changes_nothing(grant, rule, method, least):
    guard = Guard(reach=Reach(public=True), grant=lambda _: grant)
    near = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:9095"}
    with Flask("test").test_request_context(rule, method=method, environ_overrides=near):
        assert bool(guard.refuses(rule)) == (grant < least)


@pytest.mark.parametrize("headers", CROSS, ids=json.dumps)
def test_a_page_of_elsewhere_posts_nothing_to_an_open_door(build, headers):
    house = build(OPEN + "heartbeats: [{name: x, every: 1h, grace: 1h}]\n")
    reloaded = []
    house.app._reread = lambda: reloaded.append(1) or house.next_config
    for path in ("/webhook", "/webhook/prod", "/alert", "/webhooks", "/heartbeat/x"):
        answer = house.client.post(path, data=json.dumps(BODY), headers={"Content-Type": "text/plain"} | headers)
        assert answer.status_code in (401, 404), path  # a browser that posts to where nothing is believes nothing
    assert house.client.get("/heartbeat/x", headers=headers).status_code == 401  # an image's address
    for way in ({"Host": "127.0.0.1:9095"}, {"Host": "localhost:9095"}):
        assert house.client.post("/-/reload", headers=headers | way).status_code == 403
    receipt = f"/ovh/receipt/{house.app.keys.receipt_secret}"
    assert house.client.post(receipt, data={"id": "1"}, headers=headers).status_code == 403
    assert (count(house), reloaded) == (0, [])


def test_a_page_of_elsewhere_posts_nothing_either_where_anybody_may(build):
    house = build(ANYBODY)
    assert house.client.post("/webhook", json=BODY, headers={"Origin": "https://evil.example"}).status_code == 401
    assert house.client.post("/webhook", json=BODY, **OUTSIDE["another machine"]).status_code == 202


def test_where_anybody_may_post_what_is_refused_wakes_nobody(build):
    """A stranger's broken body is no page: the log and the channels have it. On this machine it is an incident."""
    house = build(ANYBODY)
    assert house.client.post("/webhook", data=b"{", **OUTSIDE["another machine"]).status_code == 400
    assert count(house) == 0
    (said,) = told(house)
    assert "a webhook of 192.0.2.1 was refused (400), from outside and without a secret: the log says why" in said
    assert house.client.post("/webhook", data=b"{").status_code == 400
    assert count(house) == 1


def test_a_door_that_is_shut_is_a_trouble_until_a_secret_is_set(build):
    house = build(BEHIND)
    (door,) = [each for each in house.app.watch.troubles() if each.key == "door"]
    assert door.says == (
        "server.external_url lets others reach it, and no webhook secret is set: what comes from outside, or by a"
        " proxy, is answered 401 and pages nobody"
    )
    assert door.settles.total_seconds() == 0
    house.app.watch.alarm.step()
    assert any("no webhook secret is set" in body for _, _, body in house.posted)
    house.reload(GUARDED)
    assert not [each for each in house.app.watch.troubles() if each.key == "door"]


def test_a_reload_does_not_shut_senders_out(build):
    """Who started so takes in whatever else is new; who did not keeps what works."""
    house = build(GUARDED)
    house.next_config = house.config(BEHIND)
    (refusal,) = house.app.reload()
    assert refusal == (
        "server: server.external_url lets others reach it, and no webhook secret is set: keep server.bearer_token, or"
        " write server.allow_unauthenticated: true"
    )
    assert house.app.config.server.guarded
    house.app.context.config.current = house.next_config
    assert house.app.reload() == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/webhook/paris-and-lyon", None),
        ("/alertmanager/webhooks", None),
        ("/api/v2/alerts", None),
        ("/", None),
        ("/incidents/42/silence", None),
        ("/a/x7Kq5MdPbR4", "/a/..."),
        ("/x7Kq5MdP", "/..."),
        ("x7Kq5MdPbR4", "..."),
        ("/webhook/a/x7Kq5MdPbR4", "/webhook/a/..."),
        ("/ovh/receipt/s" + "e" * 42, "/ovh/receipt/..."),
    ],
)
def test_a_path_is_shown_without_what_may_be_a_secret(path, words):
    assert shown(path) == (words or path)
