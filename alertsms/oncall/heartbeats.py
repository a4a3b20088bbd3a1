"""The door for silence: heartbeats that are late, missing, back, or gone from the configuration."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from alertsms.context import Context, after_commit
from alertsms.core.alerts.alert import Alert
from alertsms.core.incidents.heartbeat import (
    Heartbeat,
    HeartbeatState,
    HeartbeatStatus,
    back,
    due,
    key,
    look,
    missing,
    resume,
    silence_words,
)
from alertsms.core.incidents.incident import Applied
from alertsms.core.messages.notification import NoticeBySms
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import Roster
from alertsms.logs import event
from alertsms.replicas import Duty
from alertsms.store import apply, fallback, heartbeats, replicas

log = logging.getLogger("alertsms.heartbeat")

ABSENT = timedelta(minutes=1)  # without a step for so long we did not listen either: the store was away, or we hung
NOTICE_EVERY = timedelta(hours=1)  # one that is late again and again is no news
MENTION_EVERY = timedelta(hours=6)  # what is missing is mentioned, as any sender does: else it would go stale
GONE = "it is no heartbeat of the configuration any more"


@dataclass(kw_only=True, slots=True)
class Round:
    """What one look at all heartbeats did."""

    known: dict[str, HeartbeatStatus] = field(default_factory=dict)
    changed: list[tuple[HeartbeatStatus, HeartbeatStatus]] = field(default_factory=list)  # before and after
    mentioned: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    applied: Applied = field(default_factory=Applied)


class Heartbeats:
    """Looks at the stored heartbeats."""

    def __init__(self, *, context: Context, wake: Callable[[], None]) -> None:
        self._store, self._roster, self._metrics = context.store, context.roster, context.metrics
        self._clock, self._config, self._wake = context.clock, context.config, wake
        self._replicas = context.replicas
        self._listened_at: datetime | None = None  # when we last were sure to hear what comes
        self._mentioned: dict[str, datetime] = {}  # when what is missing was last mentioned
        self._shown: set[str] = set()  # whose series there are
        self._idle = False  # the store has none

    def step(self) -> float | None:
        """One look at all of them; returns in how many seconds time alone changes the next."""
        now, roster = self._clock(), self._roster()
        if self._idle and not roster.heartbeats:
            return None
        known = self._store.read(heartbeats.every)
        if (duty := self._replicas.duty("heartbeats")) is None:
            self._sample(known, roster)
            return None
        absent = self._absent(now)
        if absent or self._changes(known, roster, now):
            round_ = self._store.transact(
                lambda tx: self._look(tx, roster, now, absent=absent) if self._acts(tx, duty) else Round(known=known)
            )
            self._announce(round_, roster, now)
            known = round_.known
        self._listened_at, self._idle = now, not known and self._config.decides
        self._sample(known, roster)
        times = [due(known[name], heartbeat) for name, heartbeat in roster.heartbeats.items() if name in known]
        return min(((at - now).total_seconds() for at in times if at), default=None)

    def _acts(self, tx: Connection, duty: Duty) -> bool:
        return duty.hold(tx) and self._clock.current(tx)

    def _absent(self, now: datetime) -> bool:
        """Whether nobody listened for a while before this look: this process, or among replicas any."""
        if not self._replicas.alone:
            return self._store.read(replicas.unheard)
        return self._listened_at is None or now - self._listened_at > ABSENT

    def _changes(self, known: Mapping[str, HeartbeatStatus], roster: Roster, now: datetime) -> bool:
        """Whether there is anything to write: mostly there is not, and no transaction is needed to see that."""
        if known.keys() != roster.heartbeats.keys():
            return True
        return any(
            look(status, roster.heartbeats[name], now) is not status or self._mentions(status, roster, now)
            for name, status in known.items()
        )

    def _mentions(self, status: HeartbeatStatus, roster: Roster, now: datetime) -> bool:
        every = min(MENTION_EVERY, roster.stale_after / 3)
        last = self._mentioned.get(status.name)
        return status.state is HeartbeatState.MISSING and (last is None or abs(now - last) >= every)

    def _look(self, tx: Connection, roster: Roster, now: datetime, *, absent: bool) -> Round:
        known = heartbeats.every(tx, lock=True)
        if absent:
            replicas.heard(tx)
        gone = sorted(known.keys() - roster.heartbeats.keys()) if self._config.decides else []
        round_, alerts = Round(gone=gone), list[Alert]()
        for name, heartbeat in roster.heartbeats.items():
            stored = known.get(name) or HeartbeatStatus(name=name, silent_since=now)
            before = resume(stored, heartbeat, now) if absent else stored
            after = round_.known[name] = look(before, heartbeat, now)
            if after.state is not before.state:
                round_.changed.append((before, after))
            if before.state is HeartbeatState.BACK:
                alerts.append(back(name))
            elif after.state is HeartbeatState.MISSING and (before is not after or self._mentions(after, roster, now)):
                round_.mentioned.append(name)
                alerts.append(missing(before, now))
        heartbeats.save(tx, [status for name, status in round_.known.items() if status != known.get(name)])
        heartbeats.forget(tx, round_.gone)
        alerts += [back(name, GONE) for name in round_.gone]
        applied = apply.receive(tx, alerts, roster, now)
        closed = {change.incident.key for change in applied.changes if change.closes is not None}
        round_.applied = replace(applied, texts=applied.texts + _notify(tx, round_.changed, closed, roster, now))
        return round_

    def _announce(self, round_: Round, roster: Roster, now: datetime) -> None:
        self._mentioned.update(dict.fromkeys(round_.mentioned, now))
        for before, after in round_.changed:
            event(
                log,
                logging.WARNING if after.state in (HeartbeatState.LATE, HeartbeatState.MISSING) else logging.INFO,
                f"heartbeat {'back' if before.state is HeartbeatState.BACK else after.state}",
                name=after.name,
                last_seen=after.last_seen_at,
                missing_after=format_duration(roster.heartbeats[after.name].missing_after),
            )
        for name in round_.gone:
            event(log, logging.INFO, "heartbeat forgotten: it is gone from the configuration", name=name)
        after_commit(round_.applied, self._metrics, self._wake)

    def _sample(self, known: Mapping[str, HeartbeatStatus], roster: Roster) -> None:
        seen_at = {
            name: status.last_seen_at
            for name, status in known.items()
            if status.last_seen_at and name in roster.heartbeats
        }
        for name in self._shown - seen_at.keys():
            self._metrics.heartbeat_seen.remove(name)
            self._metrics.heartbeat_after.remove(name)
        for name, at in seen_at.items():
            self._metrics.heartbeat_seen.labels(name).set(at.timestamp())
            self._metrics.heartbeat_after.labels(name).set(roster.heartbeats[name].missing_after.total_seconds())
        self._shown = set(seen_at)
        counts = Counter(status.state for status in known.values())
        for state in (HeartbeatState.WAITING, HeartbeatState.WELL, HeartbeatState.LATE, HeartbeatState.MISSING):
            self._metrics.heartbeats.labels(state.value).set(counts[state])


def _notify(
    tx: Connection,
    changed: Iterable[tuple[HeartbeatStatus, HeartbeatStatus]],
    closed: set[bytes],
    roster: Roster,
    now: datetime,
) -> int:
    sent = 0
    for before, after in changed:
        heartbeat = roster.heartbeats[after.name]
        words = _notice(before, after, heartbeat, now) if key(after.name) not in closed else ""
        if words:
            sent += fallback.notice(
                tx,
                roster,
                key=f"heartbeat:{after.name}:{after.state}",
                every=NOTICE_EVERY,
                text=words,
                now=now,
                sms=NoticeBySms.NEVER,
                team=heartbeat.team,
            )
    return sent


def _notice(before: HeartbeatStatus, after: HeartbeatStatus, heartbeat: Heartbeat, now: datetime) -> str:
    if after.state is HeartbeatState.LATE:
        return (
            f"the heartbeat {heartbeat.name} is late: {silence_words(before, now)},"
            f" after {format_duration(heartbeat.missing_after)} its team is paged"
        )
    return f"the heartbeat {heartbeat.name} is back" if before.state is HeartbeatState.BACK else ""
