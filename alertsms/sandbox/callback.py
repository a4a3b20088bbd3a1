"""Delivery receipts, called back: OVHcloud adds them to the query of the account's callBack URL."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from threading import Condition, Thread
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from alertsms.sandbox.message import PTT, OperatorReceipt, SandboxMessage, moment

MOST_WAITING = 20_000  # receipts; more are dropped, so that a sandbox left running cannot fill the memory
COURIERS = 4  # threads, so that one slow receiver does not stop the receipts of the others
PATIENCE = 5.0  # seconds for one call; OVHcloud's own is not documented


def callback_url(base: str, message: SandboxMessage, receipt: OperatorReceipt) -> str:
    """Return `base` with the receipt added to its query.

    `description` is the receipt code and `descriptionDlr` its text (guide to SMS users); the tag is not among them.
    """
    query = urlencode(
        {
            "id": message.id,
            "ptt": receipt.ptt,
            "date": moment(message.leaves_at + receipt.after).isoformat(),
            "description": int(receipt.delivery),
            "descriptionDlr": PTT.get(receipt.ptt, ("Unknown",))[0],
        }
    )
    return f"{base}{'&' if '?' in base else '?'}{query}"


class Callbacks:
    """The calls that will be due, soonest first; safe to use from any thread."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._ready = Condition()
        self._waiting: list[tuple[float, int, str]] = []
        self._order = count()

    def expect(self, base: str, message: SandboxMessage) -> None:
        """Plan a call to `base` for each receipt of `message`."""
        with self._ready:
            for receipt in message.receipts[: max(self._most - len(self._waiting), 0)]:
                due = message.leaves_at + receipt.after
                heapq.heappush(self._waiting, (due, next(self._order), callback_url(base, message, receipt)))
            self._ready.notify_all()

    def clear(self) -> None:
        """Forget the calls that are not made yet."""
        with self._ready:
            self._waiting.clear()

    def wake(self) -> None:
        """End every wait."""
        with self._ready:
            self._ready.notify_all()

    def take(self, now: float) -> str | None:
        """Return the URL of the next call that is due at `now` (Unix seconds), once."""
        with self._ready:
            if self._waiting and self._waiting[0][0] <= now:
                return heapq.heappop(self._waiting)[2]
        return None

    def wait(self, now: float, longest: float) -> None:
        """Wait until a call may be due, at most `longest` seconds."""
        with self._ready:
            due = self._waiting[0][0] - now if self._waiting else longest
            if due > 0:
                self._ready.wait(min(due, longest))


class Couriers:
    """Threads that make the calls."""

    def __init__(self, callbacks: Callbacks, wall: Callable[[], float], report: Callable[[str], None]) -> None:
        self._callbacks = callbacks
        self._wall = wall
        self._report = report
        self._closed = False
        self._opener = build_opener(ProxyHandler({}))  # the callback is on this machine or near: never by a proxy
        self._threads = [Thread(target=self._run, name=f"sandbox-courier-{n}", daemon=True) for n in range(COURIERS)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop after the calls under way."""
        self._closed = True
        self._callbacks.wake()
        for thread in self._threads:
            thread.join(PATIENCE + 1)

    def _run(self) -> None:
        while not self._closed:
            url = self._callbacks.take(self._wall())
            if url is None:
                self._callbacks.wait(self._wall(), 0.2)
            else:
                self._report(self._call(url))

    def _call(self, url: str) -> str:
        try:
            with self._opener.open(url, timeout=PATIENCE) as answer:
                return str(answer.status)
        except HTTPError as error:
            error.close()
            return str(error.code)
        except (OSError, ValueError):  # refused, reset, timed out, or not a URL: OVHcloud's retries are not documented
            return "failed"
