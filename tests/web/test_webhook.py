"""POST /webhook: what is let in, what is refused with a sentence, and who hears of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
from pathlib import Path

import pytest

from alertsms.store.schema import incident_table
from alertsms.web.webhook import MAX_BODIES, MAX_BODY
from tests.support.house import ALICE, BOB, PLAN, House, alert, page

GUARDED = PLAN + 'server: {bearer_token: "let-me-in"}\n'
SIGNED = PLAN + 'server: {hmac: {secret: "sign-here", timestamp_header: "X-When"}}\n'


@pytest.mark.parametrize("path", ["/webhook", "/webhook/", "/webhook/alertmanager", "/webhook/grafana", "/alert"])
def test_every_name_of_the_webhook_is_one_source(house, path):
    house.fire()
    assert house.post(alert(), path=path).json == {"alerts": 1, "incidents": ["#1"], "pages": 0}


def test_a_named_webhook_is_a_source_of_its_own(house):
    house.fire()
    assert house.post(alert(), path="/webhook/paris").json == {"alerts": 1, "incidents": ["#2"], "pages": 1}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"not json", 400, "The body is not JSON: Expecting value at line 1, column 1."),
        (b"42", 400, "The body is JSON but neither an object nor an array, so no alert."),
        (b"[" * 100_000, 400, "The body is nested too deeply to be an alert body."),
        (b'{"ping": 1}', 422, "This is no alert body: no `alerts` list among its keys (ping)."),
    ],
)
def test_what_is_no_alert_body_is_refused_with_a_sentence(house, body, status, sentence):
    answer = house.client.post("/webhook", data=body)
    assert (answer.status_code, answer.json) == (status, {"error": sentence})
    assert house.metric("webhook_requests_total", source="unknown", code=str(status)) == 1


def test_a_body_that_is_too_large_is_refused_and_told(house):
    answer = house.client.post("/webhook", data=b" " * (MAX_BODY + 1))
    assert answer.status_code == 413
    assert answer.json == {
        "error": "The body has 16777217 bytes, at most 16777216 are taken: set max_alerts, to 1000 for example, in the"
        " sender's webhook settings."
    }
    house.settle()
    assert [text.partition(": ")[0] for text in house.texts] == ["WEBHOOK REFUSED 413 from 127.0.0.1"]


def test_a_body_of_the_largest_size_is_taken(house):
    raw = json.dumps({"alerts": [alert()]}).encode()
    assert house.client.post("/webhook", data=raw + b" " * (MAX_BODY - len(raw))).status_code == 202


def test_a_body_without_a_length_is_measured_all_the_same(house):
    from io import BytesIO

    stream = BytesIO(b" " * (MAX_BODY + 1))
    answer = house.client.post(
        "/webhook", input_stream=stream, environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
    )
    assert answer.status_code == 413


def test_one_broken_alert_stops_no_other_and_is_told(house):
    answer = house.post(alert(), {"labels": {}}, "nonsense")
    assert answer.status_code == 202
    assert (answer.json["alerts"], answer.json["pages"], answer.json["skipped"]) == (1, 3, 2)
    assert sorted(answer.json["incidents"]) == ["#1", "#2", "#3"]
    house.settle()
    said = sorted(text.rpartition(" #")[0] for text in house.texts)
    assert said[0].startswith("ALERT SKIPPED from alertmanager, no labels: An alert without labels can be")
    assert said[1:] == ["ALERT SKIPPED from alertmanager, no labels: nonsense", page("web-01", 1).rpartition(" #")[0]]
    assert house.metric("alerts_skipped_total", source="alertmanager") == 2
    house.post({"labels": {}})
    house.settle()
    assert len(house.texts) == 3


def test_nobody_gets_in_without_the_token_and_nobody_is_told(house):
    house.reload(GUARDED)
    answer = house.post(alert())
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="alertsms"'
    assert answer.json == {
        "error": "Not let in: no credentials. Give the sender one of the secrets under `server` here."
    }
    wrong = house.client.post("/webhook", json={"alerts": [alert()]}, headers={"Authorization": "Bearer me"})
    assert wrong.status_code == 401
    house.settle()
    assert house.texts == []
    assert house.metric("webhook_requests_total", source="unknown", code="401") == 2
    right = house.client.post("/webhook", json={"alerts": [alert()]}, headers={"Authorization": "Bearer let-me-in"})
    assert right.status_code == 202


def test_whoever_is_not_let_in_is_told_of_by_other_channels_once_an_hour(house):
    house.reload(GUARDED + "fallback: {channels: 'json://ops'}\n")
    for _ in range(3):
        house.post(alert())
        house.run(1799, hop=600)
    assert [body.split("\n")[1] for _, _, body in house.posted] == [
        "a webhook of 127.0.0.1 was not let in (no credentials): if it is yours, nobody is paged by it"
    ]
    house.run(10)
    house.post(alert())
    house.run(1)
    assert (len(house.posted), house.texts) == (2, [])


def test_what_is_too_large_and_not_let_in_pages_nobody(house):
    house.reload(GUARDED)
    assert house.client.post("/webhook", data=b" " * (MAX_BODY + 1)).status_code == 401
    house.settle()
    assert house.texts == []


def test_a_signature_with_a_wrong_clock_is_taken_and_noted(house, caplog):
    house.reload(SIGNED)
    raw, when = json.dumps({"alerts": [alert()]}).encode(), str(int(house.clock().timestamp()) - 1000)
    signature = hmac.new(b"sign-here", when.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {"X-Grafana-Alerting-Signature": signature, "X-When": when}
    assert house.client.post("/webhook", data=raw, headers=headers).status_code == 202
    assert [record.fields for record in caplog.records if "clock" in record.message] == [{"seconds": 1000.0}]


def test_503_when_the_store_cannot_commit_and_nothing_half_written(house):
    if not house.app.store.sqlite:
        pytest.skip("a full disk is simulated by SQLite")
    limit = house.app.store.transact(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar())
    house.app.store.transact(lambda tx: tx.exec_driver_sql(f"PRAGMA max_page_count={limit}").scalar())
    answer = house.post(*(alert(f"web-{number}") for number in range(500)))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json == {"error": "Not stored, send it again: store: database or disk is full."}
    assert house.rows(incident_table.c.id) == []
    assert house.metric("webhook_requests_total", source="alertmanager", code="503") == 1
    house.app.store.transact(lambda tx: tx.exec_driver_sql("PRAGMA max_page_count=1000000").scalar())
    assert house.post(*(alert(f"web-{number}") for number in range(500))).json["pages"] == 500


def test_503_when_the_writer_is_blocked(house, monkeypatch):
    if not house.app.store.sqlite:
        pytest.skip("only SQLite has one writer")
    monkeypatch.setattr("alertsms.store.engine.Writer.run.__defaults__", (0.05,))
    go, busy = threading.Event(), threading.Event()
    hold = threading.Thread(target=house.app.store._writer.run, args=(lambda _: busy.set() or go.wait(5), 10))
    hold.start()
    busy.wait(5)
    answer = house.post(alert())
    go.set()
    hold.join()
    assert answer.status_code == 503
    assert "the store did not come to this within 0.05 s" in answer.json["error"]
    house.settle()
    assert house.rows(incident_table.c.id) == []


def test_a_fault_of_our_own_is_a_503_and_counted(house, monkeypatch, caplog):
    monkeypatch.setattr("alertsms.store.apply.decide", lambda *_: 1 / 0)
    answer = house.post(alert())
    assert answer.status_code == 503
    assert answer.json == {"error": "alertsms failed on this request; its log says why. Send it again."}
    assert house.metric("webhook_requests_total", source="alertmanager", code="503") == 1
    assert "ZeroDivisionError" in caplog.text


def test_more_bodies_than_there_are_places_wait_a_little_and_are_sent_away(house, monkeypatch):
    monkeypatch.setattr("alertsms.web.webhook.PATIENCE_SECONDS", 0.01)
    go, inside = threading.Event(), threading.Semaphore(0)
    transact = house.app.store.transact

    def wait(work):
        inside.release()
        go.wait(10)
        return transact(work)

    monkeypatch.setattr(house.app.store, "transact", wait)
    answers = []

    def post(number: int) -> None:
        client = house.app.wsgi.test_client()
        answers.append(client.post("/webhook", json={"alerts": [alert(f"web-{number}")]}).status_code)

    threads = [threading.Thread(target=post, args=(number,)) for number in range(MAX_BODIES)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert inside.acquire(timeout=10)
    answer = house.post(alert())
    assert (answer.status_code, answer.json) == (503, {"error": "32 bodies are being taken already: send it again."})
    assert house.client.get("/-/healthy").status_code == 200
    monkeypatch.setattr("alertsms.web.webhook.PATIENCE_SECONDS", 10.0)
    threads.append(threading.Thread(target=post, args=(MAX_BODIES,)))
    threads[-1].start()  # this one finds a place as soon as one is free
    go.set()
    for thread in threads:
        thread.join()
    assert answers == [202] * (MAX_BODIES + 1)
    assert house.post(alert()).status_code == 202


def test_a_grafana_body_is_its_own_source(house):
    body = {"version": "1", "orgId": 1, "status": "firing", "receiver": "sms", "alerts": [alert()]}
    assert house.client.post("/webhook", json=body).status_code == 202
    house.fire()
    assert house.metric("alerts_received_total", source="grafana", status="firing") == 1
    assert house.rows(incident_table.c.source) == [("grafana",), ("alertmanager",)]


def test_grafanas_test_button_gives_one_text_and_no_lasting_incident(house):
    labels = {"alertname": "TestAlert", "instance": "Grafana"}
    body = {
        "version": "1",
        "orgId": 1,
        "status": "firing",
        "groupKey": "test-57c6d9296de2ad39-1772503800",
        "alerts": [{"status": "firing", "labels": labels, "startsAt": "2026-03-03T02:10:00Z"}],
    }
    assert house.client.post("/webhook", json=body).status_code == 202
    house.run(4000, hop=1000)
    assert len(house.texts) == 1
    assert house.texts[0].startswith("TEST ")
    assert house.rows(incident_table.c.state, incident_table.c.reason) == [("closed", "test")]


def test_a_large_body_is_stored_whole(house):
    names = [f"web-{number:04}" for number in range(1500)]
    assert house.fire(*names)["pages"] == 1500
    assert house.fire(*names)["pages"] == 0
    assert house.resolve(*names)["incidents"] != []
    assert {state for (state,) in house.rows(incident_table.c.state)} == {"closed"}


def test_the_person_of_a_muted_team_is_paged_through_the_other_team(url, clock):
    house = House(
        url,
        clock,
        """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {day: {page: [alice, bob]}, night: {page: [alice]}}
route: {team: day, routes: [{team: day, continue: true, active_time_intervals: [office]}, {team: night}]}
time_intervals: [{name: office, time_intervals: [{times: [{start_time: "06:00", end_time: "22:00"}]}]}]
""",
    )
    assert house.fire()["pages"] == 1
    house.run(3600 * 4, hop=600)
    first, *reminders = [(sms.receiver, sms.text.split(" #")[1][0]) for sms in house.sandbox.accepted]
    assert first[0] == ALICE
    assert [each for each in reminders if each[0] == BOB] != []
    assert len({number for receiver, number in [first, *reminders] if receiver == ALICE}) == 1
    house.close()


def test_the_file_is_whole_after_all_that(house):
    if not house.app.store.sqlite:
        pytest.skip("only a file can be checked")
    house.fire()
    house.run(5)
    house.crash()
    with sqlite3.connect(house.app.store.engine.url.database) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    file.close()


@pytest.mark.parametrize("gone", ["", ".lock"])
def test_nothing_is_promised_once_the_file_was_taken_away(house, gone):
    """What is written to a deleted file, or beside a second process, is nowhere after a restart."""
    if not house.app.store.sqlite:
        pytest.skip("PostgreSQL keeps its own files")
    path = Path(f"{house.app.store.engine.url.database}{gone}")
    path.rename(f"{path}.away")
    answer = house.post(alert())
    assert answer.status_code == 503
    assert answer.json["error"].endswith("was deleted or replaced while alertsms uses it: restart alertsms.")
    Path(f"{path}.away").rename(path)
    assert house.post(alert()).status_code == 202
