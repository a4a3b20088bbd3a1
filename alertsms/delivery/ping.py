"""The door outwards: tells a service elsewhere, every minute, that pages would leave. Its silence is the alarm."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import requests

from alertsms import __version__
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.logs import event
from alertsms.ovh.wire import WireSession

log = logging.getLogger("alertsms.ping")

PING_SECONDS = 60.0
KEY = "ping"  # of its own trouble, which is no reason to leave it out
SETTLES = timedelta(minutes=5)  # its service shouts by then
TIMEOUT = 10.0  # seconds to connect, and for the answer
AGENT = {"User-Agent": f"alertsms/{__version__}"}


class Ping:
    """Fetches one address, which no log shows: whoever knows it can pretend that all is well."""

    def __init__(
        self,
        *,
        url: Callable[[], str],
        troubles: Callable[[], Sequence[Trouble]],
        session_factory: Callable[[], requests.Session] = WireSession,
    ) -> None:
        """`url` is "" for none; `troubles` names what keeps alerts from being taken, or pages from leaving."""
        self._url, self._troubles, self._session_factory = url, troubles, session_factory
        self._why = ""  # the last one failed, or was left out: said once, not every minute
        self._failed = ""  # why the last one that was tried failed

    def troubles(self) -> Iterator[Trouble]:
        """The address cannot be fetched: whoever watches it believes that all is lost."""
        if self._failed:
            yield Trouble(
                key=KEY,
                hinders=Hindrance.OUTSIDE,
                says=f"ping_url cannot be fetched: {self._failed}",
                fix="look at the service behind ping_url, and at the way there",
                settles=SETTLES,
            )

    def step(self) -> None:
        """Fetch it, unless something is wrong."""
        url = self._url()
        if not url:
            self._failed = ""
            return
        troubles = [trouble.says for trouble in self._troubles() if trouble.key != KEY]
        if not troubles:
            self._failed = self._fetch(url)
        self._note("; ".join(troubles) or self._failed)

    def _fetch(self, url: str) -> str:
        """What went wrong; "" for nothing."""
        try:
            with (
                self._session_factory() as session,
                session.get(url, timeout=TIMEOUT, headers=AGENT, stream=True) as answer,
            ):
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
