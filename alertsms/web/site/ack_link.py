"""The link of an SMS: opening it shows what it is about and changes nothing, pressing its button acknowledges."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy import Connection

from alertsms.context import Context
from alertsms.core.incidents.acknowledge import AcknowledgedVia
from alertsms.core.incidents.incident import Chronicle, IncidentState
from alertsms.core.text.subject import TOKEN, name_of
from alertsms.core.text.timeline import TimeFormat
from alertsms.logs import event
from alertsms.store import answers, history, phones, tokens
from alertsms.store.error import StoreError
from alertsms.store.tokens import Token
from alertsms.web.guard import Guard
from alertsms.web.site import html, incident_view
from alertsms.web.site.incident_view import IncidentButtons, PressedButton, read
from alertsms.web.site.login import Login, Signing

log = logging.getLogger("alertsms.link")

OVER = (
    "What it was about ended long ago, or the link is cut short: copy the whole one from its SMS, or open its latest."
)
MOST = 100  # incidents of a digest that are shown; the button is for all of them


class AckLink:
    """GET and POST /a/TOKEN."""

    def __init__(
        self,
        *,
        context: Context,
        signing: Signing,
        buttons: IncidentButtons,
        login: Login,
        guard: Guard,
    ) -> None:
        """`login` tells forms of elsewhere; nobody has to be logged in for a link."""
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._signing, self._buttons, self._login, self._guard = signing, buttons, login, guard

    def open(self, token: str) -> Response:
        """GET: what it is about. A link's preview opens it too, so nothing changes."""
        link = self._find(token)
        return link if isinstance(link, Response) else self._show(link)

    def press(self, token: str) -> Response:
        """POST: a button of the page."""
        link = self._find(token)
        if isinstance(link, Response):
            return link
        act, proof = read(request.form.get("act", "")), request.form.get("token", "")
        drawn = self._signing.stamped(proof, "link", link.token)
        beyond = act is PressedButton.TAKE_ALL and not link.by_sms  # more than whoever reads a channel is trusted with
        if self._login.foreign() or not act or drawn is None or beyond:
            return html.message(403, "Nothing was done", html.NOT_OURS, again=True)
        try:
            said = self._do(link, act, drawn)
        except StoreError as error:
            event(log, logging.ERROR, "an answer could not be stored", why=str(error))
            return html.message(503, "Not done yet", "It could not be stored. Try it again.", again=True)
        return self._show(link, said) if said else html.see(f"a/{link.token}")

    def _do(self, link: Token, act: PressedButton, drawn: datetime) -> str:
        now, roster, number = self._clock(), self._roster(), link.number
        if number:
            self._store.transact(lambda tx: answers.confirm(tx, number, link.person, now))
            return ""
        named = [link.digest or link.incident_id or 0]
        if act is PressedButton.TAKE_ALL:
            named = list(self._store.read(lambda tx: _paged(tx, link, drawn)))
        if act is PressedButton.SILENCE:  # one at a time
            named = list(self._store.read(lambda tx: answers.covered(tx, named[0])))
        said = self._buttons.do(act, named, by=link.person, via=AcknowledgedVia.LINK, drawn=drawn)
        if link.by_sms:
            with suppress(StoreError):  # the answer counts without it
                self._store.transact(lambda tx: phones.confirm_only(tx, roster, link.person, now))
        return said

    def _find(self, token: str) -> Token | Response:
        """The link, or what a wrong one gets: an unknown one and an expired one look alike.

        Each is looked at, however many wrong ones came before: they are too long to be guessed, and whoever has a right
        one may share an address with whoever tries.
        """
        now = self._clock()
        # The store is not asked for anything that cannot be one.
        link = self._store.read(lambda tx: tokens.find(tx, token, now)) if re.fullmatch(TOKEN, token) else None
        if link:
            return link
        event(log, logging.INFO, "wrong link", peer=self._guard.address)
        return html.message(404, "This link is over", OVER)

    def _show(self, link: Token, said: str = "") -> Response:
        clock = self._times(link.person)  # before it is read: what begins in between is not on the page
        proof = self._signing.stamp(clock.now, "link", link.token)
        if link.number:
            done = self._store.read(phones.confirmed).get(link.number)
            return html.page("confirm", person=link.person, token=proof, done=done and done.person == link.person)
        stories, about, back = self._store.read(lambda tx: _stories(tx, link))
        paged = self._store.read(lambda tx: _paged(tx, link, clock.now)) if link.by_sms else ()
        count = len(about)
        if not stories:
            return html.message(404, "This link is over", OVER)
        return html.page(
            "link",
            cards=[incident_view.card(story.incident, clock, back=story.incident.id in back) for story in stories],
            count=count,
            said=said,
            state=_state(stories, link.person, back),
            person=link.person,
            token=proof,
            meant=count - len(back),
            paged=len(paged) if set(paged) - set(about) else 0,
            other=self._store.read(lambda tx: _named(tx, paged[0])) if len(paged) == 1 else "",
            notified=incident_view.notified(stories[0], clock),
            labels=incident_view.labels(stories[0].incident),
            silences=count == 1 and self._buttons.can_silence,
            digest=link.digest,
            zone=clock.zone.key,
        )

    def _times(self, person: str) -> TimeFormat:
        known = self._roster().people.get(person)  # a chat is no person
        zone = ZoneInfo(known.time_zone) if known else incident_view.usual_zone(self._roster())
        return TimeFormat(zone=zone, now=self._clock())


def _paged(tx: Connection, link: Token, at: datetime) -> Sequence[int]:
    """What a bare OK of its person would mean: all that paged them by then, and that nobody has."""
    return phones.heard(tx, None, [link.person], at).before


def _named(tx: Connection, number: int) -> str:
    story = history.story(tx, number)
    return f"#{number} {name_of(story.incident.labels)}" if story else f"#{number}"


def _stories(tx: Connection, link: Token) -> tuple[list[Chronicle], answers.Meant, set[int]]:
    """The first of them with their stories, all of them, and those that came back since: they have SMS of their own."""
    about = answers.covered(tx, link.digest or link.incident_id or 0)
    stories = (history.story(tx, number) for number in list(about)[:MOST])
    return [story for story in stories if story], about, answers.returned(tx, about)


def _state(stories: Sequence[Chronicle], person: str, back: Collection[int]) -> str:
    """What there is to do: take (somebody must), yours, theirs or over."""
    states = {(story.incident.state, story.incident.acked_by) for story in stories if story.incident.id not in back}
    if any(state in (IncidentState.OPEN, IncidentState.HELD) for state, _ in states):
        return "take"
    if (IncidentState.ACKNOWLEDGED, person) in states:
        return "yours"
    return "theirs" if any(state is IncidentState.ACKNOWLEDGED for state, _ in states) else "over"
