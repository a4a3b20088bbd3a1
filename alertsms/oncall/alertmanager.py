"""The doors to Alertmanager: what its list says of incidents, and silences that a human asks for. It may hang.

What it suppresses is held, and what it has no more is closed. A silence is never automatic: Alertmanager tells nobody
that a silenced alert is over, so an acknowledgement must not be one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import requests

from alertsms.alertmanager import ALONE, Alertmanager, AlertmanagerError, Alertmanagers
from alertsms.context import Context, after_commit
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.alertmanager_view import (
    LOST,
    Absence,
    AlertState,
    Poll,
    Silence,
    Snapshot,
    Standing,
    asks_about,
    once_each,
    reconcile,
    silence,
)
from alertsms.core.incidents.incident import Change, EventKind, Incident, IncidentState, event_of
from alertsms.core.incidents.lifecycle import began_anew
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import muted
from alertsms.core.text.subject import log_fields
from alertsms.logs import event
from alertsms.ovh.wire import WireSession
from alertsms.store import answers, apply, history, incidents

log = logging.getLogger("alertsms.reconciler")
silencing_log = logging.getLogger("alertsms.silencing")

RECONCILE_SECONDS = 30.0
AHEAD = timedelta(seconds=60)  # whoever is to be paged so soon is asked about now
BATCH = 500  # incidents in one transaction
SILENCED = "silenced"  # the reason of the event
NONE_LISTED = Alertmanagers(urls=(), reconcile_after=timedelta(0))


class Reconciler:
    """Asks every Alertmanager, twice a minute, while there is something to ask about."""

    def __init__(
        self,
        *,
        context: Context,
        wake: Callable[[], None],
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._config = context.clock, context.config
        self._wake, self._sessions, self._replicas = wake, session_factory, context.replicas
        self._known: Alertmanagers | None = None
        self._connected: tuple[Alertmanager, ...] = ()
        self._down: dict[str, str] = {}  # by URL: why an Alertmanager does not answer, logged once
        self._answered: dict[int, datetime] = {}  # when a poll last told the state of an incident, or was first wanted
        self._active: dict[int, datetime] = {}  # when an incident was last listed as active

    def troubles(self) -> Iterator[Trouble]:
        """Alertmanagers that do not answer."""
        for url, why in list(self._down.items()):
            yield Trouble(
                key=f"alertmanager:{url}",
                hinders=Hindrance.OUTSIDE,
                says=why if url in why else f"{url}: {why}",
                settles=LOST,
                fix="start it or correct alertmanager.urls; `alertsms doctor` says more",
            )

    def step(self) -> None:
        """Ask about what lasts or is about to page again."""
        now, listed = self._clock(), self._config.current.alertmanager
        self._connect(listed)
        after = listed.reconcile_after if listed else None
        numbers = self._store.read(lambda tx: history.to_ask(tx, after=after, soon=now + AHEAD, now=now))
        # A time ahead of now comes of a clock that was set back.
        self._answered = {number: min(self._answered.get(number, now), now) for number in numbers}
        self._active = {number: min(self._active[number], now) for number in numbers if number in self._active}
        if not numbers:
            if self._down:  # whether it answers again is to be known, too
                list(map(self._view, self._connected))
            return
        rules = listed or NONE_LISTED
        own = self._store.read(history.receivers)
        poll = Poll(
            views=list(map(self._view, self._connected)),
            at=now,
            ignored=self._roster().ignore_labels,
            own=own,
            settled=rules.settled,
        )
        for at in range(0, len(numbers), BATCH):
            self._follow(poll, numbers[at : at + BATCH], rules)

    def confirms(self, incident: Incident) -> bool | None:
        """Whether an Alertmanager has listed an incident as active within the last five minutes; None: none can tell.

        Those that none can tell of are the incidents of other senders, and all where no Alertmanager is known.
        """
        if self._config.current.alertmanager is None or incident.source != Format.ALERTMANAGER:
            return None
        seen = self._active.get(incident.id)
        return seen is not None and self._clock() - seen <= LOST

    def _connect(self, listed: Alertmanagers | None) -> None:
        if listed == self._known:
            return
        for alertmanager in self._connected:
            alertmanager.close()
        self._known, self._down = listed, {}
        self._connected = listed.connect(self._sessions) if listed else ()
        self._metrics.know_alertmanagers(alertmanager.url for alertmanager in self._connected)

    def _view(self, alertmanager: Alertmanager) -> Snapshot | None:
        try:
            view = alertmanager.view()
        except AlertmanagerError as error:
            self._metrics.alertmanager_up.labels(alertmanager.url).set(0)
            if self._down.get(alertmanager.url) != error.why:
                event(log, logging.WARNING, "no word of an Alertmanager", url=alertmanager.url, why=str(error))
            self._down[alertmanager.url] = error.why
            return None
        self._metrics.alertmanager_up.labels(alertmanager.url).set(1)
        if self._down.pop(alertmanager.url, ""):
            event(log, logging.INFO, "an Alertmanager answers again", url=alertmanager.url)
        return view

    def _follow(self, poll: Poll, numbers: Sequence[int], rules: Alertmanagers) -> None:
        now, roster = self._clock(), self._roster()
        absence = Absence(rules.reconcile_after, rules.twice)

        def decide(incident: Incident) -> Change | None:
            if not asks_about(incident, after=absence.after, soon=now + AHEAD, now=now):
                return None
            standing = self._note(incident, poll, now)
            pages = incident.state is IncidentState.HELD or began_anew(incident, standing.start, now)
            holds = pages and muted(incident, roster, now)
            return reconcile(incident, standing, team=roster.team(incident.team), muted=holds, absence=absence, now=now)

        duty = self._replicas.duty("reconcile")
        if duty is None:  # each knows what still fires, since each rings timers; one acts by it
            self._store.read(lambda tx: list(map(decide, incidents.get(tx, numbers))))
            return
        applied = self._store.transact(
            lambda tx: apply.follow(tx, numbers if duty.hold(tx) else (), decide, roster, now)
        )
        after_commit(applied, self._metrics, self._wake)
        for change in applied.changes:
            number, team, pages = change.incident.id, change.incident.team, change.pages
            if pages or change.closes is not None or change.incident.state is IncidentState.HELD:
                reason = change.reason.value
                event(log, logging.INFO, "reconciled", incident=number, team=team, reason=reason, pages=pages)

    def _note(self, incident: Incident, poll: Poll, now: datetime) -> Standing:
        state = poll.of(incident)
        if state is AlertState.ACTIVE:
            self._active[incident.id] = poll.at
        if state is not AlertState.UNKNOWN:
            self._answered[incident.id] = poll.at
        return Standing(state, self._answered.get(incident.id, now), poll.start_of(incident))


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
        incidents = self._store.read(lambda tx: answers.covered_now(tx, number))
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
        members = (
            _one_per_cluster(connected) if any(_why_never(incident, seen) is None for incident in incidents) else []
        )
        lost = False
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
        applied = self._store.transact(lambda tx: answers.silenced(tx, incident.id, silenced, roster, now, seen=seen))
        for team in applied.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        event(silencing_log, logging.INFO, SILENCED, **log_fields(incident), by=by, seconds=length.total_seconds())


def _why_never(incident: Incident, seen: datetime) -> tuple[SilenceOutcome, str] | None:
    if incident.source != Format.ALERTMANAGER:
        return SilenceOutcome.FOREIGN, f"#{incident.id} did not come from an Alertmanager."
    if incident.state is IncidentState.CLOSED:
        return SilenceOutcome.OVER, f"#{incident.id} is over."
    if (incident.begun_at or incident.opened_at) > seen:
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
