"""Whether each Alertmanager of the configuration can be asked: else what it silences pages all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import requests

from alertsms.alertmanager import AlertmanagerError, Alertmanagers, AlertmanagerStatus
from alertsms.core.incidents.alertmanager_view import once_each
from alertsms.core.routing.duration import format_duration
from alertsms.doctor import Finding, ok, warn
from alertsms.ovh.wire import WireSession

ABOUT = "alertmanager"
EFFECT = "until then what it silences pages, and what ends unseen stays open"
NO_ACCESS = "write what lets us in below alertmanager: basic_auth, bearer_token or bearer_token_file"
NOT_THERE = (
    "start it, or correct alertmanager.urls: the address must answer to this machine, not only to somebody's browser"
)
NO_API = (
    "alertmanager.urls: write its own address and path (its --web.external-url), such as http://alertmanager:9093, not"
    " that of a page before it"
)


def check_alertmanagers(
    listed: Alertmanagers, now: datetime, session_factory: Callable[[], requests.Session] = WireSession
) -> Iterator[Finding]:
    """Ask each for what reconciling asks. Nothing is worse than a warning: no page stays for it."""
    answered: dict[str, AlertmanagerStatus] = {}
    for alertmanager in listed.connect(session_factory):
        try:
            status, alerts = alertmanager.status(), len(alertmanager.view().alerts)  # what reconciling needs
        except AlertmanagerError as error:
            yield warn(
                ABOUT,
                error.why if alertmanager.url in error.why else f"{alertmanager.url}: {error.why}",
                f"{_fix(error)}; {EFFECT}",
            )
        else:
            answered[alertmanager.url] = status
            yield ok(ABOUT, f"{alertmanager.url} answers: {_described(status, alerts, listed, now)}")
        finally:
            alertmanager.close()
    if len(answered) == len(listed.urls):
        yield from _left_out(answered)


def _described(status: AlertmanagerStatus, alerts: int, listed: Alertmanagers, now: datetime) -> str:
    there, up_since = len(status.members), status.up_since
    up = "up since it does not say when (what it lacks closes nothing)"
    if up_since:
        fresh = f" (what it lacks closes nothing before {format_duration(listed.settled)})"
        up = f"up for {format_duration(now - up_since)}{fresh if now - up_since <= listed.settled else ''}"
    return ", ".join(
        (
            f"version {status.version or 'unknown'}",
            up,
            f"one of {there} in its cluster" if there > 1 else "alone",
            "1 alert" if alerts == 1 else f"{alerts} alerts",
        )
    )


def _left_out(answered: Mapping[str, AlertmanagerStatus]) -> Iterator[Finding]:
    members = {url: status.members for url, status in answered.items()}
    for urls in once_each(members.items()):
        there = len(frozenset().union(*(members[url] for url in urls)))
        if there > len(urls):
            yield warn(
                ABOUT,
                f"the cluster of {urls[0]} has {there} members, alertmanager.urls {len(urls)} of them",
                "alertmanager.urls: write the address of each: what a listed one lacks may still be with another",
            )


def _fix(error: AlertmanagerError) -> str:
    if error.status in (401, 403):
        return NO_ACCESS
    if error.status is None and not error.permanent:
        return NOT_THERE
    if error.permanent:
        return NO_API
    return "look at its log, and at that of a proxy before it"
