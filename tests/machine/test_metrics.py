"""Every series, under the names that others have written down."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from alertsms import __version__
from alertsms.context import count_call
from alertsms.core.messages.trouble import Hindrance
from alertsms.metrics import Metrics

NAMES = [
    "alertsms_account_usable",
    "alertsms_acknowledged_total",
    "alertsms_alertmanager_up",
    "alertsms_alerts_received_total",
    "alertsms_alerts_skipped_total",
    "alertsms_blacklisted_numbers",
    "alertsms_build_info",
    "alertsms_calendar_last_read_successful",
    "alertsms_clock_offset_seconds",
    "alertsms_config_last_reload_successful",
    "alertsms_config_older",
    "alertsms_credits_left",
    "alertsms_credits_spent_total",
    "alertsms_delivery_seconds",
    "alertsms_digests_total",
    "alertsms_escalations_total",
    "alertsms_heartbeat_last_seen_timestamp_seconds",
    "alertsms_heartbeat_missing_after_seconds",
    "alertsms_heartbeats",
    "alertsms_incidents",
    "alertsms_notices_total",
    "alertsms_outbox_messages",
    "alertsms_outbox_oldest_seconds",
    "alertsms_ovh_request_seconds",
    "alertsms_ovh_requests_total",
    "alertsms_page_seconds",
    "alertsms_paused",
    "alertsms_receipts_working",
    "alertsms_replies_total",
    "alertsms_sms_attempts_total",
    "alertsms_sms_segments_total",
    "alertsms_sms_total",
    "alertsms_sms_unknown_total",
    "alertsms_standby_credits_left",
    "alertsms_template_errors_total",
    "alertsms_troubles",
    "alertsms_unanswered_total",
    "alertsms_webhook_requests_total",
]


def test_the_series_have_the_names_that_dashboards_use():
    text = generate_latest(Metrics(CollectorRegistry()).registry).decode()
    assert sorted(line.split(" ")[2] for line in text.splitlines() if line.startswith("# HELP")) == sorted(NAMES)


def test_known_teams_start_at_zero():
    metrics = Metrics(CollectorRegistry())
    metrics.know_teams(["ops"])
    for outcome in ("sent", "delivered", "undelivered", "failed", "cancelled"):
        assert metrics.registry.get_sample_value("alertsms_sms_total", {"team": "ops", "outcome": outcome}) == 0


def test_calls_and_watched_gauges_are_told():
    metrics = Metrics(CollectorRegistry())
    count_call(metrics, "send", "200", 0.2)
    metrics.watch(lambda: 42.0, lambda: -0.5, lambda hinders: 3.0 if hinders is Hindrance.INTAKE else 0.0)
    value = metrics.registry.get_sample_value
    assert value("alertsms_ovh_requests_total", {"call": "send", "code": "200"}) == 1
    assert value("alertsms_ovh_request_seconds_sum") == 0.2
    assert value("alertsms_outbox_oldest_seconds") == 42
    assert value("alertsms_clock_offset_seconds") == -0.5
    assert [value("alertsms_troubles", {"hinders": each}) for each in ("intake", "sending", "outside")] == [3, 0, 0]
    assert value("alertsms_build_info", {"version": __version__}) == 1
