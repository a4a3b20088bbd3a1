"""The other addresses: health, metrics, the API of the command line, and who may use which."""

from __future__ import annotations

import pytest

from alertsms.core.messages.trouble import Hindrance
from alertsms.store.error import StoreError
from alertsms.web.api.admin import MAX_TEXT
from tests.support.house import PLAN, House, alert

EXPOSED = PLAN + 'server: {listen: "0.0.0.0:9095", bearer_token: "let-me-in"'


@pytest.fixture
def exposed(url, clock):
    built = House(url, clock, EXPOSED + "}\n")
    yield built
    built.close()


def token(house: House) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.app.keys.token}"}


def test_it_says_that_it_is_healthy(house):
    answer = house.client.get("/-/healthy")
    assert (answer.status_code, answer.text) == (200, "alertsms is healthy.\n")


def test_it_is_not_ready_before_its_parts_run(house):
    answer = house.client.get("/-/ready")
    assert answer.status_code == 503
    troubles = answer.json["because"]
    assert not answer.json["ready"]
    for part in ("dispatcher", "receipt reader", "escalator", "housekeeper"):
        assert f"its {part} does not run" in troubles
    assert len(troubles) == sum(worker.hinders is Hindrance.SENDING for worker in house.app.watch.workers)


def test_strangers_learn_what_is_hindered_and_no_path_nor_host(house):
    """A load balancer needs no more; the words of a trouble may hold where the store lies, and what is called."""
    near = house.client.get("/-/ready").json
    assert near["because"]
    for headers, more in (
        ({"X-Forwarded-For": "192.0.2.1"}, {}),
        ({"Host": "pager.example.org"}, {}),
        ({}, {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}),
    ):
        answer = house.client.get("/-/ready", headers=headers, **more)
        assert answer.status_code == 503
        assert answer.json == {
            "ready": False,
            "hindered": near_kinds(near),
            "see": "`alertsms doctor` on the machine itself says why",
        }
        told = house.client.get("/-/ready", headers={**headers, **token(house)}, **more)
        assert told.json["because"] == near["because"]


def near_kinds(body: dict) -> list[str]:
    return list(dict.fromkeys(each["hinders"] for each in body["troubles"]))


def test_metrics_have_every_series_and_no_number(house):
    house.fire()
    house.clock.advance(42)
    text = house.client.get("/metrics").text
    assert "alertsms_outbox_oldest_seconds 42.0" in text
    assert 'alertsms_sms_total{outcome="sent",team="ops"} 0.0' in text
    house.settle()
    assert "+336" not in house.client.get("/metrics").text
    assert "_created" not in text


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/-/nothing"])
def test_an_address_that_is_none_says_where_alerts_go(house, path):
    answer = house.client.get(path)
    assert (answer.status_code, answer.json) == (
        404,
        {"error": f"There is nothing at {path}: POST alerts to /webhook."},
    )


NASTY = [
    "//",
    "///",
    "//evil.example",
    "//evil.example/..",
    "//login",
    "/login/",
    "/on-call/",
    "//on-call",
    "/metrics//",
    "//metrics",
    "/incidents//1",
    "/%2F/evil.example",
    "/\\evil.example",
    "/incidents/1/",
    "/logout",
    "/a//x",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", NASTY)
def test_nobody_is_sent_to_another_host(house, path, method):
    """Whatever is asked for, and whatever name for this machine the request gives: a proxy may keep the answer."""
    for host in ("evil.example", "127.0.0.1:9095"):
        answer = house.client.open("/x", method=method, headers={"Host": host}, environ_overrides={"PATH_INFO": path})
        where = answer.headers.get("Location", ".")
        assert where.startswith("."), where
        assert "evil" not in where
        assert answer.status_code != 308


def test_slashes_too_many_lose_no_page(house):
    """External URLs end with a slash, and paths begin with one: a sender that does not follow is heard too."""
    body = {"alerts": [alert("web-01")]}
    for path in ("//webhook", "/webhook//", "//webhook//prod", "//alert"):
        answer = house.client.post("/x", json=body, environ_overrides={"PATH_INFO": path})
        assert answer.status_code == 202, path
    assert house.client.get("/x", environ_overrides={"PATH_INFO": "//-//healthy"}).status_code == 200


def test_a_method_that_does_not_work_says_what_does(house):
    answer = house.client.get("/webhook")
    assert (answer.status_code, answer.json) == (
        405,
        {"error": "GET does not work on /webhook: POST alerts to /webhook."},
    )


def test_the_api_sends_one_test_sms(house):
    answer = house.client.post("/api/v1/send", json={"person": "alice"}, headers=token(house))
    assert (answer.status_code, answer.json) == (202, {"page": 1, "pages": [1]})
    house.settle()
    assert house.texts == ["Test from alertsms: SMS paging works for alice."]
    (sms,) = house.client.get("/api/v1/messages?page=1", headers=token(house)).json
    assert {name: sms[name] for name in ("person", "number", "state", "segments", "attempts", "error")} == {
        "person": "alice",
        "number": "+33*******78",
        "state": "sent",
        "segments": 1,
        "attempts": 1,
        "error": "",
    }
    assert sms["ovh_id"] == house.sandbox.accepted[0].id


def test_a_test_sms_may_say_anything(house):
    text = "ok \ud800 \u0000 " + "x" * 2000
    assert (
        house.client.post("/api/v1/send", json={"person": "alice", "text": text}, headers=token(house)).status_code
        == 202
    )
    house.settle()
    (sent,) = house.texts
    assert sent.startswith("ok")
    assert len(sent) <= 160 < MAX_TEXT


@pytest.mark.parametrize("body", [{"person": "carol"}, {}, [], "alice", 7])
def test_a_test_sms_to_nobody_says_who_there_is(house, body):
    answer = house.client.post("/api/v1/send", json=body, headers=token(house))
    assert answer.status_code == 404
    assert answer.json["error"].endswith("is nobody of the configuration: it has alice, bob.")


def test_a_test_sms_that_cannot_be_stored_is_a_503(house):
    house.app.store.close()
    answer = house.client.post("/api/v1/send", json={"person": "alice"}, headers=token(house))
    assert answer.status_code == 503
    assert answer.json == {"error": "Not stored, try again: store: it is closed."}


@pytest.mark.parametrize("query", ["?page=", "?page=x", "?page=0", "?page=99999999999999999999"])
def test_messages_want_the_number_of_a_page(house, query):
    answer = house.client.get(f"/api/v1/messages{query}", headers=token(house))
    assert answer.status_code == 400
    assert answer.json["error"].endswith(": /api/v1/messages?page=N, N as POST /api/v1/send answered it.")


def test_a_page_without_a_message_has_none(house):
    assert house.client.get("/api/v1/messages?page=12", headers=token(house)).json == []


def test_the_api_is_for_who_can_read_the_store(house):
    """A page in somebody's browser reaches loopback too."""
    for answer in (
        house.client.post("/api/v1/send", json={"person": "alice"}),
        house.client.get("/api/v1/messages?page=1"),
    ):
        assert answer.status_code == 403
        assert answer.json["error"].endswith(
            " wants a token as `Authorization: Bearer`: `alertsms token NAME` makes one that reads,"
            " `alertsms token NAME --full` one that acts too."
        )
    house.settle()
    assert house.texts == []


def test_an_alert_that_shows_a_secret_may_come_from_a_browser(exposed):
    headers = {"Origin": "https://grafana.example", "Authorization": "Bearer let-me-in"}
    assert exposed.client.post("/webhook", json={"alerts": [alert()]}, headers=headers).status_code == 202


def test_a_reload_takes_over_the_new_file(house):
    house.next_config = house.config(PLAN.replace("[alice]", "[bob]"))
    assert house.client.post("/-/reload").json == {"reloaded": True}
    assert house.metric("config_last_reload_successful") == 1
    house.fire()
    house.settle()
    assert [sms.receiver for sms in house.sandbox.accepted] == ["+33698765432"]


def test_a_reload_of_a_bad_file_changes_nothing_and_says_why(house):
    house.app._reread = lambda: house.config(PLAN.replace("page: [alice]", "page: [carol]"))
    answer = house.client.post("/-/reload")
    assert answer.status_code == 422
    assert answer.json["error"] == "The file has mistakes; the running configuration stays."
    assert [each for each in answer.json["mistakes"] if "carol" in each]
    assert house.metric("config_last_reload_successful") == 0
    assert house.fire()["pages"] == 1


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/messages?page=1", "/api/v1/send", "/-/reload", "/webhooks"])
def test_beyond_loopback_the_rest_does_not_answer(exposed, path):
    answer = exposed.client.post(path) if path in ("/-/reload", "/api/v1/send") else exposed.client.get(path)
    assert answer.status_code == 403
    assert answer.json["error"].startswith(path.partition("?")[0])


def test_beyond_loopback_a_reload_is_sent_to_the_signal(exposed):
    assert exposed.client.post("/-/reload").json["error"] == (
        "/-/reload is for this machine alone, and wants a token as `Authorization: Bearer` where others reach alertsms"
        " by server.external_url or server.listen: kill -HUP on the machine itself reloads too."
    )


def test_beyond_loopback_alerts_and_probes_answer(exposed):
    assert exposed.client.get("/-/healthy").status_code == 200
    assert exposed.client.get("/-/ready").status_code == 503
    sent = exposed.client.post("/webhook/x", json={"alerts": [alert()]}, headers={"Authorization": "Bearer let-me-in"})
    assert sent.status_code == 202


def test_beyond_loopback_the_command_shows_the_token_of_its_key(exposed):
    assert exposed.client.get("/api/v1/messages?page=1", headers=token(exposed)).status_code == 200
    wrong = {"Authorization": f"Bearer {exposed.app.keys.token}x"}
    assert exposed.client.get("/api/v1/messages?page=1", headers=wrong).status_code == 403
    odd = {"Authorization": "Bearer \u00fc\u00ff"}
    assert exposed.client.get("/api/v1/messages?page=1", headers=odd).status_code == 403


def test_metrics_answer_everywhere_when_the_file_says_so(url, clock):
    house = House(url, clock, EXPOSED + ", public_metrics: true}\n")
    assert house.client.get("/metrics").status_code == 200
    house.close()


def test_the_token_outlives_a_restart(house):
    before = house.app.keys.token
    house.crash()
    house.start()
    assert house.app.keys.token == before


def test_a_reload_does_not_open_the_door_of_a_process_that_is_exposed(exposed):
    exposed.next_config = exposed.config(PLAN)
    answer = exposed.client.post("/-/reload", headers=token(exposed))
    assert answer.status_code == 422
    assert answer.json["mistakes"] == [
        "server: this process still listens beyond loopback, keep a webhook secret until it is restarted"
    ]
    assert exposed.client.post("/webhook", json={"alerts": [alert()]}).status_code == 401


# Whether what is posted can be stored.


def hindered(house: House) -> list[Hindrance]:
    return [trouble.hinders for trouble in house.app.intake.troubles()]


def test_only_what_is_stored_says_that_alerts_can_be_stored(exposed, monkeypatch):
    """A stranger may ask a door what methods it has, and a sender may post nothing: neither asks the store much."""
    right = {"Authorization": "Bearer let-me-in"}

    def full(_work):
        raise StoreError("the disk is full")

    with monkeypatch.context() as away:
        away.setattr(exposed.app.store, "transact", full)
        assert exposed.client.post("/webhook", json={"alerts": [alert()]}, headers=right).status_code == 503
    assert hindered(exposed) == [Hindrance.INTAKE]
    assert exposed.client.options("/webhook", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 200
    assert exposed.client.post("/webhook", json={"alerts": []}, headers=right).status_code == 202
    assert hindered(exposed) == [Hindrance.INTAKE]
    assert exposed.client.post("/webhook", json={"alerts": [alert()]}, headers=right).status_code == 202
    assert hindered(exposed) == [Hindrance.OUTSIDE]


def test_a_heartbeat_that_is_not_written_down_says_nothing_of_the_store(url, clock):
    """It comes within a second of another one, which is being stored or was."""
    house = House(url, clock, PLAN + "heartbeats: [{name: job, every: 1h, grace: 5m}]\n")
    assert house.client.get("/heartbeat/job").status_code == 200
    house.app.intake.refused("/heartbeat", "the disk is full")
    assert house.client.get("/heartbeat/job").status_code == 200
    assert hindered(house) == [Hindrance.INTAKE]
    clock.advance(2)
    assert house.client.get("/heartbeat/job").status_code == 200
    assert hindered(house) == [Hindrance.OUTSIDE]
    house.close()
