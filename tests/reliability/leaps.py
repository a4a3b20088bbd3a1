"""`alertsms serve` in a process whose time can leap, and whose parts can be made to fail for good.

    python -m tests.reliability.leaps PORT [--set=SECONDS] serve --config FILE

Minutes then pass in seconds, while every part, thread, call and socket is the one that users run. Over PORT it says
which part was seen to make which outermost call, and lets such a call fail from now on. A part is known by the name of
its thread: one that is added one day is seen, and tried, without a word here.
"""

from __future__ import annotations

import gc
import json
import queue
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SLICE = 0.25  # seconds, after which a wait sees that time leapt


class Leaps:
    """The time of this machine, and what was left out of it."""

    def __init__(self) -> None:
        self.skipped = 0.0  # seconds
        self.set = 0.0  # seconds by which somebody set its clock
        self._wall, self._monotonic, self._gettime = time.time, time.monotonic, time.clock_gettime

    def wall(self) -> float:
        """Unix seconds."""
        return self._wall() + self.skipped + self.set

    def monotonic(self) -> float:
        """Seconds since any moment."""
        return self._monotonic() + self.skipped

    def gettime(self, clock: int) -> float:
        """Seconds by any clock of the machine; only one of them can be set."""
        return self._gettime(clock) + self.skipped + (self.set if clock == time.CLOCK_REALTIME else 0.0)

    def install(self) -> None:
        """Let this whole process go by it. Waits for sockets stay as they are: nothing here comes near them."""
        waits = threading.Condition.wait

        def wait(condition: threading.Condition, timeout: float | None = None) -> bool:
            if timeout is None:
                return waits(condition)
            end = self.monotonic() + timeout
            while not (came := waits(condition, min(max(end - self.monotonic(), 0.0), SLICE))):
                if self.monotonic() >= end:
                    break
            return came

        time.time, time.monotonic, time.clock_gettime = self.wall, self.monotonic, self.gettime
        threading.Condition.wait = wait  # type: ignore[method-assign]
        threading._time = queue.time = self.monotonic  # type: ignore[attr-defined]  # they took it by name


class Parts:
    """Which part makes which outermost call, and which of them fails."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()
        self.broken: tuple[str, str] | None = None
        self.failed_at: float | None = None  # when what is broken was met first
        self._errors: dict[str, Callable[[], Exception]] = {}

    def watch(self, call: str, owner: type, name: str, error: Callable[[], Exception]) -> None:
        """Have this method of a class, whoever calls it, be the outermost call of that name."""
        self._errors[call] = error
        method = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            self.meet(call)
            return method(*args, **kwargs)

        setattr(owner, name, watched)

    def meet(self, call: str) -> None:
        """Note that the part of this thread makes a call; raise where that is to fail."""
        met = part_of(threading.current_thread().name), call
        self.seen.add(met)
        if met == self.broken:
            self.failed_at = self.failed_at or time.time()
            error = self._errors[call]()
            raise error

    def break_(self, part: str, call: str) -> None:
        """Let this call of this part fail from now on, and no other; "" for none."""
        self.broken, self.failed_at = (part, call) if part else None, None

    def watch_steps(self, worker: type) -> None:
        """Have each step of each worker be a call too: what nobody foresaw is raised there."""
        self._errors["step"] = lambda: RuntimeError("broken by the drill")
        init = worker.__init__

        def watched(self_: Any, name: str, step: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
            def stepped(*more: Any, **others: Any) -> Any:
                self.meet("step")
                return step(*more, **others)

            init(self_, name, stepped, *args, **kwargs)

        worker.__init__ = watched  # type: ignore[misc]


def part_of(thread: str) -> str:
    """The name of a thread without its number: a pool is one part."""
    return re.sub(r"[-_ ]\d+.*$", "", thread)


def patch(parts: Parts) -> None:
    """Watch the outermost calls: the store, HTTP, the clock."""
    import requests

    from alertsms.context import Clock
    from alertsms.store.engine import Store
    from alertsms.store.error import StoreError
    from alertsms.worker import Worker

    for name in ("transact", "read"):
        parts.watch("store", Store, name, lambda: StoreError("store: broken by the drill"))
    parts.watch("HTTP", requests.Session, "send", lambda: requests.ConnectionError("broken by the drill"))
    parts.watch("clock", Clock, "__call__", lambda: OSError("the clock was broken by the drill"))
    parts.watch_steps(Worker)


def running() -> list[str]:
    """The workers that run, whoever holds them."""
    from alertsms.worker import Worker

    return sorted({each.name for each in gc.get_objects() if isinstance(each, Worker)})


def control(port: int, leaps: Leaps, parts: Parts) -> None:
    """Do what the drill says."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({"seen": sorted(parts.seen), "workers": running(), "failed_at": parts.failed_at})

        def do_POST(self) -> None:
            wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "set" in wish:
                leaps.set += float(wish["set"])
            elif "skip" in wish:
                leaps.skipped += float(wish["skip"])
            else:
                parts.break_(*wish["break"])
            self._say({})

        def _say(self, what: object) -> None:
            body = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    def serve() -> None:
        # Signals are for the thread that alertsms waits for them in.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
        ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()

    threading.Thread(target=serve, name="drill", daemon=True).start()


def main() -> None:
    """Run one alertsms so."""
    port, *arguments = sys.argv[1:]
    leaps, parts = Leaps(), Parts()
    if arguments[0].startswith("--set="):
        leaps.set = float(arguments.pop(0).removeprefix("--set="))
    leaps.install()
    patch(parts)
    control(int(port), leaps, parts)
    from alertsms.cli import main as alertsms

    alertsms(arguments, prog_name="alertsms")


if __name__ == "__main__":
    main()
