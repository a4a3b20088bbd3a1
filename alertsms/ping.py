"""The door outwards: tells a service elsewhere, every minute, that pages would leave. Its silence is the alarm."""

from __future__ import annotations

import logging
from collections.abc import Callable

import requests

from alertsms import __version__
from alertsms.logs import event
from alertsms.ovh.wire import WireSession

log = logging.getLogger("alertsms.ping")

EVERY_SECONDS = 60.0
TIMEOUT = 10.0  # seconds to connect, and for the answer
AGENT = {"User-Agent": f"alertsms/{__version__}"}


class Ping:
    """Fetches one address, which no log shows: whoever knows it can pretend that all is well."""

    def __init__(self, *, url: Callable[[], str], troubles: Callable[[], list[str]],
                 session_factory: Callable[[], requests.Session] = WireSession) -> None:  # fmt: skip
        """`url` is "" for none; `troubles` names what keeps alerts from being taken, or pages from leaving."""
        self._url, self._troubles, self._sessions = url, troubles, session_factory
        self._why = ""  # the last one failed, or was left out: said once, not every minute

    def step(self) -> None:
        """Fetch it, unless something is wrong."""
        url = self._url()
        if not url:
            return
        found = self._troubles()
        self._note("; ".join(found) if found else self._fetch(url))

    def _fetch(self, url: str) -> str:
        """What went wrong; "" for nothing."""
        try:
            with self._sessions() as session, session.get(url, timeout=TIMEOUT, headers=AGENT, stream=True) as answer:
                status = answer.status_code
        except (requests.RequestException, OSError) as error:
            return f"no answer ({type(error).__name__})"  # its words would show the address
        return "" if 200 <= status < 300 else f"it answers {status}"

    def _note(self, why: str) -> None:
        if why and why != self._why:
            event(log, logging.WARNING, "ping_url was not fetched", why=why)
        elif self._why and not why:
            event(log, logging.INFO, "ping_url is fetched again")
        self._why = why
