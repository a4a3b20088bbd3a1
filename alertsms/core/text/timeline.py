"""The story of an incident told to people: what it is, who heard of it, and what happened, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alertsms.core.incidents.incident import (
    HEARTBEAT,
    RESTING,
    Chronicle,
    EventKind,
    Incident,
    IncidentReason,
    IncidentState,
    PageDelivery,
    SmsAttempt,
    StoredEvent,
    flap_words,
)
from alertsms.core.messages.message import MessageState
from alertsms.core.messages.notification import NotificationKind, NotificationState
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import Pause, holding
from alertsms.core.text.reasons import sentence, words_of
from alertsms.core.text.subject import clock_time, name_of, summary_of

_IN_TITLE = frozenset({"alertname", "instance"})
_STAMP = len("Tue 13 Mar 02:10:00")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeFormat:
    """How times are written: to the second, with the day, in one zone for all of them."""

    zone: ZoneInfo
    now: datetime

    def __call__(self, at: datetime) -> str:
        """Return `Tue 3 Mar 02:10:00`, with the year unless it is this one."""
        there = at.astimezone(self.zone)
        year = "" if there.year == self.now.astimezone(self.zone).year else f" {there.year}"
        return f"{there:%a} {there.day} {there:%b}{year} {there:%H:%M:%S}"


def whole(story: Chronicle, clock: TimeFormat, pauses: Sequence[Pause] = ()) -> list[str]:
    """`alertsms why`: a head, the people, then what happened in order."""
    incident = story.incident
    lines = [
        title(incident),
        f"  {standing(incident, clock)}",
        f"  team {incident.team}, from {incident.source} {incident.receiver}".rstrip(),
    ]
    labels = " ".join(f'{name}="{value}"' for name, value in incident.labels.items() if name not in _IN_TITLE)
    lines += [f"  {labels}"] if labels else []
    pause = holding(pauses, incident.team, clock.now)
    if pause and incident.state is not IncidentState.CLOSED:
        lines.append(f"  {pause.words(clock.zone.key)}; {pause.resume}")
    lines += ["", *(people(story, clock) or [f"  nobody was paged: {why_nobody(story)}"]), ""]
    lines += [f"{clock(event.at):{_STAMP}}  {event_words(event, clock)}" for event in story.events]
    return [*lines, "", f"All times are {clock.zone.key}."]


def digest(number: int, messages: Sequence[SmsAttempt], clock: TimeFormat) -> list[str]:
    """`alertsms why` for the number of a digest: what it covers, and each SMS that carried it."""
    covers = ", ".join(f"#{incident}" for incident in messages[-1].incidents)
    lines = [f"#{number} is a digest for {messages[-1].person}: one SMS about {len(messages[-1].incidents)} incidents"]
    lines += [f"  {on_the_way(sms, clock, 'nobody needs it any more')} ({sms.number})" for sms in messages]
    return [*lines, f"  {messages[-1].text}", f"  It covers {covers}.", "", f"All times are {clock.zone.key}."]


def listing(
    stories: Sequence[Chronicle], resting: Sequence[StoredEvent], clock: TimeFormat, pauses: Sequence[Pause] = ()
) -> list[str]:
    """`alertsms log`: the incidents, then what opens none, and who is not paged at all."""
    lines = [line(story, clock) for story in stories] or ["No alert has opened an incident yet."]
    for reason, words in _OPEN_NOTHING.items():
        names = [
            f"{event.detail} ({_times(event.count)}, last {clock(event.last_at)})"
            for event in resting
            if event.reason == reason
        ]
        if names:
            lines += ["", f"{words}: {', '.join(names)}."]
    if pauses:
        lines += ["", *(f"{pause.words(clock.zone.key)}; {pause.resume}" for pause in pauses)]
    return [*lines, "", f"All times are {clock.zone.key}. `alertsms why NUMBER` tells the story of one."]


_OPEN_NOTHING = {
    RESTING: "Always firing, and no route names them, so they open nothing",
    HEARTBEAT: "They refresh heartbeats, so they open nothing",
}


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def title(incident: Incident) -> str:
    """Return `#42 CRITICAL HighCPU web-01: CPU above 90%`."""
    summary = summary_of(incident.annotations, incident.labels)
    return f"#{incident.id} {_what(incident)}{summary and f': {summary}'}"


def _what(incident: Incident) -> str:
    return " ".join(filter(None, (incident.severity.name, name_of(incident.labels), incident.place)))


def standing(incident: Incident, clock: TimeFormat) -> str:
    """Where an incident is, since when, and what comes next."""
    if incident.state is IncidentState.CLOSED:
        if incident.reason is IncidentReason.TEST:
            return f"a test, {clock(incident.opened_at)}"
        ended = incident.closed_at or incident.last_seen_at
        lasted = format_duration(ended - incident.episode_began)
        return f"{_HOW.get(incident.reason, 'closed')} {clock(ended)}, after {lasted}"
    since = incident.begun_at or incident.opened_at
    if incident.state is IncidentState.HELD:
        doubt = incident.reason is IncidentReason.LATE_COPY
        if incident.reason is IncidentReason.SUPPRESSED:
            return f"held: Alertmanager silences or inhibits it, paged when that ends; fires since {clock(since)}"
        why = "until it is clear whether it is a late copy" if doubt else "muted, paged when the mute ends"
        return f"held since {clock(incident.last_seen_at if doubt else since)}: {why}"
    if incident.state is IncidentState.ACKNOWLEDGED:
        taken = f" since {clock(incident.acked_at)}" if incident.acked_at else ""
        again = f"; paged again {clock(incident.snoozed_until)}" if incident.snoozed_until else ""
        fires = _flaps(incident, clock) if incident.flap_due_at else f"fires since {clock(since)}"
        return f"{incident.acked_by} has it{taken}{again}; {fires}"
    if incident.flap_due_at:
        return _flaps(incident, clock)
    following = f"; next step {clock(incident.step_due_at)}" if incident.step_due_at else ""
    return f"fires since {clock(since)}, {format_duration(clock.now - since)}{following}"


def _flaps(incident: Incident, clock: TimeFormat) -> str:
    until = clock(incident.flap_due_at) if incident.flap_due_at else ""
    now = f"fires just now, calm {until} unless it ends"
    if incident.closed_at:
        now = f"over since {clock(incident.closed_at)}, closes {until} unless it comes back"
    return f"flaps, ended {flap_words(incident)}: {now}"


_HOW = {
    IncidentReason.RESOLVED: "resolved",
    IncidentReason.RESOLVED_BY_HAND: "resolved by hand",
    IncidentReason.QUIET: "over, no other one for an hour,",
    IncidentReason.VANISHED: "closed, gone from Alertmanager,",
    IncidentReason.STALE: "closed, nothing mentioned it any more,",
}


def event_words(event: StoredEvent, clock: TimeFormat) -> str:
    """What happened, but for when; what happened again is counted."""
    often = f" ({event.count:,} times, last {clock(event.last_at)})" if event.count > 1 else ""
    return f"{sentence(event)}{often}"


def people(story: Chronicle, clock: TimeFormat) -> list[str]:
    """Who was to be notified, and what became of that: a line for each person and kind of text."""
    rows = fates(story, clock)
    wide = max((min(len(person), 24) for person, _, _ in rows), default=0)
    return [f"  {person:{wide}}  {text}  {words}" for person, text, words in rows]


def fates(story: Chronicle, clock: TimeFormat) -> list[tuple[str, str, str]]:
    """Person, which sort of text ("SMS" where it paged), and how the last of them went."""
    groups: dict[tuple[str, str], list[PageDelivery]] = {}
    for delivery in story.deliveries:
        groups.setdefault((delivery.person, _TEXTS.get(delivery.kind, "OK ")), []).append(delivery)
    return [(person, text, _last(story.incident, group, clock)) for (person, text), group in groups.items()]


_TEXTS = {
    NotificationKind.PAGE: "SMS",
    NotificationKind.FLAPPING: "FLAPPING",
    NotificationKind.TAKEN: "who has it",
}


def _last(incident: Incident, group: Sequence[PageDelivery], clock: TimeFormat) -> str:
    last = fate(incident, group[-1], clock)
    if len(group) == 1:
        return last
    counts = Counter(short(incident, delivery) for delivery in group)
    others = ", ".join(f"{number} {word}" for word, number in counts.items()) if len(counts) > 1 else ""
    return f"{last}; the last of {len(group)}, {others or f'all {next(iter(counts))}'}"


def fate(incident: Incident, delivery: PageDelivery, clock: TimeFormat) -> str:
    """What became of one page."""
    sms = delivery.sms
    if sms:
        carried = f", in the digest #{sms.digest} of {len(sms.incidents)}" if sms.digest else ""
        return f"{on_the_way(sms, clock, _unneeded(incident, delivery))} ({sms.number}{carried})"
    if delivery.state is NotificationState.CANCELLED:
        return f"never sent: {_unneeded(incident, delivery)}"
    if delivery.state is NotificationState.WAITING:
        return "waits until it is known whether the SMS before it left"
    return f"not sent yet, due {clock(delivery.due_at)}"


def on_the_way(sms: SmsAttempt, clock: TimeFormat, unneeded: str) -> str:
    """How far an SMS came; `unneeded` says why it was cancelled, if it was."""
    accepted = f"accepted by OVHcloud {clock(sms.sent_at)}" if sms.sent_at else "accepted by OVHcloud"
    why = f": {sms.error}" if sms.error else ""
    tried = f"after {sms.attempts} {'attempt' if sms.attempts == 1 else 'attempts'}"
    codes = ", ".join(f"{name} {code}" for name, code in (("DLR", sms.dlr), ("PTT", sms.ptt)) if code is not None)
    return {
        MessageState.QUEUED: f"not sent yet {tried}, next one {clock(sms.due_at)}{why}",
        MessageState.SENDING: "being sent right now",
        MessageState.UNKNOWN: f"OVHcloud's answer was lost, being looked up{why}",
        MessageState.SENT: f"{accepted}, no receipt from the phone yet",
        MessageState.DELIVERED: f"on the phone {clock(sms.delivered_at)}" if sms.delivered_at else "on the phone",
        MessageState.UNDELIVERED: f"{accepted}, but the phone did not get it{codes and f' [{codes}]'}",
        MessageState.CANCELLED: f"{_given_up(sms)}: {unneeded}{why}",
        MessageState.FAILED: f"failed {tried}{why}",
    }[sms.state]


def _given_up(sms: SmsAttempt | None) -> str:
    """What attempts came to; where an answer was lost nobody can say that the SMS was never sent."""
    return f"tried {_times(sms.attempts)}, not again" if sms and sms.attempts else "never sent"


def _unneeded(incident: Incident, delivery: PageDelivery) -> str:
    if delivery.kind is NotificationKind.FLAPPING:
        return "it flaps no more"
    if delivery.kind is not NotificationKind.PAGE:
        return "it fires again" if incident.state is not IncidentState.CLOSED else "no page had left before it"
    if delivery.episode < incident.episode or incident.state in (IncidentState.CLOSED, IncidentState.HELD):
        return "it was over before the SMS left"
    if incident.acked_by:
        return f"{incident.acked_by} had it already"
    return "its person or number is gone from the configuration"


def short(incident: Incident, delivery: PageDelivery) -> str:
    """What became of one page, in a word or two."""
    if delivery.sms is None or delivery.sms.state is MessageState.CANCELLED:
        if delivery.state in (NotificationState.QUEUED, NotificationState.WAITING):
            return "not sent yet"
        return f"{_given_up(delivery.sms)}: {_unneeded(incident, delivery)}"
    return _SHORT[delivery.sms.state]


# What became of an SMS, in a word or two; the best outcome first.
_SHORT = {
    MessageState.DELIVERED: "on the phone",
    MessageState.SENT: "accepted",
    MessageState.UNKNOWN: "answer lost",
    MessageState.SENDING: "being sent",
    MessageState.QUEUED: "not sent yet",
    MessageState.UNDELIVERED: "not delivered",
    MessageState.FAILED: "failed",
    MessageState.CANCELLED: "never sent",
}


# What says best why nobody was paged: the decision itself, then what merely confirmed it.
_LESS = frozenset({str(IncidentReason.KNOWN), str(IncidentReason.OLD_RESOLUTION), str(IncidentReason.LATE_COPY)})


def why_nobody(story: Chronicle) -> str:
    """The decision because of which an incident has no page."""
    not_paged = [event for event in story.events if event.kind is EventKind.NOT_PAGED]
    if not not_paged:
        return "no reason was written down"
    best = min(not_paged, key=lambda event: event.reason in _LESS)
    words = words_of(EventKind.NOT_PAGED, best.reason).removeprefix("nobody paged").lstrip(":, ")
    return f"{words}: {best.detail}" if best.detail else words


def line(story: Chronicle, clock: TimeFormat) -> str:
    """`alertsms log`: one incident on one line."""
    incident = story.incident
    head = f"#{incident.id:<5} {clock(incident.opened_at):{_STAMP}}  {_state(incident, clock):<20}"
    return f"{head}  {incident.team}: {_what(incident)}; {recipients(story)}"


def _state(incident: Incident, clock: TimeFormat) -> str:
    if incident.state is IncidentState.CLOSED:
        if incident.reason is IncidentReason.TEST:
            return "test"
        ended = format_duration((incident.closed_at or incident.last_seen_at) - incident.episode_began)
        return f"{incident.reason.replace('_', ' ')} after {ended}"
    if incident.state is IncidentState.ACKNOWLEDGED:
        until = clock_time(incident.snoozed_until, clock.zone.key, clock.now) if incident.snoozed_until else ""
        return f"{incident.acked_by} has it{f' until {until}' if until else ''}"
    if incident.state is IncidentState.HELD:
        return f"held ({incident.reason.replace('_', ' ')})"
    return f"fires for {format_duration(clock.now - incident.episode_began)}"


def recipients(story: Chronicle) -> str:
    """Who was paged and how well that went; else why nobody was."""
    pages = [delivery for delivery in story.deliveries if delivery.kind is NotificationKind.PAGE]
    best: dict[str, str] = {}
    for page in sorted(pages, key=_rank):
        best.setdefault(page.person, short(story.incident, page))
    if not best:
        return f"nobody paged: {why_nobody(story)}"
    together: dict[str, list[str]] = {}
    for person, word in best.items():
        together.setdefault(word, []).append(person)
    return ", ".join(f"{', '.join(names)} {word}" for word, names in together.items())


def _rank(page: PageDelivery) -> int:
    if page.sms:
        return list(_SHORT).index(page.sms.state)
    return len(_SHORT) + (page.state is NotificationState.CANCELLED)
