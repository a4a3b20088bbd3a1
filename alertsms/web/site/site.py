"""The pages for people: what is open, who is on call, and one incident with its whole story and its buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Response, request
from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.incidents.heartbeat import HeartbeatStatus
from alertsms.core.incidents.incident import Incident, IncidentState, SmsAttempt
from alertsms.core.incidents.intake import LASTS
from alertsms.core.messages.trouble import Trouble
from alertsms.core.schedules.rota import Rota, paused, rota
from alertsms.core.text.subject import LINK_PATH
from alertsms.core.text.timeline import TimeFormat, standing
from alertsms.store import heartbeats, history, incidents, settings
from alertsms.store.error import StoreError
from alertsms.web.admission import FORM
from alertsms.web.guard import Guard
from alertsms.web.json_request import HIGHEST
from alertsms.web.site import html, incident_view
from alertsms.web.site.ack_link import AckLink
from alertsms.web.site.incident_view import IncidentButtons, read
from alertsms.web.site.login import Login, Signing

MOST_OPEN = 200  # incidents on one page; the rest is counted
MOST_COUNTED = 10_000  # of each state
LAST_SMS = 10
WEEKS = 4  # of schedules, from now on
UrlRule = tuple[str, str, Callable[..., Response], Sequence[str]]  # path, endpoint, view and methods
OPEN = frozenset({"link", "link_button", "style"})  # endpoints; whoever has a link needs no login
PAGES = OPEN | {"home", "rota", "incident_page", "incident_button", "login", "logout"}
FORM_TYPE = "application/x-www-form-urlencoded"  # of all our forms; others cost far more to read


class Site:
    """The pages that a browser may open: GET /, /on-call and /incidents/42, and those of its login and of a link.

    POST there is a button.
    """

    def __init__(
        self,
        *,
        context: Context,
        guard: Guard,
        secret: str,
        buttons: IncidentButtons,
        troubles: Callable[[], list[Trouble]],
    ) -> None:
        """`secret` signs cookies and forms; `troubles` are what keeps alerts or pages from arriving."""
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._buttons, self._troubles, signing = buttons, troubles, Signing(secret)
        self._login = Login(context=context, signing=signing, guard=guard)
        self.share = self._login.share
        self._link = AckLink(context=context, signing=signing, buttons=buttons, login=self._login, guard=guard)

    def rules(self) -> Sequence[UrlRule]:
        """The URLs of all pages."""
        return [
            ("/", "home", self.home, ["GET"]),
            ("/on-call", "rota", self.schedules, ["GET"]),
            ("/incidents/<int:number>", "incident_page", self.incident, ["GET"]),
            ("/incidents/<int:number>", "incident_button", self.press, ["POST"]),
            ("/login", "login", self._login.form, ["GET", "POST"]),
            ("/logout", "logout", self._login.leave, ["POST"]),
            (f"{LINK_PATH}<token>", "link", self._link.open, ["GET"]),
            (f"{LINK_PATH}<token>", "link_button", self._link.press, ["POST"]),
            ("/style.css", "style", html.style, ["GET"]),
        ]

    def admit(self) -> Response | None:
        """What a request for a page gets in the place of it; None lets the request through."""
        request.max_content_length = FORM
        if request.method == "POST" and request.mimetype not in ("", FORM_TYPE):
            return html.message(415, "Nothing was done", f"Forms are taken as {FORM_TYPE} only.")
        return None if request.endpoint in OPEN else self._login.admit()

    def home(self) -> Response:
        """What is open, the worst first; who is on call; whether pages leave; the last SMS."""
        clock, roster = self._times(), self._roster()

        def look(tx: Connection) -> tuple[list[Incident], int, list[SmsAttempt], dict[str, HeartbeatStatus], str]:
            newest = history.latest(tx, limit=MOST_OPEN, state="unfinished")
            count = sum(incidents.count(tx, MOST_COUNTED).values()) if len(newest) == MOST_OPEN else len(newest)
            statuses = heartbeats.every(tx) if roster.heartbeats else {}
            twin = settings.recent(tx, settings.TWIN, clock.now - LASTS)
            return newest, count, history.sent(tx, limit=LAST_SMS), statuses, twin

        newest, count, sent, statuses, twin = self._store.read(look)
        newest.sort(key=lambda incident: (incident.state is not IncidentState.OPEN, incident.severity, -incident.id))
        return html.page(
            "home",
            cards=[incident_view.card(incident, clock) for incident in newest],
            more=count - len(newest),
            counted=count < MOST_COUNTED,
            teams=self._on_call(clock.now),
            troubles=self._troubles(),
            who=self._login.who(),
            notes=[*self._notes(clock), *([f"{twin}."] if twin else [])],
            beats=[incident_view.heartbeat(statuses[name], clock) for name in roster.heartbeats if name in statuses],
            sent=[incident_view.sms(message, clock) for message in sent],
            zone=clock.zone.key,
        )

    def _notes(self, clock: TimeFormat) -> list[str]:
        return [pause.words(clock.zone.key) for pause in paused(self._roster(), clock.now)]

    def _on_call(self, now: datetime) -> list[tuple[str, list[list[str]]]]:
        return [
            (team.name, [[person.name for person in step.people(now)] for step in team.steps])
            for team in self._roster().teams.values()
            if team.steps and not team.record_only
        ]

    def schedules(self) -> Response:
        """GET /on-call: who is on call in the next four weeks, schedule by schedule, in its own zone."""
        now, roster = self._clock(), self._roster()
        return html.page(
            "on_call",
            schedules=[
                (schedule.name, str(schedule.zone), _shifts(rota(schedule, now, WEEKS), now))
                for schedule in roster.schedules.values()
            ],
            teams=self._on_call(now),
            who=self._login.who(),
            notes=self._notes(self._times()),
        )

    def incident(self, number: int) -> Response:
        """GET /incidents/42: one incident with its whole story; for a digest's number, what it covers."""
        if number > HIGHEST:
            return self._none(number)
        clock = self._times()  # before it is read: what begins in between is not on the page
        story, digest = self._store.read(lambda tx: (history.story(tx, number), history.digest(tx, number)))
        if story is None:
            return self._digest(number, digest, clock) if digest else self._none(number)
        incident, roster = story.incident, self._roster()
        team = (person.name for person in roster.team(incident.team).people)
        return html.page(
            "incident",
            card=incident_view.card(incident, clock),
            standing=standing(incident, clock),
            notified=incident_view.notified(story, clock),
            events=incident_view.events(story, clock),
            labels=incident_view.labels(incident),
            source=f"{incident.source} {incident.receiver}".strip(),
            token=self._login.token(clock.now),
            who=self._login.who(),
            people=list(dict.fromkeys([*team, *roster.people])),  # those of the team first
            silences=self._buttons.can_silence,
            zone=clock.zone.key,
        )

    def _digest(self, number: int, messages: Sequence[SmsAttempt], clock: TimeFormat) -> Response:
        last = messages[-1]
        stories = self._store.read(lambda tx: [history.story(tx, number) for number in last.incidents[:MOST_OPEN]])
        return html.page(
            "digest",
            number=number,
            sms=last,
            text=incident_view.unlinked(last.text),
            cards=[incident_view.card(story.incident, clock) for story in stories if story],
            who=self._login.who(),
        )

    def press(self, number: int) -> Response:
        """POST /incidents/42: a button. Nothing is done for a form that is not ours."""
        if number > HIGHEST:
            return self._none(number)
        act, by = read(request.form.get("act", "")), self._login.who() or request.form.get("by", "")
        drawn = self._login.drawn()
        if drawn is None or not act:
            return html.message(403, "Nothing was done", html.NOT_OURS, again=True)
        if not self._login.asks and by not in self._roster().people:
            return html.message(400, "Nothing was done", "Choose who you are first.", again=True)
        try:
            words = self._buttons.do(act, [number], by=by, via=AcknowledgedVia.WEB, drawn=drawn)
        except StoreError as error:
            return html.message(503, "Not done", f"It could not be stored: {error}.", "Try it again.", again=True)
        return html.message(200, f"#{number}", words, again=True) if words else html.see(f"incidents/{number}")

    def _none(self, number: int) -> Response:
        return html.message(404, f"No #{number}", "There is no such incident, or it was deleted long after its end.")

    def _times(self) -> TimeFormat:
        return TimeFormat(zone=incident_view.usual_zone(self._roster()), now=self._clock())


def _shifts(calendar: Rota, now: datetime) -> list[tuple[str, list[str]]]:
    """From when on who is on call, as `Mon 9 Mar 09:00`, with the year unless it is this one; "" for always."""
    clock = TimeFormat(zone=calendar.schedule.zone, now=now)
    begins = [calendar.since, *(shift.begins for shift in calendar.shifts[1:])]
    return [
        (clock(at)[: -len(":00")] if at else "", [person.name for person in shift.people])
        for at, shift in zip(begins, calendar.shifts, strict=True)
    ]
