"""Where requests come in: waitress on one address, bounded in connections, sizes and silence."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from alertsms.logs import event
from alertsms.pulse import Places
from alertsms.web.connection import MAX_BODY, Channel
from alertsms.web.webhook import MAX_BODIES, MAX_WAITING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = MAX_BODIES + MAX_WAITING + 8  # health and metrics never queue behind bodies
CONNECTIONS = 512
IDLE_SECONDS = 30  # a connection that says nothing for so long is closed: the next one has its place
ANSWER_SECONDS = 1.0  # at the end, for requests that are being answered
SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})  # nothing is left for a connection
REST_SECONDS = 1.0  # whoever knocks meanwhile waits in the kernel's queue
SAID_EVERY_SECONDS = 60.0

log = logging.getLogger("alertsms.listener")


class _Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Rests for a second where no descriptor is left: a connection that cannot be taken is offered again at once."""

    channel_class = Channel
    places: Places

    def __init__(self, *given: Any, places: Places, **more: Any) -> None:  # noqa: ANN401 - waitress' own
        self.places = places
        self._rests_until = self._said_at = float("-inf")
        super().__init__(*given, **more)

    def readable(self) -> bool:
        """Whether a connection may be taken now; it also closes those that are silent."""
        return bool(super().readable()) and time.monotonic() >= self._rests_until

    def accept(self) -> Any:  # noqa: ANN401 - a socket and an address
        """Take one; None where there is none, or no room for it."""
        try:
            taken = super().accept()
        except OSError as error:
            if error.errno not in SCARCE:
                raise
            self._rest(error)
            return None
        if taken is not None:
            self.places.found()
        return taken

    def _rest(self, error: OSError) -> None:
        now = time.monotonic()
        self._rests_until = now + REST_SECONDS
        self.places.lacked(error.strerror or str(error))
        if now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            event(log, logging.ERROR, "no connection can be taken", why=error.strerror, fix=self.places.fix)


class Listener:
    """Serves a WSGI app from a background thread."""

    def __init__(self, app: WSGIApplication, host: str, port: int, places: Places | None = None) -> None:
        """Bind at once. Raises OSError where the address is taken or none. `places` is told where no room is left."""
        bound = _bound(host, port)
        settings = Adjustments(
            sockets=[bound], threads=THREADS, ident="alertsms", backlog=1024,
            connection_limit=CONNECTIONS, channel_timeout=IDLE_SECONDS, cleanup_interval=10, asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # wrong links are counted for whom a proxy names
            # Ours answers, with a sentence; nothing goes to a temporary file: the root is read-only.
            max_request_body_size=sys.maxsize, inbuf_overflow=4 * MAX_BODY, outbuf_overflow=4 * MAX_BODY,
        )  # fmt: skip
        workers = ThreadedTaskDispatcher()
        workers.set_thread_count(THREADS)
        self._server = _Server(
            app, {}, _sock=bound, dispatcher=workers, adj=settings, bind_socket=False, places=places or Places(),
            sockinfo=(bound.family, bound.type, bound.proto, bound.getsockname()),
        )  # fmt: skip
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether requests are still taken."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Take no more requests, and give those that are being answered a second.

        The pipe that wakes the loop is closed last and here, once no thread is left to write to it, this one included:
        its number may be that of the store's next file.
        """
        if not self._thread.is_alive():
            return
        server, until = self._server, time.monotonic() + ANSWER_SECONDS
        server.trigger.pull_trigger(lambda: wasyncore.dispatcher.close(server))
        server.task_dispatcher.shutdown(timeout=ANSWER_SECONDS)
        while any(channel.total_outbufs_len for channel in list(server.active_channels.values())):
            if time.monotonic() >= until:
                break
            time.sleep(0.01)
        if not server.task_dispatcher.threads:
            server.trigger.pull_trigger(self._end)
            self._thread.join(ANSWER_SECONDS)
        if not self._thread.is_alive():
            server.trigger.close()

    def _end(self) -> None:
        """In the loop's own thread: with nothing left to listen to, it ends."""
        for channel in list(self._server.active_channels.values()):
            channel.lingers = False
            channel.handle_close()
        self._server.trigger.del_channel()


def _bound(host: str, port: int) -> socket.socket:
    """A socket on one address: localhost often has two, and waitress would then run two servers."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, _, _, address = next((each for each in found if each[0] == socket.AF_INET), found[0])
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
