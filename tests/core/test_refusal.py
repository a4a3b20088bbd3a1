"""Who a sender is, and how many incidents it can open."""

from __future__ import annotations

import pytest

from alertsms.core.incidents.refusal import MOST_IN_ALL, MOST_OF_ONE, BodySender, bounded, refused, sender, skipped
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.subject import subject_of
from tests.core.night import incident

GRAFANA = sender("/webhook", "Grafana", "10.0.0.7")


@pytest.mark.parametrize(
    ("path", "agent", "address", "words"),
    [
        ("/webhook", "Grafana", "10.0.0.7", "grafana"),
        ("/webhook/", "Alertmanager/0.28.0", "10.0.0.7", "alertmanager"),
        ("/webhook/grafana", "curl/8.1", "10.0.0.7", "10.0.0.7"),
        ("/webhook/paris", "Grafana", "10.0.0.7", "grafana /webhook/paris"),
        ("/webhook", "curl/8.1", "", "curl"),
        ("/webhook", "é/1", "", "its sender"),
        ("", "", "", "its sender"),
    ],
)
def test_a_sender_is_called_by_what_says_most(path, agent, address, words):
    assert sender(path, agent, address).words == words


def test_a_path_and_an_agent_of_any_length_stay_short():
    found = sender("/" + "a" * 5000, "b" * 5000, "10.0.0.7")
    assert (len(found.path), len(found.agent)) == (80, 32)


def test_the_same_sender_and_status_is_one_alert_whatever_the_body_says():
    one = refused(GRAFANA, 400, "Not JSON.", "HighCPU")
    assert one.key == refused(GRAFANA, 400, "Nested too deeply.", "").key
    assert one.key != refused(GRAFANA, 422, "Not JSON.", "HighCPU").key
    assert one.key != refused(sender("/webhook", "Grafana", "10.0.0.8"), 400, "Not JSON.", "HighCPU").key


def test_alerts_without_labels_are_told_apart_by_their_words():
    assert skipped(GRAFANA, "disk full").key == skipped(GRAFANA, "disk full").key
    assert len({skipped(GRAFANA, words).key for words in ("disk full", "db gone", "")}) == 3


def test_beyond_its_bound_a_sender_gets_one_more():
    own = [skipped(GRAFANA, f"request {number}") for number in range(MOST_OF_ONE + 5)]
    kept = bounded(own, {})
    assert kept[:-1] == own[:MOST_OF_ONE]
    assert kept[-1].labels["sender"] == "others"
    known = {alert.key: alert.labels for alert in kept}
    assert bounded(own[:3], known) == own[:3]
    assert [alert.key for alert in bounded(own[MOST_OF_ONE:], known)] == [kept[-1].key]


def test_many_senders_share_a_bound():
    some = [refused(BodySender(path=f"/webhook/{number}"), 400, "Not JSON.", "") for number in range(MOST_IN_ALL + 9)]
    known = {}
    for alert in some:
        known |= {one.key: one.labels for one in bounded([alert], known)}
    assert len(known) == MOST_IN_ALL + 1


def test_a_name_of_ours_in_a_senders_labels_is_no_name_of_ours():
    subject = subject_of(incident(labels={"alertname": "WebhookRefused"}), NotificationKind.PAGE)
    assert (subject.name, subject.unranked) == ("WebhookRefused", False)
