"""The one transaction of incidents: what is known of them, the decision, and all rows that follow from it.

Every door ends here: webhooks, heartbeats and refused bodies by `receive`, timers, Alertmanager's own list and answers
of people by `write`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection

from alertsms.core.alerts.alert import Alert, Format
from alertsms.core.incidents import refusal
from alertsms.core.incidents.acknowledge import answered
from alertsms.core.incidents.escalation import decided
from alertsms.core.incidents.incident import (
    CONTRADICTED,
    HEARTBEAT,
    RESTING,
    Applied,
    Change,
    Event,
    EventKind,
    Incident,
    IncidentReason,
    NotifiedPeople,
    event_of,
    unopened,
)
from alertsms.core.incidents.intake import Decision, decide, others
from alertsms.core.messages.notification import (
    PRIORITIES,
    NoticeBySms,
    Notification,
    NotificationKind,
    NotificationState,
    PageOutcome,
)
from alertsms.core.routing.roster import Roster
from alertsms.core.text.digest import RECENT, taken
from alertsms.core.text.language import ENGLISH
from alertsms.store import cancellation, fallback, heartbeats, incidents, recipients
from alertsms.store.cancellation import UncancelledPage


def receive(
    tx: Connection, alerts: Sequence[Alert], roster: Roster, now: datetime, own: Sequence[Alert] = ()
) -> Applied:
    """Take alerts in; `own` are those about what this body could not say.

    1. Find what is known of them, and lock it.
    2. Decide.
    3. Write what changed, and note which heartbeats came.
    """
    if own:
        own = refusal.bounded(own, incidents.open_of(tx, Format.INTAKE))
        alerts = [*alerts, *own]
    decision = decide(alerts, incidents.find(tx, map(attrgetter("key"), alerts)), roster, now)
    changes = list(decision.changes.values())
    if own:
        keys = {alert.key for alert in own}
        changes = [refusal.mentioned(change, now) if change.incident.key in keys else change for change in changes]
    applied = write(tx, changes, roster, now, body=decision)
    stirs = heartbeats.hear(tx, decision.beats, now) if decision.beats else False
    noticed = _notice(tx, own, roster, now) if own and roster.route.team.record_only else 0
    return replace(applied, texts=applied.texts + noticed, stirs=stirs) if stirs or noticed else applied


def write(
    tx: Connection,
    changes: Iterable[Change],
    roster: Roster,
    now: datetime,
    *,
    via: str = "",
    body: Decision | None = None,
) -> Applied:
    """Write what was decided about incidents. `via`: by which route a person acknowledged. `body`: what a body decided.

    1. Save the incidents.
    2. Write, or cancel, the notifications that follow.
    3. Note the events in the timelines.
    """
    saved = incidents.save(tx, list(changes))
    applied, notified = notify(tx, saved, roster, now, body.others if body else _others(tx, saved))
    if body is None:  # bodies neither acknowledge nor suppress
        cancelled, texts = _notify_others(tx, saved, roster, now)
        suppressed = [change.incident.id for change in saved if change.reason is IncidentReason.SUPPRESSED]
        cancelled += cancellation.spare(tx, suppressed, now)[1] if suppressed else []
        applied = replace(applied, texts=applied.texts + texts, cancelled=[*applied.cancelled, *cancelled])
    elif body.resting:
        applied = replace(applied, resting=len(body.resting))
    incidents.note_events(tx, list(_events(saved, notified, now, via, body)))
    return applied


def follow(
    tx: Connection, numbers: Sequence[int], decide: Callable[[Incident], Change | None], roster: Roster, now: datetime
) -> Applied:
    """Decide about these incidents as they are now."""
    return write(tx, filter(None, map(decide, incidents.get(tx, numbers))), roster, now)


def notify(
    tx: Connection, changes: Sequence[Change], roster: Roster, now: datetime, others: Collection[int] = ()
) -> tuple[Applied, dict[int, NotifiedPeople]]:
    """Write what saved changes mean for people: cancel, say OK, page, tell the fallback, in this order.

    `others` are open incidents of the same alerts in other teams: whom they paged is not paged again.
    Returns what was done, and by incident who is notified.
    """
    closing = [change for change in changes if change.closes is not None]
    flapping = list(filter(attrgetter("flaps"), changes))
    paging = list(filter(attrgetter("pages"), changes))
    oks, cancelled = cancellation.close(tx, closing, roster, now) if closing else ([], [])
    if flapping:
        oks += cancellation.flap(tx, flapping, roster, now)
        recipients.channels_flap(tx, flapping, roster, now)
    # A text about the incident becomes untrue by its new page: that it is over, or acknowledged.
    untrue = {change.incident.id for change in paging if change.incident.episode > 0 or change.reason in _RETURNED}
    if untrue:
        cancelled += cancellation.reopen(tx, untrue, now)
    selection = recipients.RecipientSelection(now=now)
    for ok in oks:
        selection.note_over(ok)
    if paging:
        selection.look(tx, paging, others)
    for change in paging:
        selection.ask(change, roster.team(change.incident.team), roster.people.get(change.also))
    if closing:
        recipients.channels_over(tx, closing, roster, now)
    recipients.add(tx, recipients.also(selection.rows, selection.people, roster.team, now))
    texts, pages = recipients.add(tx, oks), recipients.add(tx, selection.rows)
    if selection.spared:
        incidents.spared(tx, selection.spared, now)
    unanswered = list[str]()
    for change in filter(attrgetter("exhausted"), changes):
        pages += fallback.notify(tx, change.incident, NotificationKind.UNANSWERED, roster.team, now)
        unanswered.append(change.incident.team)
    applied = Applied(changes=changes, pages=pages, texts=texts, cancelled=cancelled, unanswered=unanswered)
    return applied, selection.notified


_RETURNED = (IncidentReason.ACK_TIMEOUT, IncidentReason.SNOOZE_OVER, IncidentReason.LEFT)


def _notify_others(tx: Connection, changes: Sequence[Change], roster: Roster, now: datetime) -> tuple[list[str], int]:
    """Cancel the queued pages of incidents that were acknowledged, and say to the others by whom.

    Whoever was paged lately gets one SMS for all of them; a person whose page is in flight gets it behind that page.
    Returns the team of each message that was cancelled, and how many SMS and posts were added.
    """
    relieved = {change.incident.id: change for change in changes if change.relieves}
    if not relieved:
        return [], 0
    uncancelled, cancelled = cancellation.spare(tx, list(relieved), now)
    rows = _acknowledged(_relevant(uncancelled, relieved, roster, now), relieved, roster, now)
    texts = recipients.add(tx, list(rows))
    return cancelled, texts + recipients.channels_taken(
        tx, list(relieved.values()), roster.team, recent=RECENT, now=now
    )


def _relevant(
    uncancelled: Iterable[UncancelledPage], relieved: Mapping[int, Change], roster: Roster, now: datetime
) -> Collection[UncancelledPage]:
    """The page that matters of each incident and each other person: one in flight, else one that left lately."""
    relevant: dict[tuple[int, str], UncancelledPage] = {}
    for page in uncancelled:
        place, change = (page.row.incident_id, page.row.person), relieved[page.row.incident_id]
        outcome, tells = page.left(now), roster.team(change.incident.team).tell_others
        recent = outcome is PageOutcome.AWAY and page.sent_at is not None and page.sent_at >= now - RECENT
        matters = outcome is PageOutcome.BETWEEN or (recent and place not in relevant)
        if tells and matters and page.row.episode == change.incident.episode and page.row.person != change.by:
            relevant[place] = page
    return relevant.values()


def _acknowledged(
    relevant: Iterable[UncancelledPage], relieved: Mapping[int, Change], roster: Roster, now: datetime
) -> Iterator[Notification]:
    """One notification for each person, and one more for each message of theirs that is in flight."""
    by_message: dict[tuple[str, int | None], list[UncancelledPage]] = {}
    for page in relevant:
        behind = page.row.message_id if page.left(now) is PageOutcome.BETWEEN else None
        by_message.setdefault((page.row.person, behind), []).append(page)
    for (person, behind), together in by_message.items():
        first, change = together[0].row, relieved[together[0].row.incident_id]
        until, reader = change.incident.snoozed_until, roster.people.get(person)
        words = taken(
            change.by,
            [relieved[page.row.incident_id].incident for page in together],
            length=until - now if until else None,
            max_segments=roster.max_segments,
            language=reader.language if reader else ENGLISH,
        )
        yield Notification(
            incident_id=first.incident_id,
            person=person,
            team=change.incident.team,
            kind=NotificationKind.TAKEN,
            priority=PRIORITIES[NotificationKind.TAKEN],
            due_at=now,
            created_at=now,
            note=words,
            state=NotificationState.QUEUED if behind is None else NotificationState.WAITING,
            episode=first.episode,
            nth=change.incident.paged,
            after_page=None if behind is None else first.id,
        )


def page_by_hand(tx: Connection, person: str, words: str, now: datetime, *, phone: int = 0) -> int:
    """Write an SMS to one phone that is about no incident: a test, a question, or what an answer came to."""
    return recipients.put(tx, recipients.for_phone(person, words, now, phone=phone))


def _others(tx: Connection, changes: Iterable[Change]) -> set[int]:
    """Open incidents of the alerts that page now, in other teams: whom they paged is not paged again."""
    paging = [change.incident for change in changes if change.pages]
    known = incidents.find(tx, [incident.key for incident in paging]) if paging else {}
    return {number for incident in paging for number in others(known.get(incident.key, {}), incident.team)}


def _events(
    changes: Iterable[Change],
    notified: Mapping[int, NotifiedPeople],
    now: datetime,
    via: str,
    body: Decision | None,
) -> Iterator[Event]:
    for change in changes:
        incident = change.incident
        if change.by and change.closes is None:
            yield answered(change, via, now)
        else:
            route = body.via.get((incident.key, incident.team), "") if body else via
            yield from decided(change, notified.get(incident.id, NotifiedPeople()), at=now, via=route)
    if body and (body.contradicted or body.resting or body.beating):
        yield from (event_of(incident, now, EventKind.NOT_PAGED, CONTRADICTED) for incident in body.contradicted)
        yield from unopened(RESTING, body.resting, now)
        yield from unopened(HEARTBEAT, body.beating, now)


def _notice(tx: Connection, own: Sequence[Alert], roster: Roster, now: datetime) -> int:
    """Where the root team pages nobody, its fallback's channels alone learn that a sender believes it pages."""
    return sum(
        fallback.notice(
            tx,
            roster,
            key=f"intake:{alert.key.hex()}",
            every=refusal.QUIET_AFTER,
            now=now,
            sms=NoticeBySms.NEVER,
            text=f"{alert.labels['alertname']} {alert.place}: "
            + (alert.annotations.get("summary") or alert.annotations["description"]),
        )
        for alert in own
    )
