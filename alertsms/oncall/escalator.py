"""The door for time that passed: the next step or reminder, holds and mutes that end, and what nobody mentions."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context, after_commit
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents.escalation import ring
from alertsms.core.incidents.incident import Applied, Incident, IncidentReason, IncidentState, close
from alertsms.core.incidents.lifecycle import acknowledgement_over, page_again, release, settle
from alertsms.core.incidents.refusal import QUIET_AFTER
from alertsms.core.routing.roster import Roster, muted
from alertsms.core.text.subject import log_fields
from alertsms.logs import event
from alertsms.store import apply, history, incidents, settings

log = logging.getLogger("alertsms.escalator")

BATCH = 500  # incidents in one transaction, so that intake need not wait for a thousand timers
ABSENT = timedelta(minutes=2)  # nobody rang for so long: what has not left by now had no time to
NOTED = timedelta(seconds=10)  # so often a replica notes for the others that it rings


class Escalator:
    """Rings the stored timers."""

    def __init__(
        self,
        *,
        context: Context,
        wake: Callable[[], None],
        usable: Callable[[], bool],
        confirms: Callable[[Incident], bool | None],
    ) -> None:
        """`wake` tells the dispatcher that there may be something to send; `usable` whether SMS can leave.

        `confirms`: whether its source says that an incident still fires, from what it said last; None where nobody
        asks it.
        """
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._config, self._wake = context.clock, context.config, wake
        self._usable, self._confirms, self._replicas = usable, confirms, context.replicas
        self._stepped_at: datetime | None = None
        self._known: Roster | None = None  # whose people were last compared with those before
        self._looked: tuple[datetime, Roster] | None = None  # the minute and roster that mutes were last looked at

    def step(self) -> float | None:
        """Ring what is due; returns 0 while there may be more, None otherwise."""
        now, roster = self._clock(), self._roster()
        rung = self._do(lambda tx: self._ring(tx, roster, now))
        if not self._replicas.alone and (self._stepped_at is None or abs(now - self._stepped_at) >= NOTED):
            self._store.transact(lambda tx: settings.put(tx, settings.RUNG, "", now))
            self._stepped_at = now
        elif self._replicas.alone:
            self._stepped_at = now
        if (duty := self._replicas.duty("keeper")) is None:
            return 0.0 if rung == BATCH else None
        if self._known is not roster and self._config.decides:
            self._do(lambda tx: self._leave(tx, roster, now) if duty.hold(tx) else Applied())
            self._known = roster
        # Time intervals begin and end at whole minutes; a reload, or the end of a pause, may end a mute at any moment.
        minute = now.replace(second=0, microsecond=0)
        if self._looked is None or self._looked[0] != minute or self._looked[1] is not roster:
            self._unmute(roster, now)  # by each incident's own state: it does not matter who is first
            if self._config.decides:
                self._do(lambda tx: self._forget(tx, roster, now) if duty.hold(tx) else Applied())
            self._looked = minute, roster
        return 0.0 if rung == BATCH else None

    def _do(self, work: Callable[[Connection], Applied]) -> int:
        """One transaction and what follows it; returns how many incidents it was about."""
        applied = self._store.transact(work)
        after_commit(applied, self._metrics, self._wake)
        for change in applied.changes:
            if change.pages or change.exhausted or change.closes is not None:
                reason = str(change.rung or change.reason)
                event(log, logging.INFO, "timer", **log_fields(change.incident), reason=reason, pages=change.pages)
        return len(applied.changes)

    def _absent(self, tx: Connection, now: datetime) -> bool:
        """Whether nobody rang for a while: this process, or among replicas any."""
        rung_at = self._stepped_at if self._replicas.alone else settings.when(tx, settings.RUNG)
        return rung_at is None or now - rung_at > ABSENT

    def _ring(self, tx: Connection, roster: Roster, now: datetime) -> Applied:
        if not self._clock.current(tx):
            return Applied()
        # After a stop or a sleep what waited is about to leave: its step begins now.
        usable = not self._absent(tx, now) and self._usable()
        due = incidents.due(tx, now, BATCH)
        unsent = history.pending(tx, [incident.id for incident in due])
        rung = []
        for incident in due:
            team, held_back = roster.team(incident.team), muted(incident, roster, now)
            if incident.state is IncidentState.HELD:
                rung.append(release(incident, team=team, muted=held_back, now=now))
            elif settled := settle(incident, team=team, now=now):
                rung.append(settled)
            elif incident.state is IncidentState.ACKNOWLEDGED:
                fires = self._confirms(incident)
                rung.append(acknowledgement_over(incident, team=team, muted=held_back, fires=fires, now=now))
            else:
                waiting = unsent.get(incident.id, set())
                rung.append(ring(incident, team=team, muted=held_back, unsent=waiting, usable=usable, now=now))
        return apply.write(tx, rung, roster, now)

    def _leave(self, tx: Connection, roster: Roster, now: datetime) -> Applied:
        """Give to its team what somebody has who was one of `people` in the last configuration, and is none now."""
        before, names = settings.get(tx, settings.PEOPLE), json.dumps(sorted(roster.people))
        gone = sorted(set(json.loads(before or "[]")) - roster.people.keys())
        if before != names:
            settings.put(tx, settings.PEOPLE, names, now)
        if not gone:
            return Applied()
        held = incidents.taken_by(tx, gone)
        incidents.end_snoozes(tx, gone)
        left = [
            page_again(
                incident,
                IncidentReason.LEFT,
                team=roster.team(incident.team),
                muted=muted(incident, roster, now),
                now=now,
            )
            for incident in held
        ]
        return apply.write(tx, left, roster, now)

    def _unmute(self, roster: Roster, now: datetime) -> None:
        after = 0
        while held := self._store.read(lambda tx, after=after: incidents.muted(tx, after, BATCH)):  # type: ignore[misc]
            after = held[-1].id
            if ended := [incident.id for incident in held if not muted(incident, roster, now)]:
                self._do(lambda tx, ended=ended: self._release(tx, ended, roster, now))  # type: ignore[misc]

    def _release(self, tx: Connection, ids: list[int], roster: Roster, now: datetime) -> Applied:
        ended = [
            release(incident, team=roster.team(incident.team), muted=False, now=now)
            for incident in incidents.get(tx, ids)
            if incident.state is IncidentState.HELD and incident.reason is IncidentReason.MUTED
        ]
        return apply.write(tx, ended, roster, now)

    def _forget(self, tx: Connection, roster: Roster, now: datetime) -> Applied:
        quiet = incidents.unmentioned(tx, now - QUIET_AFTER, BATCH, Format.INTAKE)
        over = {incident.id: close(incident, IncidentReason.QUIET, now) for incident in quiet}
        stale = incidents.unmentioned(tx, now - roster.stale_after, BATCH)
        over |= {
            incident.id: close(incident, IncidentReason.STALE, now) for incident in stale if incident.id not in over
        }
        return apply.write(tx, over.values(), roster, now)
