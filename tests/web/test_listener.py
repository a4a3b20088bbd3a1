"""The end of a listener: nothing is written to a pipe that is closed, whose number may be another file's by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from alertsms.web.listener import Listener
from tests.cli.house import until


def _app(environ: object, start: Callable[..., object]) -> Iterable[bytes]:
    start("204 No Content", [])
    return []


def test_a_listener_ends_while_a_worker_wakes_its_loop_first(monkeypatch):
    listener = Listener(_app, "127.0.0.1", 0)
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
