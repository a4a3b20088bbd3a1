"""The pages for people put together: their URLs, and who may open which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Flask, Response, request

from alertsms.core.messages.trouble import Trouble
from alertsms.core.routing.roster import Roster
from alertsms.core.text.link import LINK_PATH
from alertsms.oncall.acknowledge import Acknowledgements
from alertsms.store.engine import Store
from alertsms.web.admission import FORM
from alertsms.web.guard import Guard
from alertsms.web.site import html
from alertsms.web.site.ack_link import AckLink
from alertsms.web.site.buttons import IncidentButtons, Silence
from alertsms.web.site.login import Login, User
from alertsms.web.site.pages import Pages
from alertsms.web.site.signing import Signing

ASKED = frozenset({"home", "rota", "incident_page", "incident_button", "login", "logout"})
OPEN = frozenset({"link", "link_button", "style"})  # whoever has a link needs no login
FORM_TYPE = "application/x-www-form-urlencoded"  # of all our forms; others cost far more to read


class Site:
    """Everything that a browser may open."""

    def __init__(
        self,
        *,
        store: Store,
        roster: Callable[[], Roster],
        clock: Callable[[], datetime],
        users: Callable[[], Sequence[User]],
        guard: Guard,
        external_url: Callable[[], str],
        secret: str,
        answering: Acknowledgements,
        silence: Callable[[], Silence | None],
        troubles: Callable[[], list[Trouble]],
    ) -> None:
        """`secret` signs cookies and forms; `silence` gives one where an Alertmanager is known."""
        seal, acts = Signing(secret), IncidentButtons(answering=answering, silence=silence)
        self._login = Login(store=store, users=users, seal=seal, clock=clock, guard=guard, external_url=external_url)
        self._pages = Pages(store=store, roster=roster, clock=clock, login=self._login, acts=acts, troubles=troubles)
        self._link = AckLink(store=store, roster=roster, clock=clock, seal=seal, acts=acts, login=self._login)

    def register(self, app: Flask) -> None:
        """Add the URLs."""
        pages, opened = self._pages, self._link
        app.add_url_rule("/", "home", pages.home)
        app.add_url_rule("/on-call", "rota", pages.schedules)
        app.add_url_rule("/incidents/<int:number>", "incident_page", pages.incident)
        app.add_url_rule("/incidents/<int:number>", "incident_button", pages.press, methods=["POST"])
        app.add_url_rule("/login", "login", self._login.form, methods=["GET", "POST"])
        app.add_url_rule("/logout", "logout", self._login.leave, methods=["POST"])
        app.add_url_rule(f"{LINK_PATH}<token>", "link", opened.open)
        app.add_url_rule(f"{LINK_PATH}<token>", "link_button", opened.press, methods=["POST"])
        app.add_url_rule("/style.css", "style", html.style)

    def admit(self) -> Response | None:
        """What a request for one of them gets instead; None lets it through."""
        request.max_content_length = FORM
        if request.method == "POST" and request.mimetype not in ("", FORM_TYPE):
            return html.message(415, "Nothing was done", f"Forms are taken as {FORM_TYPE} only.")
        return None if request.endpoint in OPEN else self._login.admit()

    @staticmethod
    def asked() -> bool:
        """Whether this request is for one of them."""
        return request.endpoint in ASKED | OPEN
