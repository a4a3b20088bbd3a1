"""Alertmanager's API as we read it: what it lists, what it says of itself, and answers that are none of its own."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from socket import socket

import pytest
import requests

from alertsms.alertmanager import Alertmanager, AlertmanagerCredentials, AlertmanagerError, Alertmanagers
from alertsms.core.incidents.alertmanager_view import Listed, Silence
from tests.support.alertmanager import UUID, FakeAlertmanager, basic

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
NOBODY = AlertmanagerCredentials()
URL = "http://am.test/prefix"


@pytest.fixture
def fake():
    return FakeAlertmanager(lambda: NOW, up=timedelta(hours=2))


def client(fake: FakeAlertmanager, access: AlertmanagerCredentials = NOBODY) -> Alertmanager:
    def session() -> requests.Session:
        made = requests.Session()
        made.mount("http://am.test", fake)
        return made

    return Alertmanager(URL, access, session)


def test_it_lists_what_is_active_and_what_is_suppressed(fake):
    fake.alerts, fake.silenced = [{"alertname": "A"}], [{"alertname": "B"}]
    view = client(fake).view()
    since = NOW - timedelta(hours=2)
    assert view.alerts == (
        Listed(labels={"alertname": "A"}, suppressed=False, starts_at=since, muted={"sms": False}),
        Listed(labels={"alertname": "B"}, suppressed=True, starts_at=since, muted={"sms": True}),
    )
    assert (view.up_since, view.receivers) == (NOW - timedelta(hours=2), {"sms"})
    assert fake.seen == [("GET", "/status"), ("GET", "/alerts"), ("GET", "/alerts/groups"), ("GET", "/receivers")]


def test_what_a_time_interval_mutes_is_suppressed_which_only_groups_say(fake):
    fake.alerts = [{"alertname": "A"}, {"alertname": "B"}]
    fake.muted = [{"alertname": "B"}]
    assert [one.suppressed for one in client(fake).view().alerts] == [False, True]


def test_what_is_muted_in_one_group_and_not_in_another_is_active(fake):
    fake.alerts = [{"alertname": "A"}]
    groups = [
        [fake._row({"alertname": "A"}, "suppressed", muted=["nights"])],
        [fake._row({"alertname": "A"}, "active")],
    ]
    fake.answers["/alerts/groups"] = 200, json.dumps([{"alerts": each} for each in groups]).encode()
    assert [one.suppressed for one in client(fake).view().alerts] == [False]


@pytest.mark.parametrize("status", [404, 405])
def test_one_that_knows_no_groups_is_believed_as_before(fake, status):
    fake.alerts = fake.muted = [{"alertname": "A"}]
    fake.answers["/alerts/groups"] = status, b"not found"
    assert [one.suppressed for one in client(fake).view().alerts] == [False]


def test_groups_are_asked_for_only_where_there_may_be_time_intervals(fake):
    fake.config = "route: {receiver: sms}"
    client(fake).view()
    assert ("GET", "/alerts/groups") not in fake.seen


@pytest.mark.parametrize(("status", "body"), [(200, b"{}"), (200, b"[1]"), (500, b"")])
def test_groups_that_cannot_be_read_are_no_word(fake, status, body):
    fake.answers["/alerts/groups"] = status, body
    with pytest.raises(AlertmanagerError):
        client(fake).view()


def test_it_tells_its_version_and_its_cluster(fake):
    fake.peers = ["x", "y"]
    status = client(fake).status()
    assert (status.version, status.members) == ("0.34.0", {"x", "y"})


@pytest.mark.parametrize("cluster", [None, {}, {"peers": None}, {"peers": [None, {"address": "x"}]}, "no"])
def test_one_that_stands_alone_has_no_members(fake, cluster):
    fake.answers["/status"] = 200, json.dumps({"uptime": "never", "cluster": cluster, "versionInfo": 1}).encode()
    status = client(fake).status()
    assert (status.members, status.up_since, status.version) == (frozenset(), None, "")


def test_a_time_without_a_zone_is_utc(fake):
    fake.answers["/status"] = 200, b'{"uptime": "2026-03-03T01:00:00"}'
    assert client(fake).status().up_since == NOW - timedelta(hours=2)


def test_a_silence_is_posted_as_the_api_wants_it(fake):
    wanted = Silence(labels={"alertname": "A"}, begins_at=NOW, ends_at=NOW + timedelta(hours=2), by="bob", comment="#1")
    assert client(fake).silence(wanted) == UUID
    assert fake.silences == [
        {
            "matchers": [{"name": "alertname", "value": "A", "isRegex": False, "isEqual": True}],
            "startsAt": "2026-03-03T03:00:00+00:00",
            "endsAt": "2026-03-03T05:00:00+00:00",
            "createdBy": "bob",
            "comment": "#1",
        }
    ]


@pytest.mark.parametrize(
    ("access", "header"),
    [
        (AlertmanagerCredentials(username="al", password="gr\u00fcn"), basic("al", "gr\u00fcn")),
        (AlertmanagerCredentials(bearer_token="t0ken"), "Bearer t0ken"),
    ],
)
def test_it_is_shown_what_lets_us_in(fake, access, header):
    fake.wants = header
    assert client(fake, access).alerts() == ()
    assert "gr" not in repr(access)
    assert "t0ken" not in repr(access)


@pytest.mark.parametrize(
    ("path", "answer", "said", "permanent"),
    [
        ("/alerts", (401, b"Unauthorized\n"), f"{URL} answers 401 to /alerts", True),
        ("/alerts", (400, b'"bad  matcher\\n"'), f"{URL} answers 400 to /alerts: bad matcher", True),
        ("/alerts", (400, b'{"error": "x"}'), f"{URL} answers 400 to /alerts", True),
        ("/alerts", (302, b""), f"{URL} answers 302 to /alerts", True),
        ("/alerts", (429, b""), f"{URL} answers 429 to /alerts", False),
        ("/alerts", (502, b"<html>"), f"{URL} answers 502 to /alerts", False),
        ("/alerts", (200, b"<html>"), "what answers at /api/v2/alerts is no Alertmanager", True),
        ("/alerts", (200, b"{}"), "what answers at /api/v2/alerts is no Alertmanager", True),
        ("/alerts", (200, b"[1]"), "what answers at /api/v2/alerts is no Alertmanager", True),
        ("/alerts", (200, b'[{"labels": {}}]'), "what answers at /api/v2/alerts is no Alertmanager", True),
        ("/status", (200, b"[]"), "what answers at /api/v2/status is no Alertmanager", True),
        ("/receivers", (200, b"{}"), "what answers at /api/v2/receivers is no Alertmanager", True),
        ("/receivers", (500, b""), f"{URL} answers 500 to /receivers", False),
    ],
)
def test_what_is_no_answer_of_alertmanager_is_said(fake, path, answer, said, permanent):
    fake.answers[path] = answer
    with pytest.raises(AlertmanagerError) as refused:
        client(fake).view()
    assert (str(refused.value), refused.value.permanent) == (said, permanent)


def test_a_silence_without_an_id_is_none(fake):
    fake.answers["/silences"] = 200, b"{}"
    wanted = Silence(labels={"a": "b"}, begins_at=NOW, ends_at=NOW, by="bob", comment="")
    with pytest.raises(AlertmanagerError, match="/api/v2/silences is no Alertmanager"):
        client(fake).silence(wanted)


def test_one_that_is_down_does_not_answer(fake):
    fake.down = True
    with pytest.raises(AlertmanagerError, match=r"^http://am.test/prefix does not answer \(ConnectionError\)$") as no:
        client(fake).alerts()
    assert not no.value.permanent


def test_what_is_wrong_is_said_in_the_words_of_the_system():
    with socket() as closed:
        closed.bind(("127.0.0.1", 0))  # kept without listening, so that nobody else takes it
        port = closed.getsockname()[1]
        with pytest.raises(AlertmanagerError, match=r"does not answer \(ConnectionRefusedError: .*refused\)$"):
            Alertmanager(f"http://127.0.0.1:{port}", NOBODY).alerts()


def test_receivers_may_be_kept_back_by_a_proxy(fake):
    fake.answers["/receivers"] = 404, b""
    assert client(fake).view().receivers is None


def test_an_answer_without_end_is_not_read_to_its_end(fake, monkeypatch):
    monkeypatch.setattr("alertsms.alertmanager.LARGEST", 10)
    fake.alerts = [{"alertname": "A"}]
    with pytest.raises(AlertmanagerError, match="an answer of more than 0 MiB"):
        client(fake).alerts()


def test_all_of_the_configuration_are_connected(fake):
    listed = Alertmanagers(urls=("http://a.test", "http://b.test"))
    connected = listed.connect()
    assert [each.url for each in connected] == ["http://a.test", "http://b.test"]
    for each in connected:
        each.close()
