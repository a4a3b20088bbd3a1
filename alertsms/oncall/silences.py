"""Silences in Alertmanager that a human asks for, one alert at a time.

Never automatic: Alertmanager tells nobody that a silenced alert is over, so an acknowledgement must not be one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import requests

from alertsms.alertmanager import ALONE, Alertmanager, AlertmanagerError
from alertsms.context import Context
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.alertmanager_view import Silence, once_each, silence
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import EventKind, event_of
from alertsms.core.routing.duration import format_duration
from alertsms.logs import event
from alertsms.ovh.wire import WireSession
from alertsms.store import reconcile

log = logging.getLogger("alertsms.silencing")

SILENCED = "silenced"  # the reason of the event


class SilenceOutcome(StrEnum):
    """Whether one incident was silenced, or why not."""

    DONE = "done"  # at least one Alertmanager keeps quiet about it now
    UNCONFIGURED = "unconfigured"  # no Alertmanager is known
    UNKNOWN = "unknown"  # there is no such incident
    FOREIGN = "foreign"  # it came from something else than an Alertmanager
    OVER = "over"  # it is closed
    BACK = "back"  # it began, or came back, after the silence was asked for
    FAILED = "failed"  # none of the Alertmanagers took it


@dataclass(frozen=True, kw_only=True, slots=True)
class SilenceResult:
    """What became of a silence for every incident that was meant."""

    outcomes: tuple[SilenceOutcome, ...]
    words: str  # whole sentences for whoever asked


class Silences:
    """Asks the Alertmanagers of the configuration."""

    def __init__(
        self,
        *,
        context: Context,
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        self._store, self._roster, self._config = context.store, context.roster, context.config
        self._metrics, self._clock, self._sessions = context.metrics, context.clock, session_factory

    def silence(self, number: int, *, length: timedelta, by: str, written: datetime | None = None) -> SilenceResult:
        """Silence an incident, or those that a digest covers, unless they began after that was `written` (now).

        Raises StoreError.
        """
        now, listed = self._clock(), self._config.current.alertmanager
        seen = min(written or now, now)
        if listed is None:
            return SilenceResult(
                outcomes=(SilenceOutcome.UNCONFIGURED,),
                words="No Alertmanager is known: write alertmanager.urls in the configuration.",
            )
        incidents = self._store.read(lambda tx: reconcile.meant(tx, number))
        if not incidents:
            return SilenceResult(outcomes=(SilenceOutcome.UNKNOWN,), words=f"There is no #{number}.")
        connected = listed.connect(self._sessions)
        try:
            outcomes = list(self._silence_all(incidents, connected, length, by, seen))
        finally:
            for alertmanager in connected:
                alertmanager.close()
        return SilenceResult(
            outcomes=tuple(outcome for outcome, _ in outcomes), words=" ".join(words for _, words in outcomes)
        )

    def _silence_all(
        self,
        incidents: Sequence[Incident],
        connected: Sequence[Alertmanager],
        length: timedelta,
        by: str,
        seen: datetime,
    ) -> Iterator[tuple[SilenceOutcome, str]]:
        """One after the other. Once no Alertmanager takes a silence, the others are not tried: somebody waits."""
        wanted = any(_why_never(incident, seen) is None for incident in incidents)
        members, lost = _one_per_cluster(connected) if wanted else [], False
        for incident in incidents:
            if never := _why_never(incident, seen):
                yield never
            elif lost:
                yield SilenceOutcome.FAILED, f"#{incident.id} is not silenced either."
            else:
                outcome, words = self._silence(incident, members, length, by, seen)
                lost = outcome is SilenceOutcome.FAILED
                yield outcome, words

    def _silence(
        self, incident: Incident, members: Sequence[Alertmanager], length: timedelta, by: str, seen: datetime
    ) -> tuple[SilenceOutcome, str]:
        wanted = silence(incident, ignored=self._roster().ignore_labels, by=by, length=length, now=self._clock())
        failed = [why for alertmanager in members if (why := _post(alertmanager, wanted))]
        if len(failed) == len(members):
            return SilenceOutcome.FAILED, f"#{incident.id} is not silenced: {'; '.join(failed)}."
        self._note(incident, by, length, seen=None if failed else seen)
        words = f"Alertmanager keeps quiet about #{incident.id} for {format_duration(length)}."
        if failed:
            words += f" But {'; '.join(failed)}: unless it is of the same cluster, it goes on."
        return SilenceOutcome.DONE, words

    def _note(self, incident: Incident, by: str, length: timedelta, *, seen: datetime | None) -> None:
        """Remember who wanted it; where all of them keep quiet, so do we about what had begun when it was `seen`."""
        now, roster = self._clock(), self._roster()
        silenced = event_of(incident, now, EventKind.ANSWERED, SILENCED, f"{by}, for {format_duration(length)}")
        applied = self._store.transact(lambda tx: reconcile.silenced(tx, incident.id, silenced, roster, now, seen=seen))
        for team in applied.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        event(log, logging.INFO, SILENCED, **incident.shown, by=by, seconds=length.total_seconds())


def _why_never(incident: Incident, seen: datetime) -> tuple[SilenceOutcome, str] | None:
    if incident.source != Format.ALERTMANAGER:
        return SilenceOutcome.FOREIGN, f"#{incident.id} did not come from an Alertmanager."
    if incident.state is IncidentState.CLOSED:
        return SilenceOutcome.OVER, f"#{incident.id} is over."
    if incident.begun > seen:
        return SilenceOutcome.BACK, f"#{incident.id} came back after that was asked for: look again."
    return None


def _one_per_cluster(connected: Sequence[Alertmanager]) -> list[Alertmanager]:
    """One Alertmanager of each cluster: its members tell each other."""
    by_url = {alertmanager.url: alertmanager for alertmanager in connected}
    return [
        by_url[urls[0]] for urls in once_each((alertmanager.url, _members(alertmanager)) for alertmanager in connected)
    ]


def _members(alertmanager: Alertmanager) -> frozenset[str]:
    try:
        return alertmanager.status().members
    except AlertmanagerError:
        return ALONE


def _post(alertmanager: Alertmanager, wanted: Silence) -> str:
    """Post a silence; returns why it was not taken, "" where it was."""
    try:
        alertmanager.silence(wanted)
    except AlertmanagerError as error:
        return str(error)
    return ""
