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

from alertsms.alertmanager import ALONE, Alertmanager, AlertmanagerError, Alertmanagers
from alertsms.context import Context
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.alertmanager_view import Silence, once_each, silence
from alertsms.core.incidents.incident import Incident, IncidentState
from alertsms.core.incidents.timeline import Event, EventKind
from alertsms.core.routing.duration import format_duration
from alertsms.logs import event
from alertsms.ovh.wire import WireSession
from alertsms.store import reconcile

log = logging.getLogger("alertsms.silencing")

SILENCED = "silenced"  # the reason of the event


class Came(StrEnum):
    """What came of it for one incident."""

    DONE = "done"  # at least one Alertmanager keeps quiet about it now
    UNCONFIGURED = "unconfigured"  # no Alertmanager is known
    UNKNOWN = "unknown"  # there is no such incident
    FOREIGN = "foreign"  # it came from something else than an Alertmanager
    OVER = "over"  # it is closed
    BACK = "back"  # it began, or came back, after that was asked for
    FAILED = "failed"  # none of the Alertmanagers took it


@dataclass(frozen=True, kw_only=True, slots=True)
class Silenced:
    """What came of it for all that was meant."""

    each: tuple[Came, ...]
    words: str  # whole sentences for whoever asked

    @property
    def done(self) -> bool:
        """Whether Alertmanager keeps quiet about each of them."""
        return set(self.each) == {Came.DONE}


class Silences:
    """Asks the Alertmanagers of the configuration."""

    def __init__(
        self,
        *,
        context: Context,
        listed: Callable[[], Alertmanagers | None],
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        """`listed` is what the configuration says of them, as of the last reload."""
        self._store, self._roster = context.store, context.roster
        self._metrics, self._clock = context.metrics, context.clock
        self._listed, self._sessions = listed, session_factory

    def silence(self, number: int, hours: float, by: str, written: datetime | None = None) -> str:
        """Silence an incident, or those that a digest covers, for so many hours; what came of it, in words.

        Not what began after that was `written` (now). Raises StoreError.
        """
        return self.ask(number, length=timedelta(hours=hours), by=by, written=written).words

    def ask(self, number: int, *, length: timedelta, by: str, written: datetime | None = None) -> Silenced:
        """Silence an incident, or those that a digest covers. Raises StoreError."""
        now = self._clock()
        seen = min(written or now, now)
        listed = self._listed()
        if listed is None:
            words = "No Alertmanager is known: write alertmanager.urls in the configuration."
            return Silenced(each=(Came.UNCONFIGURED,), words=words)
        found = self._store.read(lambda tx: reconcile.meant(tx, number))
        if not found:
            return Silenced(each=(Came.UNKNOWN,), words=f"There is no #{number}.")
        connected = listed.connect(self._sessions)
        try:
            said = list(self._each(found, connected, length, by, seen))
        finally:
            for each in connected:
                each.close()
        return Silenced(each=tuple(came for came, _ in said), words=" ".join(words for _, words in said))

    def _each(
        self, found: Sequence[Incident], connected: Sequence[Alertmanager], length: timedelta, by: str, seen: datetime
    ) -> Iterator[tuple[Came, str]]:
        """One after the other. Once none takes a silence, the others are not tried: somebody waits."""
        asked = _apart(connected) if any(_why_not_at_all(incident, seen) is None for incident in found) else []
        lost = False
        for incident in found:
            if never := _why_not_at_all(incident, seen):
                yield never
            elif lost:
                yield Came.FAILED, f"#{incident.id} is not silenced either."
            else:
                came, words = self._silence(incident, asked, length, by, seen)
                lost = came is Came.FAILED
                yield came, words

    def _silence(
        self, incident: Incident, asked: Sequence[Alertmanager], length: timedelta, by: str, seen: datetime
    ) -> tuple[Came, str]:
        wanted = silence(incident, ignored=self._roster().ignore_labels, by=by, length=length, now=self._clock())
        failed = [why for each in asked if (why := _why_not(each, wanted))]
        if len(failed) == len(asked):
            return Came.FAILED, f"#{incident.id} is not silenced: {'; '.join(failed)}."
        self._note(incident, by, length, seen=None if failed else seen)
        words = f"Alertmanager keeps quiet about #{incident.id} for {format_duration(length)}."
        if failed:
            words += f" But {'; '.join(failed)}: unless it is of the same cluster, it goes on."
        return Came.DONE, words

    def _note(self, incident: Incident, by: str, length: timedelta, *, seen: datetime | None) -> None:
        """Remember who wanted it; where all of them keep quiet, so do we about what had begun when it was `seen`."""
        now, roster = self._clock(), self._roster()
        told = Event(
            incident_id=incident.id,
            episode=incident.episode,
            at=now,
            kind=EventKind.ANSWERED,
            reason=SILENCED,
            detail=f"{by}, for {format_duration(length)}",
        )
        applied = self._store.transact(lambda tx: reconcile.silenced(tx, incident.id, told, roster, now, seen=seen))
        for team in applied.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        event(log, logging.INFO, SILENCED, **incident.shown, by=by, seconds=length.total_seconds())


def _why_not_at_all(incident: Incident, seen: datetime) -> tuple[Came, str] | None:
    """Whether an incident is none that Alertmanager could silence, or that was meant, and why."""
    if incident.source != Format.ALERTMANAGER:
        return Came.FOREIGN, f"#{incident.id} did not come from an Alertmanager."
    if incident.state is IncidentState.CLOSED:
        return Came.OVER, f"#{incident.id} is over."
    if incident.begun > seen:
        return Came.BACK, f"#{incident.id} came back after that was asked for: look again."
    return None


def _apart(connected: Sequence[Alertmanager]) -> list[Alertmanager]:
    """One of each cluster: its members tell each other."""
    by_url = {alertmanager.url: alertmanager for alertmanager in connected}
    return [by_url[urls[0]] for urls in once_each((each.url, _members(each)) for each in connected)]


def _members(alertmanager: Alertmanager) -> frozenset[str]:
    try:
        return alertmanager.status().members
    except AlertmanagerError:
        return ALONE


def _why_not(alertmanager: Alertmanager, wanted: Silence) -> str:
    """Post it; "" where that went well."""
    try:
        alertmanager.silence(wanted)
    except AlertmanagerError as error:
        return str(error)
    return ""
