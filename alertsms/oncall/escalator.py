"""The door for time that passed: the next step or reminder, holds and mutes that end, and what nobody mentions."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.alerts.alert import Format
from alertsms.core.incidents import flapping
from alertsms.core.incidents.episode import release
from alertsms.core.incidents.escalation import ring
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState, Trigger, close
from alertsms.core.incidents.refusal import QUIET_AFTER
from alertsms.core.incidents.tenure import give_back, leave
from alertsms.core.routing.roster import Roster, muted
from alertsms.logs import event
from alertsms.store import changes, incidents, pages, settings

log = logging.getLogger("alertsms.escalator")

BATCH = 500  # incidents in one transaction, so that intake need not wait for a thousand timers
ABSENT = timedelta(minutes=2)  # nobody rang for so long: what has not left by now had no time to


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
        self._store, self._roster, self._metrics, self._clock, self._wake = (
            context.store,
            context.roster,
            context.metrics,
            context.clock,
            wake,
        )
        self._usable, self._confirms = usable, confirms
        self._stepped_at: datetime | None = None
        self._known: Roster | None = None  # whose people were last compared with those before
        self._looked: tuple[datetime, Roster] | None = None  # the minute and roster that mutes were last looked at

    def step(self) -> float | None:
        """Ring what is due; returns 0 while there may be more, None otherwise."""
        now, roster = self._clock(), self._roster()
        # After a stop or a sleep what waited is about to leave: its step begins now.
        present = self._stepped_at is not None and now - self._stepped_at <= ABSENT
        usable = present and self._usable()
        rung = self._store.transact(lambda tx: self._ring(tx, roster, now, usable=usable))
        self._tell(rung)
        self._stepped_at = now
        if self._known is not roster:
            self._tell(self._store.transact(lambda tx: self._leave(tx, roster, now)))
            self._known = roster
        # Time intervals begin and end at whole minutes; a reload, or the end of a pause, may end a mute at any moment.
        minute = now.replace(second=0, microsecond=0)
        if self._looked is None or self._looked[0] != minute or self._looked[1] is not roster:
            self._unmute(roster, now)
            self._tell(self._store.transact(lambda tx: self._forget(tx, roster, now)))
            self._looked = minute, roster
        return 0.0 if len(rung[0]) == BATCH else None

    def _ring(self, tx: Connection, roster: Roster, now: datetime, *, usable: bool) -> changes.Done:
        due = incidents.due(tx, now, BATCH)
        unsent = pages.unsent(tx, [one.id for one in due]) if due else {}
        rung = []
        for one in due:
            team, held_back = roster.team(one.team), muted(one, roster, now)
            if one.state is IncidentState.HELD:
                rung.append(release(one, team=team, muted=held_back, now=now))
            elif settled := flapping.settle(one, team=team, now=now):
                rung.append(settled)
            elif one.state is IncidentState.ACKNOWLEDGED:
                fires = self._confirms(one)
                rung.append(give_back(one, team=team, muted=held_back, fires=fires, now=now))
            else:
                waiting = unsent.get(one.id, set())
                rung.append(ring(one, team=team, muted=held_back, unsent=waiting, usable=usable, now=now))
        return changes.write(tx, rung, roster, now)

    def _leave(self, tx: Connection, roster: Roster, now: datetime) -> changes.Done:
        """Give to its team what somebody has who was one of `people` in the last configuration, and is none now."""
        before, names = settings.get(tx, settings.PEOPLE), json.dumps(sorted(roster.people))
        if before == names:
            return changes.write(tx, (), roster, now)
        settings.put(tx, settings.PEOPLE, names, now)
        gone = set(json.loads(before or "[]")) - roster.people.keys()
        if not gone:
            return changes.write(tx, (), roster, now)
        held = incidents.taken_by(tx, sorted(gone))
        incidents.end_snoozes(tx, sorted(gone))
        left = [leave(one, team=roster.team(one.team), muted=muted(one, roster, now), now=now) for one in held]
        return changes.write(tx, left, roster, now)

    def _unmute(self, roster: Roster, now: datetime) -> None:
        """Page what a mute held, now that it ended."""
        after = 0
        while held := self._store.read(lambda tx, after=after: incidents.muted(tx, after, BATCH)):  # type: ignore[misc]
            after = held[-1].id
            ended = [one.id for one in held if not muted(one, roster, now)]
            if ended:
                self._tell(self._store.transact(lambda tx, ended=ended: self._release(tx, ended, roster, now)))  # type: ignore[misc]

    def _release(self, tx: Connection, ids: list[int], roster: Roster, now: datetime) -> changes.Done:
        found = incidents.get(tx, ids)
        still = [one for one in found if one.state is IncidentState.HELD and one.reason is IncidentReason.MUTED]
        ended = [release(one, team=roster.team(one.team), muted=False, now=now) for one in still]
        return changes.write(tx, ended, roster, now)

    def _forget(self, tx: Connection, roster: Roster, now: datetime) -> changes.Done:
        quiet = incidents.unmentioned(tx, now - QUIET_AFTER, BATCH, Format.INTAKE)
        over = {one.id: close(one, IncidentReason.QUIET, now) for one in quiet}
        stale = incidents.unmentioned(tx, now - roster.stale_after, BATCH)
        over |= {one.id: close(one, IncidentReason.STALE, now) for one in stale if one.id not in over}
        return changes.write(tx, over.values(), roster, now)

    def _tell(self, written: changes.Done) -> None:
        """Count, log and wake, after the commit."""
        rung, done = written
        for team in done.cancelled:
            self._metrics.sms.labels(team, "cancelled").inc()
        for team in done.unanswered:
            self._metrics.unanswered.labels(team).inc()
        for change in rung:
            if change.rung in (Trigger.STEP, Trigger.ROUND):
                self._metrics.escalations.labels(change.incident.team).inc()
            if change.pages or change.exhausted or change.closes is not None:
                why = str(change.rung or change.reason)
                event(log, logging.INFO, "timer", **change.incident.shown, reason=why, pages=change.pages)
        if done.pages or done.oks or done.unanswered:
            self._wake()
