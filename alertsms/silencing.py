"""Silences in Alertmanager that a human asks for, one alert at a time.

Never automatic: Alertmanager tells nobody that a silenced alert is over, so an acknowledgement must not be one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests

from alertsms.alertmanager import ALONE, Alertmanager, AlertmanagerError, Alertmanagers
from alertsms.core.alert import Format
from alertsms.core.incident import Incident, State
from alertsms.core.reconcile import Silence, once_each, silence
from alertsms.core.roster import Roster
from alertsms.core.story import Event, Kind
from alertsms.core.subject import duration_text
from alertsms.logs import event
from alertsms.metrics import Metrics
from alertsms.ovh.wire import WireSession
from alertsms.store import reconcile
from alertsms.store.engine import Store

log = logging.getLogger("alertsms.silencing")

SILENCED = "silenced"  # the reason of the event


@dataclass(frozen=True, kw_only=True, slots=True)
class Silenced:
    """What came of it: `done` where at least one Alertmanager keeps quiet about each of them now."""

    done: bool
    words: str  # whole sentences for whoever asked


class Silencing:
    """Asks the Alertmanagers of the configuration."""

    def __init__(self, *, store: Store, roster: Callable[[], Roster], metrics: Metrics, clock: Callable[[], datetime],
                 listed: Callable[[], Alertmanagers | None],
                 session_factory: Callable[[], requests.Session] = WireSession) -> None:  # fmt: skip
        """`listed` is what the configuration says of them, as of the last reload."""
        self._store, self._roster, self._metrics, self._clock = store, roster, metrics, clock
        self._listed, self._sessions = listed, session_factory

    def silence(self, number: int, hours: float, by: str) -> str:
        """Silence an incident, or those that a digest covers, for so many hours; what came of it, in words.

        Raises StoreError.
        """
        return self.ask(number, length=timedelta(hours=hours), by=by).words

    def ask(self, number: int, *, length: timedelta, by: str) -> Silenced:
        """Silence an incident, or those that a digest covers. Raises StoreError."""
        listed = self._listed()
        if listed is None:
            return Silenced(done=False, words="No Alertmanager is known: write alertmanager.urls in the configuration.")
        found = self._store.read(lambda tx: reconcile.meant(tx, number))
        if not found:
            return Silenced(done=False, words=f"There is no #{number}.")
        each = listed.connect(self._sessions)
        try:
            said = [self._one(one, each, length, by) for one in found]
        finally:
            for alertmanager in each:
                alertmanager.close()
        return Silenced(done=all(one.done for one in said), words=" ".join(one.words for one in said))

    def _one(self, one: Incident, alertmanagers: Sequence[Alertmanager], length: timedelta, by: str) -> Silenced:
        if one.source != Format.ALERTMANAGER:
            return Silenced(done=False, words=f"#{one.id} did not come from an Alertmanager.")
        if one.state is State.CLOSED:
            return Silenced(done=False, words=f"#{one.id} is over.")
        wanted = silence(one, ignored=self._roster().ignore_labels, by=by, length=length, now=self._clock())
        by_url = {each.url: each for each in alertmanagers}
        told, failed = 0, []
        for urls in once_each((each.url, _members(each)) for each in alertmanagers):
            why = _why_not(by_url[urls[0]], wanted)
            told += not why
            failed += [why] if why else []
        if not told:
            return Silenced(done=False, words=f"#{one.id} is not silenced: {'; '.join(failed)}.")
        self._note(one, by, length, quiet=not failed)
        words = f"Alertmanager keeps quiet about #{one.id} for {duration_text(length)}."
        if failed:
            words += f" But {'; '.join(failed)}: unless it is of the same cluster, it goes on."
        return Silenced(done=True, words=words)

    def _note(self, one: Incident, by: str, length: timedelta, *, quiet: bool) -> None:
        """Remember who wanted it; where all of them keep quiet, so do we from now on."""
        now, roster = self._clock(), self._roster()
        told = Event(incident_id=one.id, episode=one.episode, at=now, kind=Kind.ANSWERED, reason=SILENCED,
                     detail=f"{by}, for {duration_text(length)}")  # fmt: skip
        cancelled = self._store.transact(lambda tx: reconcile.silenced(tx, one.id, told, roster, now, hold_it=quiet))
        for team in cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        event(log, logging.INFO, SILENCED, incident=one.id, by=by, seconds=length.total_seconds())


def _members(one: Alertmanager) -> frozenset[str]:
    try:
        return one.status().members
    except AlertmanagerError:
        return ALONE


def _why_not(one: Alertmanager, wanted: Silence) -> str:
    """Post it; "" where that went well."""
    try:
        one.silence(wanted)
    except AlertmanagerError as error:
        return str(error)
    return ""
