"""The clock of an incident that nobody has answered: whom it pages next, when, and when its fallback must hear."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from alertsms.core.incidents.incident import Change, Incident, IncidentReason, IncidentState, Trigger
from alertsms.core.schedules.team import Team

LOOK_AGAIN = timedelta(minutes=5)  # at what holds a page back: a mute, a page before it, a gap in every schedule
# So long after its wait a step without an accepted SMS is over: one person's SMS of this hour may be used up.
UNSENT_AFTER = timedelta(minutes=5)
OUTAGE_LOOK = timedelta(minutes=1)  # at a way out that no SMS can take


def begin(one: Incident, team: Team, now: datetime, reason: IncidentReason) -> Change:
    """Page the first step that has somebody at `now`, in the first round; the change is for `reason`.

    Where no step has anybody the fallback is to be told at once, and whoever comes on call is paged then.
    """
    if team.record_only:
        return Change(incident=replace(one, step_due_at=None), reason=reason)
    one = replace(one, began=one.paged)
    step = _first(team, now)
    if step is None:
        none = replace(one, round=team.rounds, step=0, step_at=None, step_sent_at=None, paged=one.paged + 1)
        return Change(incident=_until(none, now + LOOK_AGAIN), reason=reason, pages=True, exhausted=True)
    return Change(incident=paged(one, team, now, place=(0, step)), reason=reason, pages=True)


def resume(one: Incident, team: Team, now: datetime, reason: IncidentReason, *, away: timedelta) -> Change:
    """Page the step that an incident was at again, and let its clock go on: it had stood still for `away`.

    Else an alert that comes and goes would call nobody but the first. From the first step where all rounds were over.
    """
    at, sent = one.step_at, one.step_sent_at
    if team.record_only or at is None or one.round >= team.rounds or not team.step(one.step).people(now):
        return begin(one, team, now, reason)
    again = replace(one, paged=one.paged + 1, step_at=at + away, step_sent_at=sent + away if sent else None)
    return Change(incident=_until(again, due(again, team)), reason=reason, pages=True)


def due(one: Incident, team: Team) -> datetime | None:
    """When an incident's clock is to be looked at next, from what is stored of it; None: never.

    Before OVHcloud took an SMS of a step that is the earliest end of its wait.
    """
    if one.state is not IncidentState.OPEN or team.record_only:
        return None
    return _sooner(_reminder(one, team) if one.round >= team.rounds else _within(one, team), one.flap_due_at)


def ring(one: Incident, *, team: Team, muted: bool, unsent: AbstractSet[str], usable: bool, now: datetime) -> Change:
    """The timer of an open incident rang: page again, page the next step, tell the fallback, or set it anew.

    At most one step is taken, and a whole wait follows it, however long nobody rang. `unsent`: whose page of the
    incident is still on its way. `usable`: SMS can leave; while they cannot, nobody is late with an answer.
    """
    if one.state is not IncidentState.OPEN or team.record_only:
        return _timer(one, None)
    if one.round >= team.rounds:
        return _remind(one, team, muted=muted, unsent=unsent, now=now)
    if muted:
        return _timer(one, now + LOOK_AGAIN, IncidentReason.MUTED)
    if one.step_at is None and one.step_sent_at is None:
        return _page(one, team, now, Trigger.ANEW, place=(one.round, one.step))
    over = _over_at(one, team)
    if one.step_sent_at is None and not usable:
        return _timer(replace(one, step_at=max(_since(one), now - team.step(one.step).wait)), now + OUTAGE_LOOK)
    if now >= over:
        return _onward(one, team, now)
    if one.step_sent_at is None:
        return _timer(one, min(now + _pause(one, team), over))
    return _nudge(one, team, unsent=unsent, now=now)


def unreached(
    one: Incident, *, team: Team, refused: bool, round_reached: bool, now: datetime, lost: bool = False
) -> Change:
    """Every message of the step ended badly: the next step comes at once, a new round after this step's wait.

    Where nobody was reached in the round and a number is `refused` for good, there are no more rounds. `lost`: no
    phone rang since OVHcloud lost the SMS, so the last step of a round is paged once more, at once.
    """
    if one.round >= team.rounds:
        return _timer(one, due(one, team))
    wait = team.step(one.step).wait
    if not last_of_round(one, team, now):
        return _timer(replace(one, step_sent_at=now - wait), now)
    if refused and not round_reached:
        over = replace(one, round=team.rounds)
        return _timer(over, due(over, team))
    if lost:
        return _timer(replace(one, step_at=None, step_sent_at=None), now)
    sent = one.step_sent_at or _since(one)
    return _timer(replace(one, step_sent_at=sent), max(sent + wait, now))


def last_of_round(one: Incident, team: Team, now: datetime) -> bool:
    """Whether no later step of the round has anybody to page."""
    return _first(team, now, after=one.step) is None


def place(one: Incident, team: Team) -> str:
    """Where an incident is in its team's steps, such as `step 2 of 3, round 1 of 3`; "" for a reminder."""
    if one.round >= team.rounds:
        return ""
    step = f"step {min(one.step + 1, len(team.steps))} of {len(team.steps)}, " if len(team.steps) > 1 else ""
    return f"{step}round {one.round + 1} of {team.rounds}"


def _remind(one: Incident, team: Team, *, muted: bool, unsent: AbstractSet[str], now: datetime) -> Change:
    """All rounds are over: a page now and then, to whom the first step has."""
    step = _first(team, now)
    if one.step_at is None:  # nobody has been on call so far
        if muted or step is None:
            return _timer(one, now + LOOK_AGAIN)
        return begin(one, team, now, one.reason)
    following = _reminder(one, team)
    if following is None:
        return _timer(one, None)
    if now > _begun(one) + team.remind_max:
        return _timer(one, None, IncidentReason.REMIND_MAX)
    if following > now:
        return _timer(one, following)
    if muted or step is None:
        return _timer(one, now + LOOK_AGAIN, IncidentReason.MUTED if muted else IncidentReason.TIMER)
    if _await(team, step, unsent, now):
        return _timer(one, now + LOOK_AGAIN, IncidentReason.UNSENT)
    # A round of its own, so that whether it reached somebody is told from the reminders before.
    return _page(one, team, now, Trigger.REMINDER, place=(one.round + 1, step))


def _nudge(one: Incident, team: Team, *, unsent: AbstractSet[str], now: datetime) -> Change:
    """Within the wait: the step's people once more where that is due."""
    following, over = _within(one, team), _over_at(one, team)
    if following > now:
        return _timer(one, following)
    later = min(now + _pause(one, team), over)
    if _await(team, one.step, unsent, now):
        return _timer(one, later, IncidentReason.UNSENT)
    again = _until(replace(one, paged=one.paged + 1), later)
    return Change(incident=again, reason=one.reason, pages=True, rung=Trigger.NUDGE)


def _await(team: Team, step: int, unsent: AbstractSet[str], now: datetime) -> bool:
    """Whether all of a step's people have a page on its way: one crowded phone must not silence the others."""
    return bool(unsent) and {person.name for person in team.step(step).people(now)} <= unsent


def _onward(one: Incident, team: Team, now: datetime) -> Change:
    """The wait is over: the next step that has somebody, else the next round, else the fallback."""
    step = _first(team, now, after=one.step)
    if step is not None:
        return _page(one, team, now, Trigger.STEP, place=(one.round, step))
    first = _first(team, now)
    if first is not None and one.round + 1 < team.rounds:
        return _page(one, team, now, Trigger.ROUND, place=(one.round + 1, first))
    over = replace(one, round=team.rounds, step=0)
    return Change(incident=_until(over, due(over, team)), reason=IncidentReason.UNANSWERED, exhausted=True)


def _page(one: Incident, team: Team, now: datetime, rung: Trigger, *, place: tuple[int, int]) -> Change:
    return Change(incident=paged(one, team, now, place=place), reason=one.reason, pages=True, rung=rung)


def paged(one: Incident, team: Team, now: datetime, *, place: tuple[int, int]) -> Incident:
    """The incident once a round and step of its team are paged."""
    at = replace(one, round=place[0], step=place[1], step_at=now, step_sent_at=None, paged=one.paged + 1)
    if at.round >= team.rounds:  # a reminder: the next one counts from this, however late OVHcloud takes it
        return _until(at, now + team.repeat_interval)
    return _until(at, now + _pause(at, team))


def _first(team: Team, now: datetime, after: int = -1) -> int | None:
    """The first step behind `after` that has somebody to page; a gap in a schedule is passed over."""
    return next((step for step in range(after + 1, len(team.steps)) if team.steps[step].people(now)), None)


def _within(one: Incident, team: Team) -> datetime:
    """When something may be due within the wait of a step: a nudge, or the end of it."""
    if one.step_sent_at is None:
        return _since(one) + _pause(one, team)
    over = _over_at(one, team)
    if not team.nudge:
        return over
    return min(max(one.last_paged_at or one.step_sent_at, one.step_sent_at) + team.nudge, over)


def _over_at(one: Incident, team: Team) -> datetime:
    """When a step's time to be answered is over."""
    wait = team.step(one.step).wait
    return one.step_sent_at + wait if one.step_sent_at else _since(one) + wait + UNSENT_AFTER


def _pause(one: Incident, team: Team) -> timedelta:
    """How long a step waits at least before anything happens."""
    wait = team.step(one.step).wait
    return min(wait, team.nudge) if team.nudge else wait


def _reminder(one: Incident, team: Team) -> datetime | None:
    """When the next reminder is due, all rounds being over: OVHcloud may have refused the last one."""
    if one.step_at is None:
        return _begun(one) + LOOK_AGAIN
    return max(one.last_paged_at or one.step_at, one.step_at) + team.repeat_interval if team.repeat_interval else None


def _begun(one: Incident) -> datetime:
    return one.begun_at or one.opened_at


def _since(one: Incident) -> datetime:
    """When the step was paged; an incident of an older version has no such time."""
    return one.step_at or one.last_paged_at or _begun(one)


def _timer(one: Incident, at: datetime | None, reason: IncidentReason = IncidentReason.TIMER) -> Change:
    return Change(incident=_until(one, at), reason=reason)


def _until(one: Incident, at: datetime | None) -> Incident:
    """The incident with its one timer set; what flaps is looked at in time for that, too."""
    return replace(one, step_due_at=_sooner(at, one.flap_due_at))


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
