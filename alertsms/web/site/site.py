"""The pages for people put together: their URLs, and who may open which."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request

from alertsms.context import Context
from alertsms.core.messages.trouble import Trouble
from alertsms.core.text.link import LINK_PATH
from alertsms.web.admission import FORM
from alertsms.web.guard import Guard
from alertsms.web.site import html
from alertsms.web.site.ack_link import AckLink
from alertsms.web.site.buttons import IncidentButtons
from alertsms.web.site.login import Login
from alertsms.web.site.pages import Pages
from alertsms.web.site.signing import Signing

OPEN = frozenset({"link", "link_button", "style"})  # endpoints; whoever has a link needs no login
PAGES = OPEN | {"home", "rota", "incident_page", "incident_button", "login", "logout"}
FORM_TYPE = "application/x-www-form-urlencoded"  # of all our forms; others cost far more to read


class Site:
    """Everything that a browser may open."""

    def __init__(
        self,
        *,
        context: Context,
        guard: Guard,
        secret: str,
        buttons: IncidentButtons,
        troubles: Callable[[], list[Trouble]],
    ) -> None:
        """`secret` signs cookies and forms."""
        seal = Signing(secret)
        self._login = Login(context=context, seal=seal, guard=guard)
        self._pages = Pages(context=context, login=self._login, buttons=buttons, troubles=troubles)
        self._link = AckLink(context=context, seal=seal, buttons=buttons, login=self._login, guard=guard)

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
