"""The clock of an incident: whom it pages next, when, when its fallback must hear, and what its timeline says."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from alertsms.core.incidents.acknowledge import ack_ends
from alertsms.core.incidents.incident import (
    ACKNOWLEDGED,
    NO_PEOPLE,
    RECORD_ONLY,
    TAKEN,
    Change,
    Event,
    EventKind,
    Incident,
    IncidentReason,
    IncidentState,
    NotifiedPeople,
    Trigger,
)
from alertsms.core.schedules.team import Team

LOOK_AGAIN = timedelta(minutes=5)  # at what holds a page back: a mute, a page before it, a gap in every schedule
# So long after its wait a step without an accepted SMS is over: one person's SMS of this hour may be used up.
UNSENT_AFTER = timedelta(minutes=5)
OUTAGE_LOOK = timedelta(minutes=1)  # at a way out that no SMS can take


def begin(incident: Incident, team: Team, now: datetime, reason: IncidentReason) -> Change:
    """Page the first step that has somebody at `now`, in the first round; the change is for `reason`.

    Where no step has anybody the fallback is notified at once, and whoever comes on call is paged then.
    """
    if team.record_only:
        return Change(incident=replace(incident, step_due_at=None), reason=reason)
    incident = replace(incident, began=incident.paged)
    step = _first(team, now)
    if step is None:
        none = replace(incident, round=team.rounds, step=0, step_at=None, step_sent_at=None, paged=incident.paged + 1)
        return Change(incident=with_timer(none, now + LOOK_AGAIN), reason=reason, pages=True, exhausted=True)
    return Change(incident=paged(incident, team, now, place=(0, step)), reason=reason, pages=True)


def resume(incident: Incident, team: Team, now: datetime, reason: IncidentReason, *, away: timedelta) -> Change:
    """Page the step that an incident was at again, and let its clock go on: it had stood still for `away`.

    Else an alert that comes and goes would call nobody but the first. From the first step where all rounds were over.
    """
    at, sent = incident.step_at, incident.step_sent_at
    if team.record_only or at is None or incident.round >= team.rounds or not team.step(incident.step).people(now):
        return begin(incident, team, now, reason)
    again = replace(incident, paged=incident.paged + 1, step_at=at + away, step_sent_at=sent + away if sent else None)
    return Change(incident=timed(again, team), reason=reason, pages=True)


def with_timer(incident: Incident, at: datetime | None) -> Incident:
    """The incident with its one timer set; what flaps is looked at in time for that, too."""
    return replace(incident, step_due_at=min(filter(None, (at, incident.flap_due_at)), default=None))


def timed(incident: Incident, team: Team) -> Incident:
    """The incident with its timer set by what is stored of it, whoever has it or not; some have none.

    Before OVHcloud took an SMS of a step that is the earliest end of its wait.
    """
    at = None
    if incident.state is IncidentState.ACKNOWLEDGED:
        at = ack_ends(incident, team)
    elif incident.state is IncidentState.OPEN and not team.record_only:
        at = _reminder(incident, team) if incident.round >= team.rounds else _within(incident, team)
    return with_timer(incident, at)


def ring(
    incident: Incident, *, team: Team, muted: bool, unsent: AbstractSet[str], usable: bool, now: datetime
) -> Change:
    """The timer of an open incident rang: page again, page the next step, notify the fallback, or set it anew.

    At most one step is taken, and a whole wait follows it, however long nobody rang. `unsent`: whose page of the
    incident is still on its way. `usable`: SMS can leave; while they cannot, nobody is late with an answer.
    """
    if incident.state is not IncidentState.OPEN or team.record_only:
        return _timer(incident, None)
    if incident.round >= team.rounds:
        return _remind(incident, team, muted=muted, unsent=unsent, now=now)
    if muted:
        return _timer(incident, now + LOOK_AGAIN, IncidentReason.MUTED)
    if incident.step_at is None and incident.step_sent_at is None:
        return _page(incident, team, now, Trigger.ANEW, place=(incident.round, incident.step))
    over = _over_at(incident, team)
    if incident.step_sent_at is None and not usable:
        return _timer(
            replace(incident, step_at=max(_since(incident), now - team.step(incident.step).wait)), now + OUTAGE_LOOK
        )
    if now >= over:
        return _onward(incident, team, now)
    if incident.step_sent_at is None:
        return _timer(incident, min(now + _pause(incident, team), over))
    return _nudge(incident, team, unsent=unsent, now=now)


def unreached(
    incident: Incident, *, team: Team, refused: bool, round_reached: bool, now: datetime, lost: bool = False
) -> Change:
    """Every message of the step ended badly: the next step comes at once, a new round after this step's wait.

    Where nobody was reached in the round and a number is `refused` for good, there are no more rounds. `lost`: no
    phone rang since OVHcloud lost the SMS, so the last step of a round is paged once more, at once.
    """
    if incident.round >= team.rounds:
        return Change(incident=timed(incident, team), reason=IncidentReason.TIMER)
    wait = team.step(incident.step).wait
    if not last_of_round(incident, team, now):
        return _timer(replace(incident, step_sent_at=now - wait), now)
    if refused and not round_reached:
        return Change(incident=timed(replace(incident, round=team.rounds), team), reason=IncidentReason.TIMER)
    if lost:
        return _timer(replace(incident, step_at=None, step_sent_at=None), now)
    sent = incident.step_sent_at or _since(incident)
    return _timer(replace(incident, step_sent_at=sent), max(sent + wait, now))


def last_of_round(incident: Incident, team: Team, now: datetime) -> bool:
    """Whether no later step of the round has anybody to page."""
    return _first(team, now, after=incident.step) is None


def place(incident: Incident, team: Team) -> str:
    """Where an incident is in its team's steps, such as `step 2 of 3, round 1 of 3`; "" for a reminder."""
    if incident.round >= team.rounds:
        return ""
    step = f"step {min(incident.step + 1, len(team.steps))} of {len(team.steps)}, " if len(team.steps) > 1 else ""
    return f"{step}round {incident.round + 1} of {team.rounds}"


def _remind(incident: Incident, team: Team, *, muted: bool, unsent: AbstractSet[str], now: datetime) -> Change:
    """All rounds are over: a page now and then, to whom the first step has."""
    step = _first(team, now)
    if incident.step_at is None:  # nobody has been on call so far
        if muted or step is None:
            return _timer(incident, now + LOOK_AGAIN)
        return begin(incident, team, now, incident.reason)
    following = _reminder(incident, team)
    if following is None:
        return _timer(incident, None)
    if now > (incident.begun_at or incident.opened_at) + team.remind_max:
        return _timer(incident, None, IncidentReason.REMIND_MAX)
    if following > now:
        return _timer(incident, following)
    if muted or step is None:
        return _timer(incident, now + LOOK_AGAIN, IncidentReason.MUTED if muted else IncidentReason.TIMER)
    if _await(team, step, unsent, now):
        return _timer(incident, now + LOOK_AGAIN, IncidentReason.UNSENT)
    # Each reminder is a round of its own, so that it shows by itself whether it reached somebody.
    return _page(incident, team, now, Trigger.REMINDER, place=(incident.round + 1, step))


def _nudge(incident: Incident, team: Team, *, unsent: AbstractSet[str], now: datetime) -> Change:
    following, over = _within(incident, team), _over_at(incident, team)
    if following > now:
        return _timer(incident, following)
    later = min(now + _pause(incident, team), over)
    if _await(team, incident.step, unsent, now):
        return _timer(incident, later, IncidentReason.UNSENT)
    again = with_timer(replace(incident, paged=incident.paged + 1), later)
    return Change(incident=again, reason=incident.reason, pages=True, rung=Trigger.NUDGE)


def _await(team: Team, step: int, unsent: AbstractSet[str], now: datetime) -> bool:
    """Whether all of a step's people have a page on its way: one crowded phone must not silence the others."""
    return bool(unsent) and {person.name for person in team.step(step).people(now)} <= unsent


def _onward(incident: Incident, team: Team, now: datetime) -> Change:
    """The wait is over: the next step that has somebody, else the next round, else the fallback."""
    step = _first(team, now, after=incident.step)
    if step is not None:
        return _page(incident, team, now, Trigger.STEP, place=(incident.round, step))
    first = _first(team, now)
    if first is not None and incident.round + 1 < team.rounds:
        return _page(incident, team, now, Trigger.ROUND, place=(incident.round + 1, first))
    over = timed(replace(incident, round=team.rounds, step=0), team)
    return Change(incident=over, reason=IncidentReason.UNANSWERED, exhausted=True)


def _page(incident: Incident, team: Team, now: datetime, rung: Trigger, *, place: tuple[int, int]) -> Change:
    return Change(incident=paged(incident, team, now, place=place), reason=incident.reason, pages=True, rung=rung)


def paged(incident: Incident, team: Team, now: datetime, *, place: tuple[int, int]) -> Incident:
    """The incident once a round and step of its team are paged."""
    at = replace(incident, round=place[0], step=place[1], step_at=now, step_sent_at=None, paged=incident.paged + 1)
    # The next reminder counts from this one, however late OVHcloud takes it.
    return with_timer(at, now + (team.repeat_interval if at.round >= team.rounds else _pause(at, team)))


def _first(team: Team, now: datetime, after: int = -1) -> int | None:
    """The first step behind `after` that has somebody to page; a gap in a schedule is passed over."""
    for step in range(after + 1, len(team.steps)):
        if team.steps[step].people(now):
            return step
    return None


def _within(incident: Incident, team: Team) -> datetime:
    """When something may be due within the wait of a step: a nudge, or the end of it."""
    if incident.step_sent_at is None:
        return _since(incident) + _pause(incident, team)
    over = _over_at(incident, team)
    if not team.nudge:
        return over
    return min(max(incident.last_paged_at or incident.step_sent_at, incident.step_sent_at) + team.nudge, over)


def _over_at(incident: Incident, team: Team) -> datetime:
    wait = team.step(incident.step).wait
    return incident.step_sent_at + wait if incident.step_sent_at else _since(incident) + wait + UNSENT_AFTER


def _pause(incident: Incident, team: Team) -> timedelta:
    wait = team.step(incident.step).wait
    return min(wait, team.nudge) if team.nudge else wait


def _reminder(incident: Incident, team: Team) -> datetime | None:
    """When the next reminder is due, all rounds being over: OVHcloud may have refused the last one."""
    if incident.step_at is None:
        return (incident.begun_at or incident.opened_at) + LOOK_AGAIN
    if not team.repeat_interval:
        return None
    return max(incident.last_paged_at or incident.step_at, incident.step_at) + team.repeat_interval


def _since(incident: Incident) -> datetime:
    """When the step was paged; an incident of an older version has no such time."""
    return incident.step_at or incident.last_paged_at or incident.begun_at or incident.opened_at


def _timer(incident: Incident, at: datetime | None, reason: IncidentReason = IncidentReason.TIMER) -> Change:
    return Change(incident=with_timer(incident, at), reason=reason)


def decided(change: Change, people: NotifiedPeople, *, at: datetime, via: str = "") -> Iterator[Event]:
    """The events of one change, but for an acknowledgement. A timer that was set anew leaves none.

    `via` is by which route the alert came or what mutes it, or by which way a person resolved it.
    """
    incident, informed = change.incident, ", ".join(people.informed)
    event = partial(Event, incident_id=incident.id, episode=incident.episode, at=at)
    if change.closes is not None:
        words = "; ".join(
            filter(None, (f"{change.by}, by {via}" if change.by else "", f"OK to {informed}" if informed else ""))
        )
        yield event(episode=change.closes, kind=EventKind.CLOSED, reason=change.ended, detail=words)
        if incident.state is IncidentState.CLOSED:
            return
    if change.flaps:
        words = f"told {informed}" if informed else ""
        yield event(kind=EventKind.NOT_PAGED, reason=IncidentReason.FLAPPING, detail=words)
        return
    if change.pages:
        kind, reason, words = _paging(change, people, via)
        yield event(kind=kind, reason=reason, detail=words)
    if change.exhausted:
        rounds = "" if change.pages else f", after {incident.round} {'round' if incident.round == 1 else 'rounds'}"
        words = f"team {incident.team}{rounds}"
        yield event(kind=EventKind.MOVED_ON, reason=IncidentReason.UNANSWERED, detail=words)
    elif not change.pages and change.reason is not IncidentReason.TIMER:
        yield event(kind=EventKind.NOT_PAGED, reason=_why_not(change), detail=via)


def _paging(change: Change, people: NotifiedPeople, via: str) -> tuple[EventKind, str, str]:
    """What sort of event a page of a step is, why, and to whom it went."""
    way = ", ".join(filter(None, (f"team {change.incident.team}", people.place, via)))
    spared = ", ".join(people.spared)
    if people.paged:
        others = f"; not {spared}, paged for it through another team" if spared else ""
        return EventKind.PAGED, str(change.rung or change.reason), f"{', '.join(people.paged)} ({way}){others}"
    if people.awaits:
        return EventKind.NOT_PAGED, IncidentReason.UNSENT, f"{', '.join(people.awaits)} ({way})"
    return EventKind.NOT_PAGED, TAKEN if spared else NO_PEOPLE, f"{spared} ({way})" if spared else way


_FIRES = (
    IncidentReason.FIRING,
    IncidentReason.AGAIN,
    IncidentReason.UNPOSTED,
    IncidentReason.RELEASED,
    IncidentReason.TEST,
    IncidentReason.ACK_TIMEOUT,
    IncidentReason.LEFT,
    IncidentReason.SNOOZE_OVER,
)  # what pages, but for a team or a human


def _why_not(change: Change) -> str:
    if change.reason not in _FIRES:
        return str(change.reason)
    return ACKNOWLEDGED if change.incident.state is IncidentState.ACKNOWLEDGED else RECORD_ONLY
