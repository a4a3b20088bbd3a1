"""A listener without room for one more, and its end.

Nothing is written to a pipe that is closed, whose number may be another file's by then.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable

import requests

from alertsms.core.messages.trouble import Hindrance
from alertsms.web.listener import Listener
from alertsms.worker import Places
from tests.cli.house import until


def _app(environ: object, start: Callable[..., object]) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def test_a_listener_ends_while_a_worker_wakes_its_loop_first(monkeypatch):
    listener = Listener(_app, "127.0.0.1", 0, judge=lambda: None)
    trigger = listener._server.trigger
    pull = trigger._physical_pull

    def overtaken() -> None:
        """Another thread's byte wakes the loop between the order and our own byte: the order is done by then."""
        pull()
        until(lambda: not trigger.thunks)
        pull()

    monkeypatch.setattr(trigger, "_physical_pull", overtaken)
    listener.close()
    assert not listener.alive
    assert trigger._fds == []
    listener.close()


def test_where_no_descriptor_is_left_it_rests_and_says_so_once(monkeypatch, caplog):
    """The connection stays in the queue, is offered again at once, and filled a log with 112 MB a minute."""
    places, tries = Places(), []
    listener = Listener(_app, "127.0.0.1", 0, judge=lambda: None, places=places)
    accept = listener._server.socket.accept

    class Full:
        def accept(self):
            tries.append(1)
            if len(tries) <= 3:
                raise OSError(errno.EMFILE, "Too many open files")
            return accept()

        def __getattr__(self, name: str) -> object:
            return getattr(socket_, name)

    socket_ = listener._server.socket
    monkeypatch.setattr("alertsms.web.listener.REST_SECONDS", 0.02)
    monkeypatch.setattr(listener._server, "socket", Full())
    assert requests.get(f"http://127.0.0.1:{listener.port}/", timeout=20).status_code == 204
    assert len(tries) == 5  # the last one finds nobody else
    (said,) = [record for record in caplog.records if record.message == "no connection can be taken"]
    assert said.fields["why"] == "Too many open files"
    assert "LimitNOFILE" in said.fields["fix"]
    (trouble,) = places.troubles()
    assert (trouble.hinders, trouble.says) == (Hindrance.INTAKE, "no connection can be taken: Too many open files")
    listener.close()


def test_while_it_rests_nothing_is_taken_and_silent_connections_are_still_closed(monkeypatch):
    listener = Listener(_app, "127.0.0.1", 0, judge=lambda: None)
    server = listener._server
    with socket.create_connection(("127.0.0.1", listener.port), timeout=20) as silent:
        until(lambda: server.active_channels)
        assert server.readable()
        monkeypatch.setattr("alertsms.web.listener.REST_SECONDS", 3600.0)
        server._rest(OSError(errno.ENFILE, "Too many open files in system"))
        assert not server.readable()
        monkeypatch.setattr("alertsms.web.connection.IDLE_SECONDS", -1.0)
        assert silent.recv(1) == b""
    listener.close()


def test_the_lack_is_over_after_a_minute_without_one():
    now = [0.0]
    places = Places(lambda: now[0])
    places.lacked("no")
    now[0] = 59.0
    places.found()
    assert list(places.troubles())
    now[0] = 60.0
    places.found()
    assert not list(places.troubles())
