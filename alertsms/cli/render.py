"""`alertsms render`: the SMS that a body would cause, made by the very decisions that a server makes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from alertsms.cli.terminal import as_json, at_time, loaded, print_json
from alertsms.config import Config
from alertsms.core.alerts.alert import AlertStatus
from alertsms.core.alerts.payload import Payload, parse
from alertsms.core.incidents.incident import Change
from alertsms.core.incidents.intake import Decision, decide
from alertsms.core.incidents.refusal import BodySender, PayloadError, bounded, glimpse, refused, skipped
from alertsms.core.messages.digest_plan import DigestRules, DueNotification, RecentTraffic, plan
from alertsms.core.messages.notification import Notification, NotificationKind
from alertsms.core.schedules.person import Person
from alertsms.core.schedules.team import Team
from alertsms.core.text.digest import DigestLine, digest
from alertsms.core.text.gsm7 import Encoding, TextSize, measure
from alertsms.core.text.subject import SAMPLE, Style, link_to, masked, name_of
from alertsms.core.text.wording import Wording, measured, word
from alertsms.machine.files import read_whole

LARGEST = 16 * 1024 * 1024  # bytes of a body, as the webhook takes

ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}  # units that one SMS holds


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedSms:
    """One SMS that would be sent."""

    person: Person
    team: Team
    incident: int | None
    wording: Wording

    @property
    def _size(self) -> TextSize:
        return measure(self.wording.text)

    def _number(self, *, whole: bool) -> str:
        return self.person.phones[0].e164 if whole else masked(self.person.phones[0].e164)

    def as_dict(self, *, whole: bool) -> dict[str, object]:
        """For programs."""
        return {
            "person": self.person.name,
            "receivers": [self._number(whole=whole)],
            "team": self.team.name,
            "incident": self.incident,
            "text": self.wording.text,
            "encoding": str(self._size.encoding),
            "septets" if self._size.encoding is Encoding.GSM7 else "units": self._size.units,
            "segments": self._size.segments,
            "template_error": self.wording.error,
        }

    def lines(self, *, whole: bool) -> str:
        """For people."""
        size = self._size
        units = "septets" if size.encoding is Encoding.GSM7 else "units"
        segments = "1 segment" if size.segments == 1 else f"{size.segments} segments"
        room = f"{size.units} of {ALONE[size.encoding]}" if size.segments == 1 else str(size.units)
        failed = f"\n  (the team's template was not used: {self.wording.error})" if self.wording.error else ""
        head = f"{self.person.name} {self._number(whole=whole)}, {size.encoding}, {room} {units}, {segments}:"
        return f"{head}\n  {self.wording.text.replace(chr(10), chr(10) + '  ')}{failed}"


@click.command()
@click.argument("file")
@click.argument("body", metavar="BODY.json")
@at_time
@click.option("--show-numbers", is_flag=True, help="Print whole phone numbers.")
@as_json
def render(*, file: str, body: str, at: datetime | None, show_numbers: bool, as_json: bool) -> None:
    """Print each SMS that a webhook body would cause if nothing were open yet. Sends nothing; `-` reads stdin.

    \b
    Example:  alertsms render config.yaml body.json
    """  # noqa: D301
    config, now = loaded(file), at or datetime.now(UTC)
    roster = config.roster
    raw = _read(body)
    try:
        received = parse(raw, ignore_labels=roster.ignore_labels, show_labels=roster.show_labels)
    except PayloadError as error:
        _refused(error, raw, config, now, show_numbers=show_numbers, as_json=as_json)
        raise click.ClickException(f"a server answers {error.status} to this body: {error.message}") from error
    sender = BodySender(agent=str(received.source.format))
    left_out = bounded([skipped(sender, words) for words in dict.fromkeys(received.unlabelled)], {})
    decision = decide([*received.alerts, *left_out], {}, roster, now)
    sms = list(messages(list(decision.changes.values()), config, now))
    counts = _counted(received, decision)
    _show(sms, counts if as_json else None, whole=show_numbers)
    if as_json:
        return
    notes = [f"{count} {name}" for name, count in counts.items() if count and name != "alerts"]
    alerts = "1 alert" if len(received.alerts) == 1 else f"{len(received.alerts)} alerts"
    click.echo(f"{len(sms)} SMS for {alerts}" + (f" ({', '.join(notes)})" if notes else "") + ".")


def _refused(
    error: PayloadError, raw: bytes, config: Config, now: datetime, *, show_numbers: bool, as_json: bool
) -> None:
    alert = refused(BodySender(), error.status, error.message, glimpse(raw))
    sms = list(messages(list(decide([alert], {}, config.roster, now).changes.values()), config, now))
    _show(sms, {"refused": error.status} if as_json else None, whole=show_numbers)


def _show(sms: Sequence[RenderedSms], facts: Mapping[str, int] | None, *, whole: bool) -> None:
    if facts is not None:
        print_json({"messages": [message.as_dict(whole=whole) for message in sms], **facts})
    else:
        click.echo("".join(f"{message.lines(whole=whole)}\n\n" for message in sms), nl=False)


def _read(body: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if body == "-" else read_whole(Path(body), LARGEST)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or f"{problem}, or - and let what writes it be piped in"
        raise click.UsageError(f"{body} cannot be read: {reason}") from problem


def messages(changes: Sequence[Change], config: Config, now: datetime) -> Iterator[RenderedSms]:
    """One SMS for each person whom a change pages; incidents are numbered 1, 2, 3 as in an empty store."""
    waiting: dict[str, list[tuple[DueNotification, RenderedSms]]] = {}
    rendered: list[RenderedSms] = []
    roster = config.roster
    styles = Style(
        zone="UTC",
        now=now,
        max_segments=roster.max_segments,
        short_number=config.ovh.sender_for_response,
        link=link_to(config.server.external_url, SAMPLE),
    )
    taken: dict[bytes, set[str]] = {}
    for number, change in enumerate(changes, start=1):
        team = roster.team(change.incident.team)
        names = taken.setdefault(change.incident.key, set())
        for person in team.first(now) if change.pages else ():
            if person.name in names:
                continue
            names.add(person.name)
            incident = replace(change.incident, id=number)
            page = Notification(
                incident_id=number,
                person=person.name,
                team=team.name,
                kind=NotificationKind.PAGE,
                due_at=now,
                created_at=now,
                priority=int(incident.severity),
            )
            style = replace(styles, zone=person.time_zone, language=person.language)
            sms = RenderedSms(
                person=person,
                team=team,
                incident=number,
                wording=word(page, incident, style, template=team.template, spent=time.thread_time),
            )
            rendered.append(sms)
            waiting.setdefault(person.name, []).append(
                (DueNotification(page=replace(page, id=number), incident=incident), sms)
            )
    planned = [_planned(texts, config.digest_rules, styles, len(changes) + 1) for texts in waiting.values()]
    alone = {(sms.person.name, sms.incident) for singles, _ in planned for sms in singles}
    yield from (sms for sms in rendered if (sms.person.name, sms.incident) in alone)
    yield from (sms for _, gathered in planned for sms in gathered)


def _planned(
    texts: Sequence[tuple[DueNotification, RenderedSms]], rules: DigestRules, style: Style, number: int
) -> tuple[list[RenderedSms], list[RenderedSms]]:
    alone = {due.page.id for due in plan([due for due, _ in texts], RecentTraffic(), style.now, rules).singles}
    singles = [sms for due, sms in texts if due.page.id in alone]
    rest = [(due, sms) for due, sms in texts if due.page.id not in alone]
    if len(rest) < 2:
        return singles, [sms for _, sms in rest]
    lines = [
        DigestLine(
            number=incident.id,
            kind=due.page.kind,
            rank=due.page.priority,
            name=name_of(incident.labels),
            place=incident.place,
            since=incident.starts_at or incident.opened_at,
        )
        for due, _ in rest
        if (incident := due.incident)
    ]
    first = rest[0][1]
    style = replace(style, zone=first.person.time_zone, language=first.person.language)
    return singles, [replace(first, incident=number, wording=measured(digest(lines, number, style, more=bool(alone))))]


def _counted(body: Payload, decision: Decision) -> dict[str, int]:
    firing = [change for change in decision.changes.values() if not change.pages]
    return {
        "alerts": len(body.alerts),
        "muted": sum(change.incident.state == "held" for change in firing),
        "recorded": sum(change.incident.state != "held" for change in firing),
        "resting": len(decision.resting),
        "heartbeat": len(decision.beating),
        "resolved": sum(alert.status is AlertStatus.RESOLVED for alert in body.alerts),
        "skipped": len(body.unlabelled),
        "truncated": body.truncated,
    }
