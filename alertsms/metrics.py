"""Every series, named once. Never a phone number in a label; labels come from small sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics

from alertsms import __version__
from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.messages.trouble import Hindrance

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
CALL_SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
DELIVERY_SECONDS = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 1800)


class Metrics:
    """The series of one running alertsms, on the registry it is given."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry

        counter = partial(Counter, namespace="alertsms", registry=registry)
        gauge = partial(Gauge, namespace="alertsms", registry=registry)
        histogram = partial(Histogram, namespace="alertsms", registry=registry)
        # What comes in.
        self.webhook_requests = counter("webhook_requests_total", "Webhook requests answered.", ["source", "code"])
        self.alerts_received = counter("alerts_received_total", "Alerts in accepted bodies.", ["source", "status"])
        self.alerts_skipped = counter("alerts_skipped_total", "Alerts without usable labels, left out.", ["source"])
        self.incidents = gauge("incidents", "Incidents that are not closed, by state.", ["state"])
        self.acknowledged = counter("acknowledged_total", "Incidents that somebody took, by which way.", ["by"])
        for via in AcknowledgedVia:
            self.acknowledged.labels(via.value)
        self.paused = gauge("paused", "Whether somebody paused the pages of this team (1 or 0).", ["team"])
        self.replies = counter("replies_total", "SMS that came in, by what they asked for.", ["wish"])
        self.heartbeat_seen = gauge(
            "heartbeat_last_seen_timestamp_seconds", "When a heartbeat was last heard of (Unix time).", ["name"]
        )
        self.heartbeat_after = gauge(
            "heartbeat_missing_after_seconds", "How much silence of a heartbeat pages, in seconds.", ["name"]
        )
        self.heartbeats = gauge("heartbeats", "Heartbeats by state.", ["state"])
        self.escalations = counter("escalations_total", "Further steps and rounds that were paged.", ["team"])
        self.unanswered = counter("unanswered_total", "Incidents that nobody answered in all rounds.", ["team"])
        # What goes out.
        self.sms = counter("sms_total", "Messages by what became of them (sent: OVH took it).", ["team", "outcome"])
        self.segments = counter("sms_segments_total", "Segments of the messages that OVH took.")
        self.attempts = counter("sms_attempts_total", "Attempts to send, by result.", ["result"])
        self.unknown = counter("sms_unknown_total", "Messages whose answer was lost, by their end.", ["resolution"])
        self.credits_spent = counter("credits_spent_total", "Credits that OVH took for accepted messages.")
        self.credits_left = gauge("credits_left", "Credits of the account that SMS leave by; NaN until it was asked.")
        self.standby_credits_left = gauge("standby_credits_left", "Credits of the stand-by account; NaN without one.")
        for left in (self.credits_left, self.standby_credits_left):
            left.set(float("nan"))  # zero would say that no SMS can leave
        self.blacklisted = gauge("blacklisted_numbers", "Numbers of the configuration that answered STOP.")
        self.digests = counter("digests_total", "Texts that stand for several pages.")
        self.templates_failed = counter("template_errors_total", "Texts composed since the template failed.", ["team"])
        self.page_seconds = histogram(
            "page_seconds", "From the webhook (or a reminder's timer) to accepted by OVH, in seconds.", buckets=SECONDS
        )
        self.delivery_seconds = histogram(
            "delivery_seconds", "From the webhook (or a timer) to the phone, in seconds.", buckets=DELIVERY_SECONDS
        )
        self.receipts_working = gauge("receipts_working", "Whether delivery receipts come in time (1 or 0).")
        self.receipts_working.set(1)
        self.outbox = gauge("outbox_messages", "Messages by state; queued counts pages that wait too.", ["state"])
        self.oldest = gauge("outbox_oldest_seconds", "Age of the oldest page that has not left, in seconds.")
        self.notices = counter("notices_total", "Posts to other channels than SMS, by result.", ["result"])
        self.alertmanager_up = gauge("alertmanager_up", "Whether an Alertmanager answered last (1 or 0).", ["url"])
        # OVHcloud, and ourselves.
        self.ovh_requests = counter("ovh_requests_total", "Calls to OVH, by call and status code.", ["call", "code"])
        self.ovh_seconds = histogram(
            "ovh_request_seconds", "Duration of calls to OVH, in seconds.", buckets=CALL_SECONDS
        )
        self.clock_offset = gauge("clock_offset_seconds", "OVH's clock minus this machine's, in seconds.")
        self.account_usable = gauge("account_usable", "Whether messages go by this account (1 or 0).", ["account"])
        self.reload_ok = gauge("config_last_reload_successful", "Whether the last configuration was taken (1 or 0).")
        self.config_older = gauge("config_older", "Whether a running replica has a newer configuration (1 or 0).")
        self.calendar_ok = gauge("calendar_last_read_successful", "Whether an `ics` file could be read.", ["schedule"])
        self.troubles = gauge("troubles", "Troubles there are now, by what they hinder.", ["hinders"])
        self._calendars: set[str] = set()
        Info("build", "The version that runs.", namespace="alertsms", registry=registry).info({"version": __version__})

    def know_teams(self, teams: Iterable[str]) -> None:
        """Create the series of the teams there are, so that rates start at zero; of no others."""
        for team in teams:
            for outcome in ("sent", "delivered", "undelivered", "failed", "cancelled"):
                self.sms.labels(team, outcome)
            self.escalations.labels(team)
            self.unanswered.labels(team)

    def know_calendars(self, schedules: Iterable[str]) -> None:
        """Forget the series of schedules that have no calendar file any more."""
        known = set(schedules)
        for gone in self._calendars - known:
            self.calendar_ok.remove(gone)
        self._calendars = known

    def know_alertmanagers(self, urls: Iterable[str]) -> None:
        """Make the series of those that the configuration lists: NaN until they were asked; of no others."""
        self.alertmanager_up.clear()
        for url in urls:
            self.alertmanager_up.labels(url).set(float("nan"))

    def watch(
        self, oldest: Callable[[], float], clock_offset: Callable[[], float], troubles: Callable[[Hindrance], float]
    ) -> None:
        """Ask for these when scraped; all other gauges are sampled off the request's path."""
        self.oldest.set_function(oldest)
        self.clock_offset.set_function(clock_offset)
        for hinders in Hindrance:
            self.troubles.labels(hinders.value).set_function(partial(troubles, hinders))
