"""The door to Alertmanager's own list: what it suppresses is held, and what it has no more is closed. It may hang."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import requests

from alertsms.alertmanager import Alertmanager, AlertmanagerError, Alertmanagers
from alertsms.context import Context, after_commit
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.alertmanager_view import (
    LOST,
    Absence,
    AlertState,
    Poll,
    Snapshot,
    Standing,
    asks_about,
    reconcile,
)
from alertsms.core.incidents.incident import Change, Incident, IncidentState
from alertsms.core.incidents.lifecycle import began_anew
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.core.routing.roster import muted
from alertsms.logs import event
from alertsms.ovh.wire import WireSession
from alertsms.store import reconcile as rows

log = logging.getLogger("alertsms.reconciler")

RECONCILE_SECONDS = 30.0
AHEAD = timedelta(seconds=60)  # whoever is to be paged so soon is asked about now
BATCH = 500  # incidents in one transaction
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
        self._clock, self._config, self._wake = context.clock, context.config, wake
        self._sessions = session_factory
        self._known: Alertmanagers | None = None
        self._connected: tuple[Alertmanager, ...] = ()
        self._down: dict[str, str] = {}  # by URL: why an Alertmanager does not answer, logged once
        self._answered: dict[int, datetime] = {}  # when a poll last told the state of an incident, or was first wanted
        self._active: dict[int, datetime] = {}  # when an incident was last listed as active

    def troubles(self) -> Iterator[Trouble]:
        """Alertmanagers that do not answer."""
        for url, why in list(self._down.items()):
            says = why if url in why else f"{url}: {why}"
            yield Trouble(
                key=f"alertmanager:{url}",
                hinders=Hindrance.OUTSIDE,
                says=says,
                settles=LOST,
                fix="start it or correct alertmanager.urls; `alertsms doctor` says more",
            )

    def step(self) -> None:
        """Ask about what lasts or is about to page again."""
        now, listed = self._clock(), self._config.current.alertmanager
        self._connect(listed)
        after = listed.reconcile_after if listed else None
        numbers = self._store.read(lambda tx: rows.waiting(tx, after=after, soon=now + AHEAD, now=now))
        # A time ahead of now comes of a clock that was set back.
        self._answered = {number: min(self._answered.get(number, now), now) for number in numbers}
        self._active = {number: min(self._active[number], now) for number in numbers if number in self._active}
        if not numbers:
            if self._down:  # whether it answers again is to be known, too
                list(map(self._view, self._connected))
            return
        rules = listed or NONE_LISTED
        own = self._store.read(rows.receivers)
        views = list(map(self._view, self._connected))
        poll = Poll(views=views, at=now, ignored=self._roster().ignore_labels, own=own, settled=rules.settled)
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
        """The alerts of one Alertmanager; None where it does not answer."""
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
        """Apply a poll to incidents as they are by now."""
        now, roster = self._clock(), self._roster()
        absence = Absence(rules.reconcile_after, rules.twice)

        def decide(incident: Incident) -> Change | None:
            if not asks_about(incident, after=absence.after, soon=now + AHEAD, now=now):
                return None
            standing = self._note(incident, poll, now)
            pages = incident.state is IncidentState.HELD or began_anew(incident, standing.start, now)
            holds = pages and muted(incident, roster, now)
            return reconcile(incident, standing, team=roster.team(incident.team), muted=holds, absence=absence, now=now)

        applied = self._store.transact(lambda tx: rows.follow(tx, numbers, decide, roster, now))
        after_commit(applied, self._metrics, self._wake)
        for change in applied.changes:
            incident = change.incident
            if change.pages or change.closes is not None or incident.state is IncidentState.HELD:
                reason, pages = change.reason.value, change.pages
                event(
                    log,
                    logging.INFO,
                    "reconciled",
                    incident=incident.id,
                    team=incident.team,
                    reason=reason,
                    pages=pages,
                )

    def _note(self, incident: Incident, poll: Poll, now: datetime) -> Standing:
        state = poll.of(incident)
        if state is AlertState.ACTIVE:
            self._active[incident.id] = poll.at
        if state is not AlertState.UNKNOWN:
            self._answered[incident.id] = poll.at
        return Standing(state, self._answered.get(incident.id, now), poll.start_of(incident))
