"""Where requests come in: waitress on one address, bounded in connections, sizes and slowness."""

from __future__ import annotations

import errno
import logging
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from alertsms.logs import event
from alertsms.web.admission import MAX_BODY, Doorkeeper
from alertsms.web.capacity import Bodies, Crowd, connection_limits
from alertsms.web.connection import ClientConnection
from alertsms.web.guard import FORMS, below
from alertsms.web.peer import Networks, read, trusts
from alertsms.web.request_parser import Broken
from alertsms.web.webhook import MAX_BODIES, MAX_WAITING
from alertsms.worker import Places

THREADS = MAX_BODIES + MAX_WAITING + 8  # health and metrics never queue behind bodies
PAGE_THREADS = 16  # more, for links and pages: whoever opens some has 16 of them wait for the store
PAGE_SECONDS = 5.0  # a link or page waits for one of these
AT_ONCE = 16  # connections taken in one round of the loop
LOOK_SECONDS = 1.0  # between two looks at who is overdue
LARGEST_HEAD = 16 * 1024  # bytes, which every stranger may have us keep
ANSWER_SECONDS = 1.0  # at the end, for requests that are being answered
SCARCE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})  # nothing is left for a connection
REST_SECONDS = 1.0  # whoever knocks meanwhile waits in the kernel's queue
LOGGED_EVERY_SECONDS = 60.0

log = logging.getLogger("alertsms.listener")

_BUSY = Broken(503, "Others are being answered, and the store is slow perhaps: try it again.")


class _Pages(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Answers links and pages, in their order."""

    def add_task(self, task: ClientConnection) -> None:
        """One more waits."""
        task.waits_since = time.monotonic()
        super().add_task(task)

    def late(self, now: float) -> list[ClientConnection]:
        """Those that have waited for too long, and do no longer."""
        late: list[ClientConnection] = []
        with self.lock:
            while self.queue and now - self.queue[0].waits_since > PAGE_SECONDS:
                late.append(self.queue.popleft())
        return late


class _Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """Takes connections in, and closes whoever is too slow or has to make room.

    It rests for a second where no descriptor is left: a connection that cannot be taken is offered again at once.
    """

    channel_class = ClientConnection

    def __init__(
        self,
        *arguments: Any,  # noqa: ANN401 - waitress' own
        places: Places,
        judge: Callable[[], Doorkeeper | None],
        crowd: Crowd[ClientConnection],
        **more: Any,  # noqa: ANN401
    ) -> None:
        self.places, self.judge, self.crowd, self.bodies = places, judge, crowd, Bodies()
        self.pages = _Pages()
        self.pages.set_thread_count(PAGE_THREADS)
        self._leaving: list[ClientConnection] = []
        self._rests_until = self._logged_at = self._looked_at = float("-inf")
        self._took = False
        super().__init__(*arguments, **more)

    def run(self) -> None:
        """Serve until nothing is left to listen to."""
        while self._map:
            wasyncore.poll2(self.adj.asyncore_loop_timeout, self._map)
            self.close_slow(time.monotonic())

    def close_slow(self, now: float) -> None:
        """Close who made room for others, and who is overdue; tell who waits for too long.

        Between two rounds of the loop only: within one, an event that was told of a closed descriptor would be taken
        for that of the connection that has its number next.
        """
        for channel in self._leaving:
            if not channel.busy:
                channel.drop()
        self._leaving = [channel for channel in self._leaving if channel.busy]
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            for channel in list(self.active_channels.values()):
                if channel.overdue(now):
                    channel.expire()
        for channel in self.pages.late(now):
            channel.requests[0].refuse(_BUSY)
            self.task_dispatcher.add_task(channel)

    def add_task(self, task: ClientConnection) -> None:
        """Have a request answered. A login asks no store, and has places of its own."""
        path = task.requests[0].path
        page = path == "/" or (below(path, FORMS) and not below(path, ["/login"]))
        (self.pages if page else self.task_dispatcher).add_task(task)

    def maintenance(self, now: float) -> None:
        """Waitress' own deadline asks for a socket that can be written to, which nobody who does not read has."""

    @property
    def trusted(self) -> Networks:
        """The proxies that are believed now, and may have any number of connections."""
        judge = self.judge()
        return judge.guard.reach.trusted if judge else ()

    def enter(self, channel: ClientConnection) -> None:
        """Give a connection a place, which may be that of another one."""
        leaves = self.crowd.enter(channel, capped=not trusts(read(channel.peer), self.trusted))
        if leaves is not None:
            self._leaving.append(leaves)

    def readable(self) -> bool:
        """Whether a connection may be taken now."""
        return bool(super().readable()) and time.monotonic() >= self._rests_until

    def handle_accept(self) -> None:
        """Take some: one a round would keep many waiting behind each other."""
        for _ in range(AT_ONCE):
            self._took = False
            super().handle_accept()
            if not self._took:
                return

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
            self._took = True
            self.places.found()
        return taken

    def _rest(self, error: OSError) -> None:
        now = time.monotonic()
        self._rests_until = now + REST_SECONDS
        self.places.lacked(error.strerror or str(error))
        if now - self._logged_at >= LOGGED_EVERY_SECONDS:
            self._logged_at = now
            event(log, logging.ERROR, "no connection can be taken", why=error.strerror, fix=self.places.fix)


class Listener:
    """Serves a WSGI app from a background thread."""

    def __init__(
        self,
        app: WSGIApplication,
        host: str,
        port: int,
        *,
        judge: Callable[[], Doorkeeper | None],
        places: Places | None = None,
    ) -> None:
        """Bind at once. Raises OSError where the address is taken or none.

        `judge` gives who judges requests by their headers now, None while nobody can answer them; `places` is told
        where no room is left.
        """
        bound = _bound(host, port)
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]  # that this process may open
        total, reserved = connection_limits(sys.maxsize if files == resource.RLIM_INFINITY else files)
        workers = ThreadedTaskDispatcher()
        workers.set_thread_count(THREADS)
        self._server = _Server(
            app,
            {},
            _sock=bound,
            dispatcher=workers,
            adj=_adjustments(bound, total),
            bind_socket=False,
            places=places or Places(),
            judge=judge,
            crowd=Crowd(total=total, reserved=reserved),
            sockinfo=(bound.family, bound.type, bound.proto, bound.getsockname()),
        )
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
        server.pages.set_thread_count(0)
        server.task_dispatcher.shutdown(timeout=ANSWER_SECONDS)
        server.pages.shutdown(timeout=max(until - time.monotonic(), 0.0))
        while any(channel.total_outbufs_len for channel in list(server.active_channels.values())):
            if time.monotonic() >= until:
                break
            time.sleep(0.01)
        if not server.task_dispatcher.threads | server.pages.threads:
            server.trigger.pull_trigger(self._end)
            self._thread.join(ANSWER_SECONDS)
        if not self._thread.is_alive():
            server.trigger.close()

    def _end(self) -> None:
        """In the loop's own thread: with nothing left to listen to, it ends."""
        for channel in list(self._server.active_channels.values()):
            channel.drop()
        self._server.trigger.del_channel()


def _adjustments(bound: socket.socket, most: int) -> Adjustments:
    """How waitress serves; `most`: connections that are given a place."""
    return Adjustments(
        sockets=[bound],
        threads=THREADS,
        ident="alertsms",
        backlog=1024,
        # More only where everybody is being answered: else the oldest makes room for the next.
        connection_limit=most + 2 * AT_ONCE,
        asyncore_use_poll=True,
        max_request_header_size=LARGEST_HEAD,
        clear_untrusted_proxy_headers=False,  # wrong passwords are counted for whom a proxy names
        # Ours answers, with a sentence; nothing goes to a temporary file: the root is read-only.
        max_request_body_size=sys.maxsize,
        inbuf_overflow=4 * MAX_BODY,
        outbuf_overflow=4 * MAX_BODY,
    )


def _bound(host: str, port: int) -> socket.socket:
    """A socket on one address: localhost often has two, and waitress would then run two servers."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, _, _, address = next((entry for entry in addresses if entry[0] == socket.AF_INET), addresses[0])
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
