"""Posting to channels by Apprise, which is imported with the first post: half a second that no start pays."""

from __future__ import annotations

import logging
import re
import threading
from collections import defaultdict
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote

from alertsms.core.messages.notification import Channel
from alertsms.core.text.channel import harmless, on_one_line
from alertsms.machine import bounded

INSTALL = "pip install -r requirements.txt"
_SHORTEST_SECRET = 4  # shorter pieces of a URL are words such as "tcp"


class ChannelError(Exception):
    """A channel did not take a post; the text shows nothing of its URL."""


def in_a_thread(work: Callable[[], None]) -> None:
    """Do it beside everything else; the end of the process does not wait for it."""
    threading.Thread(target=work, name="channel", daemon=True).start()


def installed() -> bool:
    """Whether Apprise is there, without importing it."""
    return find_spec("apprise") is not None


def known(url: str) -> bool:
    """Whether Apprise, which must be installed, can read the URL. Nothing is posted."""
    import apprise

    _listen()
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


def post(channel: Channel, title: str, body: str) -> None:
    """Post to one channel. Raises ChannelError where it did not take it, also where Apprise is not installed."""
    try:
        import apprise
    except ImportError as error:
        raise ChannelError(f"Apprise is not installed: {INSTALL}") from error
    reasons = _listen()
    asset = apprise.AppriseAsset(app_id="alertsms", app_desc="alertsms", secure_logging=True)
    asset.http_redirects = False  # a POST that follows a 301 or 302 becomes a GET: taken, and told to nobody
    # The plug-in itself: Apprise's own notify() posts from a pool of threads, for which the end of a process waits.
    service = apprise.Apprise.instantiate(channel.url, asset=asset, suppress_exceptions=True)
    if service is None:
        raise ChannelError("Apprise does not know such a URL: alertsms check names it")
    bounded.bind("apprise")  # its plug-ins are loaded by now
    service.notify_format = apprise.NotifyFormat.TEXT
    reasons.of_thread()
    title, body = on_one_line(title), harmless(body)
    if not service.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT):
        raise ChannelError(_scrubbed("; ".join(reasons.of_thread()), channel.url) or "it did not take it")


def _scrubbed(reason: str, url: str) -> str:
    """What Apprise said, without any piece of the URL: topics and tokens are passwords too."""
    pieces = re.split(r"[^\w.\-]+", unquote(url.partition("://")[2]))
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SHORTEST_SECRET:
            reason = reason.replace(piece, "***")
    return " ".join(reason.split())[:200]


class _Reasons(logging.Handler):
    """Keeps what Apprise says while it posts, by thread: it answers false, and logs why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said: defaultdict[int, list[str]] = defaultdict(list)

    def emit(self, record: logging.LogRecord) -> None:
        self._said[threading.get_ident()].append(record.getMessage())

    def of_thread(self) -> list[str]:
        """What was said in this thread since the last time."""
        return self._said.pop(threading.get_ident(), [])


_reasons = _Reasons()


def _listen() -> _Reasons:
    """Take over Apprise's log: it may show URLs."""
    log: Any = logging.getLogger("apprise")
    if _reasons not in log.handlers:
        log.handlers[:] = [_reasons]
        log.propagate = False
        log.setLevel(logging.WARNING)
    return _reasons
