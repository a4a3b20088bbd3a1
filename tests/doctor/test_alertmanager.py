"""Alertmanagers looked over by doctor: what is there, and what is said of one that cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from alertsms.alertmanager import AlertmanagerCredentials, Alertmanagers
from alertsms.doctor.alertmanager import check_alertmanagers
from tests.support.alertmanager import FakeAlertmanager, basic

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
A, B = "http://am-a.test", "http://am-b.test"
UNTIL = "until then what it silences pages, and what ends unseen stays open"
LET_IN = f"write what lets us in below alertmanager: basic_auth, bearer_token or bearer_token_file; {UNTIL}"
NO_API = (
    "alertmanager.urls: write its own address and path (its --web.external-url), such as http://alertmanager:9093, not"
    f" that of a page before it; {UNTIL}"
)


class Pair:
    """Two Alertmanagers, and what doctor says of them."""

    def __init__(self) -> None:
        self.a, self.b = (FakeAlertmanager(lambda: NOW) for _ in "ab")
        self.access = AlertmanagerCredentials()

    def session(self) -> requests.Session:
        session = requests.Session()
        session.mount(A, self.a)
        session.mount(B, self.b)
        return session

    def said(self, *urls: str) -> list[str]:
        listed = Alertmanagers(urls=urls or (A, B), access=self.access)
        found = check_alertmanagers(listed, NOW, self.session)
        return [f"{one.level} {one.about}: {one.says}" + (f" -> {one.fix}" if one.fix else "") for one in found]


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_each_says_its_version_and_how_long_it_is_up(pair):
    pair.a.alerts = [{"alertname": "A"}]
    pair.b.up_since = NOW - timedelta(minutes=12)
    assert pair.said() == [
        f"ok alertmanager: {A} answers: version 0.34.0, up for 30 d, alone, 1 alert",
        (
            f"ok alertmanager: {B} answers: version 0.34.0, up for 12 min (what it lacks closes nothing before 15 min),"
            " alone, 0 alerts"
        ),
    ]


def test_members_of_a_cluster_are_all_to_be_listed(pair):
    pair.a.peers = pair.b.peers = ["x", "y", "z"]
    well = [
        f"ok alertmanager: {url} answers: version 0.34.0, up for 30 d, one of 3 in its cluster, 0 alerts"
        for url in (A, B)
    ]
    assert pair.said() == [
        *well,
        (
            f"warn alertmanager: the cluster of {A} has 3 members, alertmanager.urls 2 of them -> alertmanager.urls:"
            " write the address of each: what a listed one lacks may still be with another"
        ),
    ]
    pair.a.peers = pair.b.peers = ["x", "y"]
    assert pair.said() == [line.replace("one of 3", "one of 2") for line in well]


def test_one_that_is_down_is_named_and_the_others_are_asked(pair):
    """Who is in its cluster is not known then, so nothing is said of that."""
    pair.a.down, pair.b.peers = True, ["x", "y"]
    assert pair.said() == [
        (
            f"warn alertmanager: {A} does not answer (ConnectionError) -> start it, or correct alertmanager.urls: the"
            f" address must answer to this machine, not only to somebody's browser; {UNTIL}"
        ),
        f"ok alertmanager: {B} answers: version 0.34.0, up for 30 d, one of 2 in its cluster, 0 alerts",
    ]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/status", (401, b""), f"{A} answers 401 to /status -> {LET_IN}"),
        ("/alerts", (403, b""), f"{A} answers 403 to /alerts -> {LET_IN}"),
        ("/status", (302, b""), f"{A} answers 302 to /status -> {NO_API}"),
        ("/status", (404, b""), f"{A} answers 404 to /status -> {NO_API}"),
        ("/alerts", (200, b"<html>"), f"{A}: what answers at /api/v2/alerts is no Alertmanager -> {NO_API}"),
        (
            "/receivers",
            (502, b""),
            f"{A} answers 502 to /receivers -> look at its log, and at that of a proxy before it; {UNTIL}",
        ),
    ],
)
def test_one_that_does_not_tell_what_is_asked_has_a_fix(pair, path, answer, said):
    pair.a.answers[path] = answer
    assert pair.said(A) == [f"warn alertmanager: {said}"]


def test_it_is_asked_with_what_lets_us_in_and_a_proxy_may_keep_receivers_back(pair):
    pair.a.wants, pair.access = basic("al", "secret"), AlertmanagerCredentials(username="al", password="secret")
    pair.a.answers["/receivers"] = 404, b""
    (line,) = pair.said(A)
    assert line.startswith(f"ok alertmanager: {A} answers: ")


def test_what_an_old_one_does_not_say_of_itself(pair):
    pair.a.answers["/status"] = 200, b"{}"
    assert pair.said(A) == [
        (
            f"ok alertmanager: {A} answers: version unknown, up since it does not say when (what it lacks closes"
            " nothing), alone, 0 alerts"
        )
    ]
