"""What is refused or skipped is an incident: its sender believes that it pages people, and somebody must hear of it."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.incidents.refusal import MOST_IN_ALL, MOST_OF_ONE
from alertsms.store.schema import incident_table
from alertsms.web.admission import MAX_BODY
from tests.support.house import ALICE, BOB, NIGHT, PLAN, House, SimulatedClock, alert, page, stamp

GRAFANA = {"User-Agent": "Grafana"}
BROKEN = b"""{"version":"1","orgId":1,"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Memory",
"instance":"db-1"},"annotations":{"summary":"volume "data" is full"}}]}"""
MEMORY = 'WEBHOOK REFUSED 400 from grafana: Memory: volume "data" is full #1'
GUARDED = PLAN + 'server: {bearer_token: "let-me-in"}\n'
SIGNED = PLAN + 'server: {hmac: {secret: "sign-here"}}\n'
FALLBACK = "fallback: {channels: 'json://ops'}\n"
NOT_IN = "a webhook of 10.0.0.{} was not let in (no credentials): if it is yours, nobody is paged by it"
LET_IN = {"Authorization": "Bearer let-me-in"}


def send(house: House, body: bytes = BROKEN, path: str = "/webhook", **headers: str):
    return house.client.post(path, data=body, headers={**GRAFANA, **headers})


def open_ones(house: House) -> list[tuple[str, str]]:
    """Name and place of what is not closed."""
    found = house.rows(incident_table.c.labels, incident_table.c.place, incident_table.c.state)
    return [(labels.get("alertname", ""), place) for labels, place, state in found if state != "closed"]


def without_labels(summary: str) -> dict[str, object]:
    return {"status": "firing", "annotations": {"summary": summary}}


@pytest.mark.parametrize(
    "body",
    [
        BROKEN,
        BROKEN.replace(b'"data"', b"data").replace(b"}}]}", b"},}]}"),
        gzip.compress(BROKEN, mtime=0),
        BROKEN.decode().encode("utf-16"),
        BROKEN.decode().encode("utf-16-le"),
        BROKEN + b"\0",
        json.dumps(BROKEN.decode()).encode(),
    ],
    ids=[
        "unescaped quote",
        "trailing comma",
        "gzip",
        "utf-16",
        "utf-16 without its mark",
        "a zero byte",
        "in a string",
    ],
)
def test_a_body_that_is_not_json_pages_whoever_can_mend_its_template(house, body):
    assert send(house, body).status_code == 400
    house.settle()
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE]
    assert house.texts[0].startswith("WEBHOOK REFUSED 400 from grafana: Memory: volume")
    assert house.texts[0].endswith(" #1")
    assert house.metric("webhook_requests_total", source="unknown", code="400") == 1


def test_an_empty_body_is_told_with_what_the_sender_got(house):
    assert send(house, b"").status_code == 400
    house.settle()
    assert house.texts == ["WEBHOOK REFUSED 400 from grafana: The body is not JSON: it is empty. #1"]


def test_a_night_with_a_broken_template_is_one_page(house):
    """Good bodies in between prove nothing: another template may be the good one."""
    for _ in range(8):
        assert send(house).status_code == 400
        assert house.post(alert()).status_code == 202
        house.run(1800)
    assert [text for text in house.texts if "WEBHOOK" in text and "STILL" not in text] == [MEMORY]
    assert len(open_ones(house)) == 2


def test_it_is_over_after_an_hour_without_another(house):
    send(house)
    house.run(3500)
    send(house)
    house.run(3500)
    assert open_ones(house) == [("WebhookRefused", "400 from grafana")]
    house.run(400)
    assert open_ones(house) == []
    assert house.texts[-1] == "OK WEBHOOK REFUSED 400 from grafana after 2 h, no other for an hour #1"
    send(house)
    house.settle()
    assert house.texts[-1] == f"AGAIN {MEMORY}"
    house.run(3600 + 300)
    house.run(1200)
    send(house)
    house.settle()
    assert house.texts[-1] == MEMORY.replace("#1", "#2")


def test_each_sender_and_status_is_an_incident_of_its_own(house):
    house.reload(GUARDED.replace('-in"}', '-in", trusted_proxies: ["127.0.0.1"]}'))
    send(house, **LET_IN)
    send(house, path="/webhook/paris", **LET_IN)
    send(house, **{"User-Agent": "Alertmanager/0.28.0"}, **LET_IN)
    house.client.post("/webhook", data=BROKEN, headers=LET_IN, environ_base={"REMOTE_ADDR": "10.0.0.7"})
    house.client.post("/webhook", data=BROKEN, headers=LET_IN | {"X-Forwarded-For": "192.0.2.9"})  # by a trusted proxy
    send(house, b'{"ping": 1}', **LET_IN)
    assert open_ones(house) == [
        ("WebhookRefused", "400 from grafana"),
        ("WebhookRefused", "400 from grafana /webhook/paris"),
        ("WebhookRefused", "400 from alertmanager"),
        ("WebhookRefused", "400 from 10.0.0.7"),
        ("WebhookRefused", "400 from 192.0.2.9"),
        ("WebhookRefused", "422 from grafana"),
    ]


def test_it_is_escalated_answered_and_paused_like_any_other(house):
    house.reload(PLAN.replace("{page: [alice]}", "{steps: [{page: [alice], wait: 5m}, {page: [bob]}], rounds: 1}"))
    headers = {"Authorization": f"Bearer {house.app.keys.token}"}
    house.client.post("/api/v1/pauses", json={"teams": ["ops"], "for": "10m"}, headers=headers)
    send(house)
    house.run(60)
    assert house.texts == []
    house.run(600)
    assert [sms.receiver for sms in house.sandbox.accepted] == [ALICE]
    assert house.texts[0].startswith("WEBHOOK REFUSED 400 from grafana since")
    house.run(320)
    assert house.sandbox.accepted[-1].receiver == BOB
    answer = house.client.post("/api/v1/incidents/1/ack", json={"by": "bob"}, headers=headers)
    assert answer.json["outcomes"][0]["result"] == "taken"
    count = len(house.texts)
    send(house)
    house.run(1500)
    assert [text for text in house.texts[count:] if "has it" not in text] == []


def test_no_route_and_no_interval_holds_it_back(house):
    house.reload("""
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, quiet: {record_only: true}}
time_intervals: [{name: always, time_intervals: [{times: [{start_time: "00:00", end_time: "24:00"}]}]}]
route: {team: ops, routes: [{matchers: ['alertname=~".*"'], team: quiet, mute_time_intervals: [always]}]}
heartbeats: [{name: any, matchers: ['severity="critical"'], every: 1m, grace: 4m}]
""")
    send(house)
    house.settle()
    assert house.texts == [MEMORY]


def test_a_root_team_that_only_records_has_its_channels_told(house):
    house.reload(
        """
people: {alice: "+33612345678"}
teams: {quiet: {record_only: true}, ops: {page: [alice]}}
route: {team: quiet}
"""
        + FALLBACK
    )
    for _ in range(2):
        send(house)
        house.run(1)
    assert [body.split("\n")[1] for _, _, body in house.posted] == [
        'WebhookRefused 400 from grafana: Memory: volume "data" is full'
    ]


def test_a_team_with_a_template_of_its_own_gets_the_same_words(house):
    house.reload(
        PLAN.replace("{page: [alice]}", "{page: [alice], template: '{{ labels.status }} {{ name }}: {{ summary }}'}")
    )
    send(house)
    house.settle()
    assert house.texts == ['400 WEBHOOK REFUSED 400: Memory: volume "data" is full']


def test_what_cannot_become_an_incident_is_to_be_sent_again(house):
    """Alertmanager gives up on a 4xx: that is an answer only where somebody hears of it."""
    if not house.app.store.sqlite:
        pytest.skip("SQLite locks a file")
    house.app.store._writer.close()
    for body in (BROKEN, b'{"ping": 1}', b" " * (MAX_BODY + 1)):
        answer = send(house, body)
        assert answer.status_code == 503
        assert "That could not be stored, send it again" in answer.json["error"]
        assert answer.headers["Retry-After"] == "1"
    assert house.metric("webhook_requests_total", source="unknown", code="503") == 3


def test_the_story_of_a_refused_body_is_told(house):
    from alertsms.core.text.timeline import TimeFormat, whole
    from alertsms.store import history

    send(house)
    house.run(4000)
    story = house.app.store.read(lambda tx: history.story(tx, 1))
    lines = whole(story, TimeFormat(zone=ZoneInfo("UTC"), now=house.clock()))
    assert lines[0] == '#1 CRITICAL WebhookRefused 400 from grafana: Memory: volume "data" is full'
    assert lines[1].startswith("  over, no other one for an hour, ")
    assert lines[2] == "  team ops, from alertsms-intake"
    assert any("over: no other one for an hour" in line for line in lines)


# Alerts without labels.


def test_alerts_without_labels_are_told_apart_by_what_they_say(house):
    first = house.post(without_labels("disk of db-1 is full"), alert())
    assert first.json == {"alerts": 1, "incidents": ["#1", "#2"], "pages": 2, "skipped": 1}
    house.post(without_labels("disk of db-1 is full"))
    house.post(without_labels("db-2 is gone"))
    house.settle()
    assert house.texts == [
        page("web-01", 1),
        "ALERT SKIPPED from alertmanager, no labels: disk of db-1 is full #2",
        "ALERT SKIPPED from alertmanager, no labels: db-2 is gone #3",
    ]


def test_no_loop_opens_incidents_without_end(house):
    for number in range(MOST_OF_ONE + 30):
        assert house.post(without_labels(f"request {number} failed")).status_code == 202
    found = house.rows(incident_table.c.annotations)
    assert len(found) == MOST_OF_ONE + 1
    assert found[-1][0]["summary"] == (
        f"and more, the last one from alertmanager, no labels: request {MOST_OF_ONE} failed"
    )
    for number in range(MOST_IN_ALL + 30):
        send(house, path=f"/webhook/{number}")
    assert len(house.rows(incident_table.c.id)) <= MOST_IN_ALL + 2


def test_an_alert_without_labels_is_stored_with_its_body_or_not_at_all(house, monkeypatch):
    from alertsms.store.error import StoreError

    def full(*_more: object, **_rest: object) -> None:
        raise StoreError("store: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("alertsms.store.apply.notify", full)
        assert house.post(without_labels("lost"), alert()).status_code == 503
    assert house.rows(incident_table.c.id) == []
    assert house.post(without_labels("lost"), alert()).json["pages"] == 2


# Whoever is not let in.


def test_each_stranger_is_told_of_once_an_hour_and_three_of_them_at_most(house):
    house.reload(GUARDED + FALLBACK)
    for _ in range(2):
        for address in range(6):
            answer = house.client.post("/webhook", data=BROKEN, environ_base={"REMOTE_ADDR": f"10.0.0.{address}"})
            assert answer.status_code == 401
            house.run(1)
    told = [body.split("\n")[1] for _, _, body in house.posted]
    assert told == [
        NOT_IN.format(0),
        NOT_IN.format(1),
        NOT_IN.format(2),
        "and others within the hour, the first of them: " + NOT_IN.format(3),
    ]
    house.run(3600)
    house.client.post("/webhook", data=BROKEN, environ_base={"REMOTE_ADDR": "10.0.0.5"})
    house.run(1)
    assert len(house.posted) == 5
    assert (house.texts, house.rows(incident_table.c.id)) == ([], [])


def test_a_clock_that_is_set_back_silences_no_stranger(house):
    house.reload(GUARDED + FALLBACK)
    for address in range(6):
        house.client.post("/webhook", data=BROKEN, environ_base={"REMOTE_ADDR": f"10.0.0.{address}"})
        house.run(1)
    house.clock.set_wall(-7200)
    house.run(3660)
    house.client.post("/webhook", data=BROKEN, environ_base={"REMOTE_ADDR": "10.0.0.5"})
    house.run(1)
    assert len(house.posted) == 5
    assert house.posted[-1][2].split("\n")[1] == NOT_IN.format(5)


LURE = "ALL PAGES LOST, call 0899123456 <!channel> \x1b[31m\x9b2J"


@pytest.mark.parametrize(
    ("name", "shown"), [("paris-2.eu_a", "/webhook/paris-2.eu_a"), (LURE, "..."), ("a" * 40, "...")]
)
def test_a_stranger_does_not_write_what_the_channels_read(house, name, shown):
    house.reload(GUARDED + FALLBACK)
    headers = {"User-Agent": LURE, "X-Forwarded-For": LURE}
    assert house.client.post(f"/webhook/{quote(name)}", data=BROKEN, headers=headers).status_code == 401
    house.run(1)
    (posted,) = house.posted
    assert posted[2].split("\n")[1] == NOT_IN.format("").replace("10.0.0.", f"127.0.0.1 {shown}")


def test_where_anybody_may_post_no_word_of_a_body_gets_to_the_channels(house):
    house.reload(PLAN + "server: {listen: '0.0.0.0:9095', allow_unauthenticated: true}\n" + FALLBACK)
    outside = {"REMOTE_ADDR": "192.0.2.1"}
    body = json.dumps({LURE: LURE}).encode()
    assert house.client.post(f"/webhook/{quote(LURE)}", data=body, environ_base=outside).status_code == 422
    house.client.get(f"/heartbeat/{quote(LURE)}", environ_base=outside)
    house.run(1)
    said = "\n".join(body for _, _, body in house.posted)
    assert "a webhook of 192.0.2.1 ... was refused (422)" in said
    assert "192.0.2.1 sends the heartbeat ..., which is none of the configuration" in said
    assert "PAGES" not in said


def test_what_is_too_large_to_verify_is_told_to_the_channels(house):
    """A signature covers the whole body, which is not kept: right or wrong, nobody can say."""
    house.reload(SIGNED + FALLBACK)
    raw = b" " * (MAX_BODY + 1)
    headers = {"X-Grafana-Alerting-Signature": hmac.new(b"other", raw, hashlib.sha256).hexdigest()}
    assert send(house, raw, **headers).status_code == 413
    house.run(1)
    assert [body.split("\n")[1].partition(":")[0] for _, _, body in house.posted] == [
        "a webhook of grafana was not let in (413, its signature cannot be checked)"
    ]
    assert house.rows(incident_table.c.id) == []


# Beside every door.


@pytest.mark.parametrize("path", ["/webhooks", "/webhook/a/b", "/alerts", "/api/v2/alerts", "/", "/prom"])
def test_who_posts_alerts_to_no_webhook_is_told_and_an_incident(house, path):
    answer = send(house, json.dumps({"alerts": [alert()]}).encode(), path=path)
    assert answer.status_code in (404, 405)
    assert "POST alerts to /webhook" in answer.json["error"]
    house.settle()
    assert house.texts[0].startswith(f"WEBHOOK REFUSED {answer.status_code} from grafana")
    assert "HighCPU: CPU above 90% for 5 min #1" in house.texts[0]
    assert house.metric("webhook_requests_total", source="unknown", code=str(answer.status_code)) == 1


def test_what_is_no_alert_beside_every_door_is_only_counted(house, caplog):
    with caplog.at_level(logging.WARNING):
        answer = house.client.post("/xmlrpc.php", data=b"<x/>")
    assert (answer.status_code, house.rows(incident_table.c.id)) == (404, [])
    assert house.metric("webhook_requests_total", source="unknown", code="404") == 1
    assert [record.message for record in caplog.records if record.name == "alertsms.webhook"] == ["request refused"]


def test_a_wrong_path_needs_the_secret_too(house):
    house.reload(GUARDED + FALLBACK)
    body = json.dumps({"alerts": [alert()]}).encode()
    assert send(house, body, path="/webhooks").status_code == 401
    assert house.rows(incident_table.c.id) == []
    assert send(house, body, path="/webhooks", **LET_IN).status_code == 404
    assert open_ones(house) == [("WebhookRefused", "404 from grafana /webhooks")]


def test_a_sign_of_life_for_nothing_is_counted_and_told(house):
    house.reload(PLAN + FALLBACK)
    for _ in range(2):
        assert house.client.get("/heartbeat/backup").status_code == 404
        house.run(1)
    assert house.metric("webhook_requests_total", source="heartbeat", code="404") == 2
    assert [body.split("\n")[1] for _, _, body in house.posted] == [
        "127.0.0.1 sends the heartbeat backup, which is none of the configuration"
    ]


def test_a_wrong_method_at_a_door_is_counted(house):
    assert house.client.get("/webhook").status_code == 405
    assert house.client.delete("/webhook/paris").status_code == 405
    assert house.metric("webhook_requests_total", source="unknown", code="405") == 2
    assert house.rows(incident_table.c.id) == []


def test_an_error_while_an_error_is_answered_is_a_503_too(house, monkeypatch):
    monkeypatch.setattr("alertsms.web.refusals.glimpse", lambda _: 1 / 0)
    answer = send(house, path="/webhooks")
    assert answer.status_code == 503
    assert answer.json == {"error": "alertsms failed on this request; its log says why. Send it again."}


# Under names of their own.


def test_alerts_that_come_by_two_names_are_logged_and_shown_and_page_nobody_for_it(house, caplog):
    body = {"groupKey": '{}:{alertname="HighCPU"}'}
    house.post(alert(start=NIGHT), path="/webhook/firing", **body)
    assert "two incidents" not in house.client.get("/").text
    with caplog.at_level(logging.WARNING):
        house.post(alert(status="resolved") | {"endsAt": stamp(NIGHT)}, path="/webhook/resolved", **body)
    assert [record.message for record in caplog.records] == ["alerts come by two names of the webhook"]
    shown = house.client.get("/").text
    assert "HighCPU came by /webhook/firing and by /webhook/resolved" in shown
    house.settle()
    assert house.texts == [page("web-01", 1)]
    house.clock.advance(25 * 3600)
    assert "two incidents" not in house.client.get("/").text


# Whatever is posted.

_BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["alerts", "labels", "annotations", "summary", "status", "state"]), inner, max_size=4
            )
        ),
    ).map(lambda value: json.dumps(value).encode()),
    st.integers(0, len(BROKEN)).map(lambda at: BROKEN[:at]),
    st.integers(0, len(BROKEN)).map(lambda at: BROKEN[:at] + b"\0" + BROKEN[at:]),
)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path_factory.mktemp('any')}/store.db", SimulatedClock())
    yield house
    house.close()


@settings(max_examples=150, deadline=None)
@given(_BODIES)
def test_any_body_gets_a_sentence_and_none_is_refused_in_silence(lasting, body):
    before = _counted(lasting)
    answer = lasting.client.post("/webhook", data=body, headers=GRAFANA)
    assert isinstance(answer.json, dict)
    assert _counted(lasting) == before + 1
    names = {name for name, _ in open_ones(lasting)}
    if answer.status_code == 202:
        assert "skipped" not in answer.json or "AlertSkipped" in names
        return
    assert answer.status_code in (400, 413, 422)
    assert answer.json["error"].endswith(".")
    assert ("WebhookRefused", f"{answer.status_code} from grafana") in open_ones(lasting)


def _counted(house: House) -> float:
    return sum(
        sample.value
        for family in house.app.context.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "alertsms_webhook_requests_total"
    )
